import { access } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { isComment } from "./example.ts";
import { shown } from "./settings-error.ts";
import {
  type ConfigDocument,
  type Environment,
  entryOf,
  FORMER_KEYS,
  FORMER_NAMES,
  fromEnvironment,
  isFoundList,
  isNoSecret,
  isSecret,
  placeOf,
} from "./sources.ts";
import { type ParsedSettings, SETTING_KEYS, SETTINGS, type SettingKey, type Settings } from "./table.ts";

/**
 * What a person should know of a settings file that is right, but perhaps not what was meant.
 * `values` are what is used; nothing of it stops a start.
 */
export async function documentWarnings(
  document: ConfigDocument,
  values: ParsedSettings,
  { dataStore, cwd, env }: { dataStore: string; cwd: string; env: Environment },
): Promise<string[]> {
  return [
    ...(await storeWarnings(document, dataStore, cwd)),
    ...differences(document, values, env),
    ...keyWarnings(document),
  ];
}

/** Variables of older versions: understood, or without meaning here. Ignored in silence they would be missed. */
export function environmentWarnings(env: Environment): string[] {
  const warnings: string[] = [];
  for (const [key, formers] of Object.entries(FORMER_NAMES)) {
    const used = formers.filter((name) => env[name]?.trim());
    if (used.length > 0)
      warnings.push(formerWarning("Environment", used, key as SettingKey, Boolean(env[key]?.trim())));
  }
  // Other programs have a ROLE as well.
  const former = Object.keys(FORMER_KEYS).filter((key) => key !== "ROLE" && env[key]?.trim());
  if (former.length > 0)
    warnings.push(`Environment: without meaning in this version: ${former.map(withReason).join(", ")}.`);
  return warnings;
}

function formerWarning(where: string, used: readonly string[], key: SettingKey, isOverruled: boolean): string {
  const [verb, them] = used.length === 1 ? ["is", "it"] : ["are", "them"];
  const done = isOverruled
    ? `${verb} not used: ${key} is there too`
    : `${verb} read as ${key}; set ${key} to replace ${them}`;
  return `${where}: ${used.join(" and ")} of an older version ${done}.`;
}

function withReason(key: string): string {
  return FORMER_KEYS[key] ? `${key} (${FORMER_KEYS[key]})` : key;
}

export function caWarnings({ darkstatCa, darkstats }: Pick<Settings, "darkstatCa" | "darkstats">): string[] {
  if (darkstatCa === null || darkstats.some(({ url }) => url.startsWith("https:"))) return [];
  return ["DARKSTAT_CA has no effect: DARKSTAT_URL doesn't begin with https://."];
}

/** Names in METER_VIEWS that no meter has. */
export function viewWarnings({
  meterViews,
  darkstats,
  interfaces,
}: Pick<Settings, "meterViews" | "darkstats" | "interfaces">): string[] {
  const names = [...darkstats, ...interfaces].flatMap(({ name }) => name ?? []);
  const unknown = meterViews.filter((view) => !names.includes(view));
  if (unknown.length === 0) return [];
  const known = names.length === 0 ? "no meter has a name" : `the meters are ${names.join(", ")}`;
  return [`METER_VIEWS names ${unknown.join(", ")}, but ${known}: it has no effect.`];
}

/** What to say when the file names another folder than the one it is in. */
async function storeWarnings(document: ConfigDocument, dataStore: string, cwd: string): Promise<string[]> {
  const entry = entryOf(document, "DATA_STORE");
  if (!entry || typeof entry.value !== "string" || entry.value.trim() === "") return [];
  const named = resolve(cwd, entry.value.trim());
  if (named === dataStore) return [];
  const other = await access(join(named, basename(document.file))).then(
    () => ` ${named} has a settings file too; to use that data store, start with DATA_STORE=${named}.`,
    () => "",
  );
  const said = `${placeOf(entry, document.file)}: names ${shown(entry.value)}, but the file is in ${dataStore}, and that folder is used.`;
  return [`${said}${other} Change the line to end this warning.`];
}

/** The variables that are set and say something else than the file. */
function differences(document: ConfigDocument, values: ParsedSettings, env: Environment): string[] {
  return SETTING_KEYS.flatMap((key) => {
    const variable = fromEnvironment(key, env);
    const names = [key, ...(FORMER_NAMES[key] ?? [])];
    const entry = names.map((name) => entryOf(document, name)).find((candidate) => candidate !== null);
    if (key === "DATA_STORE" || !variable || !entry) return [];
    if (typeof entry.value === "string" && (isFoundList(key, entry.value) || isNoSecret(key, entry.value))) return [];
    // The system's zone is what TZ in the environment says: the file doesn't contradict it.
    if (key === "TZ" && values.TZ === null) return [];
    if (comparable(parsedOrNull(key, variable.text)) === comparable(values[key])) return [];
    const name = variable.place.replace("environment variable ", "");
    const place = placeOf(entry, document.file);
    const said = isSecret(key)
      ? `${name} in the environment differs from ${place}`
      : `${name} is ${shown(variable.text)} in the environment, but ${shown(entry.value)} in ${place}`;
    return [`${said}: the file wins. Change it there, or delete that line to use the environment.`];
  });
}

function parsedOrNull(key: SettingKey, text: string): unknown {
  try {
    return SETTINGS[key].parse(text);
  } catch {
    return Symbol(text);
  }
}

/** A value as text, without what was found by itself: that makes no difference. */
function comparable(value: unknown): string {
  if (typeof value === "symbol") return "unreadable";
  if (value !== null && typeof value === "object" && "source" in value) return String(value.source);
  if (value !== null && typeof value === "object" && "auto" in value && "texts" in value && "found" in value) {
    const { auto, texts, found } = value as { auto: boolean; texts: string[]; found: string[] };
    return JSON.stringify([auto, auto ? texts.slice(0, texts.length - found.length) : texts]);
  }
  return JSON.stringify(value);
}

/** What to say about keys: of older versions, without meaning, unknown, given twice. */
function keyWarnings(document: ConfigDocument): string[] {
  const keys = document.entries.map((entry) => entry.key).filter((key) => !isComment(key));
  const warnings: string[] = [];
  for (const key of new Set(keys.filter((name, i) => keys.indexOf(name) !== i))) {
    const line = document.entries.findLast((entry) => entry.key === key)?.line;
    warnings.push(`${document.file}: ${key} appears more than once; the last one, line ${line}, counts.`);
  }
  for (const [key, formers] of Object.entries(FORMER_NAMES)) {
    const used = formers.filter((name) => entryOf(document, name));
    if (used.length === 0) continue;
    const isOverruled = entryOf(document, key) !== null;
    warnings.push(formerWarning(basename(document.file), used, key as SettingKey, isOverruled));
  }
  const former = [...new Set(keys)].filter((key) => Object.hasOwn(FORMER_KEYS, key));
  if (former.length > 0) {
    warnings.push(
      `${basename(document.file)}: kept, without meaning in this version: ${former.map(withReason).join(", ")}.`,
    );
  }
  const known = new Set<string>([...SETTING_KEYS, ...Object.values(FORMER_NAMES).flat(), ...Object.keys(FORMER_KEYS)]);
  const unknown = [...new Set(keys)].filter((key) => !known.has(key));
  if (unknown.length > 0) {
    warnings.push(`${basename(document.file)}: kept, but unknown: ${unknown.map(withSuggestion).join(", ")}.`);
  }
  return warnings;
}

function withSuggestion(key: string): string {
  const plain = (name: string) =>
    name
      .toLowerCase()
      .replace(/[^a-z0-9]/g, "")
      .replace(/s$/, "");
  const near = SETTING_KEYS.find((candidate) => plain(candidate) === plain(key));
  return near ? `${shown(key)} (is ${near} meant?)` : shown(key);
}

import { type Entry, readJsonObject } from "./json-text.ts";
import type { SettingsIssue } from "./settings-error.ts";
import { shown } from "./settings-error.ts";
import { SETTINGS, type SettingKey, type SettingRow } from "./table.ts";

/** Where a value comes from. */
export type Origin = "file" | "environment" | "default" | `converted from ${string}`;

/** The settings file as it was read. */
export interface ConfigDocument {
  readonly file: string;
  readonly text: string;
  readonly entries: readonly Entry[];
}

/** A value before it is read: text, and the place to name when it is wrong. */
export interface RawValue {
  readonly text: string;
  readonly origin: Origin;
  readonly place: string;
}

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws JsonSyntaxError */
export function readDocument(file: string, text: string): ConfigDocument {
  return { file, text, entries: readJsonObject(text) };
}

/**
 * The value of a setting: the file's; else what an older version's key of that file says; else the environment's;
 * else the default. `null` in the file says nothing, and so does a list that WhiteStat itself filled: where the file has
 * `auto` and what was found, nobody has chosen anything that the environment could contradict; nor is an empty text a
 * choice where a secret is wanted.
 * @returns an issue when the file holds something that is neither text nor number
 */
export function findValue(
  key: SettingKey,
  document: ConfigDocument | null,
  env: Environment,
): RawValue | SettingsIssue {
  const entry = document && entryOf(document, key);
  const own = document && (entry ? fromFile(key, entry, document.file) : fromFormerKeys(key, document));
  if (own && ("problem" in own || !(isFoundList(key, own.text) || isNoSecret(key, own.text)))) return own;
  return fromEnvironment(key, env) ?? own ?? fromDefault(key);
}

/** A list that is found, with nothing before what was found. */
export function isFoundList(key: SettingKey, text: string): boolean {
  return SETTINGS[key].default === "auto" && /^\s*(?:auto(?![^|,\s])|$)/i.test(text);
}

/** The entry that counts for a key: the last one, as JSON readers have it. */
export function entryOf(document: ConfigDocument, key: string): Entry | null {
  const entry = document.entries.findLast((candidate) => candidate.key === key);
  return entry && entry.value !== null ? entry : null;
}

/**
 * What the environment says about a setting, also under the name of an older version; an empty variable says nothing.
 * Quotes around a value are dropped: `docker run --env-file` takes them for a part of it.
 */
export function fromEnvironment(key: SettingKey, env: Environment): RawValue | null {
  if (!SETTINGS[key].environment) return null;
  const text = (name: string) => withoutQuotes(env[name]?.trim() ?? "");
  if (text(key) !== "") return { text: text(key), origin: "environment", place: `environment variable ${key}` };
  const names = (FORMER_NAMES[key] ?? []).filter((name) => text(name) !== "");
  if (names.length === 0) return null;
  const place = `environment variable ${names.join(" and ")}`;
  return { text: joinedFormer(names.map((name) => [name, text(name)])), origin: "environment", place };
}

function withoutQuotes(text: string): string {
  return /^(["']).*\1$/s.test(text) ? text.slice(1, -1).trim() : text;
}

function fromDefault(key: SettingKey): RawValue {
  return { text: String(SETTINGS[key].default), origin: "default", place: `default of ${key}` };
}

function fromFile(key: SettingKey, entry: Entry, file: string): RawValue | SettingsIssue {
  const place = placeOf(entry, file);
  const { kind, allowed }: SettingRow<unknown> = SETTINGS[key];
  if (typeof entry.value === "string") return { text: entry.value, origin: "file", place };
  if (typeof entry.value === "number" && (kind === "number" || (kind === "list" && Number.isInteger(entry.value)))) {
    return { text: String(entry.value), origin: "file", place };
  }
  const wanted = kind === "number" ? "a number" : "a text in double quotes";
  const problem = `${isSecret(key) ? "the value" : shown(entry.value)} is not ${wanted}`;
  return { key, place, problem, hint: `Allowed: ${allowed}.`, example: exampleLine(key) };
}

/** Where an entry stands, for a message. */
export function placeOf(entry: Entry, file: string): string {
  return `${file}, line ${entry.line}, ${entry.key}`;
}

/** Whether no message may show a setting's value. */
export function isSecret(key: SettingKey): boolean {
  const { secret = false }: SettingRow<unknown> = SETTINGS[key];
  return secret;
}

/** A secret that the file leaves to the environment. */
export function isNoSecret(key: SettingKey, text: string): boolean {
  return isSecret(key) && text.trim() === "";
}

/** The setting as a line of the file. */
export function exampleLine(key: SettingKey): string {
  return `${JSON.stringify(key)}: ${JSON.stringify(SETTINGS[key].example)}`;
}

/** Keys of version 6 to 11 that have no meaning here, and why where one would wonder. */
export const FORMER_KEYS: Readonly<Record<string, string>> = {
  ROLE: "",
  MONITOR_URL: "it was the old version's own capture, not a darkstat",
  MemoryLimitInMB: "",
  EXTRA_PCAP_FILTER: "",
};

/** The keys of version 6 to 11 that say what a key of ours says. */
export const FORMER_NAMES: { readonly [Key in SettingKey]?: readonly string[] } = {
  SERVER_PORT: ["ANALYZER_PORT"],
  LAN_SEGMENT_MASKS: ["LAN_SEGMENT_V4_MASKS", "LAN_SEGMENT_V6_MASKS"],
};

function fromFormerKeys(key: SettingKey, document: ConfigDocument): RawValue | SettingsIssue | null {
  const entries = (FORMER_NAMES[key] ?? []).map((name) => entryOf(document, name)).filter((entry) => entry !== null);
  const first = entries[0];
  if (!first) return null;
  const parts = entries.map((entry) => fromFile(key, entry, document.file));
  const issue = parts.find((part) => "problem" in part);
  if (issue) return issue;
  const text = joinedFormer((parts as RawValue[]).map((part, i) => [entries[i]?.key ?? "", part.text]));
  const names = entries.map((entry) => entry.key).join(" and ");
  return { text, origin: `converted from ${names}`, place: placeOf(first, document.file) };
}

/** What several keys of an older version say, as one value of ours. */
function joinedFormer(parts: readonly (readonly [name: string, text: string])[]): string {
  const words = parts.map(([name, text]) =>
    name === "LAN_SEGMENT_V6_MASKS" ? text.replace(/(?<![^|,\s])(\d{4})(?![^|,\s])/g, "$1::") : text,
  );
  return words
    .map((word) => word.trim())
    .filter((word) => word !== "")
    .join("|");
}

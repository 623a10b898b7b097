import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { folderIssue, type Identity, openDataStore } from "./data-store.ts";
import { JsonSyntaxError } from "./json-text.ts";
import { SettingsError, type SettingsIssue } from "./settings-error.ts";
import {
  type ConfigDocument,
  type Environment,
  exampleLine,
  findValue,
  fromEnvironment,
  type Origin,
  type RawValue,
  readDocument,
} from "./sources.ts";
import { type ParsedSettings, SETTING_KEYS, SETTINGS, type SettingKey, type Settings } from "./table.ts";
import { decodeText, writeFileAtomically } from "./text-file.ts";
import { ValidationError } from "./validation-error.ts";
import { documentWarnings } from "./warnings.ts";

export const CONFIG_FILE = "WhiteStatConfig.json";

/** Where the older versions' containers kept their store: a volume mounted there is found again. */
const CONTAINER_STORE = "/mnt/whitestat";

export interface LoadedSettings {
  readonly settings: Settings;
  /** The settings file, absolute. */
  readonly file: string;
  /** The file was not there, and was written now. */
  readonly created: boolean;
  readonly origins: Readonly<Record<SettingKey, Origin>>;
  /** What a person should know of, one sentence or two each; no secrets in them. */
  readonly warnings: readonly string[];
}

export interface LoadOptions {
  readonly env: Environment;
  /** What relative folders are relative to. */
  readonly cwd: string;
  /** Whether this runs in a container: moves the default of DATA_STORE. */
  readonly container?: boolean;
  /** Who runs this program, for messages about permissions. */
  readonly identity?: Identity | null;
}

/**
 * Reads `WhiteStatConfig.json` from DATA_STORE, and creates it with every key where it is missing.
 *
 * The environment seeds a new file. Afterwards the file wins, and a warning names every variable that differs from it;
 * a key that the file lacks falls back to the environment, then to its default. An existing file is left as it is:
 * whoever goes back to an older version finds it untouched.
 *
 * The folder itself comes from the environment, since the file lies in it. A DATA_STORE inside the file that names
 * another folder (the store was copied or mounted elsewhere) is a warning: what was found is used.
 * @throws SettingsError that lists every issue
 */
export async function loadSettings(options: LoadOptions): Promise<LoadedSettings> {
  const { env, cwd, identity = null } = options;
  const seed = fromEnvironment("DATA_STORE", env);
  const dataStore = resolve(
    cwd,
    seed?.text ?? (options.container ? CONTAINER_STORE : String(SETTINGS.DATA_STORE.default)),
  );
  await openDataStore(dataStore, identity);
  const file = join(dataStore, CONFIG_FILE);
  const { document, warnings } = await readConfig(file, identity);

  const raw: Partial<Record<SettingKey, RawValue>> = {};
  const parsed: Partial<Record<SettingKey, unknown>> = {};
  const issues: SettingsIssue[] = [];
  for (const key of SETTING_KEYS) {
    const value: RawValue | SettingsIssue =
      key === "DATA_STORE"
        ? { text: dataStore, origin: seed ? "environment" : "default", place: "" }
        : findValue(key, document, env);
    if ("problem" in value) {
      issues.push(value);
      continue;
    }
    raw[key] = value;
    try {
      parsed[key] = SETTINGS[key].parse(value.text);
    } catch (error) {
      issues.push(valueIssue(key, value, error));
    }
  }
  if (issues.length > 0) throw new SettingsError(issues);
  const values = parsed as ParsedSettings;
  const sources = raw as Record<SettingKey, RawValue>;
  const settings = assemble(values, dataStore, sources.SERVER_PORT, env);
  const clashes = fileClashes(settings, file);
  if (clashes.length > 0) throw new SettingsError(clashes);

  const context = { dataStore, cwd, env };
  const more = document ? documentWarnings(document, values, context) : createConfig(file, sources, identity);
  warnings.push(...(await more));
  const origins = Object.fromEntries(SETTING_KEYS.map((key) => [key, sources[key].origin]));
  return { settings, file, created: !document, origins: origins as Record<SettingKey, Origin>, warnings };
}

/** The file's content; no document when there is none, or nothing in it (all that a power cut left of it). */
async function readConfig(
  file: string,
  identity: Identity | null,
): Promise<{ document: ConfigDocument | null; warnings: string[] }> {
  let text: string;
  try {
    text = decodeText(await readFile(file)).text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { document: null, warnings: [] };
    throw new SettingsError([await folderIssue(error, file, identity)], { cause: error });
  }
  if (/^[\s\0]*$/.test(text)) {
    const told = `${file} was there but held nothing; a new one was written. What it said before must be set again.`;
    return { document: null, warnings: [told] };
  }
  try {
    return { document: readDocument(file, text), warnings: [] };
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const issue: SettingsIssue = {
      key: null,
      place: `${file}, line ${error.line}, column ${error.column}`,
      problem: error.message,
      allowed: "The file is JSON: keys and texts in double quotes, a comma after every line but the last, no comments.",
      example: `{ ${exampleLine("SERVER_PORT")}, ${exampleLine("IdleSeconds")} }`,
    };
    throw new SettingsError([issue], { cause: error });
  }
}

function valueIssue(key: SettingKey, { place, origin }: RawValue, error: unknown): SettingsIssue {
  if (!(error instanceof ValidationError)) throw error;
  const example = origin === "environment" ? `${key}=${SETTINGS[key].example}` : exampleLine(key);
  return { key, place, problem: error.message, allowed: `Allowed: ${SETTINGS[key].allowed}.`, example };
}

function assemble(values: ParsedSettings, dataStore: string, port: RawValue, env: Environment): Settings {
  const inStore = (name: string) => resolve(dataStore, name);
  return {
    dataStore,
    dbFile: inStore(values.DBFile),
    logFile: inStore(values.LOGFile),
    traceFile: inStore(values.TRACEFile),
    ipMacFile: inStore(values.IP_MAC_REWRITE),
    macMacFile: inStore(values.MAC_MAC_REWRITE),
    macHostFile: inStore(values.MAC_HOST_MAP),
    darkstatUrl: values.DARKSTAT_URL,
    hostInterface: values.HOST_INTERFACE,
    ipFilter: values.IPFilter,
    idleSeconds: values.IdleSeconds,
    updateDbSeconds: values.UpdateDBSeconds,
    serverPort: values.SERVER_PORT,
    portChosen:
      values.SERVER_PORT !== SETTINGS.SERVER_PORT.default || fromEnvironment("SERVER_PORT", env)?.text === port.text,
    listenAddress: values.LISTEN_ADDRESS,
    lanSegments: values.LAN_SEGMENT_MASKS,
    lanRouters: values.LAN_ROUTERS_TO_SKIP,
    timeZone: values.TZ,
    hoursKeptDays: values.HOURS_KEPT_DAYS,
    remoteKeptDays: values.REMOTE_KEPT_DAYS,
    deviceKeptDays: values.DEVICE_KEPT_DAYS,
    allowedHosts: values.ALLOWED_HOSTS,
    corsOrigins: values.CORS_ORIGINS,
    basePath: values.BASE_PATH,
    logLevel: values.LOG_LEVEL,
  };
}

/** Two settings that name one file would write over each other. */
function fileClashes(settings: Settings, config: string): SettingsIssue[] {
  const named: [SettingKey | "the settings", string][] = [
    ["the settings", config],
    ["DBFile", settings.dbFile],
    ["LOGFile", settings.logFile],
    ["TRACEFile", settings.traceFile],
    ["IP_MAC_REWRITE", settings.ipMacFile],
    ["MAC_MAC_REWRITE", settings.macMacFile],
    ["MAC_HOST_MAP", settings.macHostFile],
  ];
  return named.flatMap(([key, path], i): SettingsIssue[] => {
    const other = named.slice(0, i).find(([, earlier]) => earlier === path);
    if (!other || key === "the settings") return [];
    const problem = `${key} and ${other[0]} name the same file, ${path}`;
    return [{ key, place: config, problem, allowed: "Give each a file of its own.", example: exampleLine(key) }];
  });
}

/** A new file holds every key, so that whoever opens it sees what there is to set. */
async function createConfig(
  file: string,
  sources: Record<SettingKey, RawValue>,
  identity: Identity | null,
): Promise<string[]> {
  const values = SETTING_KEYS.map((key) => {
    const { text } = sources[key];
    return [key, SETTINGS[key].kind === "number" ? Number(text) : text];
  });
  try {
    await writeFileAtomically(file, `${JSON.stringify(Object.fromEntries(values), null, 4)}\n`);
    return [];
  } catch (error) {
    const issue = await folderIssue(error, file, identity);
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOSPC" && code !== "EDQUOT") throw new SettingsError([issue], { cause: error });
    return [`${file} ${issue.problem}, so it was not written; the next start tries again. ${issue.allowed}`];
  }
}

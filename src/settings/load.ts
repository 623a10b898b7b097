import { readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { readCertificates } from "./certificates.ts";
import { folderIssue, type Identity, makeFolder, openDataStore } from "./data-store.ts";
import { EXAMPLE_FILE, writeExample } from "./example.ts";
import { JsonSyntaxError } from "./json-text.ts";
import { SettingsError, type SettingsIssue } from "./settings-error.ts";
import {
  type ConfigDocument,
  type Environment,
  exampleLine,
  findValue,
  fromEnvironment,
  isSecret,
  type Origin,
  type RawValue,
  readDocument,
} from "./sources.ts";
import {
  type Certificates,
  type ParsedSettings,
  SETTING_KEYS,
  SETTINGS,
  type SettingKey,
  type Settings,
} from "./table.ts";
import { decodeText, writeFileAtomically } from "./text-file.ts";
import { ValidationError } from "./validation-error.ts";
import { caWarnings, documentWarnings, environmentWarnings, viewWarnings } from "./warnings.ts";

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
  /** Whether to make what is missing: the folder, the file. What only looks makes nothing. Default: true. */
  readonly create?: boolean;
}

/**
 * Reads `WhiteStatConfig.json` from DATA_STORE, and creates it where it is missing.
 *
 * A new file holds what a person chose, and that is what the environment says; every setting with its default stands in
 * `WhiteStatConfig.example.json` beside it. Afterwards the file wins, and a warning names every variable that it
 * contradicts; a key that the file lacks falls back to the environment, then to its default. An existing file is left as
 * it is: whoever goes back to an older version finds it untouched.
 *
 * The folder itself comes from the environment, since the file is in it. A DATA_STORE inside the file that names
 * another folder (the store was copied or mounted elsewhere) is a warning: what was found is used.
 * @throws SettingsError that lists every issue
 */
export async function loadSettings(options: LoadOptions): Promise<LoadedSettings> {
  const { env, cwd, identity = null, create = true } = options;
  const seed = fromEnvironment("DATA_STORE", env);
  const dataStore = resolve(
    cwd,
    seed?.text ?? (options.container ? CONTAINER_STORE : String(SETTINGS.DATA_STORE.default)),
  );
  if (create || (await exists(dataStore))) await openDataStore(dataStore, identity);
  const file = join(dataStore, CONFIG_FILE);
  const { document, warnings } = await readConfig(file, identity, create);

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
  const settings = {
    ...assemble(values, dataStore, sources.SERVER_PORT, env),
    darkstatCa: await certificatesOf("DARKSTAT_CA", values, dataStore, sources.DARKSTAT_CA),
    mqttCa: await certificatesOf("MQTT_CA", values, dataStore, sources.MQTT_CA),
  };
  const clashes = fileClashes(settings, file);
  if (clashes.length > 0) throw new SettingsError(clashes);
  const nobody = proxyIssue(settings, sources);
  if (nobody !== null) throw new SettingsError([nobody]);
  if (create && dirname(settings.dbFile) !== dataStore)
    await openDatabaseFolder(settings.dbFile, sources.DBFile, identity);

  if (document) warnings.push(...(await documentWarnings(document, values, { dataStore, cwd, env })));
  else if (create) warnings.push(...(await createConfig(file, env, identity)));
  warnings.push(...environmentWarnings(env), ...caWarnings(settings), ...viewWarnings(settings));
  if (create) await writeExample(dataStore);
  const origins = Object.fromEntries(SETTING_KEYS.map((key) => [key, sources[key].origin]));
  return {
    settings,
    file,
    created: create && !document,
    origins: origins as Record<SettingKey, Origin>,
    warnings,
  };
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== "ENOENT",
  );
}

/** The file's content; no document when there is none, or nothing in it (all that a power cut left of it). */
async function readConfig(
  file: string,
  identity: Identity | null,
  create: boolean,
): Promise<{ document: ConfigDocument | null; warnings: string[] }> {
  let text: string;
  try {
    text = decodeText(await readFile(file)).text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { document: null, warnings: [] };
    throw new SettingsError([await folderIssue(error, file, identity)], { cause: error });
  }
  if (/^[\s\0]*$/.test(text)) {
    const told = `${file} was there but empty${create ? "; a new one was written" : ""}. What it said before must be set again.`;
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
      hint: "The file is JSON: keys and texts in double quotes, a comma after every line but the last, no comments.",
      example: `{ ${exampleLine("SERVER_PORT")}, ${exampleLine("IdleSeconds")} }`,
    };
    throw new SettingsError([issue], { cause: error });
  }
}

function valueIssue(key: SettingKey, { place, origin }: RawValue, error: unknown): SettingsIssue {
  if (!(error instanceof ValidationError)) throw error;
  const example = origin === "environment" ? `${key}=${SETTINGS[key].example}` : exampleLine(key);
  return { key, place, problem: error.message, hint: `Allowed: ${SETTINGS[key].allowed}.`, example };
}

/** A database outside of the data store: its folder must be there as well. @throws SettingsError */
async function openDatabaseFolder(dbFile: string, { place }: RawValue, identity: Identity | null): Promise<void> {
  try {
    await makeFolder(dirname(dbFile));
  } catch (error) {
    const { problem } = await folderIssue(error, dirname(dbFile), identity);
    const hint = "Set DBFile to a file in another folder.";
    const issue = {
      key: "DBFile",
      place,
      problem: `${dirname(dbFile)} ${problem}`,
      hint,
      example: exampleLine("DBFile"),
    };
    throw new SettingsError([issue], { cause: error });
  }
}

/** The certificates that a setting names; null where it names none. @throws SettingsError */
async function certificatesOf(
  key: "DARKSTAT_CA" | "MQTT_CA",
  values: ParsedSettings,
  dataStore: string,
  raw: RawValue,
): Promise<Certificates | null> {
  const name = values[key];
  if (name === null) return null;
  const file = resolve(dataStore, name);
  try {
    return { file, certificates: await readCertificates(file) };
  } catch (error) {
    throw new SettingsError([valueIssue(key, raw, error)], { cause: error });
  }
}

function assemble(
  values: ParsedSettings,
  dataStore: string,
  port: RawValue,
  env: Environment,
): Omit<Settings, "darkstatCa" | "mqttCa"> {
  const inStore = (name: string) => resolve(dataStore, name);
  const environmentPort = fromEnvironment("SERVER_PORT", env);
  return {
    dataStore,
    dbFile: inStore(values.DBFile),
    databaseUrl: values.DATABASE_URL,
    logFile: inStore(values.LOGFile),
    traceFile: inStore(values.TRACEFile),
    ipMacFile: inStore(values.IP_MAC_REWRITE),
    macMacFile: inStore(values.MAC_MAC_REWRITE),
    macHostFile: inStore(values.MAC_HOST_MAP),
    archiveFile: inStore("ARCHIVED.txt"),
    passwordFile: inStore("PASSWORD.json"),
    nameFiles: values.NAME_FILES,
    darkstats: values.DARKSTAT_URL,
    darkstatMaxHosts: values.DARKSTAT_MAX_HOSTS,
    meter: values.METER,
    interfaces: values.HOST_INTERFACE,
    meterViews: values.METER_VIEWS,
    ipFilter: values.IPFilter,
    idleSeconds: values.IdleSeconds,
    updateDbSeconds: values.UpdateDBSeconds,
    serverPort: values.SERVER_PORT,
    portChosen: values.SERVER_PORT !== SETTINGS.SERVER_PORT.default || environmentPort?.text === port.text,
    environmentPort: environmentPort && portOrNull(environmentPort.text),
    listenAddress: values.LISTEN_ADDRESS,
    lanSegments: values.LAN_SEGMENT_MASKS,
    lanRouters: values.LAN_ROUTERS_TO_SKIP,
    timeZone: values.TZ,
    hoursKeptDays: values.HOURS_KEPT_DAYS,
    remoteKeptDays: values.REMOTE_KEPT_DAYS,
    deviceKeptDays: values.DEVICE_KEPT_DAYS,
    allowedHosts: values.ALLOWED_HOSTS,
    corsOrigins: values.CORS_ORIGINS,
    trustedProxies: values.TRUSTED_PROXIES,
    auth: values.AUTH,
    authHeader: values.AUTH_HEADER,
    ingressProxies: values.INGRESS_PROXY,
    mqttUrl: values.MQTT_URL,
    basePath: values.BASE_PATH,
    logLevel: values.LOG_LEVEL,
  };
}

function portOrNull(text: string): number | null {
  try {
    return SETTINGS.SERVER_PORT.parse(text);
  } catch {
    return null;
  }
}

/** Nobody could come in: no proxy is trusted to say who is signed in. */
function proxyIssue(
  { auth, trustedProxies, ingressProxies }: Settings,
  { AUTH, TRUSTED_PROXIES }: Record<SettingKey, RawValue>,
): SettingsIssue | null {
  if (auth !== "proxy" || trustedProxies.length > 0 || ingressProxies.length > 0) return null;
  return {
    key: "TRUSTED_PROXIES",
    place: TRUSTED_PROXIES.place || AUTH.place,
    problem: "is empty, but AUTH is proxy: nobody is trusted to say who is signed in",
    hint: "Name the address of the proxy that signs people in, or choose another AUTH.",
    example: "TRUSTED_PROXIES=127.0.0.1",
  };
}

/** Two settings that name one file would write over each other. */
function fileClashes(settings: Settings, config: string): SettingsIssue[] {
  const named: [SettingKey | "the settings", string][] = [
    ["the settings", config],
    ["the settings", join(settings.dataStore, EXAMPLE_FILE)],
    ["the settings", settings.archiveFile],
    ["the settings", settings.passwordFile],
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
    return [{ key, place: config, problem, hint: "Give each a file of its own.", example: exampleLine(key) }];
  });
}

/**
 * A new file holds what the environment says. Not its port: that is written once it was to be had (`writeSetting`), for one
 * that another program has taken is nobody's choice.
 */
async function createConfig(file: string, env: Environment, identity: Identity | null): Promise<string[]> {
  const chosen = SETTING_KEYS.flatMap((key) => {
    const isLeftOut = key === "DATA_STORE" || key === "SERVER_PORT" || isSecret(key);
    const value = isLeftOut ? null : fromEnvironment(key, env);
    return value ? [[key, SETTINGS[key].kind === "number" ? Number(value.text) : value.text]] : [];
  });
  try {
    await writeFileAtomically(file, `${JSON.stringify(Object.fromEntries(chosen), null, 4)}\n`);
    return [];
  } catch (error) {
    const issue = await folderIssue(error, file, identity);
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOSPC" && code !== "EDQUOT") throw new SettingsError([issue], { cause: error });
    return [`${file} ${issue.problem}, so it was not written; the next start tries again. ${issue.hint}`];
  }
}

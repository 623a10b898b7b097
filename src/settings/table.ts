import { compileIpFilter } from "./ip-filter.ts";
import * as kinds from "./kinds.ts";
import { parseRouters, parseSegments } from "./lan.ts";

/** Everything that is to be said about one setting. The reader, the manual and the API description come from it. */
export interface SettingRow<Value> {
  /** What sort of value it is, in the words of a description. */
  readonly kind: "folder" | "file" | "url" | "pattern" | "number" | "text" | "list" | "choice";
  readonly default: string | number;
  /** Least and greatest value of a number. */
  readonly range?: readonly [min: number, max: number];
  /** The words to choose from. */
  readonly choices?: readonly string[];
  /** What it does, as one or two sentences. */
  readonly sentence: string;
  /** What is allowed, as half a sentence: "a whole number from 1 to 3600". */
  readonly allowed: string;
  readonly example: string | number;
  /** Whether an environment variable of the same name gives the value that the file doesn't. */
  readonly environment: boolean;
  /** Reads the value. @throws ValidationError */
  readonly parse: (text: string) => Value;
}

const row = <Value>(values: SettingRow<Value>): SettingRow<Value> => values;

const SECONDS = [1, 3600] as const;
const DAYS = [0, 36_500] as const;
const PORTS = [1, 65_535] as const;
const LEVELS = ["error", "warn", "info", "trace"] as const;

const within = ([min, max]: readonly [number, number]) => `a whole number from ${min} to ${max}`;
const FILE = "a file name; it lies in DATA_STORE unless it begins with /";

/** The settings, in the order in which they are shown and written. */
export const SETTINGS = {
  DATA_STORE: row({
    kind: "folder",
    default: "./data",
    sentence: "Folder for everything that is kept: this file, the database, logs, names. It must be writable.",
    allowed: "a folder",
    example: "/var/lib/whitestat",
    environment: true,
    parse: kinds.folderName,
  }),
  DBFile: row({
    kind: "file",
    default: "WhiteStat.db",
    sentence: "The database (SQLite).",
    allowed: FILE,
    example: "WhiteStat.db",
    environment: false,
    parse: kinds.fileName,
  }),
  LOGFile: row({
    kind: "file",
    default: "WhiteStatLog.txt",
    sentence: "Warnings and errors. At 1 MB it is renamed to end in .1 and begun anew.",
    allowed: FILE,
    example: "WhiteStatLog.txt",
    environment: false,
    parse: kinds.fileName,
  }),
  TRACEFile: row({
    kind: "file",
    default: "WhiteStatTrace.txt",
    sentence: "Every step, when LOG_LEVEL is trace. Kept small like the log.",
    allowed: FILE,
    example: "WhiteStatTrace.txt",
    environment: false,
    parse: kinds.fileName,
  }),
  IP_MAC_REWRITE: row({
    kind: "file",
    default: "IP_MAC.txt",
    sentence: "Lines of ip|mac: see this MAC for that IP.",
    allowed: FILE,
    example: "IP_MAC.txt",
    environment: false,
    parse: kinds.fileName,
  }),
  MAC_MAC_REWRITE: row({
    kind: "file",
    default: "MAC_MAC.txt",
    sentence: "Lines of mac|mac: count the first as the second.",
    allowed: FILE,
    example: "MAC_MAC.txt",
    environment: false,
    parse: kinds.fileName,
  }),
  MAC_HOST_MAP: row({
    kind: "file",
    default: "MAC_HOST.txt",
    sentence: "Lines of mac|name: show this name. Renaming in the dashboard writes it.",
    allowed: FILE,
    example: "MAC_HOST.txt",
    environment: false,
    parse: kinds.fileName,
  }),
  DARKSTAT_URL: row({
    kind: "url",
    default: "",
    sentence: "The darkstat to read; may carry a path (its --base). Empty: WhiteStat runs a darkstat of its own.",
    allowed: "an address that begins with http:// or https://, or nothing",
    example: "http://192.168.1.5:667",
    environment: true,
    parse: kinds.webAddress,
  }),
  HOST_INTERFACE: row({
    kind: "text",
    default: "",
    sentence: "Network interface that a darkstat of its own listens on. Empty: that of the default route.",
    allowed: "the name of a network interface, or nothing",
    example: "eth0",
    environment: true,
    parse: kinds.interfaceName,
  }),
  IPFilter: row({
    kind: "pattern",
    default: "([\\d]+\\.){3,3}\\d+",
    sentence: "Which addresses are reported: those that begin like this pattern. The default is IPv4.",
    allowed: "a regular expression; in the file each of its backslashes is doubled",
    example: ".*",
    environment: true,
    parse: compileIpFilter,
  }),
  IdleSeconds: row({
    kind: "number",
    default: 30,
    range: SECONDS,
    sentence: "Pause between two readings of darkstat, in seconds.",
    allowed: within(SECONDS),
    example: 30,
    environment: true,
    parse: kinds.wholeNumber(SECONDS),
  }),
  UpdateDBSeconds: row({
    kind: "number",
    default: 40,
    range: SECONDS,
    sentence: "How often the database is written, in seconds.",
    allowed: within(SECONDS),
    example: 40,
    environment: true,
    parse: kinds.wholeNumber(SECONDS),
  }),
  SERVER_PORT: row({
    kind: "number",
    default: 777,
    range: PORTS,
    sentence: "Port that the dashboard is served on. Where nobody chose one and 777 is refused, it is 7777.",
    allowed: within(PORTS),
    example: 8080,
    environment: true,
    parse: kinds.wholeNumber(PORTS),
  }),
  LISTEN_ADDRESS: row({
    kind: "text",
    default: "",
    sentence: "Address of this machine that the dashboard is served on. Empty: every one.",
    allowed: "an IP address of this machine, localhost, or nothing",
    example: "127.0.0.1",
    environment: true,
    parse: kinds.listenAddress,
  }),
  LAN_SEGMENT_MASKS: row({
    kind: "list",
    default: "auto",
    sentence:
      "What is LAN. With auto: private and link-local addresses, and what is found is written behind it; without: what is listed.",
    allowed: "auto, networks as 192.168.1.0/24 or 192.168.1 or fd00::/8, separated by |",
    example: "192.168.1|192.168.0",
    environment: true,
    parse: parseSegments,
  }),
  LAN_ROUTERS_TO_SKIP: row({
    kind: "list",
    default: "auto",
    sentence: "MACs of routers: they are no devices. With auto they are found, and written behind it.",
    allowed: "auto, MAC addresses, separated by |",
    example: "02:ff:ff:ff:ff:01",
    environment: true,
    parse: parseRouters,
  }),
  TZ: row({
    kind: "text",
    default: "",
    sentence: "Time zone that days begin and end in. Empty: the system's.",
    allowed: "a time zone of the IANA list, or nothing",
    example: "Europe/Berlin",
    environment: true,
    parse: kinds.timeZone,
  }),
  HOURS_KEPT_DAYS: row({
    kind: "number",
    default: 62,
    range: DAYS,
    sentence: "For how many days usage by the hour is kept; 0 is for good.",
    allowed: within(DAYS),
    example: 62,
    environment: true,
    parse: kinds.daysKept(DAYS),
  }),
  REMOTE_KEPT_DAYS: row({
    kind: "number",
    default: 400,
    range: DAYS,
    sentence: "For how many days hosts beyond the router are kept; 0 is for good.",
    allowed: within(DAYS),
    example: 400,
    environment: true,
    parse: kinds.daysKept(DAYS),
  }),
  DEVICE_KEPT_DAYS: row({
    kind: "number",
    default: 0,
    range: DAYS,
    sentence: "For how many days usage by the day is kept; 0 is for good.",
    allowed: within(DAYS),
    example: 0,
    environment: true,
    parse: kinds.daysKept(DAYS),
  }),
  ALLOWED_HOSTS: row({
    kind: "list",
    default: "",
    sentence:
      "Further names that the dashboard may be opened under, beside IP addresses and local names. A name that begins with a dot allows all below it.",
    allowed: "host names, separated by |, or nothing",
    example: "whitestat.example.com|.example.net",
    environment: true,
    parse: kinds.hostNames,
  }),
  CORS_ORIGINS: row({
    kind: "list",
    default: "",
    sentence: "Web pages of other hosts that may read the figures.",
    allowed: "origins (http:// or https://, host, port), separated by |, or nothing",
    example: "https://home.example.com",
    environment: true,
    parse: kinds.origins,
  }),
  BASE_PATH: row({
    kind: "text",
    default: "",
    sentence: "Path that everything is served under, for a reverse proxy that shares its host.",
    allowed: 'a path of letters, digits, ".", "_", "~", "-" and "/", or nothing',
    example: "/whitestat",
    environment: true,
    parse: kinds.basePath,
  }),
  LOG_LEVEL: row({
    kind: "choice",
    default: "info",
    choices: LEVELS,
    sentence: "How much is told on the console: each word includes those before it. trace also writes TRACEFile.",
    allowed: LEVELS.join(", "),
    example: "trace",
    environment: true,
    parse: kinds.oneOf(LEVELS),
  }),
} as const;

export type SettingKey = keyof typeof SETTINGS;

/** The keys in the order of the table. */
export const SETTING_KEYS = Object.keys(SETTINGS) as SettingKey[];

/** The values by key, read but not yet put together. */
export type ParsedSettings = { readonly [Key in SettingKey]: ReturnType<(typeof SETTINGS)[Key]["parse"]> };

/** What the product runs with. Paths are absolute. */
export interface Settings {
  readonly dataStore: string;
  readonly dbFile: string;
  readonly logFile: string;
  readonly traceFile: string;
  readonly ipMacFile: string;
  readonly macMacFile: string;
  readonly macHostFile: string;
  /** May carry credentials and a path; null for the embedded darkstat. */
  readonly darkstatUrl: string | null;
  /** null for that of the default route. */
  readonly hostInterface: string | null;
  /** Anchored at the start, no state: `ipFilter.test(ip)`. */
  readonly ipFilter: RegExp;
  readonly idleSeconds: number;
  readonly updateDbSeconds: number;
  readonly serverPort: number;
  /** Somebody chose the port: then a refusal is an error, and no other port is tried. */
  readonly portChosen: boolean;
  /** null for every address. */
  readonly listenAddress: string | null;
  readonly lanSegments: ParsedSettings["LAN_SEGMENT_MASKS"];
  readonly lanRouters: ParsedSettings["LAN_ROUTERS_TO_SKIP"];
  /** An IANA zone; null for the system's. */
  readonly timeZone: string | null;
  /** Days; null is for good. */
  readonly hoursKeptDays: number | null;
  readonly remoteKeptDays: number | null;
  readonly deviceKeptDays: number | null;
  /** Lower case; one that begins with a dot allows every name below it. */
  readonly allowedHosts: readonly string[];
  readonly corsOrigins: readonly string[];
  /** Empty, or `/x` without a slash at its end. */
  readonly basePath: string;
  readonly logLevel: ParsedSettings["LOG_LEVEL"];
}

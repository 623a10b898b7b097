import { AUTH_MODES } from "../shared/access-words.ts";
import { ANY_ADDRESS, compileIpFilter, IPV4_ONLY, type IpFilter } from "./ip-filter.ts";
import * as kinds from "./kinds.ts";
import { parseRouters, parseSegments } from "./lan.ts";
import {
  darkstatAddresses,
  type InterfaceGroup,
  measuredInterfaces,
  meterNames,
  type NamedAddress,
} from "./meter-lists.ts";

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
  /** Whether it may hold a password: then no message shows it, and it isn't copied from the environment to the file. */
  readonly secret?: boolean;
  /** Whether an environment variable of the same name gives the value that the file doesn't. */
  readonly environment: boolean;
  /** Reads the value. @throws ValidationError */
  readonly parse: (text: string) => Value;
}

const row = <Value>(values: SettingRow<Value>): SettingRow<Value> => values;

const SECONDS = [1, 3600] as const;
const DAYS = [0, 36_500] as const;
const HOSTS = [1, 1_000_000] as const;
const PORTS = [1, 65_535] as const;
const METERS = ["auto", "kernel", "darkstat"] as const;
const LEVELS = ["error", "warn", "info", "trace"] as const;

const within = ([min, max]: readonly [number, number]) => `a whole number from ${min} to ${max}`;
const FILE = "a file name, relative to DATA_STORE unless it begins with /";

/** The settings, in the order in which they are shown and written. */
export const SETTINGS = {
  DATA_STORE: row({
    kind: "folder",
    default: "./data",
    sentence: "Folder for all data: the settings file, the database, logs, names. Must be writable.",
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
  DATABASE_URL: row({
    kind: "url",
    default: "",
    sentence: "PostgreSQL database that replaces DBFile. Empty: the file.",
    allowed:
      "postgres://user:password@host:port/database, or nothing; special characters in the password are percent-encoded (@ is %40)",
    example: "postgres://whitestat:secret@db.example.com/whitestat",
    secret: true,
    environment: true,
    parse: kinds.databaseUrl,
  }),
  LOGFile: row({
    kind: "file",
    default: "WhiteStatLog.txt",
    sentence: "Warnings and errors. At 1 MB it is renamed to end in .1, and a new one is started.",
    allowed: FILE,
    example: "WhiteStatLog.txt",
    environment: false,
    parse: kinds.fileName,
  }),
  TRACEFile: row({
    kind: "file",
    default: "WhiteStatTrace.txt",
    sentence: "Every step, if LOG_LEVEL is trace. Rotated like the log.",
    allowed: FILE,
    example: "WhiteStatTrace.txt",
    environment: false,
    parse: kinds.fileName,
  }),
  IP_MAC_REWRITE: row({
    kind: "file",
    default: "IP_MAC.txt",
    sentence: "Lines of ip|mac: count this IP as this MAC.",
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
  NAME_FILES: row({
    kind: "list",
    default: "auto",
    sentence:
      "Files and folders with names of devices: leases of dnsmasq, Pi-hole, ISC dhcpd and Kea, fixed leases, hosts files. With auto also where these programs keep them by default.",
    allowed: "auto, absolute names of files and folders, separated by |, or nothing",
    example: "auto|/data/router/dhcp.leases",
    environment: true,
    parse: kinds.namePlaces,
  }),
  DARKSTAT_URL: row({
    kind: "url",
    default: "",
    sentence:
      "Address of the darkstat to read, with its path (--base) if it has one; several have names. Empty: this machine is measured, see METER.",
    allowed:
      "an address that begins with http:// or https://, or several, each as name=address, separated by |, or nothing",
    example: "http://192.168.1.5:667",
    environment: true,
    parse: darkstatAddresses,
  }),
  DARKSTAT_CA: row({
    kind: "file",
    default: "",
    sentence:
      "Certificate that is trusted at an https:// DARKSTAT_URL: a self-signed one itself, or that of its authority. Empty: the public authorities are trusted.",
    allowed: "the name of a PEM file, relative to DATA_STORE unless it begins with /, or nothing",
    example: "/etc/ssl/darkstat.pem",
    environment: true,
    parse: kinds.fileNameOrNone,
  }),
  DARKSTAT_MAX_HOSTS: row({
    kind: "number",
    default: 20_000,
    range: HOSTS,
    sentence:
      "Hosts that darkstat may list: a longer list is refused, for reading it would take all of a small machine's memory.",
    allowed: within(HOSTS),
    example: 50_000,
    environment: true,
    parse: kinds.wholeNumber(HOSTS),
  }),
  METER: row({
    kind: "choice",
    default: "auto",
    choices: METERS,
    sentence:
      "What counts the traffic: the kernel of this machine, or darkstat. auto: the darkstat of DARKSTAT_URL; without one the kernel where that can be, else WhiteStat's own darkstat.",
    allowed: METERS.join(", "),
    example: "kernel",
    environment: true,
    parse: kinds.oneOf(METERS),
  }),
  HOST_INTERFACE: row({
    kind: "list",
    default: "",
    sentence:
      "Network interface of this machine that is measured: on a gateway that of the LAN. Empty: the one of the default route. The kernel counts on several; darkstat on the first. With names (lan=br0|guest=br1), each name is a meter of its own.",
    allowed: "network interfaces, or each as name=interface, separated by |, or nothing",
    example: "br0",
    environment: true,
    parse: measuredInterfaces,
  }),
  METER_VIEWS: row({
    kind: "list",
    default: "",
    sentence:
      "Of several meters, the names of those that are shown by themselves and not added to the others: they see packets that another one counts.",
    allowed: "names of DARKSTAT_URL or HOST_INTERFACE, separated by |, or nothing",
    example: "guest",
    environment: true,
    parse: meterNames,
  }),
  IPFilter: row({
    kind: "pattern",
    default: ANY_ADDRESS,
    sentence:
      "Which addresses are reported: those that start with what this pattern matches. The default is all of them; where the history of version 1 to 5 was taken over, IPv4 until IPv6 is included on the dashboard.",
    allowed:
      "a regular expression without back-references and look-behind; in the file, each of its backslashes is doubled",
    example: IPV4_ONLY,
    environment: true,
    parse: compileIpFilter,
  }),
  IdleSeconds: row({
    kind: "number",
    default: 30,
    range: SECONDS,
    sentence: "Seconds between two readings of the meter.",
    allowed: within(SECONDS),
    example: 30,
    environment: true,
    parse: kinds.wholeNumber(SECONDS),
  }),
  UpdateDBSeconds: row({
    kind: "number",
    default: 40,
    range: SECONDS,
    sentence: "Seconds between two writes to the database.",
    allowed: within(SECONDS),
    example: 40,
    environment: true,
    parse: kinds.wholeNumber(SECONDS),
  }),
  SERVER_PORT: row({
    kind: "number",
    default: 777,
    range: PORTS,
    sentence: "Port of the dashboard. If it isn't set and 777 isn't permitted, 7777 is used.",
    allowed: within(PORTS),
    example: 8080,
    environment: true,
    parse: kinds.wholeNumber(PORTS),
  }),
  LISTEN_ADDRESS: row({
    kind: "text",
    default: "",
    sentence: "Address of this machine that the dashboard listens on. Empty: all of them.",
    allowed: "an IP address of this machine, localhost, or nothing",
    example: "127.0.0.1",
    environment: true,
    parse: kinds.listenAddress,
  }),
  LAN_SEGMENT_MASKS: row({
    kind: "list",
    default: "auto",
    sentence:
      "Networks of the LAN. With auto: private and link-local addresses, and WhiteStat appends what it finds; without: only those listed.",
    allowed: "auto, networks like 192.168.1.0/24, 192.168.1 or fd00::/8, separated by |",
    example: "192.168.1|192.168.0",
    environment: true,
    parse: parseSegments,
  }),
  LAN_ROUTERS_TO_SKIP: row({
    kind: "list",
    default: "auto",
    sentence:
      "MAC addresses of routers, which aren't listed as devices. With auto, those that WhiteStat finds aren't either; a ! before an address says that it is none.",
    allowed: "auto, MAC addresses, with or without !, separated by |",
    example: "02:ff:ff:ff:ff:01",
    environment: true,
    parse: parseRouters,
  }),
  TZ: row({
    kind: "text",
    default: "",
    sentence: "Time zone in which days begin and end. Empty: the system's.",
    allowed: "a time zone of the IANA list, or nothing",
    example: "Europe/Berlin",
    environment: true,
    parse: kinds.timeZone,
  }),
  HOURS_KEPT_DAYS: row({
    kind: "number",
    default: 62,
    range: DAYS,
    sentence: "Days for which hourly usage is kept; 0: indefinitely.",
    allowed: within(DAYS),
    example: 62,
    environment: true,
    parse: kinds.daysKept(DAYS),
  }),
  REMOTE_KEPT_DAYS: row({
    kind: "number",
    default: 400,
    range: DAYS,
    sentence: "Days for which internet hosts are kept; 0: indefinitely.",
    allowed: within(DAYS),
    example: 400,
    environment: true,
    parse: kinds.daysKept(DAYS),
  }),
  DEVICE_KEPT_DAYS: row({
    kind: "number",
    default: 0,
    range: DAYS,
    sentence: "Days for which daily usage of devices is kept; 0: indefinitely.",
    allowed: within(DAYS),
    example: 0,
    environment: true,
    parse: kinds.daysKept(DAYS),
  }),
  ALLOWED_HOSTS: row({
    kind: "list",
    default: "",
    sentence:
      "Host names under which the dashboard may be opened, besides IP addresses and local names. A name that begins with a dot allows every name below it.",
    allowed: "host names, separated by |, or nothing",
    example: "whitestat.example.com|.example.net",
    environment: true,
    parse: kinds.hostNames,
  }),
  CORS_ORIGINS: row({
    kind: "list",
    default: "",
    sentence: "Other web pages that may read the data.",
    allowed: "origins (http:// or https://, host, port), separated by |, or nothing",
    example: "https://home.example.com",
    environment: true,
    parse: kinds.origins,
  }),
  MQTT_URL: row({
    kind: "url",
    default: "",
    sentence:
      "MQTT broker that is told what is used, for Home Assistant. Empty: the one that the settings page names, if any.",
    allowed:
      "mqtt://user:password@host:1883, mqtts:// for TLS, or nothing; special characters in the password are percent-encoded (@ is %40)",
    example: "mqtt://whitestat:secret@192.168.1.5:1883",
    secret: true,
    environment: true,
    parse: kinds.brokerUrl,
  }),
  MQTT_CA: row({
    kind: "file",
    default: "",
    sentence:
      "Certificate that is trusted at an mqtts:// broker: a self-signed one itself, or that of its authority. Empty: the public authorities are trusted.",
    allowed: "the name of a PEM file, relative to DATA_STORE unless it begins with /, or nothing",
    example: "/etc/ssl/broker.pem",
    environment: true,
    parse: kinds.fileNameOrNone,
  }),
  TRUSTED_PROXIES: row({
    kind: "list",
    default: "",
    sentence:
      "Reverse proxies whose Forwarded or X-Forwarded headers say who asked, and under which host. They must overwrite what clients send.",
    allowed: "addresses and networks, separated by |, or nothing",
    example: "127.0.0.1|172.18.0.0/16",
    environment: true,
    parse: kinds.networks,
  }),
  AUTH: row({
    kind: "choice",
    default: "open",
    choices: AUTH_MODES,
    sentence:
      "Who may read and change. open: whoever reaches the page. read-only: everybody reads, changes need the password. password: everything needs it. proxy: a reverse proxy of TRUSTED_PROXIES signs people in. The command whitestat password sets the password.",
    allowed: AUTH_MODES.join(", "),
    example: "password",
    environment: true,
    parse: kinds.oneOf(AUTH_MODES),
  }),
  AUTH_HEADER: row({
    kind: "text",
    default: "Remote-User",
    sentence:
      "With AUTH=proxy, the header in which the proxy says who is signed in. It must overwrite what clients send.",
    allowed:
      "the name of a header, such as Remote-User, X-Forwarded-User, X-authentik-username or Tailscale-User-Login",
    example: "X-Forwarded-User",
    environment: true,
    parse: kinds.headerName,
  }),
  INGRESS_PROXY: row({
    kind: "list",
    default: "",
    sentence:
      "Home Assistant's Supervisor, where the add-on shows the dashboard in the side bar (ingress): it lets in only who may see it, under any name.",
    allowed: "addresses and networks, separated by |, or nothing",
    example: "172.30.32.2",
    environment: true,
    parse: kinds.networks,
  }),
  BASE_PATH: row({
    kind: "text",
    default: "",
    sentence: "Path of the dashboard behind a reverse proxy that serves other things on the same host.",
    allowed: 'a path of letters, digits, ".", "_", "~", "-" and "/", or nothing',
    example: "/whitestat",
    environment: true,
    parse: kinds.basePath,
  }),
  LOG_LEVEL: row({
    kind: "choice",
    default: "info",
    choices: LEVELS,
    sentence: "Which messages the console shows: each level includes those before it. trace also writes TRACEFile.",
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

/** Certificates in PEM that a peer is checked against, and the file that they are from. */
export interface Certificates {
  readonly file: string;
  readonly certificates: readonly string[];
}

/** What the product runs with. Paths are absolute. */
export interface Settings {
  readonly dataStore: string;
  readonly dbFile: string;
  /** With its password; null for the file. */
  readonly databaseUrl: string | null;
  readonly logFile: string;
  readonly traceFile: string;
  readonly ipMacFile: string;
  readonly macMacFile: string;
  readonly macHostFile: string;
  readonly archiveFile: string;
  /** Hash of the password, where one is set. */
  readonly passwordFile: string;
  readonly nameFiles: ParsedSettings["NAME_FILES"];
  /** May carry credentials and a path; none for a meter of our own. */
  readonly darkstats: readonly NamedAddress[];
  /** What an https address is checked against; null for the public authorities. */
  readonly darkstatCa: Certificates | null;
  readonly darkstatMaxHosts: number;
  readonly meter: ParsedSettings["METER"];
  /** For each meter of our own; none for one on that of the default route. */
  readonly interfaces: readonly InterfaceGroup[];
  /** Names of meters that are not added to the others. */
  readonly meterViews: readonly string[];
  readonly ipFilter: IpFilter;
  readonly idleSeconds: number;
  readonly updateDbSeconds: number;
  readonly serverPort: number;
  /** Somebody chose the port: then a refusal is an error, and no other port is tried. */
  readonly portChosen: boolean;
  /** The port that the environment names, though the file may name another; null without one. */
  readonly environmentPort: number | null;
  /** null for every address. */
  readonly listenAddress: string | null;
  readonly lanSegments: ParsedSettings["LAN_SEGMENT_MASKS"];
  readonly lanRouters: ParsedSettings["LAN_ROUTERS_TO_SKIP"];
  /** An IANA zone; null for the system's. */
  readonly timeZone: string | null;
  /** Days; null keeps them indefinitely. */
  readonly hoursKeptDays: number | null;
  readonly remoteKeptDays: number | null;
  readonly deviceKeptDays: number | null;
  /** Lower case; one that begins with a dot allows every name below it. */
  readonly allowedHosts: readonly string[];
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: ParsedSettings["TRUSTED_PROXIES"];
  readonly auth: ParsedSettings["AUTH"];
  /** Lower case. */
  readonly authHeader: string;
  readonly ingressProxies: ParsedSettings["INGRESS_PROXY"];
  /** With its password; null where the settings name none. */
  readonly mqttUrl: string | null;
  /** What an mqtts broker is checked against; null for the public authorities. */
  readonly mqttCa: Certificates | null;
  /** Empty, or `/x` without a slash at its end. */
  readonly basePath: string;
  readonly logLevel: ParsedSettings["LOG_LEVEL"];
}

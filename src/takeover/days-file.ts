import { formatAddress, normaliseMac, parseAddress } from "../accounting/address.ts";
import type { Role } from "../accounting/view.ts";
import { BYTE_ORDER_MARK, csvLine, guarded, type Separator, unguarded } from "../shared/csv.ts";
import { dayNumber, isStoredDay } from "../store/day-text.ts";
import type { EndpointDay, EndpointHour } from "../store/store.ts";
import { isDayWithin, isInstantWithin, type Limits, MOST_BYTES, nameOf } from "./figures.ts";
import type { Reason } from "./report.ts";
import type { IncomingHour, IncomingRow } from "./stage.ts";

/**
 * The files that `export` writes and `import` reads: one row per endpoint (an address at a MAC) and day. Amounts are bytes,
 * days are local calendar days, `last_seen` is an instant in UTC.
 */
export interface DayRecord {
  readonly day: string;
  readonly kind: Role;
  readonly mac: string;
  readonly ip: string;
  /** MAC (or IP) of the device whose bytes they are, after MAC_MAC.txt; empty for internet hosts and groups. */
  readonly device: string;
  /** What a person calls the device, else the host name. */
  readonly name: string;
  readonly hostname: string;
  readonly download_bytes: number;
  readonly upload_bytes: number;
  readonly last_seen: string;
  readonly counter_download_bytes: number;
  readonly counter_upload_bytes: number;
  readonly reported: boolean;
  /** How many of the bytes may belong to another day. */
  readonly estimated_bytes: number;
  readonly implausible: boolean;
  /** The MAC that held the address before a router's MAC stood for it. */
  readonly held_by: string;
  /** Name of who the device belonged to on that day; empty where it was nobody's. */
  readonly owner: string;
  /** What a person says that the device is; empty where nobody did. */
  readonly type: string;
}

/** What people say of a device on a day. */
export type Said = Pick<DayRecord, "owner" | "type"> & { readonly name: string | null };

export const NOTHING_SAID: Said = { name: null, owner: "", type: "" };

export const DAY_COLUMNS = [
  "day",
  "kind",
  "mac",
  "ip",
  "device",
  "name",
  "hostname",
  "download_bytes",
  "upload_bytes",
  "last_seen",
  "counter_download_bytes",
  "counter_upload_bytes",
  "reported",
  "estimated_bytes",
  "implausible",
  "held_by",
  "owner",
  "type",
] as const satisfies readonly (keyof DayRecord)[];

/** A clock hour of an endpoint; in JSON only. */
export interface HourRecord {
  readonly day: string;
  readonly hour: number;
  readonly mac: string;
  readonly ip: string;
  readonly held_by: string;
  readonly download_bytes: number;
  readonly upload_bytes: number;
  readonly estimated_bytes: number;
}

const NEEDED: readonly string[] = ["day", "mac", "ip", "download_bytes", "upload_bytes"];
const JSON_FORMAT = "whitestat-days";
const JSON_VERSION = 1;

export const JSON_HEAD = `{"format":"${JSON_FORMAT}","version":${JSON_VERSION},"days":[`;
export const JSON_MIDDLE = '\n],"hours":[';
export const JSON_TAIL = "\n]}\n";

export function dayRecordOf(row: EndpointDay, { name, owner, type }: Said): DayRecord {
  return {
    day: row.day,
    kind: row.role,
    mac: row.mac ?? "",
    ip: row.ip,
    device: row.device ?? "",
    name: name ?? row.hostname ?? "",
    hostname: row.hostname ?? "",
    download_bytes: row.in,
    upload_bytes: row.out,
    last_seen: instantText(row.seenAt),
    counter_download_bytes: row.counterIn,
    counter_upload_bytes: row.counterOut,
    reported: row.reported,
    estimated_bytes: row.estimated,
    implausible: row.implausible,
    held_by: row.heldBy ?? "",
    owner,
    type,
  };
}

/** Empty for what is no instant, so that a row is never lost for it. */
function instantText(at: number | null): string {
  const date = new Date(at ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}

export function hourRecordOf(row: EndpointHour): HourRecord {
  return {
    day: row.day,
    hour: row.hour,
    mac: row.mac ?? "",
    ip: row.ip,
    held_by: row.heldBy ?? "",
    download_bytes: row.in,
    upload_bytes: row.out,
    estimated_bytes: row.estimated,
  };
}

/** How a CSV file begins: with the byte order mark, without which Excel takes it for Windows-1252. */
export function csvHead(separator: Separator): string {
  return BYTE_ORDER_MARK + csvLine(DAY_COLUMNS, separator);
}

export function csvRecord(record: DayRecord, separator: Separator): string {
  const cells = DAY_COLUMNS.map((column) => {
    const value = record[column];
    return typeof value === "string" ? guarded(value) : String(value);
  });
  return csvLine(cells, separator);
}

/** A record of a file, unchecked, with the line (CSV) or number (JSON) where it stands. */
export interface FileRecord {
  readonly what: "day" | "hour";
  readonly place: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The records of a text in either form. @throws RangeError when it is neither */
export function* readDaysText(text: string): Generator<FileRecord> {
  const plain = text.replace(/^\uFEFF/, "");
  if (/^\s*[{[]/.test(plain)) yield* readJson(plain);
  else yield* readCsv(plain);
}

function* readJson(text: string): Generator<FileRecord> {
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch (error) {
    throw new RangeError(`it isn't valid JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  const { format, version, days, hours = [] } = (whole ?? {}) as Record<string, unknown>;
  if (format !== JSON_FORMAT || !Array.isArray(days) || !Array.isArray(hours)) {
    throw new RangeError(`it is JSON, but not an export of WhiteStat, which begins with ${JSON_HEAD}`);
  }
  if (version !== JSON_VERSION) throw new RangeError(`its format is version ${JSON.stringify(version)}, not 1`);
  for (const [index, fields] of days.entries()) yield record("day", `day ${index + 1}`, fields);
  for (const [index, fields] of hours.entries()) yield record("hour", `hour ${index + 1}`, fields);
}

function record(what: FileRecord["what"], place: string, fields: unknown): FileRecord {
  return {
    what,
    place,
    fields: typeof fields === "object" && fields !== null ? (fields as Record<string, unknown>) : {},
  };
}

function* readCsv(text: string): Generator<FileRecord> {
  let columns: string[] | null = null;
  for (const { line, cells } of csvRows(text, separatorOf(text))) {
    if (columns === null) {
      columns = cells.map((cell) => cell.trim().toLowerCase());
      const missing = NEEDED.filter((name) => !columns?.includes(name));
      if (missing.length > 0) {
        throw new RangeError(
          `its first line lacks ${missing.join(", ")}; an export begins with ${DAY_COLUMNS.join(",")}, or the same with semicolons or tabs`,
        );
      }
      continue;
    }
    if (cells.length === 1 && cells[0] === "") continue;
    yield {
      what: "day",
      place: `line ${line}`,
      fields: Object.fromEntries(columns.map((name, i) => [name, unguarded(cells[i] ?? "")])),
    };
  }
  if (columns === null) throw new RangeError(`it is empty; an export begins with ${DAY_COLUMNS.join(",")}`);
}

/** What separates the cells: what the first line has most of. No column's name holds any of them. */
function separatorOf(text: string): Separator {
  const head = /^[^\r\n]*/.exec(text)?.[0] ?? "";
  const count = (separator: Separator) => head.split(separator).length;
  return ([",", ";", "\t"] as const).reduce((best, next) => (count(next) > count(best) ? next : best));
}

/** Rows of separated text (RFC 4180), with the line on which each begins. */
function* csvRows(text: string, separator: Separator): Generator<{ line: number; cells: string[] }> {
  const field = new RegExp(`("(?:[^"]|"")*"|[^"${separator}\\r\\n]*)(${separator}|\\r\\n|\\r|\\n|$)`, "y");
  let cells: string[] = [];
  let line = 1;
  let begins = 1;
  while (field.lastIndex < text.length) {
    const at = field.lastIndex;
    const match = field.exec(text);
    if (!match) throw new RangeError(`line ${line}: a quote is not closed, or stands within a text without quotes`);
    const [whole, raw = "", end] = match;
    cells.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    line += whole.match(/\r\n|\r|\n/g)?.length ?? 0;
    if (end === separator) {
      if (at + whole.length === text.length) cells.push("");
      continue;
    }
    yield { line: begins, cells };
    cells = [];
    begins = line;
  }
  if (cells.length > 0) yield { line: begins, cells };
}

/** A record of a day as it goes into a history: who it is about besides, and what had to be left out of it. */
export interface ReadRow extends IncomingRow {
  /** What a person calls the device, by its key; null where no name was given. */
  readonly given: { readonly device: string; readonly name: string } | null;
  /** A MAC that was a router's where the record comes from. */
  readonly router: string | null;
  readonly repaired: { readonly seen: boolean; readonly counter: boolean };
}

/** A record as a row to be staged, held to what a live reading is held to; or what is wrong with it. */
export function rowOfRecord(fields: FileRecord["fields"], limits: Limits): ReadRow | Reason {
  const row = endpointOf(fields, limits);
  if (typeof row === "string") return row;
  const kind = textOf(fields, "kind");
  const estimated = amountOf(fields.estimated_bytes);
  const hostname = nameOf(textOf(fields, "hostname"));
  const counters = [countersOf(fields.counter_download_bytes), countersOf(fields.counter_upload_bytes)] as const;
  const seenText = textOf(fields, "last_seen");
  const seen = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(seenText) ? Date.parse(seenText) : Number.NaN;
  const isSeen = isInstantWithin(seen, limits);
  const name = nameOf(textOf(fields, "name"));
  const device = keyOf(textOf(fields, "device"));
  return {
    ...row,
    seenAt: isSeen ? seen : null,
    counterIn: counters[0] ?? 0,
    counterOut: counters[1] ?? 0,
    local: null,
    hostname,
    estimated: typeof estimated === "number" ? Math.min(estimated, row.in + row.out) : 0,
    implausible: fields.implausible === true || /^(?:true|1|yes)$/i.test(textOf(fields, "implausible")),
    rank: 1,
    given: device !== null && name !== null && name !== hostname ? { device, name } : null,
    router: kind === "router" || kind === "internet" ? row.mac : null,
    repaired: { seen: seenText !== "" && !isSeen, counter: counters.includes(null) },
  };
}

/** A record of an hour, or what is wrong with it. */
export function hourOfRecord(fields: FileRecord["fields"], limits: Limits): IncomingHour | Reason {
  const row = endpointOf(fields, limits);
  if (typeof row === "string") return row;
  const hour = numberOf(fields.hour);
  if (!Number.isInteger(hour) || hour < 0 || hour > 24) return "bad date";
  const estimated = amountOf(fields.estimated_bytes);
  return { ...row, hour, estimated: typeof estimated === "number" ? Math.min(estimated, row.in + row.out) : 0 };
}

function endpointOf(
  fields: FileRecord["fields"],
  limits: Limits,
): Pick<IncomingRow, "day" | "mac" | "ip" | "heldBy" | "in" | "out"> | Reason {
  const text = textOf(fields, "day").slice(0, 10);
  if (!isStoredDay(text)) return "bad date";
  const day = dayNumber(text);
  if (!isDayWithin(day, limits)) return "bad date";
  const [macText, heldText] = [textOf(fields, "mac"), textOf(fields, "held_by")];
  const [mac, heldBy] = [normaliseMac(macText), normaliseMac(heldText)];
  if ((mac === null && macText !== "") || (heldBy === null && heldText !== "")) return "bad MAC";
  const ip = canonicalIp(textOf(fields, "ip"));
  if (ip === null) return "bad address";
  const [down, up] = [amountOf(fields.download_bytes), amountOf(fields.upload_bytes)];
  if (typeof down === "string") return down;
  if (typeof up === "string") return up;
  return { day, mac, ip, heldBy, in: down, out: up };
}

function textOf(fields: FileRecord["fields"], name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value.trim() : "";
}

function amountOf(cell: unknown): number | "no number" | "negative" | "absurd" {
  const amount = numberOf(cell);
  if (Number.isNaN(amount)) return "no number";
  if (amount < 0) return "negative";
  return Number.isInteger(amount) && amount <= MOST_BYTES ? amount : "absurd";
}

/** Null when there is one that makes no sense. */
function countersOf(cell: unknown): number | null {
  if (cell === undefined || cell === "") return 0;
  const amount = amountOf(cell);
  return typeof amount === "number" ? amount : null;
}

function numberOf(cell: unknown): number {
  if (typeof cell === "number") return cell;
  return typeof cell === "string" && /^\s*-?\d+(?:\.\d+)?(?:e\d+)?\s*$/i.test(cell) ? Number(cell) : Number.NaN;
}

function keyOf(text: string): string | null {
  return normaliseMac(text) ?? canonicalIp(text);
}

function canonicalIp(text: string): string | null {
  const address = parseAddress(text);
  return address && formatAddress(address);
}

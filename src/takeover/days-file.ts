import { formatAddress, normaliseMac, parseAddress } from "../accounting/address.ts";
import { BYTE_ORDER_MARK, csvLine, guarded, type Separator, unguarded } from "../shared/csv.ts";
import { dayNumber, isStoredDay } from "../store/days.ts";
import type { IncomingRow } from "./stage.ts";

/**
 * The files that `export` writes and `import` reads: one row per device or remote host and day. Amounts are bytes, days
 * are local calendar days, `last_seen` is an instant in UTC.
 */
export interface DayRecord {
  readonly day: string;
  readonly kind: "device" | "router" | "remote";
  /** MAC, or IP where darkstat shows no MAC; of a remote host the router's MAC, or empty. */
  readonly device: string;
  readonly ip: string;
  /** What a person or reverse DNS calls it. For the reader: names are taken from MAC_HOST.txt and `hostname`. */
  readonly name: string;
  readonly hostname: string;
  readonly download_bytes: number;
  readonly upload_bytes: number;
  readonly hidden_download_bytes: number;
  readonly hidden_upload_bytes: number;
  readonly last_seen: string;
  readonly counter_download_bytes: number;
  readonly counter_upload_bytes: number;
  readonly reported: boolean;
  readonly reconstructed: boolean;
  readonly implausible: boolean;
}

export const DAY_COLUMNS = [
  "day",
  "kind",
  "device",
  "ip",
  "name",
  "hostname",
  "download_bytes",
  "upload_bytes",
  "hidden_download_bytes",
  "hidden_upload_bytes",
  "last_seen",
  "counter_download_bytes",
  "counter_upload_bytes",
  "reported",
  "reconstructed",
  "implausible",
] as const satisfies readonly (keyof DayRecord)[];

const NEEDED: readonly string[] = ["day", "kind", "device", "ip", "download_bytes", "upload_bytes"];
export const JSON_FORMAT = "whitestat-days";

export const JSON_HEAD = `{"format":"${JSON_FORMAT}","version":1,"days":[`;
export const JSON_TAIL = "\n]}\n";

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

/** Records of a text in either form, with the line (CSV) or number (JSON) of each. @throws RangeError when it is neither */
export function* readDaysText(text: string): Generator<{ place: string; fields: Readonly<Record<string, unknown>> }> {
  const plain = text.replace(/^\uFEFF/, "");
  if (/^\s*\{/.test(plain)) yield* readJson(plain);
  else yield* readCsv(plain);
}

function* readJson(text: string): Generator<{ place: string; fields: Record<string, unknown> }> {
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch (error) {
    throw new RangeError(`it is no JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  const { format, days } = (whole ?? {}) as { format?: unknown; days?: unknown };
  if (format !== JSON_FORMAT || !Array.isArray(days)) {
    throw new RangeError(`it is JSON, but no export of WhiteStat, which begins with ${JSON_HEAD}`);
  }
  for (const [index, fields] of days.entries()) {
    yield { place: `day ${index + 1}`, fields: (fields ?? {}) as Record<string, unknown> };
  }
}

function* readCsv(text: string): Generator<{ place: string; fields: Record<string, unknown> }> {
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

/** A record as a row to be staged, or what is wrong with it. */
export function rowOfRecord(
  fields: Readonly<Record<string, unknown>>,
): IncomingRow | "bad date" | "bad MAC" | "bad address" | "no number" | "negative" | "absurd" {
  const text = (name: string) => (typeof fields[name] === "string" ? (fields[name] as string).trim() : "");
  const day = text("day").slice(0, 10);
  if (!isStoredDay(day)) return "bad date";
  const remote = text("kind") === "remote";
  const key = normaliseMac(text("device")) ?? canonicalIp(text("device"));
  if (key === null && !(remote && text("device") === "")) return "bad MAC";
  const ip = canonicalIp(text("ip"));
  if (ip === null && (remote || text("ip") !== "")) return "bad address";

  const amounts: number[] = [];
  for (const name of ["download_bytes", "upload_bytes", "hidden_download_bytes", "hidden_upload_bytes"]) {
    const cell = fields[name];
    const amount = cell === undefined || (cell === "" && name.startsWith("hidden")) ? 0 : numberOf(cell);
    if (!Number.isFinite(amount)) return "no number";
    if (amount < 0) return "negative";
    if (!Number.isInteger(amount) || amount > 2 ** 52) return "absurd";
    amounts.push(amount);
  }
  const counter = (name: string) => {
    const amount = numberOf(fields[name]);
    return Number.isSafeInteger(amount) && amount > 0 ? amount : 0;
  };
  const flag = (name: string) => fields[name] === true || /^(?:true|1|yes)$/i.test(text(name));
  const seen = Date.parse(text("last_seen"));
  return {
    day: dayNumber(day),
    key: key ?? "",
    ip: ip ?? "",
    in: amounts[0] ?? 0,
    out: amounts[1] ?? 0,
    hiddenIn: amounts[2] ?? 0,
    hiddenOut: amounts[3] ?? 0,
    seenAt: Number.isNaN(seen) ? null : seen,
    counterIn: counter("counter_download_bytes"),
    counterOut: counter("counter_upload_bytes"),
    local: remote ? 0 : 1,
    hostname: text("hostname") || null,
    namesDevice: !remote,
    flags:
      (remote && fields.reported !== undefined && text("reported") !== "" && !flag("reported") ? 1 : 0) |
      (remote && fields.reported === false ? 1 : 0) |
      (flag("reconstructed") ? 2 : 0) |
      (flag("implausible") ? 4 : 0),
    rank: 1,
  };
}

function numberOf(cell: unknown): number {
  if (typeof cell === "number") return cell;
  return typeof cell === "string" && cell.trim() !== "" ? Number(cell) : Number.NaN;
}

function canonicalIp(text: string): string | null {
  const address = parseAddress(text);
  return address && formatAddress(address);
}

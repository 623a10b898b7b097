import { chmodSync, createWriteStream, statSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { addDays, createCalendar, isDay } from "../accounting/calendar.ts";
import type { Day } from "../accounting/types.ts";
import { createNameBook } from "../settings/maps.ts";
import type { Separator } from "../shared/csv.ts";
import type { OnProgress } from "../shared/progress.ts";
import { recogniseDatabase } from "../store/file/recognise.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { type Device, type Store, StoreError } from "../store/store.ts";
import { csvHead, csvRecord, type DayRecord, JSON_HEAD, JSON_TAIL } from "../takeover/days-file.ts";
import { checkRange, dayArgument, type Manual, readArguments, UsageError } from "./arguments.ts";
import { CommandError, fileError } from "./errors.ts";
import { EXIT, type Io, print } from "./io.ts";
import { checkTarget } from "./output.ts";
import { createProgress } from "./progress.ts";
import { settingsOrReport } from "./serve.ts";

export const EXPORT: Manual = {
  usage:
    "export [--from DAY] [--to DAY] [--format csv|json] [--separator comma|semicolon|tab] [--output FILE] [--force]",
  sentence: "write the usage of every device and internet host by day, as CSV or JSON",
  options: [
    ["--from DAY, --to DAY", "only these days, both included; default: all"],
    ["--format csv|json", "default: csv, or json if FILE ends in .json"],
    ["--separator comma|semicolon|tab", "between the cells of CSV; default: comma"],
    ["--output FILE", "default: standard output"],
    ["--force", "replace FILE if it exists"],
  ],
  example: "export --from 2026-01-01 --to 2026-01-31 --output january.csv",
};

/** Days that are read at a time: a history of years needs no more memory than a month. */
const CHUNK_DAYS = 31;

const SEPARATORS: Readonly<Record<string, Separator>> = {
  comma: ",",
  ",": ",",
  semicolon: ";",
  ";": ";",
  tab: "\t",
  "\\t": "\t",
  "\t": "\t",
};

/** Writes every day of every device and internet host, to a file or to stdout. Works while WhiteStat runs. @returns the exit code */
export async function exportCommand(io: Io, args: readonly string[]): Promise<number> {
  const text = { type: "string" } as const;
  const options = {
    from: text,
    to: text,
    format: text,
    separator: text,
    output: text,
    force: { type: "boolean" },
  } as const;
  const { values } = readArguments(args, options, EXPORT, []);
  const [from, to] = [dayArgument("from", values.from, EXPORT), dayArgument("to", values.to, EXPORT)];
  const output = values.output === "-" ? undefined : values.output;
  const format = values.format ?? (output?.endsWith(".json") ? "json" : "csv");
  if (format !== "csv" && format !== "json") {
    throw new UsageError(`--format: ${JSON.stringify(format)} is unknown. Allowed: csv, json.`, EXPORT);
  }
  const separator = Object.hasOwn(SEPARATORS, values.separator ?? ",")
    ? SEPARATORS[values.separator ?? ","]
    : undefined;
  if (separator === undefined) {
    throw new UsageError(
      `--separator: ${JSON.stringify(values.separator)} is unknown. Allowed: comma, semicolon, tab.`,
      EXPORT,
    );
  }
  if (format === "json" && values.separator !== undefined) throw new UsageError("--separator: JSON has none.", EXPORT);
  const loaded = await settingsOrReport(io, { create: false });
  if (loaded === null) return EXIT.config;
  const { settings } = loaded;
  checkRange(from, to, createCalendar(io.zone(settings.timeZone)).dayOf(io.clock.now()), EXPORT);
  const path = output === undefined ? null : resolve(io.cwd, output);
  if (path !== null) checkTarget(path, values.force === true, settings);

  const store = openToRead(settings.dbFile);
  const progress = createProgress(io.stderr, () => io.clock.mono());
  try {
    const names = createNameBook(settings);
    await names.reloadIfChanged();
    const days = await daysToExport(store, from, to);
    const form = format === "json" ? null : separator;
    const pieces = textOf(store, { nameOf: names.nameOf, form, ...days, signal: io.signal, report: progress.report });
    if (path !== null) await writeWhole(path, Readable.from(pieces), io.fileMode);
    else for await (const piece of pieces) if (!(await print(io.stdout, piece))) break;
    return EXIT.ok;
  } catch (error) {
    throw path === null ? error : fileError(error, "write", path);
  } finally {
    progress.end();
    await store.close();
  }
}

/** The days that there are of those that are asked for. @throws CommandError when there are none: a file without a line helps nobody */
async function daysToExport(store: Store, from: Day | null, to: Day | null): Promise<{ first: Day; last: Day }> {
  const known = await store.range();
  if (known === null) throw new CommandError(EXIT.failed, "No data recorded yet.", "It comes with the second reading.");
  if (!isDay(known.first) || !isDay(known.last)) {
    throw new CommandError(
      EXIT.failed,
      `The database has data from ${known.first} to ${known.last}, which can't be true.`,
      "Name the days to export, e.g. --from 2026-01-01 --to 2026-01-31.",
    );
  }
  const first = from !== null && from > known.first ? from : known.first;
  const last = to !== null && to < known.last ? to : known.last;
  if (first > last) {
    throw new CommandError(
      EXIT.failed,
      `No data for ${from ?? "any day"} to ${to ?? "today"}.`,
      `Data is available from ${known.first} to ${known.last}.`,
    );
  }
  return { first, last };
}

/** Our database, to be read only: whoever measures holds its lock. @throws StoreError */
export function openToRead(path: string): Store {
  const found = recogniseDatabase(path);
  if (found === "ours") return openSqliteStore({ path });
  const what = {
    empty: "there is no data yet",
    legacy: "it is still the database of an older WhiteStat",
    foreign: "it is a database of another program",
    corrupt: "it is damaged",
  }[found];
  throw new StoreError("foreign", `${path}: ${what}`, "Start WhiteStat once, which creates, upgrades or restores it.");
}

interface Wanted {
  readonly nameOf: (key: string) => string | null;
  /** What separates cells; null for JSON. */
  readonly form: Separator | null;
  readonly first: Day;
  readonly last: Day;
  readonly signal: AbortSignal;
  readonly report: OnProgress;
}

async function* textOf(store: Store, wanted: Wanted): AsyncGenerator<string> {
  const { form } = wanted;
  yield form === null ? JSON_HEAD : csvHead(form);
  let separator = "\n";
  for await (const records of recordsOf(store, wanted)) {
    let text = "";
    for (const record of records) {
      if (form === null) text += separator + JSON.stringify(record);
      else text += csvRecord(record, form);
      separator = ",\n";
    }
    yield text;
  }
  if (form === null) yield JSON_TAIL;
}

async function* recordsOf(store: Store, { nameOf, first, last, signal, report }: Wanted): AsyncGenerator<DayRecord[]> {
  const devices = new Map((await store.devices()).map((device) => [device.id, device]));
  for (let day = first; day <= last; day = addDays(day, CHUNK_DAYS)) {
    if (signal.aborted) throw new CommandError(EXIT.interrupted, "Cancelled.", "");
    report(`Exporting ${day}`, daysBetween(first, day), daysBetween(first, last) + 1);
    const end = [addDays(day, CHUNK_DAYS - 1), last].sort()[0] ?? last;
    const records = [
      ...(await deviceRecords(store, devices, nameOf, day, end)),
      ...(await remoteRecords(store, day, end)),
    ];
    yield records.sort(
      (a, b) => compare(a.day, b.day) || compare(a.kind, b.kind) || compare(a.device, b.device) || compare(a.ip, b.ip),
    );
  }
}

function daysBetween(one: Day, other: Day): number {
  return (Date.parse(other) - Date.parse(one)) / 86_400_000;
}

async function deviceRecords(
  store: Store,
  devices: ReadonlyMap<number, Device>,
  nameOf: (key: string) => string | null,
  from: string,
  to: string,
): Promise<DayRecord[]> {
  return (await store.deviceDays(from, to)).flatMap((row): DayRecord[] => {
    const device = devices.get(row.device);
    if (!device) return [];
    return [
      {
        day: row.day,
        kind: device.router ? "router" : "device",
        device: device.key,
        ip: row.ip ?? "",
        name: nameOf(device.key) ?? device.hostname ?? "",
        hostname: device.hostname ?? "",
        download_bytes: row.in,
        upload_bytes: row.out,
        hidden_download_bytes: row.hiddenIn,
        hidden_upload_bytes: row.hiddenOut,
        last_seen: instantText(row.seenAt),
        counter_download_bytes: row.counterIn,
        counter_upload_bytes: row.counterOut,
        reported: row.ip !== null,
        reconstructed: row.reconstructed,
        implausible: row.implausible,
      },
    ];
  });
}

async function remoteRecords(store: Store, from: string, to: string): Promise<DayRecord[]> {
  return (await store.remoteDays(from, to)).map((row) => ({
    day: row.day,
    kind: "remote",
    device: row.mac ?? "",
    ip: row.ip,
    name: row.hostname ?? "",
    hostname: row.hostname ?? "",
    download_bytes: row.in,
    upload_bytes: row.out,
    hidden_download_bytes: 0,
    hidden_upload_bytes: 0,
    last_seen: instantText(row.seenAt),
    counter_download_bytes: row.counterIn,
    counter_upload_bytes: row.counterOut,
    reported: row.reported,
    reconstructed: row.reconstructed,
    implausible: false,
  }));
}

/** Empty for what is no instant at all: a damaged row must not keep the others from being written. */
function instantText(at: number | null): string {
  return at === null || Number.isNaN(new Date(at).getTime()) ? "" : new Date(at).toISOString();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Half an export never stands under the name that was asked for. What is no file, such as a pipe, is written to as it is. */
async function writeWhole(path: string, pieces: Readable, mode: number): Promise<void> {
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
  if (!isFile) return pipeline(pieces, createWriteStream(path));
  const unfinished = `${path}.unfinished`;
  try {
    await rm(unfinished, { force: true });
    await pipeline(pieces, createWriteStream(unfinished, { flags: "wx" }));
    chmodSync(unfinished, mode);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

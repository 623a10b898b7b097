import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { addDays } from "../accounting/calendar.ts";
import { createNameBook } from "../settings/maps.ts";
import { recogniseDatabase } from "../store/file/recognise.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { type Device, type Store, StoreError } from "../store/store.ts";
import { csvHead, csvRecord, type DayRecord, JSON_HEAD, JSON_TAIL } from "../takeover/days-file.ts";
import { dayArgument, readArguments, UsageError } from "./arguments.ts";
import { EXIT, type Io } from "./io.ts";
import { settingsOrReport } from "./serve.ts";

const USAGE = "whitestat export [--from DAY] [--to DAY] [--format csv|json] [--output FILE]";
/** Days that are read at a time: a history of years needs no more memory than a month. */
const CHUNK_DAYS = 31;

/** Writes every day of every device and remote host, to a file or to stdout. Works while WhiteStat runs. @returns the exit code */
export async function exportCommand(io: Io, args: readonly string[]): Promise<number> {
  const text = { type: "string" } as const;
  const { values } = readArguments(args, { from: text, to: text, format: text, output: text }, USAGE, {
    least: 0,
    most: 0,
  });
  const [from, to] = [dayArgument("from", values.from), dayArgument("to", values.to)];
  const format = values.format ?? (values.output?.endsWith(".json") ? "json" : "csv");
  if (format !== "csv" && format !== "json") {
    throw new UsageError(`--format: "${format}" is none of csv and json.\nUsage: ${USAGE}`);
  }
  const loaded = await settingsOrReport(io);
  if (loaded === null) return EXIT.config;
  const store = openToRead(loaded.settings.dbFile);
  try {
    const names = createNameBook(loaded.settings);
    await names.reloadIfChanged();
    const pieces = Readable.from(textOf(store, names.nameOf, format, from, to));
    if (values.output === undefined) for await (const piece of pieces) io.stdout.write(String(piece));
    else await writeWhole(resolve(io.cwd, values.output), pieces);
    return EXIT.ok;
  } finally {
    await store.close();
  }
}

/** Our database, to be read only: whoever measures holds its lock. @throws StoreError */
export function openToRead(path: string): Store {
  const found = recogniseDatabase(path);
  if (found === "ours") return openSqliteStore({ path });
  const what = {
    empty: "there is no history yet",
    legacy: "it is still the database of an older WhiteStat",
    foreign: "it is a database of another program",
    corrupt: "it is damaged",
  }[found];
  throw new StoreError("foreign", `${path}: ${what}`, "Start WhiteStat once, which begins, takes over or restores it.");
}

async function* textOf(
  store: Store,
  nameOf: (key: string) => string | null,
  format: "csv" | "json",
  from: string | null,
  to: string | null,
): AsyncGenerator<string> {
  yield format === "csv" ? csvHead(",") : JSON_HEAD;
  let separator = "\n";
  for await (const records of recordsOf(store, nameOf, from, to)) {
    let text = "";
    for (const record of records) {
      if (format === "csv") text += csvRecord(record, ",");
      else text += separator + JSON.stringify(record);
      separator = ",\n";
    }
    yield text;
  }
  if (format === "json") yield JSON_TAIL;
}

async function* recordsOf(
  store: Store,
  nameOf: (key: string) => string | null,
  from: string | null,
  to: string | null,
): AsyncGenerator<DayRecord[]> {
  const known = await store.range();
  if (!known) return;
  const first = from !== null && from > known.first ? from : known.first;
  const last = to !== null && to < known.last ? to : known.last;
  const devices = new Map((await store.devices()).map((device) => [device.id, device]));
  for (let day = first; day <= last; day = addDays(day, CHUNK_DAYS)) {
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

function instantText(at: number | null): string {
  return at === null ? "" : new Date(at).toISOString();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Half an export never stands under the name that was asked for. */
async function writeWhole(path: string, pieces: Readable): Promise<void> {
  const unfinished = `${path}.unfinished`;
  try {
    await pipeline(pieces, createWriteStream(unfinished));
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

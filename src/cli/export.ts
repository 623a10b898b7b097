import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createNameBook } from "../settings/maps.ts";
import { recogniseDatabase } from "../store/file/recognise.ts";
import { openSnapshot } from "../store/file/snapshot.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { type Store, StoreError } from "../store/store.ts";
import { exportText } from "../takeover/export.ts";
import { dayArgument, readArguments, UsageError } from "./arguments.ts";
import { EXIT, type Io } from "./io.ts";
import { settingsOrReport } from "./serve.ts";

const USAGE = "whitestat export [--from DAY] [--to DAY] [--format csv|json] [--output FILE]";
/** Writes the usage of every device and internet host by day, to a file or to stdout. Works while WhiteStat runs. @returns the exit code */
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
  const { dbFile } = loaded.settings;
  refuseNoStore(dbFile);
  const store = await openSnapshot(dbFile, `${dbFile}.export-${process.pid}`);
  try {
    const names = createNameBook(loaded.settings);
    await names.reloadIfChanged();
    const separator = format === "csv" ? "," : null;
    const pieces = Readable.from(exportText(store, { nameOf: names.nameOf, separator, firstDay: from, lastDay: to }));
    if (values.output === undefined) for await (const piece of pieces) io.stdout.write(String(piece));
    else await writeWhole(resolve(io.cwd, values.output), pieces);
    return EXIT.ok;
  } finally {
    await store.close();
  }
}

/** Our database, to be read only: whoever measures holds its lock. @throws StoreError */
export function openToRead(path: string): Store {
  refuseNoStore(path);
  return openSqliteStore({ path });
}

/** @throws StoreError unless it is a database of ours */
function refuseNoStore(path: string): void {
  const found = recogniseDatabase(path);
  if (found === "ours") return;
  const what = {
    empty: "there is no history yet",
    legacy: "it is still the database of an older WhiteStat",
    foreign: "it is a database of another program",
    corrupt: "it is damaged",
  }[found];
  throw new StoreError("foreign", `${path}: ${what}`, "Start WhiteStat once, which begins, takes over or restores it.");
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

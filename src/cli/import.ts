import { rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { createNameBook } from "../settings/maps.ts";
import { copyStore } from "../store/copy-store.ts";
import { removeDatabase } from "../store/file/files.ts";
import type { ViewOf } from "../store/store.ts";
import { type ImportOptions, importHistory, importInto } from "../takeover/import.ts";
import { type HistoryReport, mergeLine, reportLines } from "../takeover/report.ts";
import { checkRange, dayArgument, type Manual, readArguments, UsageError } from "./arguments.ts";
import { CommandError, fileError } from "./errors.ts";
import { importHousehold } from "./household-file.ts";
import { EXIT, type Io } from "./io.ts";
import { sourceOf } from "./metering.ts";
import { openOwnDatabase } from "./own-store.ts";
import { ownView } from "./own-view.ts";
import { createProgress } from "./progress.ts";
import { giveBack } from "./root.ts";
import { openLog, settingsOrReport } from "./serve.ts";

export const IMPORT: Manual = {
  usage: "import PATH [--dry-run] [--from DAY] [--to DAY]; import --household FILE [--dry-run]",
  sentence: "merge another history into this one; WhiteStat must not be running",
  options: [
    ["PATH", "a database of any WhiteStat, a folder that holds one, or a file that export wrote"],
    ["--dry-run", "only say what would be imported; WhiteStat may be running"],
    ["--from DAY, --to DAY", "only these days, both included; default: all"],
    ["--household FILE", "no history, but the set-up that export --household wrote, in the place of the present one"],
  ],
  example: "import /mnt/old/whitestat --dry-run",
};

/** Merges another history into ours, and prints what became of it. @returns the exit code */
export async function importCommand(io: Io, args: readonly string[]): Promise<number> {
  const text = { type: "string" } as const;
  const known = { "dry-run": { type: "boolean" }, from: text, to: text, household: text } as const;
  const isHousehold = args.some((arg) => arg === "--household" || arg.startsWith("--household="));
  const { values, positionals } = readArguments(args, known, IMPORT, isHousehold ? [] : ["PATH"]);
  if (values.household !== undefined) {
    if (values.from !== undefined || values.to !== undefined) {
      throw new UsageError("--from and --to: a household has no days.", IMPORT);
    }
    return importSetUp(io, values.household, values["dry-run"] === true);
  }
  const firstDay = dayArgument("from", values.from, IMPORT);
  const lastDay = dayArgument("to", values.to, IMPORT);
  const from = resolve(io.cwd, positionals[0] ?? "");
  checkSource(from);
  const loaded = await settingsOrReport(io);
  if (loaded === null) return EXIT.config;
  const { calendar, log } = openLog(io, loaded.settings);
  checkRange(firstDay, lastDay, calendar.dayOf(io.clock.now()), IMPORT);
  const names = createNameBook(loaded.settings);
  await names.reloadIfChanged();
  const dryRun = values["dry-run"] === true;
  const progress = createProgress(io.stderr, () => io.clock.mono());
  try {
    progress.report(`Importing ${from}`, 0, null);
    const { settings } = loaded;
    const options = {
      from,
      source: sourceOf([...settings.darkstats, ...settings.interfaces][0]?.name ?? null),
      view: ownView(loaded, names.rewrites()),
      calendar,
      now: () => io.clock.now(),
      log,
      names,
      firstDay,
      lastDay,
      dryRun,
      onProgress: progress.report,
    };
    const report =
      settings.databaseUrl === null
        ? await importHistory({ ...options, into: settings.dbFile })
        : await importIntoDatabase(io, settings.databaseUrl, settings.dataStore, options);
    progress.end();
    for (const line of [...reportLines(report), mergeLine(report.merged)]) io.stdout.write(`${line}\n`);
    if (dryRun) io.stdout.write("This was a dry run: nothing was changed.\n");
    return EXIT.ok;
  } finally {
    progress.end();
    log.close();
    giveBack(io, loaded);
  }
}

async function importSetUp(io: Io, file: string, dryRun: boolean): Promise<number> {
  const path = resolve(io.cwd, file);
  checkSource(path);
  const loaded = await settingsOrReport(io);
  if (loaded === null) return EXIT.config;
  try {
    await importHousehold(io, loaded, path, dryRun);
    return EXIT.ok;
  } finally {
    giveBack(io, loaded);
  }
}

type OwnImport = ImportOptions & { readonly view: ViewOf };

/** @param folder for the files of the work, which are removed again */
async function importIntoDatabase(io: Io, url: string, folder: string, options: OwnImport): Promise<HistoryReport> {
  if (options.dryRun) return importIntoCopy(io, url, folder, options);
  const store = await openOwnDatabase(url, io.clock, options.view);
  try {
    return await importInto(store, join(folder, "WhiteStat"), options);
  } finally {
    await store.close();
  }
}

/** A dry run: WhiteStat may be writing the database, and nothing in it may change. */
async function importIntoCopy(io: Io, url: string, folder: string, options: OwnImport): Promise<HistoryReport> {
  const copy = join(folder, `WhiteStat.import-copy-${process.pid}`);
  const holder = { pid: process.pid, host: hostname(), since: io.clock.now() };
  try {
    const onProgress = options.onProgress ?? (() => {});
    await copyStore({ from: { url }, to: { file: copy }, clock: io.clock, holder, onProgress });
    return await importHistory({ ...options, into: copy });
  } finally {
    removeDatabase(copy);
    rmSync(`${copy}.lock`, { force: true });
  }
}

/** Refuses what can't be read to its end: opening a pipe would wait for ever. @throws CommandError */
function checkSource(path: string): void {
  let stat: ReturnType<typeof statSync>;
  try {
    stat = statSync(path);
  } catch (error) {
    throw fileError(error, "read", path);
  }
  if (stat?.isFile() || stat?.isDirectory()) return;
  throw new CommandError(EXIT.noInput, `Can't read ${path}: it is neither a file nor a folder.`, "Name a file.");
}

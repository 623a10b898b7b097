import { resolve } from "node:path";
import { createNameBook } from "../settings/maps.ts";
import { importHistory } from "../takeover/import.ts";
import { mergeLine, reportLines } from "../takeover/report.ts";
import { dayArgument, readArguments, UsageError } from "./arguments.ts";
import { EXIT, type Io } from "./io.ts";
import { SOURCE, viewOf } from "./product.ts";
import { openLog, settingsOrReport } from "./serve.ts";

const USAGE = "whitestat import PATH [--dry-run] [--from DAY] [--to DAY]";

/** Merges another history into ours, and prints what became of it. @returns the exit code */
export async function importCommand(io: Io, args: readonly string[]): Promise<number> {
  const options = { "dry-run": { type: "boolean" }, from: { type: "string" }, to: { type: "string" } } as const;
  const { values, positionals } = readArguments(args, options, USAGE, { least: 1, most: 1 });
  const [firstDay, lastDay] = [dayArgument("from", values.from), dayArgument("to", values.to)];
  if (firstDay !== null && lastDay !== null && firstDay > lastDay) {
    throw new UsageError(`--from ${firstDay} is after --to ${lastDay}.\nUsage: ${USAGE}`);
  }
  const loaded = await settingsOrReport(io);
  if (loaded === null) return EXIT.config;
  const { calendar, log } = openLog(io, loaded.settings);
  const names = createNameBook(loaded.settings);
  await names.reloadIfChanged();
  const dryRun = values["dry-run"] === true;
  try {
    const report = await importHistory({
      from: resolve(io.cwd, positionals[0] ?? ""),
      into: loaded.settings.dbFile,
      source: SOURCE,
      view: viewOf(loaded.settings, names.rewrites()),
      calendar,
      now: () => io.clock.now(),
      log,
      names,
      firstDay,
      lastDay,
      dryRun,
    });
    for (const line of [...reportLines(report), mergeLine(report.merged)]) io.stdout.write(`${line}\n`);
    if (dryRun) io.stdout.write("This was a trial run: nothing was changed.\n");
    return EXIT.ok;
  } finally {
    log.close();
  }
}

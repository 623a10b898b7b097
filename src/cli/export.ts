import { chmodSync, createWriteStream, statSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createCalendar, isDay } from "../accounting/calendar.ts";
import type { Day } from "../accounting/types.ts";
import { recallDocument } from "../household/book.ts";
import { factsOf, handsOf, ownerOn } from "../household/document.ts";
import { createNameBook } from "../settings/maps.ts";
import type { Separator } from "../shared/csv.ts";
import type { Store } from "../store/store.ts";
import { exportText } from "../takeover/export.ts";
import { checkRange, dayArgument, type Manual, readArguments, UsageError } from "./arguments.ts";
import { CommandError, fileError } from "./errors.ts";
import { exportHousehold } from "./household-file.ts";
import { EXIT, type Io, print } from "./io.ts";
import { checkTarget } from "./output.ts";
import { readOwnStore } from "./own-store.ts";
import { createProgress } from "./progress.ts";
import { settingsOrReport } from "./serve.ts";

export const EXPORT: Manual = {
  usage:
    "export [--from DAY] [--to DAY] [--format csv|json] [--separator comma|semicolon|tab] [--output FILE] [--force]; export --household FILE [--force]",
  sentence: "write the usage of every device and internet host by day, as CSV or JSON",
  options: [
    ["--from DAY, --to DAY", "only these days, both included; default: all"],
    ["--format csv|json", "default: csv, or json if FILE ends in .json"],
    ["--separator comma|semicolon|tab", "between the cells of CSV; default: comma"],
    ["--output FILE", "default: standard output"],
    ["--force", "replace FILE if it exists"],
    [
      "--household FILE",
      "write no usage, but the set-up without what is secret: owners, devices, plans, alert rules and so on, as JSON",
    ],
  ],
  example: "export --from 2026-01-01 --to 2026-01-31 --output january.csv",
};

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
    household: text,
  } as const;
  const { values } = readArguments(args, options, EXPORT, []);
  const [from, to] = [dayArgument("from", values.from, EXPORT), dayArgument("to", values.to, EXPORT)];
  if (values.household !== undefined) {
    const other = Object.keys(values).find((name) => name !== "household" && name !== "force");
    if (other !== undefined)
      throw new UsageError(`--${other}: a household is written whole, to the file it is given.`, EXPORT);
    const own = await settingsOrReport(io, { create: false });
    if (own === null) return EXIT.config;
    await exportHousehold(io, own.settings, resolve(io.cwd, values.household), values.force === true);
    return EXIT.ok;
  }
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

  const progress = createProgress(io.stderr, () => io.clock.mono());
  const store = await readOwnStore(settings);
  try {
    const names = createNameBook(settings);
    await names.reloadIfChanged();
    const document = await recallDocument(store);
    const pieces = exportText(store, {
      said(device, day) {
        const owner = ownerOn(handsOf(document, device), day);
        return {
          name: names.nameOf(device),
          owner: (owner === null ? null : document.owners[owner]?.name) ?? "",
          type: factsOf(document, device).type ?? "",
        };
      },
      separator: format === "json" ? null : separator,
      ...(await daysToExport(store, from, to)),
      onProgress(step, done, total) {
        if (io.signal.aborted) throw new CommandError(EXIT.interrupted, "Cancelled.", "");
        progress.report(step, done, total);
      },
    });
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
async function daysToExport(store: Store, from: Day | null, to: Day | null): Promise<{ firstDay: Day; lastDay: Day }> {
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
  return { firstDay: first, lastDay: last };
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

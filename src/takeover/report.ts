import type { Day } from "../accounting/types.ts";
import { dayText } from "../store/day-text.ts";
import type { ImportResult } from "../store/store.ts";
import type { Staging } from "./stage.ts";

/** Why a row was rejected. The rows themselves stand in the table `rejected`. */
export type Reason =
  | "bad date"
  | "bad MAC"
  | "bad address"
  | "no number"
  | "negative"
  | "absurd"
  | "duplicate"
  | "unreadable";

const REASONS: Readonly<Record<Reason, (rows: string) => string>> = {
  "bad date": (rows) => `${rows} with a date that isn't valid, or in the future`,
  "bad MAC": (rows) => `${rows} without a valid MAC`,
  "bad address": (rows) => `${rows} without a valid IP address`,
  "no number": (rows) => `${rows} whose usage isn't a number`,
  negative: (rows) => `${rows} with negative usage`,
  absurd: (rows) => `${rows} with more bytes than make sense (over 2^46, or infinite)`,
  duplicate: (rows) => `${rows} of a device, address and day that were there twice (the greater figure counts)`,
  unreadable: (rows) => `${rows} on damaged pages of the file`,
};

/** What came in from an old store or another history, and what became of it. */
export interface HistoryReport {
  /** What was read: a version of the original, or the form of a file. */
  readonly version: string;
  readonly file: string;
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
  readonly rows: number;
  /** Rows of the day before that a newer table has, too. */
  readonly superseded: number;
  readonly rejected: ReadonlyMap<Reason, number>;
  /** Rows that could not be read from a damaged file, where that is known. */
  readonly unreadable: number;
  /** Cells that were left out of rows that are otherwise fine. */
  readonly repaired: { readonly seen: number; readonly counter: number };
  readonly names: number;
  readonly firstDay: Day | null;
  readonly lastDay: Day | null;
  readonly merged: Merged;
}

/** What an import did to the history that it went into, and what it was about. */
export type Merged = ImportResult & Staging;

/** The span of stored days as text. */
export function spanText(first: number | null, last: number | null): { firstDay: Day | null; lastDay: Day | null } {
  return { firstDay: first === null ? null : dayText(first), lastDay: last === null ? null : dayText(last) };
}

export function rejectedCount(report: Pick<HistoryReport, "rejected">): number {
  return [...report.rejected.values()].reduce((sum, count) => sum + count, 0);
}

/** The report as lines for a person, the most important first. */
export function reportLines(report: HistoryReport): string[] {
  const { merged, tables, superseded, repaired, names } = report;
  const span = report.firstDay === null ? "no day" : `${report.firstDay} to ${report.lastDay}`;
  const lines = [
    `${report.file} (${report.version}): ${plural(report.rows, "row")} read (${tables.map(({ name, rows }) => `${rows} in ${name}`).join(", ")}); ${span}.`,
    `They are ${plural(merged.deviceDays, "day")} of ${plural(merged.devices, "device")}, and ${plural(merged.remoteDays, "day")} of internet hosts.`,
  ];
  if (superseded > 0) lines.push(`${plural(superseded, "row")} stood in both tables: the newer one counts.`);
  for (const [reason, count] of report.rejected) {
    lines.push(`Rejected (kept in the table "rejected"): ${REASONS[reason](plural(count, "row"))}.`);
  }
  if (report.unreadable > 0 && !report.rejected.has("unreadable")) {
    lines.push(
      `The file is damaged: about ${plural(report.unreadable, "row")} could not be read, and nothing names them.`,
    );
  }
  if (repaired.seen > 0) lines.push(`${plural(repaired.seen, "row")} had an invalid LastSeen: it was left empty.`);
  if (repaired.counter > 0) {
    lines.push(`${plural(repaired.counter, "row")} had an invalid counter (LSTDAY_…): it was set to zero.`);
  }
  if (merged.implausible > 0) {
    lines.push(
      `${plural(merged.implausible, "day")} of single devices can't be true and ${merged.implausible === 1 ? "is" : "are"} marked.`,
    );
  }
  if (names > 0) lines.push(`${plural(names, "name")} of devices went into MAC_HOST.txt.`);
  return lines;
}

/** What the import did to a history that was there before. */
export function mergeLine(merged: Merged): string {
  if (merged.added === 0 && merged.raised === 0) return "Nothing is new: the history has all of it already.";
  const kept = merged.kept > 0 ? ` ${plural(merged.kept, "day")} stay as they were measured here.` : "";
  return `${plural(merged.added, "day")} of devices and hosts are new, ${merged.raised} were raised to a greater figure.${kept}`;
}

export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

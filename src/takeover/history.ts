import type { Calendar } from "../accounting/calendar.ts";
import type { Day, Note } from "../accounting/types.ts";
import type { View } from "../accounting/view.ts";
import type { OnProgress } from "../shared/progress.ts";
import type { ImportResult, Store } from "../store/store.ts";
import { type HistoryReport, type Merged, rejectedCount, spanText } from "./report.ts";
import type { Stage } from "./stage.ts";

/** What a takeover and an import need of the product. */
export interface HistoryDeps {
  /** Name under which the store keeps what the meter counts. */
  readonly source: string;
  readonly view: View;
  readonly calendar: Calendar;
  readonly now: () => number;
  readonly log: { info(line: string): void; warn(line: string): void };
  /** Gives devices the names that came along, where MAC_HOST.txt has none. */
  readonly names: {
    nameOf(device: string): string | null;
    rename(device: string, name: string | null): Promise<void>;
  };
  readonly onProgress?: OnProgress;
}

/** What one of the forms of a history gave, in the stage. */
export interface HistoryRead
  extends Pick<HistoryReport, "version" | "tables" | "rows" | "superseded" | "unreadable" | "repaired"> {
  readonly first: number | null;
  readonly last: number | null;
  readonly names: ReadonlyMap<string, string>;
}

interface HandingOver {
  readonly stage: Stage;
  readonly read: HistoryRead;
  readonly file: string;
  /** When the history was written last, ms UTC. */
  readonly writtenAt: number;
  readonly note: "taken-over" | "imported";
  /** Name of the file that keeps the old store. */
  readonly backup?: string;
  readonly dryRun?: boolean;
}

/** Hands what was staged to a store. Names are not written yet: see {@link keepNames}. */
export async function handOver(
  store: Pick<Store, "importHistory">,
  { stage, read, file, writtenAt, note, backup, dryRun = false }: HandingOver,
  deps: HistoryDeps,
): Promise<{ report: HistoryReport; names: ReadonlyMap<string, string> }> {
  const { calendar, now, onProgress } = deps;
  const isOld = read.version.startsWith("v");
  const staging = stage.finish(deps.view, { marksImplausible: isOld });
  const names = new Map([...read.names].filter(([mac]) => deps.names.nameOf(mac) === null));
  const span = spanText(read.first, read.last);
  const report = (result: ImportResult): HistoryReport => ({
    ...read,
    file,
    rejected: stage.rejections,
    names: names.size,
    ...span,
    merged: { ...result, ...staging },
  });
  const result = await store.importHistory({
    source: deps.source,
    days: stage.days(),
    hours: stage.hours(),
    hostnames: stage.hostnames(),
    routers: stage.routers(),
    rejected: { [Symbol.iterator]: () => stage.rejected(file)[Symbol.iterator]() },
    writtenAt,
    firstAt: startOf(span.firstDay, calendar) ?? writtenAt,
    today: calendar.dayOf(now()),
    note: noteOf(note, report({ added: 0, raised: 0, kept: 0 }), now(), backup),
    dryRun,
    onProgress: (rows) => onProgress?.("Writing the history", rows, staging.rows),
  });
  return { report: report(result), names };
}

function startOf(day: Day | null, calendar: Calendar): number | null {
  return day === null ? null : (calendar.slotsOf(day)[0]?.from ?? null);
}

/** The note that the dashboard shows. */
function noteOf(code: "taken-over" | "imported", report: HistoryReport, at: number, backup?: string): Note {
  const { devices, implausible }: Omit<Merged, keyof ImportResult> = report.merged;
  return {
    at,
    code,
    detail: {
      version: report.version.replace(/^v/, ""),
      rows: report.rows,
      devices,
      ...(report.firstDay === null ? {} : { firstDay: report.firstDay, lastDay: report.lastDay ?? "" }),
      rejected: rejectedCount(report) - (report.rejected.get("unreadable") ?? 0),
      unreadable: report.unreadable,
      implausible,
      ...(backup === undefined ? {} : { backup }),
    },
  };
}

/** Each name is a writing of the file. */
const MOST_NAMES = 2_000;

/** Writes names into MAC_HOST.txt. One that can't be written is told, and costs nothing else. */
export async function keepNames(
  names: ReadonlyMap<string, string>,
  deps: Pick<HistoryDeps, "names" | "log">,
): Promise<void> {
  if (names.size > MOST_NAMES) deps.log.warn(`Of ${names.size} names, ${MOST_NAMES} go into MAC_HOST.txt.`);
  for (const [mac, name] of [...names].slice(0, MOST_NAMES)) {
    try {
      await deps.names.rename(mac, [...name].slice(0, 200).join(""));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      deps.log.warn(`The name ${JSON.stringify(name)} of ${mac} is not in MAC_HOST.txt: ${why}`);
    }
  }
}

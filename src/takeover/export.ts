import type { Separator } from "../shared/csv.ts";
import type { OnProgress } from "../shared/progress.ts";
import { isStoredDay } from "../store/day-text.ts";
import { type Bytes, type Day, type DayTotal, type EndpointDay, type Store, StoreError } from "../store/store.ts";
import {
  csvHead,
  csvRecord,
  dayRecordOf,
  hourRecordOf,
  JSON_HEAD,
  JSON_MIDDLE,
  JSON_TAIL,
  NOTHING_SAID,
  type Said,
} from "./days-file.ts";

export interface ExportOptions {
  /** What people say of a device on a day, by its key. */
  readonly said: (device: string, day: Day) => Said;
  /** What separates cells; null for JSON, which has hours, too. */
  readonly separator: Separator | null;
  /** Both included; null for all. */
  readonly firstDay: Day | null;
  readonly lastDay: Day | null;
  readonly onProgress?: OnProgress;
}

/** What is asked for at a time: a history of years needs no more memory than some days. */
const ROWS_AT_A_TIME = 20_000;
const DAYS_AT_A_TIME = 31;

/**
 * The text of an export, in chunks: every endpoint's every day, as `import` reads it back. The store must not change
 * meanwhile: where it is measured into, export a copy.
 * @throws StoreError when what was written is not everything
 */
export async function* exportText(store: Store, options: ExportOptions): AsyncGenerator<string> {
  const { separator, firstDay, lastDay, said, onProgress } = options;
  const days = await store.dayTotals(firstDay ?? "", lastDay ?? "\uffff");
  const bad = days.find(({ day }) => !isStoredDay(day));
  if (bad) throw incomplete(`it has figures of the day ${JSON.stringify(bad.day)}`);
  const written = { in: 0, out: 0 };

  yield separator === null ? JSON_HEAD : csvHead(separator);
  let comma = "\n";
  for (const span of spansOf(days)) {
    onProgress?.(`Exporting ${span.from}`, span.done, span.all);
    let text = "";
    for (const row of sorted(await store.endpointDays(span.from, span.to))) {
      const record = dayRecordOf(row, row.device === null ? NOTHING_SAID : said(row.device, row.day));
      text += separator === null ? comma + JSON.stringify(record) : csvRecord(record, separator);
      comma = ",\n";
      add(written, row);
    }
    yield text;
  }
  const expected = { in: 0, out: 0 };
  for (const day of days) add(expected, day);
  if (written.in !== expected.in || written.out !== expected.out) {
    throw incomplete(
      `${written.in} bytes down and ${written.out} up were written, where ${expected.in} and ${expected.out} are stored`,
    );
  }
  if (separator !== null) return;

  yield JSON_MIDDLE;
  comma = "\n";
  for (const span of spansOf(days)) {
    onProgress?.(`Exporting the hours of ${span.from}`, span.done, span.all);
    let text = "";
    for (const row of await store.endpointHours(span.from, span.to)) {
      text += comma + JSON.stringify(hourRecordOf(row));
      comma = ",\n";
    }
    yield text;
  }
  yield JSON_TAIL;
}

function add(sum: { in: number; out: number }, more: Bytes): void {
  sum.in += more.in;
  sum.out += more.out;
}

function incomplete(why: string): StoreError {
  return new StoreError(
    "other",
    `The history can't be exported whole: ${why}`,
    "Run whitestat doctor; days can be exported by themselves with --from and --to.",
  );
}

/** Days in the order of time, some at a time, and how many come before. */
export function* spansOf(days: readonly DayTotal[]): Generator<{ from: Day; to: Day; done: number; all: number }> {
  let first = 0;
  let rows = 0;
  for (const [index, day] of days.entries()) {
    rows += day.rows;
    const isFull = rows >= ROWS_AT_A_TIME || index - first + 1 >= DAYS_AT_A_TIME || index === days.length - 1;
    if (!isFull) continue;
    yield { from: days[first]?.day ?? day.day, to: day.day, done: first, all: days.length };
    first = index + 1;
    rows = 0;
  }
}

function sorted(rows: readonly EndpointDay[]): EndpointDay[] {
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return [...rows].sort(
    (a, b) =>
      compare(a.day, b.day) ||
      compare(a.role, b.role) ||
      compare(a.device ?? "", b.device ?? "") ||
      compare(a.mac ?? "", b.mac ?? "") ||
      compare(a.ip, b.ip) ||
      compare(a.heldBy ?? "", b.heldBy ?? ""),
  );
}

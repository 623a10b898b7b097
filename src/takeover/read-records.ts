import { type FileRecord, hourOfRecord, rowOfRecord } from "./days-file.ts";
import type { Limits } from "./figures.ts";
import type { Stage } from "./stage.ts";

/** Days to take, as stored, both included; null for all. */
export interface DayRange {
  readonly from: number | null;
  readonly to: number | null;
}

export function isInRange(day: number, { from, to }: DayRange): boolean {
  return (from === null || day >= from) && (to === null || day <= to);
}

/** What was read of an export, or of a store of ours. */
export interface RecordsRead {
  readonly rows: number;
  readonly first: number | null;
  readonly last: number | null;
  readonly repaired: { seen: number; counter: number };
  /** What people called devices, by device key. */
  readonly names: Map<string, string>;
}

/** Stages records one by one: those that make sense, within a range of days. */
export function createRecordReader(stage: Stage, limits: Limits, range: DayRange) {
  const names = new Map<string, { name: string; day: number }>();
  const repaired = { seen: 0, counter: 0 };
  let rows = 0;
  let first: number | null = null;
  let last: number | null = null;

  function takeDay({ place, fields }: FileRecord): void {
    rows += 1;
    const row = rowOfRecord(fields, limits);
    if (typeof row === "string") {
      stage.reject(place, row, fields);
      return;
    }
    if (!isInRange(row.day, range)) return;
    if (row.repaired.seen) repaired.seen += 1;
    if (row.repaired.counter) repaired.counter += 1;
    if (row.router !== null) stage.markRouter(row.router);
    if (row.given !== null && row.day >= (names.get(row.given.device)?.day ?? 0)) {
      names.set(row.given.device, { name: row.given.name, day: row.day });
    }
    if (stage.add(row) !== "taken") stage.reject(place, "duplicate", fields);
    first = first === null ? row.day : Math.min(first, row.day);
    last = last === null ? row.day : Math.max(last, row.day);
  }

  return {
    take(record: FileRecord): void {
      if (record.what === "day") {
        takeDay(record);
        return;
      }
      const hour = hourOfRecord(record.fields, limits);
      if (typeof hour === "string") stage.reject(record.place, hour, record.fields);
      else if (isInRange(hour.day, range)) stage.addHour(hour);
    },
    result: (): RecordsRead => ({
      rows,
      first,
      last,
      repaired,
      names: new Map([...names].map(([device, { name }]) => [device, name])),
    }),
  };
}

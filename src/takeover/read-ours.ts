import { copyDatabase } from "../store/file/copy.ts";
import { removeDatabase } from "../store/file/files.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import type { DayTotal, Store } from "../store/store.ts";
import { dayRecordOf, hourRecordOf } from "./days-file.ts";
import { type Limits, nameOf } from "./figures.ts";
import { createRecordReader, type DayRange, type RecordsRead } from "./read-records.ts";
import type { Stage } from "./stage.ts";

const EVER = ["", "\uffff"] as const;
/** Rows that are asked for at a time: a history of years needs no more memory than some days. */
const ROWS_AT_A_TIME = 20_000;

/**
 * Stages the days, the hours and the names of another store of ours, the open hour as it was saved. It is read from a copy,
 * since a store that is opened may be migrated; what is read is held to what an export is held to.
 */
export async function readOurs(
  path: string,
  copy: string,
  stage: Stage,
  limits: Limits,
  range: DayRange,
): Promise<RecordsRead> {
  removeDatabase(copy);
  let store: Store | null = null;
  try {
    await copyDatabase(path, copy);
    store = openSqliteStore({ path: copy });
    const reader = createRecordReader(stage, limits, range);
    for (const { mac } of await store.routers()) stage.markRouter(mac);
    const given = await store.deviceNames();
    for (const [from, to] of spansOf(await store.dayTotals(...EVER))) {
      for (const row of await store.endpointDays(from, to)) {
        const place = `${row.day} ${row.mac} ${row.ip}`;
        reader.take({ what: "day", place, fields: { ...dayRecordOf(row, null) } });
      }
      for (const row of await store.endpointHours(from, to)) {
        const place = `${row.day} ${row.hour} ${row.mac} ${row.ip}`;
        reader.take({ what: "hour", place, fields: { ...hourRecordOf(row) } });
      }
    }
    const names = [...given].flatMap(([device, name]) => {
      const cleaned = nameOf(name);
      return cleaned === null ? [] : [[device, cleaned] as const];
    });
    return { ...reader.result(), names: new Map(names) };
  } finally {
    await store?.close();
    removeDatabase(copy);
  }
}

/** Spans of days, by how many rows they have. */
function* spansOf(days: readonly DayTotal[]): Generator<[string, string]> {
  let first: string | null = null;
  let count = 0;
  for (const { day, rows } of days) {
    first ??= day;
    count += rows;
    if (count < ROWS_AT_A_TIME) continue;
    yield [first, day];
    first = null;
    count = 0;
  }
  const last = days.at(-1);
  if (first !== null && last) yield [first, last.day];
}

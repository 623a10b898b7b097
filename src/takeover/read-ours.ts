import { openSnapshot } from "../store/file/snapshot.ts";
import { dayRecordOf, hourRecordOf, NOTHING_SAID } from "./days-file.ts";
import { spansOf } from "./export.ts";
import { type Limits, nameOf } from "./figures.ts";
import { createRecordReader, type DayRange, type RecordsRead } from "./read-records.ts";
import type { Stage } from "./stage.ts";

const EVER = ["", "\uffff"] as const;
/**
 * Stages the days, the hours and the names of another store of ours, the open hour as it was saved. What is read is held to
 * what an export is held to.
 */
export async function readOurs(
  path: string,
  copy: string,
  stage: Stage,
  limits: Limits,
  range: DayRange,
): Promise<RecordsRead> {
  const store = await openSnapshot(path, copy);
  try {
    const reader = createRecordReader(stage, limits, range);
    for (const { mac } of await store.routers()) stage.markRouter(mac);
    const given = await store.deviceNames();
    for (const { from, to } of spansOf(await store.dayTotals(...EVER))) {
      for (const row of await store.endpointDays(from, to)) {
        const place = `${row.day} ${row.mac} ${row.ip}`;
        reader.take({ what: "day", place, fields: { ...dayRecordOf(row, NOTHING_SAID) } });
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
    await store.close();
  }
}

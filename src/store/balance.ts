import type { Settlement } from "../accounting/types.ts";
import { dayOfSlot, dayReader } from "./checks.ts";
import type { SourceState } from "./state.ts";
import type { Writes } from "./statements.ts";

/** Where the kinds stand in a row of the balance. A device's bytes are in its own day. */
const COLUMN = { device: null, remote: 0, group: 2, unattributed: 4 } as const;

/** Adds to each day's books what is in no device's day, and what darkstat counted. `slots` are those of the charges. */
export function addBalances(
  writes: Writes,
  state: SourceState,
  settlement: Settlement,
  slots: readonly number[],
): void {
  const dayNumberOf = dayReader();
  const days = new Map<number, number[]>();
  const rowOf = (day: number) => {
    let row = days.get(day);
    if (!row) {
      row = [0, 0, 0, 0, 0, 0, 0, 0, 0];
      days.set(day, row);
    }
    return row;
  };
  settlement.charges.forEach((charge, index) => {
    if (charge.in === 0 && charge.out === 0) return;
    const row = rowOf(dayOfSlot(slots[index] as number));
    const column = COLUMN[charge.kind];
    if (column === null) return;
    row[column] = (row[column] as number) + charge.in;
    row[column + 1] = (row[column + 1] as number) + charge.out;
  });
  for (const counted of settlement.counted) {
    if (counted.bytes === 0 && counted.captured === 0 && counted.dropped === 0) continue;
    const row = rowOf(dayNumberOf(counted.day));
    row[6] = (row[6] as number) + counted.bytes;
    row[7] = (row[7] as number) + counted.captured;
    row[8] = (row[8] as number) + counted.dropped;
  }
  for (const [day, row] of days) writes.addBalance.run(day, state.id, ...row);
}

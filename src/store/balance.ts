import type { Settlement } from "../accounting/types.ts";
import { dayOfSlot, dayReader } from "./checks.ts";
import { createNumberReader, type NumberWriter } from "./numbers.ts";
import type { SourceState } from "./state.ts";
import type { Writes } from "./statements.ts";

/** Where the kinds stand in a row of the balance. A device's bytes are in its own day. */
const COLUMN = { device: null, remote: 0, group: 2, unattributed: 4 } as const;
const COUNTED = 6;
const COLUMNS = 9;

/**
 * Adds to each day's books what is in no device's day, and what darkstat counted. `slots` are those of the charges.
 * Those of the open day stay in the state until the day is over.
 */
export function addBalances(
  writes: Writes,
  state: SourceState,
  { charges, counted }: Settlement,
  slots: readonly number[],
): void {
  const dayNumberOf = dayReader();
  const days = new Map<number, number[]>();
  const rowOf = (day: number) => {
    let row = days.get(day);
    if (!row) {
      row = new Array<number>(COLUMNS).fill(0);
      days.set(day, row);
    }
    return row;
  };
  for (let index = 0; index < charges.length; index += 1) {
    const charge = charges[index] as Settlement["charges"][number];
    if (charge.in === 0 && charge.out === 0) continue;
    const row = rowOf(dayOfSlot(slots[index] as number));
    const column = COLUMN[charge.kind];
    if (column === null) continue;
    row[column] = (row[column] as number) + charge.in;
    row[column + 1] = (row[column + 1] as number) + charge.out;
  }
  for (const { day, bytes, captured, dropped } of counted) {
    if (bytes === 0 && captured === 0 && dropped === 0) continue;
    addRow(rowOf(dayNumberOf(day)), [0, 0, 0, 0, 0, 0, bytes, captured, dropped]);
  }
  for (const [day, row] of days) {
    if (day !== state.slotDay) writes.addBalance.run(day, state.id, ...row);
    else if (state.balance) addRow(state.balance, row);
    else state.balance = row;
  }
}

function addRow(row: number[], more: readonly number[]): void {
  for (let column = 0; column < COLUMNS; column += 1) {
    row[column] = (row[column] as number) + (more[column] as number);
  }
}

/** The balance of the open day as it is kept in the row of its source. */
export function encodeBalance(writer: NumberWriter, row: readonly number[] | null): Uint8Array {
  writer.cut(0);
  for (const amount of row ?? []) writer.put(amount);
  return writer.bytes();
}

/** What {@link encodeBalance} was given. @throws RangeError when it is nothing of the kind */
export function decodeBalance(bytes: Uint8Array): number[] | null {
  if (bytes.length === 0) return null;
  const reader = createNumberReader(bytes);
  return Array.from({ length: COLUMNS }, () => reader.next() ?? 0);
}

/** The balance of the open day under the names that its columns have in the table; null where there is none. */
export function openBalance({ balance }: SourceState) {
  if (balance === null) return null;
  const at = (column: number) => balance[column] ?? 0;
  return {
    remote: { in: at(COLUMN.remote), out: at(COLUMN.remote + 1) },
    group: { in: at(COLUMN.group), out: at(COLUMN.group + 1) },
    unattributed: { in: at(COLUMN.unattributed), out: at(COLUMN.unattributed + 1) },
    counted: at(COUNTED),
    captured: at(COUNTED + 1),
    dropped: at(COUNTED + 2),
  };
}

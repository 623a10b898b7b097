import { blockOf, DAYS_PER_BLOCK, DEVICE_OF, DEVICES, dayOfKey, deviceOfKey, keyOf, keysOf } from "./day-key.ts";
import { begin, type DatabaseSync, prepareArrays, rowsOf } from "./engine.ts";

/**
 * darkstat's counters of a device at the end of its days, which the old endpoints show. They go on from day to day by the
 * day's own bytes, unless darkstat was restarted or an address changed hands; so only steps beside those are stored
 * (`usage_step`). Within a block of 32 days the counter of a day is the sum of bytes and steps of all the device's days
 * up to it; the first day of a block has everything before it as its step.
 */
export interface Counter {
  in: number;
  out: number;
}

/** device, in, out */
type SumCells = [number, number, number];
/** key, in, out */
type StepCells = [number, number, number];

/** What a counter is made of: a row of `usage_day` that begins with key, address, bytes in, bytes out. */
type DayRow = readonly [key: number, address: number | null, bytesIn: number, bytesOut: number, ...unknown[]];

/** Beyond that the memory is worth more than the time. */
const MOST_REMEMBERED = 5_000;
const NOTHING: Readonly<Counter> = { in: 0, out: 0 };

export type Counters = ReturnType<typeof createCounters>;

/** The questions about stored counters, and what keeps them true when a day that is over changes. */
export function createCounters(db: DatabaseSync) {
  const sums = (table: string, bytesIn: string, bytesOut: string) =>
    prepareArrays(
      db,
      `SELECT ${DEVICE_OF}, sum(${bytesIn}), sum(${bytesOut}) FROM ${table} WHERE id BETWEEN ? AND ? GROUP BY 1`,
    );
  const sumBytes = sums("usage_day", "bytes_in", "bytes_out");
  const sumSteps = sums("usage_step", "step_in", "step_out");
  const selectSteps = prepareArrays(
    db,
    "SELECT id, step_in, step_out FROM usage_step WHERE id BETWEEN ? AND ? ORDER BY id",
  );
  const findRow = db.prepare("SELECT 1 FROM usage_day WHERE id = ?");
  const selectNext = prepareArrays(
    db,
    `SELECT id FROM usage_day WHERE id BETWEEN ? AND ? AND ${DEVICE_OF} = ? ORDER BY id LIMIT 1`,
  );
  const addStep = db.prepare(
    `INSERT INTO usage_step VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET step_in = step_in + excluded.step_in, step_out = step_out + excluded.step_out`,
  );
  const selectFirsts = prepareArrays(
    db,
    `SELECT min(id), ${DEVICE_OF} FROM usage_day WHERE id BETWEEN ? AND ? GROUP BY 2`,
  );
  const dropIdle = db.prepare("DELETE FROM usage_step WHERE id = ? AND step_in = 0 AND step_out = 0");
  const dropStep = db.prepare("DELETE FROM usage_step WHERE id = ?");

  /** Where counters stood before some days, until {@link forget}: no row changes without it. */
  const known = new Map<number, ReadonlyMap<number, Counter>>();
  let size = 0;
  /** The question before, on a walk down a long history, which is read by a few days at a time. */
  let walked: { readonly first: number; readonly start: ReadonlyMap<number, Counter> } | null = null;

  function forget(): void {
    known.clear();
    size = 0;
    walked = null;
  }

  function step(key: number, bytesIn: number, bytesOut: number): void {
    if (bytesIn === 0 && bytesOut === 0) return;
    begin(db);
    forget();
    addStep.run(key, bytesIn, bytesOut);
    dropIdle.run(key);
  }

  /** Where each device's counter stood before a day, as far as the day's block tells. */
  function before(day: number): ReadonlyMap<number, Counter> {
    const remembered = known.get(day);
    if (remembered) return remembered;
    const counters = read(day);
    size += counters.size;
    if (size > MOST_REMEMBERED) forget();
    else known.set(day, counters);
    return counters;
  }

  function read(day: number): Map<number, Counter> {
    const counters = new Map<number, Counter>();
    const [from, to] = keysOf(blockOf(day), day - 1);
    if (from > to) return counters;
    for (const statement of [sumBytes, sumSteps]) {
      for (const [device, bytesIn, bytesOut] of rowsOf<SumCells>(statement, from, to)) {
        const counter = counters.get(device) ?? { in: 0, out: 0 };
        counter.in += bytesIn;
        counter.out += bytesOut;
        counters.set(device, counter);
      }
    }
    return counters;
  }

  /** Where counters stood before the first of some rows, which are all of a range of days. On a walk down, the rows tell. */
  function startOf(first: number, last: number, rows: readonly DayRow[]): ReadonlyMap<number, Counter> {
    if (walked?.first !== last + 1 || blockOf(first) !== blockOf(last + 1)) return before(first);
    const counters = copyOf(walked.start);
    const sub = (device: number, bytesIn: number, bytesOut: number) => {
      const counter = counters.get(device);
      if (!counter) return;
      counter.in -= bytesIn;
      counter.out -= bytesOut;
    };
    for (const row of rows) sub(deviceOfKey(row[0]), row[2], row[3]);
    for (const [key, stepIn, stepOut] of rowsOf<StepCells>(selectSteps, ...keysOf(first, last))) {
      sub(deviceOfKey(key), stepIn, stepOut);
    }
    return counters;
  }

  /** The counters of rows in the order of keys, from where they stood before the first. */
  function readFrom(counters: Map<number, Counter>, first: number, rows: readonly DayRow[]): Counter[] {
    const [from = 0, to = -1] = [rows[0]?.[0], rows.at(-1)?.[0]];
    const steps = rowsOf<StepCells>(selectSteps, from, to);
    const counts = new Array<Counter>(rows.length);
    let block = blockOf(first);
    let at = 0;
    // By index: taking a row apart by name costs twice as much as all the rest here.
    for (let index = 0; index < rows.length; index += 1) {
      const row = rows[index] as DayRow;
      const key = row[0];
      const day = dayOfKey(key);
      if (day >= block + DAYS_PER_BLOCK) {
        block = blockOf(day);
        counters.clear();
      }
      const device = key - day * DEVICES;
      const stood = counters.get(device) ?? NOTHING;
      const counter = { in: stood.in + row[2], out: stood.out + row[3] };
      while (at < steps.length && (steps[at] as StepCells)[0] < key) at += 1;
      const step = steps[at];
      if (step !== undefined && step[0] === key) {
        counter.in += step[1];
        counter.out += step[2];
      }
      counters.set(device, counter);
      counts[index] = counter;
    }
    return counts;
  }

  return {
    before,

    /** The counter of each row of a range of days: all of its rows, in the order of keys. */
    ofRange(first: number, last: number, rows: readonly DayRow[]): Counter[] {
      const start = startOf(first, last, rows);
      walked = { first, start };
      return readFrom(copyOf(start), first, rows);
    },

    /** The counter of each row of one device: all of its rows, in the order of keys. */
    ofDevice: (rows: readonly DayRow[]): Counter[] => readFrom(new Map(), Number.NEGATIVE_INFINITY, rows),

    /** To be called when rows change by another way than the following, and after a rollback. */
    forget,

    /** Stores what the counter of a row is, given where the device's stood before the day. */
    freeze(key: number, bytes: Counter, stoodAt: Counter | undefined, counter: Counter): void {
      begin(db);
      forget();
      dropStep.run(key);
      step(key, counter.in - (stoodAt?.in ?? 0) - bytes.in, counter.out - (stoodAt?.out ?? 0) - bytes.out);
    },

    /**
     * To be told before bytes are added to a day that is over, or make a row on it: neither its counters nor those of later
     * days are changed by that, and a new row has none. `open` is the day that is not over.
     */
    keep(day: number, device: number, bytesIn: number, bytesOut: number, open: number): void {
      const key = keyOf(day, device);
      if (findRow.get(key)) {
        step(key, -bytesIn, -bytesOut);
        return;
      }
      const { in: stoodIn = 0, out: stoodOut = 0 } = before(day).get(device) ?? {};
      step(key, -bytesIn - stoodIn, -bytesOut - stoodOut);
      const end = Math.min(blockOf(day) + DAYS_PER_BLOCK, open) - 1;
      const [next] = rowsOf<[number]>(selectNext, key + 1, keysOf(end, end)[1], device);
      if (next) step(next[0], stoodIn, stoodOut);
    },

    /** To be told before the days before `from` are deleted: counters of the days that stay are not changed by that. */
    cut(from: number): void {
      const block = blockOf(from);
      const counters = before(from);
      forget();
      if (block === from) return;
      for (const [key, device] of rowsOf<[number, number]>(selectFirsts, ...keysOf(from, block + DAYS_PER_BLOCK - 1))) {
        const { in: stoodIn = 0, out: stoodOut = 0 } = counters.get(device) ?? {};
        step(key, stoodIn, stoodOut);
      }
    },
  };
}

function copyOf(counters: ReadonlyMap<number, Counter>): Map<number, Counter> {
  const copy = new Map<number, Counter>();
  for (const [device, counter] of counters) copy.set(device, { in: counter.in, out: counter.out });
  return copy;
}

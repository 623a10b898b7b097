import { blockOf, DAYS_PER_BLOCK, DEVICE_OF, dayOfKey, deviceOfKey, keyOf, keysOf } from "./day-key.ts";
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

/** Tells the counter of one row after the other. */
export interface CounterReader {
  /** The counter at a row, given in the order of keys, of which none of a device may be left out. */
  next(key: number, bytesIn: number, bytesOut: number): Counter;
}

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

  function step(key: number, bytesIn: number, bytesOut: number): void {
    if (bytesIn === 0 && bytesOut === 0) return;
    begin(db);
    addStep.run(key, bytesIn, bytesOut);
    dropIdle.run(key);
  }

  /** Where each device's counter stood before a day, as far as the day's block tells. */
  function before(day: number): Map<number, Counter> {
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

  /** A reader for the rows of a range of days. */
  function readerOf(first: number, last: number): CounterReader {
    const counters = before(first);
    let block = blockOf(first);
    const steps = rowsOf<StepCells>(selectSteps, ...keysOf(first, last));
    let at = 0;
    return {
      next(key, bytesIn, bytesOut) {
        const day = dayOfKey(key);
        if (blockOf(day) !== block) {
          block = blockOf(day);
          counters.clear();
        }
        const device = deviceOfKey(key);
        let counter = counters.get(device);
        if (!counter) {
          counter = { in: 0, out: 0 };
          counters.set(device, counter);
        }
        while (at < steps.length && (steps[at] as StepCells)[0] < key) at += 1;
        const [stepped = 0, stepIn = 0, stepOut = 0] = steps[at] ?? [];
        counter.in += bytesIn + (stepped === key ? stepIn : 0);
        counter.out += bytesOut + (stepped === key ? stepOut : 0);
        return counter;
      },
    };
  }

  return {
    before,
    readerOf,

    /** Stores what the counter of a row is, given where the device's stood before the day. */
    freeze(key: number, bytes: Counter, stoodAt: Counter | undefined, counter: Counter): void {
      begin(db);
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
      if (block === from) return;
      const counters = before(from);
      for (const [key, device] of rowsOf<[number, number]>(selectFirsts, ...keysOf(from, block + DAYS_PER_BLOCK - 1))) {
        const { in: stoodIn = 0, out: stoodOut = 0 } = counters.get(device) ?? {};
        step(key, stoodIn, stoodOut);
      }
    },
  };
}

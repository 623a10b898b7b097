import { StoreError } from "./store.ts";

/**
 * A device's day is stored under one number, so that rows lie in the order of time and fill their pages: the day's number
 * in the high bits, the device's in the low 20. Blocks of 32 days are what a counter is added up over (counters.ts).
 */
export const DEVICES = 2 ** 20;
/** In SQL: what a key is made of. */
export const DAY_OF = "(id >> 20)";
export const DEVICE_OF = `(id & ${DEVICES - 1})`;
/** In SQL: a key of the days from ?1 to ?2. */
export const IN_DAYS = `id BETWEEN ?1 * ${DEVICES} AND ?2 * ${DEVICES} + ${DEVICES - 1}`;
export const DAYS_PER_BLOCK = 32;

/** @throws StoreError for a device whose number is too great: a million were seen by then */
export function keyOf(day: number, device: number): number {
  if (device >= DEVICES) {
    throw new StoreError(
      "full",
      `The store can't name more than ${DEVICES} devices.`,
      "Let old ones be forgotten: see DEVICE_KEPT_DAYS.",
    );
  }
  return day * DEVICES + device;
}

export function dayOfKey(key: number): number {
  return Math.floor(key / DEVICES);
}

export function deviceOfKey(key: number): number {
  return key - dayOfKey(key) * DEVICES;
}

/** The keys of a range of days, both included. */
export function keysOf(first: number, last: number): [first: number, last: number] {
  return [first * DEVICES, (last + 1) * DEVICES - 1];
}

/** The first day of the block that a day lies in. */
export function blockOf(day: number): number {
  return Math.floor(day / DAYS_PER_BLOCK) * DAYS_PER_BLOCK;
}

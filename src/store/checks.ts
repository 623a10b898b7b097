import type { Charge, Day } from "../accounting/types.ts";
import { dayNumber } from "./days.ts";
import { StoreError } from "./store.ts";

/** Clock hours as one number that sorts. */
const SLOTS_PER_DAY = 32;

/**
 * Checks charges and reads their clock hours; a settlement names one day a thousand times, so days are remembered.
 * @throws StoreError for a charge that can't be one
 */
export function slotsOf(charges: readonly Charge[]): number[] {
  const dayNumberOf = dayReader();
  return charges.map((charge) => {
    const { kind, ip, hour } = charge;
    checkAmount(charge, "a charge of", ip || kind);
    if (!Number.isInteger(hour) || hour < 0 || hour > 24) {
      throw unfit(`a charge of ${ip || kind} has the clock hour ${hour}, where 0 to 24 is allowed`);
    }
    if (kind === "device" && charge.device === "") throw unfit(`a charge of ${ip} names no device`);
    return dayNumberOf(charge.day) * SLOTS_PER_DAY + hour;
  });
}

/** Reads days as they are stored, remembering the last one. */
export function dayReader(): (day: Day) => number {
  let text = "";
  let number = 0;
  return (day) => {
    if (day !== text) {
      number = checkedDay(day);
      text = day;
    }
    return number;
  };
}

function checkedDay(day: Day): number {
  try {
    return dayNumber(day);
  } catch (error) {
    throw unfit((error as Error).message);
  }
}

export function dayOfSlot(slot: number): number {
  return Math.floor(slot / SLOTS_PER_DAY);
}

export function hourOfSlot(slot: number): number {
  return slot % SLOTS_PER_DAY;
}

/** The latest clock hour in which an address was charged; null when none was. */
export function latestSlot(charges: readonly Charge[], slots: readonly number[]): { day: number; hour: number } | null {
  let latest = -1;
  charges.forEach((charge, index) => {
    const slot = slots[index] as number;
    const has = (charge.kind === "device" || charge.kind === "remote") && (charge.in > 0 || charge.out > 0);
    if (has && slot > latest) latest = slot;
  });
  return latest < 0 ? null : { day: dayOfSlot(latest), hour: hourOfSlot(latest) };
}

/** @throws StoreError unless both amounts are whole, not negative and exact. */
export function checkAmount(bytes: { in: number; out: number }, what: string, whose: string): void {
  if (Number.isSafeInteger(bytes.in) && Number.isSafeInteger(bytes.out) && bytes.in >= 0 && bytes.out >= 0) return;
  throw unfit(`${what} ${whose}: ${bytes.in} in and ${bytes.out} out, where whole numbers from 0 on are allowed`);
}

function unfit(what: string): StoreError {
  return new StoreError("other", `A settlement can't be recorded: ${what}.`, "Please report this with the log.");
}

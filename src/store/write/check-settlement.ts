import type { Bytes, Day, Settlement } from "../../accounting/types.ts";
import { isStoredDay } from "../day-text.ts";
import { StoreError } from "../store.ts";

/** @throws StoreError for a settlement with figures, days or hours that can't be */
export function checkSettlement({ charges, addresses, counted }: Settlement): void {
  const days = new Set<Day>();
  for (const charge of charges) {
    if (!areBytes(charge)) throw unfitBytes(charge, `a charge of ${charge.ip}`);
    if (charge.ip === "") throw unfit("a charge names no address");
    if (!Number.isInteger(charge.hour) || charge.hour < 0 || charge.hour > 24) {
      throw unfit(`a charge of ${charge.ip} has the clock hour ${charge.hour}, where 0 to 24 is allowed`);
    }
    days.add(charge.day);
  }
  for (const fact of addresses) {
    if (!areBytes(fact)) throw unfitBytes(fact, `the counters of ${fact.ip}`);
  }
  for (const { day, bytes, captured, dropped, unattributed, unlisted, carried, compared } of counted) {
    checkBytes({ in: bytes, out: captured }, `what was counted on ${day}`);
    checkBytes({ in: dropped, out: 0 }, `what was dropped on ${day}`);
    checkBytes(unattributed, `what is unattributed on ${day}`);
    checkBytes(unlisted, `what is unlisted on ${day}`);
    checkBytes({ in: carried, out: compared }, `what was compared on ${day}`);
    days.add(day);
  }
  for (const day of days) {
    if (!isStoredDay(day)) throw unfit(`${JSON.stringify(day)} is no calendar day: it must read like 2026-01-31`);
  }
}

/** @throws StoreError unless both amounts are whole, not negative and exact */
export function checkBytes(bytes: Bytes, what: string): void {
  if (!areBytes(bytes)) throw unfitBytes(bytes, what);
}

function areBytes({ in: down, out: up }: Bytes): boolean {
  return Number.isSafeInteger(down) && Number.isSafeInteger(up) && down >= 0 && up >= 0;
}

function unfitBytes(bytes: Bytes, what: string): StoreError {
  return unfit(`${what}: ${bytes.in} in and ${bytes.out} out, where whole numbers from 0 on are allowed`);
}

function unfit(what: string): StoreError {
  return new StoreError("other", `A settlement can't be recorded: ${what}.`, "Please report this with the log.");
}

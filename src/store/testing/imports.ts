import type { ImportedDay, ImportedHistory, ImportedHour } from "../store.ts";
import { DAY, NOON, PHONE } from "./settlements.ts";

/** A day that only an import tells of. */
export const LONG_AGO = "2025-12-01";

/** A row of 1,000 bytes down and 100 up of a device, long ago; name what matters. */
export function importedDay(some: Partial<ImportedDay> = {}): ImportedDay {
  return {
    day: LONG_AGO,
    mac: PHONE,
    ip: "192.168.1.20",
    heldBy: null,
    seenAt: null,
    in: 1000,
    out: 100,
    counterIn: 0,
    counterOut: 0,
    estimated: 0,
    implausible: false,
    ...some,
  };
}

export function importedHour(some: Partial<ImportedHour> = {}): ImportedHour {
  const at = { mac: PHONE, ip: "192.168.1.20", heldBy: null };
  return { day: LONG_AGO, hour: 8, ...at, in: 10, out: 1, estimated: 0, ...some };
}

/** A history of these days; name what matters besides. */
export function historyOf(days: Iterable<ImportedDay>, some: Partial<ImportedHistory> = {}): ImportedHistory {
  return { days, writtenAt: NOON - 60_000, today: DAY, source: "lan", firstAt: NOON - 1e9, ...some };
}

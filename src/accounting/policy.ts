import type { Calendar } from "./calendar.ts";

/** What `settle` asks of the settings. It reads no setting itself. */
export interface Policy {
  readonly calendar: Calendar;
  /** A reading this close to an hour's edge is at the edge, in ms. */
  readonly edgeToleranceMs: number;
  /** The MAC that counts for a row: that of IP_MAC.txt where the file names the address, else the one shown. */
  macOf(ip: string, shown: string | null): string | null;
}

const EDGE_TOLERANCE_MS = 2_000;

/** @param ipMac the lines of IP_MAC.txt: address to MAC, both normalised */
export function createPolicy(calendar: Calendar, ipMac: ReadonlyMap<string, string> = new Map()): Policy {
  return {
    calendar,
    edgeToleranceMs: EDGE_TOLERANCE_MS,
    macOf: (ip, shown) => ipMac.get(ip) ?? shown,
  };
}

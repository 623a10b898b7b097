import type { Bytes, Day } from "../accounting/types.ts";
import type { Device, Store } from "../store/store.ts";
import type { DayRange } from "./ranges.ts";

export type LegacyStore = Pick<Store, "deviceDays" | "remoteDays" | "devices">;

/** One row of the old answers: a device or a remote host on one day. Amounts in bytes. */
export interface LegacyRow extends Bytes {
  readonly ip: string;
  readonly mac: string | null;
  readonly hostname: string | null;
  readonly seenAt: number | null;
  readonly day: Day;
  readonly counterIn: number;
  readonly counterOut: number;
}

/**
 * The rows of a range: one per device and day under its latest reported address, and where asked for one per remote
 * host and day. Routers, and whatever IPFilter leaves out, are not in it. Latest day first, biggest download first.
 */
export async function legacyRows(
  store: LegacyStore,
  nameOf: (key: string) => string | null,
  range: DayRange,
  withRemote: boolean,
): Promise<LegacyRow[]> {
  const [deviceDays, remoteDays] = await Promise.all([
    store.deviceDays(range.from, range.to),
    withRemote ? store.remoteDays(range.from, range.to) : [],
  ]);
  // Asked for last, so that a device which came between the two questions is known.
  const known = new Map((await store.devices()).map((device) => [device.id, shownAs(device, nameOf)]));

  const days = new Map<Day, LegacyRow[]>();
  const add = (row: LegacyRow) => {
    const rows = days.get(row.day);
    if (rows) rows.push(row);
    else days.set(row.day, [row]);
  };
  for (const { device, ip, seenAt, day, in: down, out: up, counterIn, counterOut } of deviceDays) {
    const shown = known.get(device);
    if (ip === null || !shown || shown.router) continue;
    const { mac, hostname } = shown;
    add({ ip, mac, hostname, seenAt, day, in: down, out: up, counterIn, counterOut });
  }
  for (const { reported, ip, mac, hostname, seenAt, day, in: down, out: up, counterIn, counterOut } of remoteDays) {
    if (reported) add({ ip, mac, hostname, seenAt, day, in: down, out: up, counterIn, counterOut });
  }

  const order = [...days.keys()].sort().reverse();
  return order.flatMap((day) => (days.get(day) ?? []).sort(byDownload));
}

function shownAs({ key, router, hostname }: Device, nameOf: (key: string) => string | null) {
  return { router, mac: isMac(key) ? key : null, hostname: nameOf(key) ?? hostname };
}

/** Whether a device key is a MAC; without one the key is the address. */
export function isMac(key: string): boolean {
  return /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(key);
}

function byDownload(a: LegacyRow, b: LegacyRow): number {
  return b.in - a.in || b.out - a.out || (a.ip < b.ip ? -1 : 1);
}

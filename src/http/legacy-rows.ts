import type { Bytes, Day } from "../accounting/types.ts";
import type { Device, DeviceDay, RemoteDay, Store } from "../store/store.ts";
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
 * A reader of the rows of ranges: one per device and day under its latest reported address, and where asked for one per
 * remote host and day. Routers, and whatever IPFilter leaves out, are not in it. Latest day first, biggest download
 * first. The devices are asked for once, and again only when a range has one that was not there before.
 */
export function createRowReader(
  store: LegacyStore,
  nameOf: (key: string) => string | null,
  withRemote: boolean,
): (range: DayRange) => Promise<LegacyRow[]> {
  let known = new Map<number, Shown>();
  return async ({ from, to }) => {
    const deviceDays = await store.deviceDays(from, to);
    const remoteDays = withRemote ? await store.remoteDays(from, to) : [];
    if (deviceDays.some(({ device }) => !known.has(device))) {
      known = new Map((await store.devices()).map((device) => [device.id, shownAs(device, nameOf)]));
    }
    return rowsOf(deviceDays, remoteDays, known);
  };
}

function rowsOf(
  deviceDays: readonly DeviceDay[],
  remoteDays: readonly RemoteDay[],
  known: ReadonlyMap<number, Shown>,
): LegacyRow[] {
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

interface Shown {
  readonly router: boolean;
  readonly mac: string | null;
  readonly hostname: string | null;
}

function shownAs({ key, router, hostname }: Device, nameOf: (key: string) => string | null): Shown {
  return { router, mac: isMac(key) ? key : null, hostname: nameOf(key) ?? hostname };
}

/** Whether a device key is a MAC; without one the key is the address. */
export function isMac(key: string): boolean {
  return /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(key);
}

function byDownload(a: LegacyRow, b: LegacyRow): number {
  return b.in - a.in || b.out - a.out || (a.ip < b.ip ? -1 : 1);
}

import { isMac } from "../accounting/address.ts";
import type { Device, DeviceDay, RemoteDay, Store } from "../store/store.ts";
import { nextTurn } from "./event-loop.ts";
import type { DayRange } from "./ranges.ts";

export type LegacyStore = Pick<Store, "deviceDays" | "remoteDays" | "devices">;

/** Who a row is of. */
export interface Named {
  readonly mac: string | null;
  readonly hostname: string | null;
}

/** One row of the old answers: a device or a remote host on one day, as the store has it. Amounts in bytes. */
export type LegacyRow = (DeviceDay & { readonly ip: string }) | RemoteDay;

export interface RowReader {
  /** The rows of a range: the latest day first, the biggest download first. */
  read(range: DayRange): Promise<LegacyRow[]>;
  /** Who a row is of that was read last. */
  namedIn(row: LegacyRow): Named;
}

/**
 * A reader of the rows of ranges: one per device and day under its latest reported address, and where asked for one per
 * remote host and day. Routers, and whatever IPFilter leaves out, are not in it. The devices are asked for once, and
 * again only when a range has one that was not there before. The store's rows are handed on as they are: copies of a
 * hundred thousand would be the larger part of the work.
 */
export function createRowReader(
  store: LegacyStore,
  nameOf: (key: string) => string | null,
  withRemote: boolean,
): RowReader {
  let known = new Map<number, Shown>();
  const isShown = (row: DeviceDay): row is DeviceDay & { ip: string } =>
    row.ip !== null && known.get(row.device)?.router === false;
  return {
    async read({ from, to }) {
      const deviceDays = await store.deviceDays(from, to);
      await nextTurn();
      const remoteDays = withRemote ? await store.remoteDays(from, to) : [];
      await nextTurn();
      if (deviceDays.some(({ device }) => !known.has(device))) {
        known = new Map((await store.devices()).map((device) => [device.id, shownAs(device, nameOf)]));
      }
      const rows = [...deviceDays.filter(isShown), ...remoteDays.filter(({ reported }) => reported)];
      return rows.sort(byDayAndDownload);
    },
    namedIn: (row) => ("device" in row ? (known.get(row.device) ?? NOBODY) : row),
  };
}

const NOBODY: Named = { mac: null, hostname: null };

interface Shown extends Named {
  readonly router: boolean;
}

function shownAs({ key, router, hostname }: Device, nameOf: (key: string) => string | null): Shown {
  return { router, mac: isMac(key) ? key : null, hostname: nameOf(key) ?? hostname };
}

function byDayAndDownload(a: LegacyRow, b: LegacyRow): number {
  if (a.day !== b.day) return a.day < b.day ? 1 : -1;
  return b.in - a.in || b.out - a.out || (a.ip < b.ip ? -1 : 1);
}

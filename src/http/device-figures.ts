import type { Bytes, Day } from "../accounting/types.ts";
import type { DeviceSum, Store } from "../store/store.ts";
import { createDirectory, type Naming } from "./api/directory.ts";
import { readForgotten } from "./forgotten.ts";

/** What programs beside the dashboard are told of a device. */
export interface DeviceFigures {
  readonly key: string;
  /** By a person, or from the network: untrusted. Empty for none. */
  readonly name: string;
  readonly vendor: string | null;
  /** Since measuring began: what is no longer kept is in it, so it never falls by itself. */
  readonly total: Bytes;
  /** Since local midnight. */
  readonly today: Bytes;
  /** ms UTC; null where the meter doesn't say. */
  readonly lastSeenAt: number | null;
}

export interface AllDevices {
  /** By key. */
  readonly devices: readonly DeviceFigures[];
  /** So many smaller ones are not among them. */
  readonly leftOut: number;
  /** All of them together, with those that are left out. */
  readonly sum: { readonly today: Bytes; readonly total: Bytes };
  /** How many used anything today. */
  readonly active: number;
}

export interface DeviceFiguresDeps extends Naming {
  readonly store: Pick<Store, "range" | "deviceSums" | "devices" | "recall">;
}

/** The devices that the dashboard lists, the `most` largest of them. @throws StoreError */
export async function deviceFiguresOf(deps: DeviceFiguresDeps, today: Day, most: number): Promise<AllDevices> {
  const { store } = deps;
  const range = await store.range();
  if (range === null) return { devices: [], leftOut: 0, sum: { today: NOTHING, total: NOTHING }, active: 0 };
  const { byDevice: forgotten } = await readForgotten(store);
  const sums = await store.deviceSums([
    { from: range.first, to: range.last },
    { from: today, to: today },
  ]);
  // Asked for last, so that a device that came between the questions is known.
  const directory = createDirectory(await store.devices(), deps);
  const ofToday = new Map(sums.filter(({ span }) => span === 1).map((sum) => [sum.device, sum]));
  const all = sums.flatMap((sum): DeviceFigures[] => {
    const key = shownKeyOf(sum, directory.keyOf(sum.device));
    if (key === null) return [];
    const { name, hostname, vendor } = directory.describe(key);
    const before = forgotten[key] ?? NOTHING;
    const { in: down = 0, out = 0 } = ofToday.get(sum.device) ?? {};
    return [
      {
        key,
        name: name ?? hostname ?? "",
        vendor,
        total: { in: sum.in + before.in, out: sum.out + before.out },
        today: { in: down, out },
        lastSeenAt: sum.seenAt,
      },
    ];
  });
  const size = ({ total }: DeviceFigures) => total.in + total.out;
  const largest = all.toSorted((a, b) => size(b) - size(a)).slice(0, most);
  return {
    devices: largest.sort((a, b) => (a.key < b.key ? -1 : 1)),
    leftOut: all.length - largest.length,
    sum: { today: sumOf(all.map((device) => device.today)), total: sumOf(all.map(({ total }) => total)) },
    active: all.filter((device) => device.today.in + device.today.out > 0).length,
  };
}

const NOTHING: Bytes = { in: 0, out: 0 };

function sumOf(parts: readonly Bytes[]): Bytes {
  return {
    in: parts.reduce((sum, part) => sum + part.in, 0),
    out: parts.reduce((sum, part) => sum + part.out, 0),
  };
}

function shownKeyOf(sum: DeviceSum, key: string | null): string | null {
  return sum.span === 0 && sum.reported ? key : null;
}

import { afterEach, beforeEach, expect } from "vitest";
import type { View } from "../../../accounting/view.ts";
import type { DeviceDay, Store, ViewOf } from "../../store.ts";
import type { StoreHarness } from "../harness.ts";

/** Days from before the first to after the last that a test names. */
export const EVER = ["2015-01-01", "2030-01-01"] as const;

/** The store of a test: a new one for each. */
export interface Place {
  store: Store;
  harness: StoreHarness;
  /** Ends the store as a power cut would, and goes on with what is left of it. */
  crash(view?: View): Promise<void>;
  /** Closes the store and opens it again. */
  reopen(view?: View | ViewOf): Promise<void>;
}

/** Makes a store before each test of the suite, and does away with it afterwards. */
export function usePlace(create: () => Promise<StoreHarness>): Place {
  const place = {
    async crash(view?: View) {
      place.store = await place.harness.crash(view);
    },
    async reopen(view?: View | ViewOf) {
      await place.store.close();
      place.store = await place.harness.open(view);
    },
  } as Place;
  beforeEach(async () => {
    place.harness = await create();
    place.store = await place.harness.open();
  });
  afterEach(() => place.harness.dispose());
  return place;
}

/** Every device's day there is. */
export function allDays(store: Store): Promise<DeviceDay[]> {
  return store.deviceDays(...EVER);
}

/** The one device's day there is. */
export async function onlyDay(store: Store): Promise<DeviceDay> {
  const rows = await allDays(store);
  expect(rows).toHaveLength(1);
  return rows[0] as DeviceDay;
}

/** Bytes down of each device over all days, by its key; those outside IPFilter included. */
export async function bytesByDevice(store: Store): Promise<Record<string, number>> {
  const keys = new Map((await store.devices()).map(({ id, key }) => [id, key]));
  const sums: Record<string, number> = {};
  for (const { device, in: down, hiddenIn } of await allDays(store)) {
    const key = keys.get(device) ?? `unknown device ${device}`;
    sums[key] = (sums[key] ?? 0) + down + hiddenIn;
  }
  return sums;
}

/** The id of the device with a key. */
export async function deviceId(store: Store, key: string): Promise<number> {
  const device = (await store.devices()).find((one) => one.key === key);
  expect(device, `a device ${key}`).toBeDefined();
  return device?.id ?? -1;
}

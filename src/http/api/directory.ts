import { isMac, isPrivateMac } from "../../accounting/address.ts";
import type { ApiDevice } from "../../shared/api.ts";
import type { Device } from "../../store/store.ts";

export interface Naming {
  readonly nameOf: (key: string) => string | null;
  readonly vendorOf: (mac: string) => string | null;
}

/** The devices as the dashboard knows them: those that several darkstats saw under one key are one. */
export interface Directory {
  /** The key of a stored device that is shown; null for a router, or one that is not known (yet). */
  keyOf(device: number): string | null;
  isRouter(device: number): boolean;
  /** @throws RangeError for a key that no device has */
  describe(key: string): ApiDevice;
  /** The stored devices of a key. */
  idsOf(key: string): readonly number[];
}

export function createDirectory(devices: readonly Device[], naming: Naming): Directory {
  const byId = new Map(devices.map((device) => [device.id, device]));
  const byKey = new Map<string, Device[]>();
  for (const device of devices) {
    const same = byKey.get(device.key);
    if (same) same.push(device);
    else byKey.set(device.key, [device]);
  }
  return {
    keyOf(id) {
      const device = byId.get(id);
      return device === undefined || device.router ? null : device.key;
    },
    isRouter: (id) => byId.get(id)?.router === true,
    describe: (key) => describeDevice(byKey.get(key) ?? [], naming),
    idsOf: (key) => (byKey.get(key) ?? []).map(({ id }) => id),
  };
}

function describeDevice(same: readonly Device[], { nameOf, vendorOf }: Naming): ApiDevice {
  const latestFirst = [...same].sort((a, b) => (a.lastDay < b.lastDay ? 1 : -1));
  const [latest] = latestFirst;
  if (!latest) throw new RangeError("a device that nobody knows can't be described");
  const { key } = latest;
  const mac = isMac(key) ? key : null;
  const privateMac = isPrivateMac(key);
  return {
    key,
    mac,
    name: nameOf(key),
    hostname: latestFirst.find(({ hostname }) => hostname !== null)?.hostname ?? null,
    vendor: mac === null || privateMac ? null : vendorOf(mac),
    privateMac,
    firstDay: same.map(({ firstDay }) => firstDay).sort()[0] ?? latest.firstDay,
    lastDay: latest.lastDay,
    router: same.some(({ router }) => router),
  };
}

import { isMac, isPrivateMac } from "../../accounting/address.ts";
import type { ApiDevice } from "../../shared/api.ts";
import type { Device } from "../../store/store.ts";
import type { LearntNames } from "../learnt-names.ts";

export interface Naming {
  readonly nameOf: (key: string) => string | null;
  readonly vendorOf: (mac: string) => string | null;
  readonly learnt: Pick<LearntNames, "learntName">;
}

/** The devices as the dashboard knows them. */
export interface Directory {
  /** The key of a stored device that is shown; null for a router, or one that is not known (yet). */
  keyOf(device: number): string | null;
  /** @throws RangeError for a key that no device has */
  describe(key: string): ApiDevice;
  /** The device of a key, or of one of its interfaces; null when there is none. */
  idOf(key: string): number | null;
}

export function createDirectory(devices: readonly Device[], naming: Naming): Directory {
  const byId = new Map<number, Device>();
  const byKey = new Map<string, Device>();
  for (const device of devices) {
    byId.set(device.id, device);
    // A merged interface leads to its device, too.
    for (const mac of device.interfaces) byKey.set(mac, device);
  }
  for (const device of devices) byKey.set(device.key, device);
  return {
    keyOf(id) {
      const device = byId.get(id);
      return device === undefined || device.router ? null : device.key;
    },
    describe(key) {
      const device = byKey.get(key);
      if (!device) throw new RangeError("a device that nobody knows can't be described");
      return describeDevice(device, naming);
    },
    idOf: (key) => byKey.get(key)?.id ?? null,
  };
}

function describeDevice(device: Device, naming: Naming): ApiDevice {
  const { key, firstDay, lastDay, router } = device;
  const learnt = naming.learnt.learntName(device.interfaces);
  const mac = isMac(key) ? key : null;
  const privateMac = isPrivateMac(key);
  return {
    key,
    mac,
    name: naming.nameOf(key),
    hostname: learnt?.name ?? device.hostname,
    learnt,
    vendor: mac === null || privateMac ? null : naming.vendorOf(mac),
    privateMac,
    firstDay,
    lastDay,
    router,
  };
}

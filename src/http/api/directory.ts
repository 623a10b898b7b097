import { isMac, isPrivateMac } from "../../accounting/address.ts";
import type { Calendar } from "../../accounting/calendar.ts";
import type { HouseholdBook } from "../../household/book.ts";
import { factsOf, handsOf, ownerOn } from "../../household/document.ts";
import { guessType } from "../../household/guess.ts";
import type { ApiDevice } from "../../shared/api.ts";
import type { Device } from "../../store/store.ts";
import type { LearntNames } from "../learnt-names.ts";

export interface Naming {
  readonly nameOf: (key: string) => string | null;
  readonly vendorOf: (mac: string) => string | null;
  readonly learnt: Pick<LearntNames, "learntName">;
  /** What people say of their devices. */
  readonly household: Pick<HouseholdBook, "document">;
  /** For whose a device is today. */
  readonly calendar: Pick<Calendar, "dayOf">;
  readonly now: () => number;
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

/** Whose a device is today; null: nobody's. */
export function ownerNow({ household, calendar, now }: Naming, key: string): number | null {
  const hands = handsOf(household.document(), key);
  return hands.length === 0 ? null : ownerOn(hands, calendar.dayOf(now()));
}

/** What a device is by itself: by its vendor, and every name that it has. */
export function guessOf(naming: Naming, device: Device): ApiDevice["type"] {
  const learnt = naming.learnt.learntName(device.interfaces)?.name;
  const names = [naming.nameOf(device.key), learnt, device.hostname].filter((name) => typeof name === "string");
  const vendor = device.interfaces.find((mac) => isMac(mac) && !isPrivateMac(mac));
  return guessType({ vendor: vendor === undefined ? null : naming.vendorOf(vendor), names });
}

function describeDevice(device: Device, naming: Naming): ApiDevice {
  const { key, firstDay, lastDay, router } = device;
  const facts = factsOf(naming.household.document(), key);
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
    type: facts.type ?? guessOf(naming, device),
    typeGuessed: facts.type === undefined,
    owner: ownerNow(naming, key),
    hidden: facts.hidden === true,
    archived: facts.archived === true,
  };
}

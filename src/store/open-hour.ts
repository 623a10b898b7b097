import type { SourceState } from "./state.ts";

/** A device's share of the open hour, and its counters now. */
export interface OpenDevice {
  in: number;
  out: number;
  hiddenIn: number;
  hiddenOut: number;
  /** Seconds into the open day; null when it was not seen in the open hour. */
  seen: number | null;
  /** Sums over the reported addresses that it holds. */
  counterIn: number;
  counterOut: number;
}

/** The open hour of a source by device, from the addresses that devices hold. */
export function openByDevice(state: SourceState): Map<number, OpenDevice> {
  const devices = new Map<number, OpenDevice>();
  for (const address of state.addresses.values()) {
    if (!address.based || address.holder === null) continue;
    let device = devices.get(address.holder);
    if (!device) {
      device = { in: 0, out: 0, hiddenIn: 0, hiddenOut: 0, seen: null, counterIn: 0, counterOut: 0 };
      devices.set(address.holder, device);
    }
    if (address.hidden) {
      device.hiddenIn += address.pendingIn;
      device.hiddenOut += address.pendingOut;
    } else {
      device.in += address.pendingIn;
      device.out += address.pendingOut;
      device.counterIn += address.counterIn;
      device.counterOut += address.counterOut;
    }
    if (address.seen !== null) device.seen = Math.max(device.seen ?? address.seen, address.seen);
  }
  return devices;
}

/** The later of two instants of which either may be unknown. */
export function laterOf(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.max(one, other);
}

/** A function that answers from memory when it is asked the same again. For the length of one query. */
export function remember<Value>(answer: (key: number) => Value): (key: number) => Value {
  const known = new Map<number, Value>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      value = answer(key);
      known.set(key, value);
    }
    return value;
  };
}

import { type AddressState, type DeviceState, newAddress, type SourceState } from "./state.ts";
import type { Writes } from "./statements.ts";

/** Bits of `flags`. HIDDEN is used for remote hosts only: devices have columns for what is outside IPFilter. */
export const HIDDEN = 1;
export const RECONSTRUCTED = 2;
export const IMPLAUSIBLE = 4;

/** Bytes on their way to the hours and days. */
export interface Posting {
  /** Row of the device; null for a remote host. */
  readonly device: number | null;
  readonly address: number;
  readonly day: number;
  readonly hour: number;
  readonly in: number;
  readonly out: number;
  readonly hidden: boolean;
  readonly reconstructed: "no" | "hour" | "day";
  /** Seconds into the day; null when not known. */
  readonly seen: number | null;
  /** Whether the address shall stand as the one that was charged last. */
  readonly names: boolean;
}

/** Adds bytes to a device's day and hour, or to a remote host's day. */
export function post(writes: Writes, posting: Posting): void {
  const { device, address, day, hour, hidden, seen } = posting;
  const dayFlags = posting.reconstructed === "day" ? RECONSTRUCTED : 0;
  if (device === null) {
    writes.addRemote.run(day, address, posting.in, posting.out, seen, dayFlags | (hidden ? HIDDEN : 0));
    return;
  }
  const named = posting.names && !hidden ? address : null;
  if (hidden) {
    writes.addDay.run(day, device, named, 0, 0, posting.in, posting.out, seen, dayFlags);
    return;
  }
  writes.addDay.run(day, device, named, posting.in, posting.out, 0, 0, seen, dayFlags);
  const hourFlags = posting.reconstructed === "no" ? 0 : RECONSTRUCTED;
  writes.addHour.run(day, hour, device, posting.in, posting.out, hourFlags);
}

/** Moves one address's bytes of the open hour to where they stay, before its holder or its visibility changes. */
export function foldAddress(writes: Writes, state: SourceState, address: AddressState): void {
  if (address.pendingIn === 0 && address.pendingOut === 0) return;
  post(writes, {
    device: address.holder,
    address: address.id,
    day: state.slotDay,
    hour: state.slotHour,
    in: address.pendingIn,
    out: address.pendingOut,
    hidden: address.hidden,
    reconstructed: "no",
    seen: address.seen,
    names: false,
  });
  address.pendingIn = 0;
  address.pendingOut = 0;
  address.seen = null;
}

/** Moves all bytes of the open hour of a source to where they stay. Rows must be as the state says. */
export function foldSource(writes: Writes, state: SourceState): void {
  const slot = { $day: state.slotDay, $source: state.id };
  writes.foldHours.run({ ...slot, $hour: state.slotHour });
  writes.foldDays.run(slot);
  writes.foldRemote.run(slot);
  writes.foldBaselines.run(state.id);
  writes.clearLive.run(state.id);
  for (const address of state.addresses.values()) {
    if (!address.based) continue;
    address.pendingIn = 0;
    address.pendingOut = 0;
    address.seen = null;
    address.liveRow = null;
    if (address.baseRow) {
      address.baseRow.in = address.counterIn;
      address.baseRow.out = address.counterOut;
    }
  }
}

/**
 * Goes on to a later clock hour. When a day ends, its rows get the counters of its last reading.
 * Nothing happens for an hour that is not later: what belongs to an earlier one is posted there directly.
 */
export function openSlot(writes: Writes, state: SourceState, day: number, hour: number): void {
  if (day < state.slotDay || (day === state.slotDay && hour <= state.slotHour)) return;
  foldSource(writes, state);
  if (day !== state.slotDay) {
    const ended = { $day: state.slotDay, $source: state.id };
    writes.freezeDevices.run(ended);
    writes.freezeRemote.run(ended);
    for (const device of state.devices.values()) device.today = null;
  }
  state.slotDay = day;
  state.slotHour = hour;
}

/** The device of a key, new when it is named for the first time. */
export function deviceOf(writes: Writes, state: SourceState, key: string): DeviceState {
  const known = state.devices.get(key);
  if (known) return known;
  const device: DeviceState = {
    id: Number(writes.insertDevice.run(state.id, key).lastInsertRowid),
    key,
    router: false,
    hostname: null,
    firstDay: null,
    lastDay: null,
    today: null,
  };
  state.devices.set(key, device);
  state.devicesById.set(device.id, device);
  return device;
}

/** The address of an IP, from memory, from the dictionary, or new. */
export function addressOf(writes: Writes, state: SourceState, ip: string): AddressState {
  const known = state.addresses.get(ip);
  if (known) return known;
  const row = writes.findAddress.get(state.id, ip);
  const address = row
    ? newAddress(Number(row.id), ip, row.hostname as string | null, row.mac as number | null)
    : newAddress(Number(writes.insertAddress.run(state.id, ip).lastInsertRowid), ip, null, null);
  state.addresses.set(ip, address);
  return address;
}

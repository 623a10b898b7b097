import { deviceOfKey, keyOf, keysOf } from "./day-key.ts";
import { rowsOf } from "./engine.ts";
import { HIDDEN, RECONSTRUCTED } from "./flags.ts";
import { repackLive, touchLive } from "./live.ts";
import { openByDevice } from "./open-hour.ts";
import { type AddressState, type DeviceState, newAddress, type SourceState } from "./state.ts";
import type { Writes } from "./statements.ts";

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

/** Adds bytes to a device's day and hour, or to a remote host's day. `openDay` is the one that is not over. */
export function post(writes: Writes, posting: Posting, openDay: number): void {
  const { device, address, day, hour, hidden, seen } = posting;
  const dayFlags = posting.reconstructed === "day" ? RECONSTRUCTED : 0;
  if (device === null) {
    writes.addRemote.run(day, address, posting.in, posting.out, seen, dayFlags | (hidden ? HIDDEN : 0));
    return;
  }
  const named = posting.names && !hidden ? address : null;
  const key = keyOf(day, device);
  const [shownIn, shownOut] = hidden ? [0, 0] : [posting.in, posting.out];
  if (day !== openDay) writes.counters.keep(day, device, shownIn, shownOut, openDay);
  writes.counters.forget();
  writes.addDay.run(key, named, shownIn, shownOut, posting.in - shownIn, posting.out - shownOut, seen);
  if (dayFlags !== 0) writes.addFlags.run(key, dayFlags);
  if (hidden) return;
  const hourFlags = posting.reconstructed === "no" ? 0 : RECONSTRUCTED;
  writes.addHour.run(day, hour, device, posting.in, posting.out, hourFlags);
}

/** Moves one address's open bytes to where they stay, before its holder or its visibility changes. */
export function foldAddress(writes: Writes, state: SourceState, address: AddressState): void {
  if (address.pendingIn === 0 && address.pendingOut === 0) return;
  post(
    writes,
    {
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
    },
    state.slotDay,
  );
  close(state, address);
}

function close(state: SourceState, address: AddressState): void {
  address.pendingIn = 0;
  address.pendingOut = 0;
  address.seen = null;
  touchLive(state, address);
}

/** Moves the bytes of the open clock hour, which are those of devices, to where they stay. */
function foldHour(writes: Writes, state: SourceState): void {
  writes.counters.forget();
  const { slotDay: day, slotHour: hour } = state;
  for (const [device, open] of openByDevice(state)) {
    const { in: bytesIn, out: bytesOut, hiddenIn, hiddenOut, seen } = open;
    if (bytesIn > 0 || bytesOut > 0) writes.addHour.run(day, hour, device, bytesIn, bytesOut, 0);
    if (bytesIn + bytesOut + hiddenIn + hiddenOut === 0) continue;
    writes.addDay.run(keyOf(day, device), null, bytesIn, bytesOut, hiddenIn, hiddenOut, seen);
  }
  for (const address of state.addresses.values()) {
    if (address.part === null || address.holder === null) continue;
    close(state, address);
    writeBaseline(writes, state, address);
  }
}

/** Remote hosts that have open bytes, in the order of the table, whose pages are then filled one after the other. */
function openRemotes(state: SourceState): AddressState[] {
  const hosts: AddressState[] = [];
  for (const address of state.addresses.values()) {
    if (address.part !== null && address.holder === null) hosts.push(address);
  }
  return hosts.sort((a, b) => a.id - b.id);
}

function foldBalance(writes: Writes, state: SourceState): void {
  if (state.balance) writes.addBalance.run(state.slotDay, state.id, ...state.balance);
  state.balance = null;
}

/** Stores the counters of devices as they stood at the last reading of the open day. */
function freezeDevices(writes: Writes, state: SourceState): void {
  const day = state.slotDay;
  const stood = writes.counters.before(day);
  const open = openByDevice(state);
  for (const [key, bytesIn, bytesOut] of rowsOf<[number, number, number]>(writes.selectDays, ...keysOf(day, day))) {
    const device = deviceOfKey(key);
    if (!state.devicesById.has(device)) continue;
    const { counterIn = 0, counterOut = 0 } = open.get(device) ?? {};
    writes.counters.freeze(key, { in: bytesIn, out: bytesOut }, stood.get(device), { in: counterIn, out: counterOut });
  }
}

/** So many days at a time are written anew. */
const DAYS_TO_PACK = 16;

/**
 * Writes the days before `day` anew, in their order. In the course of a day its rows come in any order, and grow; pages are
 * then left a seventh empty. Rows that are put at the end of the table, one after the other, fill them.
 */
function packDays(writes: Writes, day: number): void {
  const keys = keysOf(day - DAYS_TO_PACK, day - 1);
  const rows = rowsOf<(number | null)[]>(writes.selectWholeDays, ...keys);
  writes.dropDays.run(...keys);
  for (const row of rows) writes.insertDay.run(...row);
}

/** Ends the open day, its last hour being folded: its rows get their counters, remote hosts their rows. */
function closeDay(writes: Writes, state: SourceState): void {
  const { id, slotDay: day } = state;
  freezeDevices(writes, state);
  for (const [, ip] of rowsOf<[number, string]>(writes.selectRemotes, day, id)) {
    const address = state.addresses.get(ip);
    if (address?.based) writes.freezeRemote.run(address.counterIn, address.counterOut, day, address.id);
  }
  for (const address of openRemotes(state)) {
    const { pendingIn, pendingOut, counterIn, counterOut, hidden } = address;
    if (pendingIn === 0 && pendingOut === 0) continue;
    const flags = hidden ? HIDDEN : 0;
    writes.closeRemote.run(day, address.id, pendingIn, pendingOut, address.seen, flags, counterIn, counterOut);
    close(state, address);
    writeBaseline(writes, state, address);
  }
  foldBalance(writes, state);
  if ((day + 1) % DAYS_TO_PACK === 0) packDays(writes, day + 1);
  for (const device of state.devices.values()) device.today = null;
}

/** Moves all open bytes of a source to where they stay. */
export function foldSource(writes: Writes, state: SourceState): void {
  foldHour(writes, state);
  for (const address of openRemotes(state)) {
    foldAddress(writes, state, address);
    writeBaseline(writes, state, address);
  }
  foldBalance(writes, state);
  repackLive(state);
  state.unwritten = "news";
}

/**
 * Goes on to a later clock hour. When a day ends, its rows get the counters of its last reading.
 * Nothing happens for an hour that is not later: what belongs to an earlier one is posted there directly.
 */
export function openSlot(writes: Writes, state: SourceState, day: number, hour: number): void {
  if (day < state.slotDay || (day === state.slotDay && hour <= state.slotHour)) return;
  foldHour(writes, state);
  if (day !== state.slotDay) closeDay(writes, state);
  repackLive(state);
  state.slotDay = day;
  state.slotHour = hour;
}

/** Brings the baseline of an address up to its state, where they differ. */
export function writeBaseline(writes: Writes, state: SourceState, address: AddressState): void {
  if (!address.based) return;
  const { id, holder, hidden } = address;
  const baseIn = address.counterIn - address.pendingIn;
  const baseOut = address.counterOut - address.pendingOut;
  if (
    address.isStored &&
    address.storedIn === baseIn &&
    address.storedOut === baseOut &&
    address.storedHolder === holder &&
    address.storedHidden === hidden
  )
    return;
  writes.putBaseline.run(id, state.id, holder, hidden ? 1 : 0, baseIn, baseOut);
  address.isStored = true;
  address.storedHolder = holder;
  address.storedHidden = hidden;
  address.storedIn = baseIn;
  address.storedOut = baseOut;
}

/** The device of a key, new when it is named for the first time. */
export function deviceOf(writes: Writes, state: SourceState, key: string): DeviceState {
  const known = state.devices.get(key);
  if (known) return known;
  const id = Number(writes.insertDevice.run(state.id, key).lastInsertRowid);
  keyOf(0, id);
  const device: DeviceState = {
    id,
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

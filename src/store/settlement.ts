import type { AddressFact, Charge, Settlement } from "../accounting/types.ts";
import { addBalances } from "./balance.ts";
import { checkAmount, dayOfSlot, hourOfSlot, latestSlot, slotReader } from "./checks.ts";
import { secondsIntoDay } from "./days.ts";
import { addressOf, deviceOf, foldAddress, openSlot, post } from "./fold.ts";
import { type AddressState, type DeviceState, newState, type SourceState } from "./state.ts";
import type { Writes } from "./statements.ts";

/** A reading without news is written this seldom: the card is worth more than the instant. */
const WRITE_QUIET_READING_AFTER_MS = 3_600_000;

/** What of an address was touched by the settlement being applied. */
interface Touched {
  readonly address: AddressState;
  /** When it last sent, in ms; null when the settlement does not say. */
  readonly seenAt: number | null;
}

/** Whether a settlement says anything that the store does not know yet, other than that time went on. */
export function hasNews(state: SourceState | undefined, settlement: Settlement): boolean {
  if (!state) return true;
  const { books } = settlement;
  const known = state.books;
  return (
    settlement.charges.length > 0 ||
    settlement.addresses.length > 0 ||
    settlement.forgotten.length > 0 ||
    settlement.notes.length > 0 ||
    settlement.counted.some((day) => day.bytes > 0 || day.captured > 0 || day.dropped > 0) ||
    books.epoch !== known.epoch ||
    books.totalBefore !== known.totalBefore ||
    books.counted !== known.counted ||
    books.captured !== known.captured ||
    books.dropped !== known.dropped ||
    books.at - state.writtenAt >= WRITE_QUIET_READING_AFTER_MS ||
    newRouters(state, settlement).length > 0
  );
}

function newRouters(state: SourceState, settlement: Settlement): string[] {
  return [...settlement.books.routers].filter((key) => !state.devices.get(key)?.router);
}

/** Takes what only time changed into memory; it is written with the next news. */
export function noteQuietReading(state: SourceState, settlement: Settlement): void {
  state.books = headOf(settlement);
  state.unwritten = true;
}

function headOf({ books }: Settlement): SourceState["books"] {
  const { epoch, at, uptimeSeconds, totalBefore, counted, captured, dropped } = books;
  return { epoch, at, uptimeSeconds, totalBefore, counted, captured, dropped };
}

/**
 * Writes a settlement into the open transaction, and into the state that mirrors it.
 * On any error the state is no longer to be trusted: roll back and load it anew.
 * @throws StoreError for figures that no settlement may have.
 */
export function applySettlement(writes: Writes, states: Map<string, SourceState>, settlement: Settlement): void {
  const state = states.get(settlement.books.source) ?? createSource(writes, states, settlement);
  const slotOf = slotReader();
  const slots = settlement.charges.map(slotOf);
  for (const fact of settlement.addresses) checkAmount(fact, "the counters of", fact.ip);

  const last = latestSlot(settlement.charges, slots);
  if (last) openSlot(writes, state, last.day, last.hour);

  for (const key of newRouters(state, settlement)) {
    const device = deviceOf(writes, state, key);
    device.router = true;
    writeDevice(writes, device);
  }
  const touched = new Map<string, Touched>();
  for (const fact of settlement.addresses) {
    touched.set(fact.ip, { address: takeFact(writes, state, fact), seenAt: fact.seenAt });
  }
  settlement.charges.forEach((charge, index) => {
    if (charge.in > 0 || charge.out > 0) takeCharge(writes, state, charge, slots[index] as number, touched);
  });
  for (const { address } of touched.values()) writeAddress(writes, state, address);
  for (const ip of settlement.forgotten) forget(writes, state, ip);

  addBalances(writes, state, settlement, slots);
  for (const note of settlement.notes) {
    writes.insertNote.run(state.id, note.at, note.code, JSON.stringify(note.detail));
  }
  state.books = headOf(settlement);
  writeSource(writes, state);
}

function createSource(writes: Writes, states: Map<string, SourceState>, settlement: Settlement): SourceState {
  const { source, at } = settlement.books;
  const head = headOf(settlement);
  const { epoch, uptimeSeconds, totalBefore, counted, captured, dropped } = head;
  const inserted = writes.insertSource.run(
    source,
    at,
    epoch,
    at,
    uptimeSeconds,
    totalBefore,
    counted,
    captured,
    dropped,
  );
  const state = newState(Number(inserted.lastInsertRowid), source, at, head);
  states.set(source, state);
  return state;
}

/** Writes the row of a source: its books, but for the baselines, and its open clock hour. */
export function writeSource(writes: Writes, state: SourceState): void {
  const { epoch, at, uptimeSeconds, totalBefore, counted, captured, dropped } = state.books;
  writes.updateSource.run(
    epoch,
    at,
    uptimeSeconds,
    totalBefore,
    counted,
    captured,
    dropped,
    state.slotDay,
    state.slotHour,
    state.id,
  );
  state.unwritten = false;
  state.writtenAt = at;
}

function takeFact(writes: Writes, state: SourceState, fact: AddressFact): AddressState {
  const address = addressOf(writes, state, fact.ip);
  const holder = fact.holder === null ? null : deviceOf(writes, state, fact.holder);
  const mac = fact.mac === null ? null : deviceOf(writes, state, fact.mac).id;
  const moved = !address.based || address.holder !== (holder?.id ?? null);
  if (moved && address.based) foldAddress(writes, state, address);

  const renamed = fact.hostname !== null && fact.hostname !== address.hostname;
  if (renamed || mac !== address.mac) {
    address.hostname = fact.hostname ?? address.hostname;
    address.mac = mac;
    writes.updateAddress.run(address.hostname, mac, address.id);
  }
  if (holder && fact.hostname !== null && (renamed || moved) && fact.hostname !== holder.hostname) {
    holder.hostname = fact.hostname;
    writeDevice(writes, holder);
  }
  if (!address.based) address.hidden = true;
  address.based = true;
  address.holder = holder?.id ?? null;
  address.counterIn = fact.in;
  address.counterOut = fact.out;
  return address;
}

function takeCharge(
  writes: Writes,
  state: SourceState,
  charge: Charge,
  slot: number,
  touched: Map<string, Touched>,
): void {
  if (charge.kind === "group" || charge.kind === "unattributed") return;
  const device = charge.kind === "device" ? deviceOf(writes, state, charge.device) : null;
  const address = addressOf(writes, state, charge.ip);
  let touch = touched.get(charge.ip);
  if (!touch) {
    touch = { address, seenAt: null };
    touched.set(charge.ip, touch);
  }
  const hidden = !charge.reported;
  if (address.hidden !== hidden) {
    foldAddress(writes, state, address);
    address.hidden = hidden;
  }
  const day = dayOfSlot(slot);
  const hour = hourOfSlot(slot);
  const today = day === state.slotDay;
  const seen = today && touch.seenAt !== null ? secondsIntoDay(day, touch.seenAt) : null;
  if (device) noteCharged(writes, device, address, day);

  // A remote host is kept by the day, so its charges name no hour that could differ from the open one.
  const mayWait =
    today &&
    (device === null || hour === state.slotHour) &&
    charge.reconstructed === "no" &&
    address.based &&
    address.holder === (device?.id ?? null);
  if (mayWait) {
    address.pendingIn += charge.in;
    address.pendingOut += charge.out;
    if (seen !== null) address.seen = Math.max(address.seen ?? seen, seen);
    if (device) nameToday(writes, state, device, hidden ? null : address.id);
    return;
  }
  post(writes, {
    device: device?.id ?? null,
    address: address.id,
    day,
    hour,
    in: charge.in,
    out: charge.out,
    hidden,
    reconstructed: charge.reconstructed,
    seen,
    names: true,
  });
  if (device && today) device.today = { address: hidden ? (device.today?.address ?? null) : address.id };
}

/** Sees to it that the device has a row on the open day, and that the row names the address that was charged last. */
function nameToday(writes: Writes, state: SourceState, device: DeviceState, address: number | null): void {
  if (device.today && (address === null || device.today.address === address)) return;
  writes.touchDay.run(state.slotDay, device.id, address);
  device.today = { address: address ?? device.today?.address ?? null };
}

/** Keeps the span of days on which a device was charged, and on which it used an address. */
function noteCharged(writes: Writes, device: DeviceState, address: AddressState, day: number): void {
  if (device.firstDay === null || device.lastDay === null || day < device.firstDay || day > device.lastDay) {
    device.firstDay = Math.min(device.firstDay ?? day, day);
    device.lastDay = Math.max(device.lastDay ?? day, day);
    writeDevice(writes, device);
  }
  if (address.chargedTo === device.id && address.chargedOn === day) return;
  writes.addDeviceAddress.run(device.id, address.id, day, day);
  address.chargedTo = device.id;
  address.chargedOn = day;
}

function writeDevice(writes: Writes, device: DeviceState): void {
  writes.updateDevice.run(device.router ? 1 : 0, device.hostname, device.firstDay, device.lastDay, device.id);
}

/** Brings the rows of an address up to its state, where they differ. */
function writeAddress(writes: Writes, state: SourceState, address: AddressState): void {
  if (!address.based) return;
  const baseIn = address.counterIn - address.pendingIn;
  const baseOut = address.counterOut - address.pendingOut;
  const base = address.baseRow;
  const sameHolder = base !== null && base.holder === address.holder && base.hidden === address.hidden;
  if (!sameHolder || base.in !== baseIn || base.out !== baseOut) {
    writes.putBaseline.run(address.id, state.id, address.holder, address.hidden ? 1 : 0, baseIn, baseOut);
    address.baseRow = { holder: address.holder, hidden: address.hidden, in: baseIn, out: baseOut };
  }
  const live = address.liveRow;
  const { pendingIn, pendingOut, seen } = address;
  if (pendingIn === 0 && pendingOut === 0) {
    if (live) writes.dropLive.run(address.id);
    address.liveRow = null;
  } else if (!live) {
    writes.putLive.run(address.id, pendingIn, pendingOut, seen);
    address.liveRow = { in: pendingIn, out: pendingOut, seen };
  } else if (live.in !== pendingIn || live.out !== pendingOut || live.seen !== seen) {
    writes.putLive.run(address.id, pendingIn, pendingOut, seen);
    live.in = pendingIn;
    live.out = pendingOut;
    live.seen = seen;
  }
}

function forget(writes: Writes, state: SourceState, ip: string): void {
  const address = state.addresses.get(ip);
  if (!address?.based) return;
  foldAddress(writes, state, address);
  writes.dropLive.run(address.id);
  writes.dropBaseline.run(address.id);
  state.addresses.delete(ip);
}

import type { AddressFact, Charge, Settlement } from "../accounting/types.ts";
import { addBalances, encodeBalance } from "./balance.ts";
import { checkAmount, dayOfSlot, hourOfSlot, latestSlot, slotsOf } from "./checks.ts";
import { keyOf } from "./day-key.ts";
import { secondsIntoDay } from "./days.ts";
import { addressOf, deviceOf, foldAddress, openSlot, post, writeBaseline } from "./fold.ts";
import { touchLive, writeLive } from "./live.ts";
import { type AddressState, type DeviceState, newState, type SourceState } from "./state.ts";
import type { Writes } from "./statements.ts";

/** A reading without news is written this seldom: the card is worth more than the instant. */
const WRITE_QUIET_READING_AFTER_MS = 3_600_000;

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
  if (state.unwritten === "nothing") state.unwritten = "instant";
}

function headOf({ books }: Settlement): SourceState["books"] {
  const { epoch, at, uptimeSeconds, totalBefore, counted, captured, dropped } = books;
  return { epoch, at, uptimeSeconds, totalBefore, counted, captured, dropped };
}

/**
 * Takes a settlement into the state of its source, and writes what of it is not part of the open slot: names, days that
 * are over, notes. The rest is written by {@link writeSource}, at the next checkpoint.
 * On any error the state is no longer to be trusted: roll back and load it anew.
 * @throws StoreError for figures that no settlement may have.
 */
export function applySettlement(writes: Writes, states: Map<string, SourceState>, settlement: Settlement): void {
  const { addresses, charges, books } = settlement;
  const state = states.get(books.source) ?? createSource(writes, states, settlement);
  const slots = slotsOf(charges);
  for (const fact of addresses) checkAmount(fact, "the counters of", fact.ip);

  const last = latestSlot(charges, slots);
  if (last) openSlot(writes, state, last.day, last.hour);

  for (const key of newRouters(state, settlement)) {
    const device = deviceOf(writes, state, key);
    device.router = true;
    writeDevice(writes, device);
  }
  state.settlements += 1;
  const touched: AddressState[] = [];
  for (const fact of addresses) takeFact(writes, state, fact, touched);
  for (let index = 0; index < charges.length; index += 1) {
    const charge = charges[index] as Charge;
    if (charge.in > 0 || charge.out > 0) takeCharge(writes, state, charge, slots[index] as number, touched);
  }
  for (const address of touched) writeBaseline(writes, state, address);
  for (const ip of settlement.forgotten) forget(writes, state, ip);

  addBalances(writes, state, settlement, slots);
  for (const note of settlement.notes) {
    writes.insertNote.run(state.id, note.at, note.code, JSON.stringify(note.detail));
  }
  state.books = headOf(settlement);
  state.unwritten = "news";
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

/** Writes the row of a source: its books, but for the baselines, its open slot, and the open bytes. */
export function writeSource(writes: Writes, state: SourceState): void {
  const { epoch, at, uptimeSeconds, totalBefore, counted, captured, dropped } = state.books;
  writeLive(writes, state);
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
    encodeBalance(writes.numbers, state.balance),
    state.parts[0].bytes,
    state.id,
  );
  state.unwritten = "nothing";
  state.writtenAt = at;
}

function takeFact(writes: Writes, state: SourceState, fact: AddressFact, touched: AddressState[]): void {
  const address = addressOf(writes, state, fact.ip);
  const holder = fact.holder === null ? null : deviceNamed(writes, state, fact.holder, address.holder);
  const mac = fact.mac === null ? null : deviceNamed(writes, state, fact.mac, address.mac).id;
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
  touch(state, address, fact.seenAt, touched);
}

/** The device of a key that is most likely the one whose number is known: telling so is cheaper than looking it up. */
function deviceNamed(writes: Writes, state: SourceState, key: string, likely: number | null): DeviceState {
  const known = likely === null ? undefined : state.devicesById.get(likely);
  return known?.key === key ? known : deviceOf(writes, state, key);
}

/** Notes that the present settlement speaks of an address. */
function touch(state: SourceState, address: AddressState, seenAt: number | null, touched: AddressState[]): void {
  if (address.touchedBy !== state.settlements) touched.push(address);
  address.touchedBy = state.settlements;
  address.seenAt = seenAt;
}

function takeCharge(writes: Writes, state: SourceState, charge: Charge, slot: number, touched: AddressState[]): void {
  if (charge.kind === "group" || charge.kind === "unattributed") return;
  const address = addressOf(writes, state, charge.ip);
  const device = charge.kind === "device" ? deviceNamed(writes, state, charge.device, address.holder) : null;
  if (address.touchedBy !== state.settlements) touch(state, address, null, touched);
  const hidden = !charge.reported;
  if (address.hidden !== hidden) {
    foldAddress(writes, state, address);
    address.hidden = hidden;
  }
  const day = dayOfSlot(slot);
  const hour = hourOfSlot(slot);
  const today = day === state.slotDay;
  const seen = today && address.seenAt !== null ? secondsIntoDay(day, address.seenAt) : null;
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
    touchLive(state, address);
    if (device) nameToday(writes, state, device, hidden ? null : address.id);
    return;
  }
  post(
    writes,
    {
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
    },
    state.slotDay,
  );
  if (device && today) device.today = { address: hidden ? (device.today?.address ?? null) : address.id };
}

/** Sees to it that the device has a row on the open day, and that the row names the address that was charged last. */
function nameToday(writes: Writes, state: SourceState, device: DeviceState, address: number | null): void {
  if (device.today && (address === null || device.today.address === address)) return;
  writes.touchDay.run(keyOf(state.slotDay, device.id), address);
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

function forget(writes: Writes, state: SourceState, ip: string): void {
  const address = state.addresses.get(ip);
  if (!address?.based) return;
  foldAddress(writes, state, address);
  writes.dropBaseline.run(address.id);
  state.addresses.delete(ip);
}

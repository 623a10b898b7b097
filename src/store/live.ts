import type { SQLInputValue } from "node:sqlite";
import { createNumberReader, digitsOf, type NumberWriter, signed, unsigned } from "./numbers.ts";
import type { AddressState, SourceState } from "./state.ts";
import type { Writes } from "./statements.ts";

/**
 * What changes with every reading, in as few pages as may be: each source's open bytes stand in parts, of which the first
 * lies in the row of the source beside what is known of its darkstat, so that a household's checkpoint writes one page.
 *
 * A part is a row of numbers (see numbers.ts): when the latest of its addresses last sent, then four for each address, by
 * its number: how much it is above the number before, bytes in, bytes out, seconds from its last sending to the latest.
 * Zeros fill it up, so that it seldom takes another length: SQLite then writes it in its place.
 * The view `live` reads it in SQL.
 */
export interface LivePart {
  /** Its row in `live_part`; null for the first part, and until it has one. */
  id: number | null;
  /** The addresses that it holds. Those without open bytes are let go when it is written. */
  members: AddressState[];
  /** Whether it differs from what was written. */
  changed: boolean;
  bytes: Uint8Array;
}

/** What an address has in the open slot. */
export interface LiveEntry {
  readonly address: number;
  readonly in: number;
  readonly out: number;
  readonly seen: number | null;
}

/** Bytes for which a page of 2 kB has room, beside the rest of a source's row or the few of a part's. */
const MOST_BYTES_OF_FIRST = 1_856;
const MOST_BYTES = 1_984;
/** Lengths are multiples of it. Both of the above are. */
const FILL = 64;
/** More are not tried at once: ten thousand arrive when a darkstat is read for the first time. Few have four bytes or less. */
const MOST_MEMBERS = 512;
/** An entry's, beside those of its bytes: four counts, a small step in the addresses and in time. */
const USUAL_DIGITS = 8;

export function newPart(id: number | null = null): LivePart {
  return { id, members: [], changed: false, bytes: new Uint8Array() };
}

/** Notes that the open bytes of an address changed. */
export function touchLive(state: SourceState, address: AddressState): void {
  let part = address.part;
  if (part === null) {
    part = state.parts[state.parts.length - 1] as LivePart;
    part.members.push(address);
    address.part = part;
  }
  part.changed = true;
}

/** Spreads the addresses that have open bytes over the parts anew, those that sent last first: they will again. */
export function repackLive(state: SourceState): void {
  const members: AddressState[] = [];
  for (const part of state.parts) {
    for (const address of part.members) {
      address.part = null;
      if (isOpen(address)) members.push(address);
    }
    part.members = [];
    part.changed = true;
  }
  members.sort((a, b) => (b.seen ?? 0) - (a.seen ?? 0));
  let index = 0;
  let digits = 0;
  for (const address of members) {
    digits += USUAL_DIGITS + digitsOf(address.pendingIn) + digitsOf(address.pendingOut);
    if (digits > 2 * (index === 0 ? MOST_BYTES_OF_FIRST : MOST_BYTES)) {
      index += 1;
      digits = 0;
      if (index === state.parts.length) state.parts.push(newPart());
    }
    const part = state.parts[index] as LivePart;
    part.members.push(address);
    part.changed = true;
    address.part = part;
  }
}

/** Brings the parts of a source up to date: the first into memory, for the source's row, the others into theirs. */
export function writeLive(writes: Writes, state: SourceState): void {
  const homeless: AddressState[] = [];
  for (let index = 0; index < state.parts.length || homeless.length > 0; index += 1) {
    const isLast = index >= state.parts.length - 1;
    const part = state.parts[index] ?? newPart();
    if (index === state.parts.length) state.parts.push(part);
    if (isLast && homeless.length > 0) {
      for (const address of homeless.splice(0, MOST_MEMBERS)) {
        address.part = part;
        part.members.push(address);
      }
      part.changed = true;
    }
    if (!part.changed) continue;
    homeless.push(...encodePart(writes.numbers, part, index === 0 ? MOST_BYTES_OF_FIRST : MOST_BYTES));
    part.changed = false;
    if (index > 0) writePart(writes, state, part);
  }
  const [first, ...others] = state.parts;
  state.parts = [first, ...others.filter((part) => part.id !== null)];
}

function writePart(writes: Writes, state: SourceState, part: LivePart): void {
  if (part.bytes.length === 0) {
    if (part.id !== null) writes.dropPart.run(part.id);
    part.id = null;
  } else if (part.id === null) {
    part.id = Number(writes.insertPart.run(state.id, part.bytes as SQLInputValue).lastInsertRowid);
  } else {
    writes.updatePart.run(part.bytes as SQLInputValue, part.id);
  }
}

function isOpen(address: AddressState): boolean {
  return address.pendingIn > 0 || address.pendingOut > 0;
}

/** Writes as many members as there is room for, in their order. Returns the others, which need another part. */
function encodePart(writer: NumberWriter, part: LivePart, mostBytes: number): AddressState[] {
  const open = part.members.filter((address) => {
    if (isOpen(address)) return true;
    address.part = null;
    return false;
  });
  const left = open.slice(MOST_MEMBERS);
  const members = open.slice(0, MOST_MEMBERS).sort((a, b) => a.id - b.id);
  let latest: number | null = null;
  for (const { seen } of members) if (seen !== null && (latest === null || seen > latest)) latest = seen;

  writer.cut(0);
  writer.put(latest === null ? null : unsigned(latest));
  let count = 0;
  let before = 0;
  for (const address of members) {
    const start = writer.length();
    writer.put(address.id - before);
    writer.put(address.pendingIn);
    writer.put(address.pendingOut);
    writer.put(address.seen === null || latest === null ? null : latest - address.seen);
    if (writer.length() > mostBytes * 2) {
      writer.cut(start);
      break;
    }
    before = address.id;
    count += 1;
  }
  part.bytes = count === 0 ? new Uint8Array() : filled(writer.bytes());
  part.members = members.slice(0, count);
  for (const address of members.slice(count)) left.push(address);
  for (const address of left) address.part = null;
  return left;
}

function filled(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(Math.ceil(bytes.length / FILL) * FILL);
  result.set(bytes);
  return result;
}

/** What stands in a part. @throws RangeError when it is no part */
export function decodePart(bytes: Uint8Array): LiveEntry[] {
  const entries: LiveEntry[] = [];
  if (bytes.length === 0) return entries;
  const reader = createNumberReader(bytes);
  const next = () => {
    const value = reader.next();
    if (value === null) throw new RangeError("a row of numbers has a null where it can't");
    return value;
  };
  const first = reader.next();
  const latest = first === null ? null : signed(first);
  let address = 0;
  while (reader.left() >= 4) {
    const above = next();
    if (above === 0) break;
    address += above;
    const entry = { address, in: next(), out: next() };
    const back = reader.next();
    entries.push({ ...entry, seen: back === null || latest === null ? null : latest - back });
  }
  return entries;
}

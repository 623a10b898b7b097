import type { Books } from "../accounting/types.ts";
import { decodeBalance } from "./balance.ts";
import { keyOf } from "./day-key.ts";
import { type DatabaseSync, rowsOf } from "./engine.ts";
import { decodePart, type LivePart, newPart } from "./live.ts";

/**
 * What the database holds about the present of one source: a copy in memory, so that a poll need not read before it
 * writes. It is dropped on every rollback, and read again when next needed.
 */
export interface SourceState {
  readonly id: number;
  readonly name: string;
  readonly firstAt: number;
  /** Everything of the books but the baselines and routers. */
  books: Omit<Books, "source" | "baselines" | "routers">;
  /**
   * Whether its row and the parts with it differ from this: not at all, in the instant of a reading without news, which may
   * wait for an hour, or in what the next checkpoint must keep.
   */
  unwritten: "nothing" | "instant" | "news";
  writtenAt: number;
  /** The open slot: its day's bytes of remote hosts and its clock hour's bytes of devices stand in no day yet. It only moves forward. */
  slotDay: number;
  slotHour: number;
  /** What the books of the open day have, as in a row of `balance_day`; null before its first charge. */
  balance: number[] | null;
  /** Where the open bytes are written: the first part always, others as needed. */
  parts: [LivePart, ...LivePart[]];
  /** Counts settlements, so that an address can tell whether it was touched by the present one. */
  settlements: number;
  readonly addresses: Map<string, AddressState>;
  readonly devices: Map<string, DeviceState>;
  readonly devicesById: Map<number, DeviceState>;
}

/** An address of the dictionary, with its baseline and its share of the open hour if it has one. */
export interface AddressState {
  readonly id: number;
  readonly ip: string;
  hostname: string | null;
  mac: number | null;
  /** False for an address that is in the dictionary only. All fields but the above are of use only when true. */
  based: boolean;
  holder: number | null;
  /** Outside IPFilter, or not charged yet. */
  hidden: boolean;
  counterIn: number;
  counterOut: number;
  /** Bytes of the open slot. */
  pendingIn: number;
  pendingOut: number;
  /** When it last sent, in seconds into the open day; null until it is charged in the open slot. */
  seen: number | null;
  /** The part that holds its open bytes; null while it has none. */
  part: LivePart | null;
  /** What its row in `baseline` says; of use only when `isStored`. */
  isStored: boolean;
  storedHolder: number | null;
  storedHidden: boolean;
  storedIn: number;
  storedOut: number;
  /** The settlement that touched it last, and when it last sent by that one: ms, null where it does not say. */
  touchedBy: number;
  seenAt: number | null;
  /** The device and the last day that its newest `device_address` row names. */
  chargedTo: number | null;
  chargedOn: number | null;
}

export interface DeviceState {
  readonly id: number;
  readonly key: string;
  router: boolean;
  hostname: string | null;
  firstDay: number | null;
  lastDay: number | null;
  /** Its row of the open day, once it has one: the reported address that was charged last. */
  today: { address: number | null } | null;
}

interface SourceRow {
  readonly id: number;
  readonly name: string;
  readonly first_at: number;
  readonly epoch: string;
  readonly at: number;
  readonly uptime: number;
  readonly total_before: number;
  readonly counted: number;
  readonly captured: number;
  readonly dropped: number;
  readonly slot_day: number;
  readonly slot_hour: number;
  readonly balance: Uint8Array;
  readonly hosts: Uint8Array;
}

interface PartRow {
  readonly part: number;
  readonly hosts: Uint8Array;
}

interface DeviceRow {
  readonly id: number;
  readonly key: string;
  readonly router: number;
  readonly hostname: string | null;
  readonly first_day: number | null;
  readonly last_day: number | null;
  /** The key of its row on the open day if it has one, and the address that the row names. */
  readonly today: number | null;
  readonly address: number | null;
}

interface AddressRow {
  readonly id: number;
  readonly ip: string;
  readonly hostname: string | null;
  readonly mac: number | null;
  readonly holder: number | null;
  readonly hidden: number;
  readonly base_in: number;
  readonly base_out: number;
  readonly charged_on: number | null;
}

/**
 * Reads every source's present. One query per table; about 1 ms per 1,000 addresses.
 * @throws RangeError when the open bytes are not what was written: the file is damaged
 */
export function loadStates(db: DatabaseSync): Map<string, SourceState> {
  const states = new Map<string, SourceState>();
  const selectParts = db.prepare("SELECT part, hosts FROM live_part WHERE source = ? ORDER BY part");
  for (const row of rowsOf<SourceRow>(db.prepare("SELECT * FROM source ORDER BY id"))) {
    const state = newState(row.id, row.name, row.first_at, {
      epoch: row.epoch,
      at: row.at,
      uptimeSeconds: row.uptime,
      totalBefore: row.total_before,
      counted: row.counted,
      captured: row.captured,
      dropped: row.dropped,
    });
    state.slotDay = row.slot_day;
    state.slotHour = row.slot_hour;
    state.balance = decodeBalance(row.balance);
    state.parts[0].bytes = row.hosts;
    for (const part of rowsOf<PartRow>(selectParts, row.id))
      state.parts.push({ ...newPart(part.part), bytes: part.hosts });
    loadDevices(db, state);
    loadAddresses(db, state);
    states.set(state.name, state);
  }
  return states;
}

export function newState(id: number, name: string, firstAt: number, books: SourceState["books"]): SourceState {
  return {
    id,
    name,
    firstAt,
    books,
    unwritten: "nothing",
    writtenAt: books.at,
    slotDay: 0,
    slotHour: 0,
    balance: null,
    parts: [newPart()],
    settlements: 0,
    addresses: new Map(),
    devices: new Map(),
    devicesById: new Map(),
  };
}

export function newAddress(id: number, ip: string, hostname: string | null, mac: number | null): AddressState {
  return {
    id,
    ip,
    hostname,
    mac,
    based: false,
    holder: null,
    hidden: true,
    counterIn: 0,
    counterOut: 0,
    pendingIn: 0,
    pendingOut: 0,
    seen: null,
    part: null,
    isStored: false,
    storedHolder: null,
    storedHidden: true,
    storedIn: 0,
    storedOut: 0,
    touchedBy: 0,
    seenAt: null,
    chargedTo: null,
    chargedOn: null,
  };
}

function loadDevices(db: DatabaseSync, state: SourceState): void {
  const select = db.prepare(
    `SELECT d.id, d.key, d.router, d.hostname, d.first_day, d.last_day, u.id AS today, u.address
     FROM device d LEFT JOIN usage_day u ON u.id = ? + d.id WHERE d.source = ?`,
  );
  for (const row of rowsOf<DeviceRow>(select, keyOf(state.slotDay, 0), state.id)) {
    const device: DeviceState = {
      id: row.id,
      key: row.key,
      router: row.router === 1,
      hostname: row.hostname,
      firstDay: row.first_day,
      lastDay: row.last_day,
      today: row.today === null ? null : { address: row.address },
    };
    state.devices.set(device.key, device);
    state.devicesById.set(device.id, device);
  }
}

function loadAddresses(db: DatabaseSync, state: SourceState): void {
  const select = db.prepare(
    `SELECT a.id, a.ip, a.hostname, a.mac, b.holder, b.hidden, b.base_in, b.base_out, x.last_day AS charged_on
     FROM baseline b JOIN address a ON a.id = b.address
     LEFT JOIN device_address x ON x.device = b.holder AND x.address = b.address
     WHERE b.source = ?`,
  );
  const byId = new Map<number, AddressState>();
  for (const row of rowsOf<AddressRow>(select, state.id)) {
    const hidden = row.hidden === 1;
    const address = newAddress(row.id, row.ip, row.hostname, row.mac);
    address.based = true;
    address.holder = address.storedHolder = row.holder;
    address.hidden = address.storedHidden = hidden;
    address.counterIn = address.storedIn = row.base_in;
    address.counterOut = address.storedOut = row.base_out;
    address.isStored = true;
    address.chargedTo = row.charged_on === null ? null : row.holder;
    address.chargedOn = row.charged_on;
    state.addresses.set(row.ip, address);
    byId.set(row.id, address);
  }
  for (const part of state.parts) {
    for (const entry of decodePart(part.bytes)) {
      const address = byId.get(entry.address);
      if (!address) throw new RangeError(`address ${entry.address} has open bytes and no baseline`);
      address.counterIn += entry.in;
      address.counterOut += entry.out;
      address.pendingIn = entry.in;
      address.pendingOut = entry.out;
      address.seen = entry.seen;
      address.part = part;
      part.members.push(address);
    }
  }
}

/** The books that a state stands for. */
export function booksOf(state: SourceState): Books {
  const baselines = new Map<string, { in: number; out: number; holder: string | null }>();
  for (const address of state.addresses.values()) {
    if (!address.based) continue;
    const holder = address.holder === null ? null : (state.devicesById.get(address.holder)?.key ?? null);
    baselines.set(address.ip, { in: address.counterIn, out: address.counterOut, holder });
  }
  const routers = new Set<string>();
  for (const device of state.devices.values()) if (device.router) routers.add(device.key);
  return { source: state.name, ...state.books, baselines, routers };
}

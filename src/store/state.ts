import type { Books } from "../accounting/types.ts";
import { type DatabaseSync, rowsOf } from "./engine.ts";

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
  /** Whether `books` differs from its row. Only the instant of a reading may wait so, and an hour at most. */
  unwritten: boolean;
  writtenAt: number;
  /** The clock hour whose bytes still stand in `live`. It only moves forward. */
  slotDay: number;
  slotHour: number;
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
  /** Bytes of the open hour. */
  pendingIn: number;
  pendingOut: number;
  /** When it last sent, in seconds into the open day; null until it is charged in the open hour. */
  seen: number | null;
  /** What its rows say now; null where there is none. */
  baseRow: { holder: number | null; hidden: boolean; in: number; out: number } | null;
  liveRow: { in: number; out: number; seen: number | null } | null;
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
}

interface DeviceRow {
  readonly id: number;
  readonly key: string;
  readonly router: number;
  readonly hostname: string | null;
  readonly first_day: number | null;
  readonly last_day: number | null;
  /** The open day if the device has a row on it, and the address that the row names. */
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
  /** Null where the address has no share of the open hour. */
  readonly bytes_in: number | null;
  readonly bytes_out: number | null;
  readonly seen: number | null;
  readonly charged_on: number | null;
}

/** Reads every source's present. One query per table; about 1 ms per 1,000 addresses. */
export function loadStates(db: DatabaseSync): Map<string, SourceState> {
  const states = new Map<string, SourceState>();
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
    unwritten: false,
    writtenAt: books.at,
    slotDay: 0,
    slotHour: 0,
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
    baseRow: null,
    liveRow: null,
    chargedTo: null,
    chargedOn: null,
  };
}

function loadDevices(db: DatabaseSync, state: SourceState): void {
  const select = db.prepare(
    `SELECT d.id, d.key, d.router, d.hostname, d.first_day, d.last_day, u.day AS today, u.address
     FROM device d LEFT JOIN usage_day u ON u.day = ? AND u.device = d.id WHERE d.source = ?`,
  );
  for (const row of rowsOf<DeviceRow>(select, state.slotDay, state.id)) {
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
    `SELECT a.id, a.ip, a.hostname, a.mac, b.holder, b.hidden, b.base_in, b.base_out,
            l.bytes_in, l.bytes_out, l.seen, x.last_day AS charged_on
     FROM baseline b JOIN address a ON a.id = b.address LEFT JOIN live l ON l.address = b.address
     LEFT JOIN device_address x ON x.device = b.holder AND x.address = b.address
     WHERE b.source = ?`,
  );
  for (const row of rowsOf<AddressRow>(select, state.id)) {
    const pendingIn = row.bytes_in ?? 0;
    const pendingOut = row.bytes_out ?? 0;
    const hidden = row.hidden === 1;
    state.addresses.set(row.ip, {
      ...newAddress(row.id, row.ip, row.hostname, row.mac),
      based: true,
      holder: row.holder,
      hidden,
      counterIn: row.base_in + pendingIn,
      counterOut: row.base_out + pendingOut,
      pendingIn,
      pendingOut,
      seen: row.seen,
      baseRow: { holder: row.holder, hidden, in: row.base_in, out: row.base_out },
      liveRow: row.bytes_in === null ? null : { in: pendingIn, out: pendingOut, seen: row.seen },
      chargedTo: row.charged_on === null ? null : row.holder,
      chargedOn: row.charged_on,
    });
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

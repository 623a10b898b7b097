import type { Baseline, Books, Charge, Day, Settlement } from "../accounting/types.ts";
import type { Device, DeviceAddress, DeviceDay, DeviceHour, RemoteDay, Store } from "./store.ts";

/**
 * What a store must answer, in the plainest words: a test's reference, with no thought for speed. Devices are named by
 * source and key instead of a number, so that any engine's answers can be put beside it.
 */
export interface Model {
  sources: Map<string, SourceModel>;
}

interface SourceModel {
  books: Books;
  firstAt: number;
  openSlot: { day: Day; hour: number } | null;
  days: Map<string, DayModel>;
  hours: Map<string, Omit<DeviceHour, "device"> & { key: string }>;
  remote: Map<string, Omit<RemoteDay, "mac" | "hostname">>;
  balance: Map<Day, Record<string, number>>;
  devices: Map<string, { hostname: string | null; days: Set<Day> }>;
  addresses: Map<string, { hostname: string | null; mac: string | null }>;
  used: Map<string, { key: string; ip: string; days: Set<Day> }>;
  /** Whether an IP's last charge was reported. */
  reported: Map<string, boolean>;
  notes: Settlement["notes"][number][];
}

type DayModel = Omit<DeviceDay, "device" | "implausible"> & { key: string };
type Writable<T> = { -readonly [K in keyof T]: T[K] };

export function emptyModel(): Model {
  return { sources: new Map() };
}

/** Takes a settlement in. The model is changed in place; `structuredClone` it to go back. */
export function applyToModel(model: Model, settlement: Settlement): void {
  const { books } = settlement;
  let source = model.sources.get(books.source);
  if (!source) {
    source = newSource(settlement);
    model.sources.set(books.source, source);
  }
  const charges = settlement.charges.filter((charge) => charge.in > 0 || charge.out > 0);
  openLatestSlot(source, charges);
  for (const fact of settlement.addresses) takeFact(source, fact);
  const seenAt = new Map(settlement.addresses.map((fact) => [fact.ip, fact.seenAt]));
  source.books = books;
  for (const charge of charges) {
    const row = balanceRow(source, charge.day);
    if (charge.kind !== "device") {
      row[`${charge.kind}In`] = (row[`${charge.kind}In`] ?? 0) + charge.in;
      row[`${charge.kind}Out`] = (row[`${charge.kind}Out`] ?? 0) + charge.out;
    }
    const today = charge.day === source.openSlot?.day;
    const seen = today ? toSecond(seenAt.get(charge.ip) ?? null) : null;
    if (charge.kind === "device") takeDeviceCharge(source, charge, seen);
    if (charge.kind === "remote") takeRemoteCharge(source, charge, seen);
  }
  for (const counted of settlement.counted) {
    if (counted.bytes === 0 && counted.captured === 0 && counted.dropped === 0) continue;
    const row = balanceRow(source, counted.day);
    row.counted = (row.counted ?? 0) + counted.bytes;
    row.captured = (row.captured ?? 0) + counted.captured;
    row.dropped = (row.dropped ?? 0) + counted.dropped;
  }
  source.notes.push(...settlement.notes);
  refreshCounters(source);
}

function newSource({ books }: Settlement): SourceModel {
  return {
    books: { ...books, baselines: new Map() },
    firstAt: books.at,
    openSlot: null,
    days: new Map(),
    hours: new Map(),
    remote: new Map(),
    balance: new Map(),
    devices: new Map(),
    addresses: new Map(),
    used: new Map(),
    reported: new Map(),
    notes: [],
  };
}

function openLatestSlot(source: SourceModel, charges: readonly Charge[]): void {
  for (const { kind, day, hour } of charges) {
    if (kind !== "device" && kind !== "remote") continue;
    const open = source.openSlot;
    if (!open || day > open.day || (day === open.day && hour > open.hour)) source.openSlot = { day, hour };
  }
}

function takeFact(source: SourceModel, fact: Settlement["addresses"][number]): void {
  const known = source.addresses.get(fact.ip) ?? { hostname: null, mac: null };
  const before = source.books.baselines.get(fact.ip);
  const renamed = fact.hostname !== null && fact.hostname !== known.hostname;
  const moved = before === undefined || before.holder !== fact.holder;
  source.addresses.set(fact.ip, { hostname: fact.hostname ?? known.hostname, mac: fact.mac });
  if (!before) source.reported.delete(fact.ip);
  if (fact.holder === null) return;
  const device = deviceRow(source, fact.holder);
  if (fact.hostname !== null && (renamed || moved)) device.hostname = fact.hostname;
}

function takeDeviceCharge(source: SourceModel, charge: Charge, seen: number | null): void {
  const { device: key, ip, day, hour } = charge;
  deviceRow(source, key).days.add(day);
  source.reported.set(ip, charge.reported);
  const used = source.used.get(`${key} ${ip}`) ?? { key, ip, days: new Set<Day>() };
  used.days.add(day);
  source.used.set(`${key} ${ip}`, used);

  const row: Writable<DayModel> = source.days.get(`${day} ${key}`) ?? {
    key,
    day,
    ip: null,
    in: 0,
    out: 0,
    hiddenIn: 0,
    hiddenOut: 0,
    seenAt: null,
    counterIn: 0,
    counterOut: 0,
    reconstructed: false,
  };
  row.seenAt = later(row.seenAt, seen);
  row.reconstructed ||= charge.reconstructed === "day";
  source.days.set(`${day} ${key}`, row);
  if (!charge.reported) {
    row.hiddenIn += charge.in;
    row.hiddenOut += charge.out;
    return;
  }
  row.ip = ip;
  row.in += charge.in;
  row.out += charge.out;
  const slot: Writable<Omit<DeviceHour, "device"> & { key: string }> = source.hours.get(`${day} ${hour} ${key}`) ?? {
    key,
    day,
    hour,
    in: 0,
    out: 0,
    reconstructed: false,
  };
  slot.in += charge.in;
  slot.out += charge.out;
  slot.reconstructed ||= charge.reconstructed !== "no";
  source.hours.set(`${day} ${hour} ${key}`, slot);
}

function takeRemoteCharge(source: SourceModel, charge: Charge, seen: number | null): void {
  const { ip, day } = charge;
  source.reported.set(ip, charge.reported);
  if (!source.addresses.has(ip)) source.addresses.set(ip, { hostname: null, mac: null });
  const row: Writable<Omit<RemoteDay, "mac" | "hostname">> = source.remote.get(`${day} ${ip}`) ?? {
    source: source.books.source,
    day,
    ip,
    in: 0,
    out: 0,
    reported: true,
    seenAt: null,
    counterIn: 0,
    counterOut: 0,
    reconstructed: false,
  };
  row.in += charge.in;
  row.out += charge.out;
  row.reported = charge.reported;
  row.seenAt = later(row.seenAt, seen);
  row.reconstructed ||= charge.reconstructed === "day";
  source.remote.set(`${day} ${ip}`, row);
}

/** The open day shows the counters of now; the days before keep what they showed last. */
function refreshCounters(source: SourceModel): void {
  const today = source.openSlot?.day;
  for (const row of source.days.values() as Iterable<Writable<DayModel>>) {
    if (row.day !== today) continue;
    row.counterIn = 0;
    row.counterOut = 0;
    for (const [ip, base] of source.books.baselines) {
      if (base.holder !== row.key || !source.reported.get(ip)) continue;
      row.counterIn += base.in;
      row.counterOut += base.out;
    }
  }
  for (const row of source.remote.values() as Iterable<Writable<Pick<RemoteDay, "ip" | "day"> & Partial<Baseline>>>) {
    if (row.day !== today) continue;
    const base = source.books.baselines.get(row.ip);
    Object.assign(row, { counterIn: base?.in ?? 0, counterOut: base?.out ?? 0 });
  }
}

function deviceRow(source: SourceModel, key: string) {
  const device = source.devices.get(key) ?? { hostname: null, days: new Set<Day>() };
  source.devices.set(key, device);
  return device;
}

function balanceRow(source: SourceModel, day: Day): Record<string, number> {
  const row = source.balance.get(day) ?? {};
  source.balance.set(day, row);
  return row;
}

function later(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}

function toSecond(at: number | null): number | null {
  return at === null ? null : Math.floor(at / 1000) * 1000;
}

/** Forgets what `Store.prune` must, and counts it. */
export function pruneModel(model: Model, keep: Parameters<Store["prune"]>[0]): number {
  let gone = 0;
  const drop = <Id, Row>(rows: Map<Id, Row>, old: (row: Row, id: Id) => boolean) => {
    for (const [id, row] of rows) if (old(row, id) && rows.delete(id)) gone += 1;
  };
  const hoursFrom = keep.hoursFrom ?? "";
  const remoteFrom = keep.remoteFrom ?? "";
  const devicesFrom = keep.devicesFrom ?? "";
  const oldestNote = remoteFrom === "" ? 0 : Date.parse(`${remoteFrom}T00:00:00Z`) - 86_400_000;
  for (const source of model.sources.values()) {
    drop(source.hours, (row) => row.day < hoursFrom || row.day < devicesFrom);
    drop(source.remote, (row) => row.day < remoteFrom);
    drop(source.days, (row) => row.day < devicesFrom);
    drop(source.balance, (_, day) => day < devicesFrom);
    const kept = source.notes.filter((note) => note.at >= oldestNote);
    gone += source.notes.length - kept.length;
    source.notes = kept;
    const isOld = ({ days }: { days: Set<Day> }) => days.size > 0 && [...days].every((day) => day < devicesFrom);
    for (const [id, used] of source.used) if (isOld(used)) source.used.delete(id);
    for (const [key, device] of source.devices) {
      if (isOld(device)) source.devices.set(key, { hostname: null, days: new Set() });
    }
    forgetAddresses(source);
    forgetNames(source);
  }
  return gone;
}

/** A device without days keeps its name only while an address stands in its name, or before a remote host. */
function forgetNames(source: SourceModel): void {
  const named = new Set([...source.books.baselines.values()].map((base) => base.holder));
  for (const { mac } of source.addresses.values()) named.add(mac);
  for (const [key, device] of source.devices) {
    if (device.days.size === 0 && !source.books.routers.has(key) && !named.has(key)) source.devices.delete(key);
  }
}

/** An address that no figure and no baseline names loses its name. */
function forgetAddresses(source: SourceModel): void {
  const named = new Set(source.books.baselines.keys());
  for (const { ip } of source.remote.values()) named.add(ip);
  for (const { ip } of source.used.values()) named.add(ip);
  for (const ip of source.addresses.keys()) if (!named.has(ip)) source.addresses.delete(ip);
}

/** Everything that can be asked for the days of a range, in the form that {@link factsOfStore} gives. */
export function factsOfModel(model: Model, from: Day, to: Day) {
  const inRange = (row: { day: Day }) => from <= row.day && row.day <= to;
  const facts = emptyFacts();
  for (const [name, source] of model.sources) {
    facts.books[name] = source.books;
    facts.sources.push({ source: name, firstAt: source.firstAt, at: source.books.at });
    const at = (key: string) => `${name} ${key}`;
    for (const { key, ...row } of source.days.values()) {
      if (inRange(row)) facts.days.push({ ...row, device: at(key), implausible: false });
    }
    for (const { key, ...row } of source.hours.values()) {
      if (inRange(row)) facts.hours.push({ ...row, device: at(key) });
    }
    for (const row of source.remote.values()) {
      if (!inRange(row)) continue;
      const { hostname = null, mac = null } = source.addresses.get(row.ip) ?? {};
      facts.remote.push({ ...row, hostname, mac });
    }
    for (const [key, { hostname, days }] of source.devices) {
      if (days.size === 0) continue;
      const sorted = [...days].sort();
      const router = source.books.routers.has(key);
      const span = { firstDay: sorted[0] as Day, lastDay: sorted.at(-1) as Day };
      facts.devices.push({ source: name, key, router, hostname, ...span });
    }
    for (const { key, ip, days } of source.used.values()) {
      const sorted = [...days].sort();
      const hostname = source.addresses.get(ip)?.hostname ?? null;
      facts.addresses.push({
        device: at(key),
        ip,
        hostname,
        firstDay: sorted[0] as Day,
        lastDay: sorted.at(-1) as Day,
      });
    }
    for (const [day, row] of source.balance) if (inRange({ day })) facts.balances.push(balanceOf(source, day, row));
    facts.notes.push(...source.notes.map((note) => ({ ...note, source: name })));
  }
  const days = [...model.sources.values()]
    .flatMap(({ balance, remote }) => [...balance.keys(), ...[...remote.values()].map(({ day }) => day)])
    .sort();
  facts.range = days.length === 0 ? null : { first: days[0] as Day, last: days.at(-1) as Day };
  return sortFacts(facts);
}

function balanceOf(source: SourceModel, day: Day, row: Record<string, number>) {
  const sums = { devices: { in: 0, out: 0 }, hidden: { in: 0, out: 0 }, routers: { in: 0, out: 0 } };
  for (const device of source.days.values()) {
    if (device.day !== day) continue;
    const router = source.books.routers.has(device.key);
    const shown = router ? sums.routers : sums.devices;
    const hidden = router ? sums.routers : sums.hidden;
    shown.in += device.in;
    shown.out += device.out;
    hidden.in += device.hiddenIn;
    hidden.out += device.hiddenOut;
  }
  const of = (kind: string) => ({ in: row[`${kind}In`] ?? 0, out: row[`${kind}Out`] ?? 0 });
  return {
    source: source.books.source,
    day,
    ...sums,
    remote: of("remote"),
    group: of("group"),
    unattributed: of("unattributed"),
    counted: row.counted ?? 0,
    captured: row.captured ?? 0,
    dropped: row.dropped ?? 0,
  };
}

/** All answers of a store, with devices named by source and key, and in one order. */
export interface Facts {
  books: Record<string, Books | null>;
  sources: { source: string; firstAt: number; at: number }[];
  days: (Omit<DeviceDay, "device"> & { device: string })[];
  hours: (Omit<DeviceHour, "device"> & { device: string })[];
  remote: RemoteDay[];
  balances: object[];
  devices: Omit<Device, "id">[];
  addresses: (DeviceAddress & { device: string })[];
  notes: object[];
  range: { first: Day; last: Day } | null;
}

export function emptyFacts(): Facts {
  return {
    books: {},
    sources: [],
    days: [],
    hours: [],
    remote: [],
    balances: [],
    devices: [],
    addresses: [],
    notes: [],
    range: null,
  };
}

export function sortFacts(facts: Facts): Facts {
  const byText = (one: object, other: object) => (stable(one) < stable(other) ? -1 : 1);
  for (const rows of [facts.days, facts.hours, facts.remote, facts.balances, facts.devices, facts.addresses]) {
    rows.sort(byText);
  }
  facts.notes.sort(byText);
  facts.sources.sort(byText);
  return facts;
}

function stable(row: object): string {
  return JSON.stringify(Object.entries(row).sort(([one], [other]) => (one < other ? -1 : 1)));
}

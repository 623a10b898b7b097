import { findRouters } from "../../accounting/routers.ts";
import {
  type Books,
  type Charge,
  type Counter,
  type Day,
  keyOf,
  type Note,
  type Settlement,
} from "../../accounting/types.ts";
import { isRouter, ownershipOf, type Role, type View } from "../../accounting/view.ts";
import type { Store, TrafficKind } from "../store.ts";

/**
 * What a store must hold, in the plainest words: a test's reference, with no thought for speed. It keeps what was charged
 * by endpoint and works out who an endpoint is whenever that matters; model-facts.ts answers from it. What it does about hours,
 * counters and names is a choice that the store must make in the same way, and is said where it is done.
 */
export interface Model {
  view: View;
  readonly sources: Map<string, SourceModel>;
  readonly routersFound: Map<string, { readonly since: Day; readonly networks: number }>;
  /** MACs (or IPs standing in for one) that are known. */
  readonly interfaces: Set<string>;
  readonly hostnames: Map<string, string>;
  readonly removals: {
    readonly id: number;
    readonly at: number;
    readonly device: string;
    readonly from: Day;
    readonly to: Day;
  }[];
  /** By device key. */
  readonly deviceNames: Map<string, string | null>;
  notes: (Note & { readonly source: string })[];
  endpointsMade: number;
}

export interface SourceModel {
  books: Books;
  readonly firstAt: number;
  /** The open clock hour. */
  open: { readonly day: Day; readonly hour: number } | null;
  readonly endpoints: Map<string, EndpointModel>;
  /** What an address shows now, in each kind of traffic, by `keyOf`. */
  readonly current: Map<string, EndpointModel>;
  /** By day: `counted`, `captured` and so on. None is zero. */
  readonly balance: Map<Day, Record<string, number>>;
}

export interface EndpointModel {
  /** Which one in the order of their making. */
  readonly order: number;
  readonly mac: string | null;
  readonly ip: string;
  readonly heldBy: string | null;
  readonly traffic: TrafficKind;
  counters: { in: number; out: number };
  readonly days: Map<Day, DayModel>;
  readonly hours: Map<string, HourModel>;
  /** Bytes of the open hour. */
  pending: { in: number; out: number };
  /** What was taken out of it. */
  removed: RemovedModel[];
  /** The days on which it was charged, those that are pruned included. */
  firstDay: Day | null;
  lastDay: Day | null;
}

export interface RemovedModel {
  readonly removal: number;
  readonly day: Day;
  readonly row: DayModel;
  hours: HourModel[];
}

export interface DayModel {
  in: number;
  out: number;
  counterIn: number;
  counterOut: number;
  seenAt: number | null;
  estimated: boolean;
}

export interface HourModel {
  readonly day: Day;
  readonly hour: number;
  in: number;
  out: number;
  estimated: boolean;
}

export function emptyModel(view: View): Model {
  return {
    view,
    sources: new Map(),
    routersFound: new Map(),
    interfaces: new Set(),
    hostnames: new Map(),
    removals: [],
    deviceNames: new Map(),
    notes: [],
    endpointsMade: 0,
  };
}

/** A copy to go back to. */
export function copyModel({ view, ...rest }: Model): Model {
  return { view, ...structuredClone(rest) };
}

export function isRouterIn(model: Model, mac: string): boolean {
  return isRouter(mac, model.routersFound.has(mac), model.view);
}

/** What an endpoint is by what is known now, the key of the interface that its bytes belong to, and that of its device. */
export function ownerIn(
  model: Model,
  endpoint: EndpointModel,
): { role: Role; owner: string | null; device: string | null } {
  const macs = [...model.view.routers, ...model.view.nextHops, ...model.routersFound.keys()];
  const routers = new Set(macs.filter((mac) => isRouterIn(model, mac)));
  const { role, owner } = ownershipOf(endpoint, routers, model.view);
  if (owner === null) return { role, owner, device: null };
  const device = model.view.merges.get(owner) ?? owner;
  return { role: routers.has(device) ? "router" : "device", owner, device };
}

/** Takes a settlement in, changing the model. */
export function applyToModel(model: Model, settlement: Settlement): void {
  const { books } = settlement;
  const source = model.sources.get(books.source) ?? newSource(books);
  model.sources.set(books.source, source);
  const charges = settlement.charges.filter(({ in: down, out }) => down > 0 || out > 0);
  openLatestHour(model, source, charges);
  for (const fact of settlement.addresses) takeFact(model, source, fact);
  const seenAt = new Map(settlement.addresses.map((fact) => [keyOf(fact), fact.seenAt]));
  for (const charge of charges) {
    const endpoint = endpointOf(model, source, charge, charge.mac);
    takeCharge(model, source, endpoint, charge, seenAt.get(keyOf(charge)) ?? null);
  }
  for (const key of settlement.forgotten) source.current.delete(key);
  for (const row of settlement.counted) takeCounts(source, row);
  source.books = books;
  for (const note of settlement.notes) model.notes.push({ source: books.source, ...note });
  judge(model, books);
}

function newSource(books: Books): SourceModel {
  return {
    books: { ...books, baselines: new Map() },
    firstAt: books.at,
    open: null,
    endpoints: new Map(),
    current: new Map(),
    balance: new Map(),
  };
}

/** An interface is known with the one that it is merged into. */
function know(model: Model, mac: string | null): void {
  if (mac === null || model.interfaces.has(mac)) return;
  model.interfaces.add(mac);
  know(model, model.view.merges.get(mac) ?? null);
}

function endpointOf(model: Model, source: SourceModel, counter: Counter, mac: string | null): EndpointModel {
  const { ip, traffic = "unknown" } = counter;
  const current = source.current.get(keyOf(counter));
  const holder = mac === null ? null : holderOf(model, source, counter);
  if (current?.mac === mac) {
    // Whom a router stands for may show in the other kind of traffic only.
    const isLearnt = current.heldBy === null && mac !== null && isRouterIn(model, mac) && otherOf(source, counter);
    if (!isLearnt || holder === null) return current;
  }
  const heldBy = holder === mac ? null : holder;
  const key = `${mac} ${ip} ${heldBy} ${traffic}`;
  const known = source.endpoints.get(key);
  if (known) return known;
  const created: EndpointModel = {
    order: model.endpointsMade++,
    mac,
    ip,
    heldBy,
    traffic,
    counters: { in: 0, out: 0 },
    days: new Map(),
    hours: new Map(),
    pending: { in: 0, out: 0 },
    removed: [],
    firstDay: null,
    lastDay: null,
  };
  source.endpoints.set(key, created);
  know(model, mac);
  know(model, ownerIn(model, created).owner);
  return created;
}

/**
 * The MAC, no router's, that holds an address: the one that it shows, or showed before a router's. Of an address that is
 * forgotten, the one that was charged for it last, by day.
 */
function holderOf(model: Model, source: SourceModel, counter: Counter): string | null {
  const { ip } = counter;
  const shown = [source.current.get(keyOf(counter)), otherOf(source, counter)].filter((one) => one !== undefined);
  const holders = shown.map(({ mac, heldBy }) => (mac !== null && isRouterIn(model, mac) ? heldBy : mac));
  if (shown.length > 0) return holders.find((holder) => holder !== null) ?? null;
  const charged = [...source.endpoints.values()].filter(
    (one) => one.ip === ip && one.mac !== null && !isRouterIn(model, one.mac),
  );
  charged.sort((one, other) => compare(one.lastDay ?? "", other.lastDay ?? "") || one.order - other.order);
  return charged.at(-1)?.mac ?? null;
}

/** What the address shows in the other kind of traffic. */
function otherOf(source: SourceModel, { ip, traffic }: Counter): EndpointModel | undefined {
  if (traffic === undefined) return undefined;
  return source.current.get(keyOf({ ip, traffic: traffic === "lan" ? "internet" : "lan" }));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function takeFact(model: Model, source: SourceModel, fact: Settlement["addresses"][number]): void {
  const { ip, mac, hostname } = fact;
  const endpoint = endpointOf(model, source, fact, mac);
  const moved = source.current.get(keyOf(fact)) !== endpoint;
  source.current.set(keyOf(fact), endpoint);
  if (hostname !== null) {
    const renamed = model.hostnames.get(ip) !== hostname;
    model.hostnames.set(ip, hostname);
    if (renamed || moved) nameDevice(model, source, endpoint, hostname);
  }
  endpoint.counters = { in: fact.in, out: fact.out };
  // A day shows the counters that stood when it was charged last, to the end of that hour.
  const day = source.open && endpoint.days.get(source.open.day);
  if (day && endpoint.pending.in + endpoint.pending.out > 0) showCounters(day, endpoint.counters);
}

/** A device with three names at once, as behind a repeater, has none. */
function nameDevice(model: Model, source: SourceModel, endpoint: EndpointModel, hostname: string): void {
  const { device } = ownerIn(model, endpoint);
  if (device === null) return;
  const names = new Set<string>();
  for (const current of source.current.values()) {
    const { ip } = current;
    const name = model.hostnames.get(ip);
    if (name !== undefined && !ip.includes(":") && ownerIn(model, current).device === device) names.add(name);
  }
  model.deviceNames.set(device, names.size >= 3 ? null : hostname);
}

function showCounters(day: DayModel, counters: { in: number; out: number }): void {
  day.counterIn = counters.in;
  day.counterOut = counters.out;
}

function takeCharge(
  model: Model,
  source: SourceModel,
  endpoint: EndpointModel,
  charge: Charge,
  seenAt: number | null,
): void {
  const { day, hour } = charge;
  const isToday = day === source.open?.day;
  const row = endpoint.days.get(day) ?? { in: 0, out: 0, counterIn: 0, counterOut: 0, seenAt: null, estimated: false };
  endpoint.days.set(day, row);
  if (endpoint.firstDay === null || day < endpoint.firstDay) endpoint.firstDay = day;
  if (endpoint.lastDay === null || day > endpoint.lastDay) endpoint.lastDay = day;
  row.in += charge.in;
  row.out += charge.out;
  row.estimated ||= charge.reconstructed === "day";
  // Of a day that was over when it was read, the counters of the reading before are known.
  showCounters(row, isToday ? endpoint.counters : (source.books.baselines.get(keyOf(charge)) ?? { in: 0, out: 0 }));
  if (isToday && seenAt !== null) row.seenAt = Math.max(row.seenAt ?? 0, Math.floor(seenAt / 1000) * 1000);
  if (isToday && hour === source.open?.hour && charge.reconstructed === "no") {
    endpoint.pending.in += charge.in;
    endpoint.pending.out += charge.out;
  } else {
    addHour(model, endpoint, charge, charge.reconstructed !== "no");
  }
}

/** Hours are kept of what is a device (or a router) when its hour is over. */
function addHour(
  model: Model,
  endpoint: EndpointModel,
  { day, hour, in: down, out }: Pick<HourModel, "day" | "hour" | "in" | "out">,
  estimated: boolean,
): void {
  if (ownerIn(model, endpoint).device === null) return;
  const row = endpoint.hours.get(`${day} ${hour}`) ?? { day, hour, in: 0, out: 0, estimated: false };
  row.in += down;
  row.out += out;
  row.estimated ||= estimated;
  endpoint.hours.set(`${day} ${hour}`, row);
}

/** The open hour only moves forward. */
function openLatestHour(model: Model, source: SourceModel, charges: readonly Charge[]): void {
  let next = source.open;
  for (const { day, hour } of charges) {
    if (next === null || day > next.day || (day === next.day && hour > next.hour)) next = { day, hour };
  }
  if (next === source.open) return;
  endHour(model, source);
  source.open = next;
}

function endHour(model: Model, source: SourceModel): void {
  if (source.open === null) return;
  for (const endpoint of source.endpoints.values()) {
    const { in: down, out } = endpoint.pending;
    if (down > 0 || out > 0) addHour(model, endpoint, { ...source.open, in: down, out }, false);
    endpoint.pending = { in: 0, out: 0 };
  }
}

function takeCounts(source: SourceModel, counted: Settlement["counted"][number]): void {
  const { day, bytes, captured, dropped, unattributed, unlisted, carried, compared } = counted;
  addBalance(source, day, {
    counted: bytes,
    captured,
    dropped,
    unattributedIn: unattributed.in,
    unattributedOut: unattributed.out,
    unlistedIn: unlisted.in,
    unlistedOut: unlisted.out,
    carried,
    compared,
  });
}

function addBalance(source: SourceModel, day: Day, more: Readonly<Record<string, number>>): void {
  const row = source.balance.get(day) ?? {};
  for (const [name, amount] of Object.entries(more)) if (amount > 0) row[name] = (row[name] ?? 0) + amount;
  if (Object.keys(row).length > 0) source.balance.set(day, row);
}

/** Judges MACs by all that they carried on a source's open day, whichever source saw it on that day. */
function judge(model: Model, { at, source }: Books): void {
  const days = new Map<Day, Map<string, { mac: string; ip: string; in: number; out: number }>>();
  for (const { open, endpoints } of model.sources.values()) {
    if (open === null) continue;
    const figures = days.get(open.day) ?? new Map<string, { mac: string; ip: string; in: number; out: number }>();
    days.set(open.day, figures);
    for (const { mac, ip, days: rows } of endpoints.values()) {
      const row = rows.get(open.day);
      if (mac === null || row === undefined) continue;
      const sum = figures.get(`${mac} ${ip}`) ?? { mac, ip, in: 0, out: 0 };
      figures.set(`${mac} ${ip}`, { mac, ip, in: sum.in + row.in, out: sum.out + row.out });
    }
  }
  let isFound = false;
  for (const [since, figures] of days) {
    for (const { mac, networks, segment } of findRouters(figures.values(), model.view)) {
      if (model.routersFound.has(mac)) continue;
      isFound = true;
      model.routersFound.set(mac, { since, networks });
      model.notes.push({
        source,
        at,
        code: "router-found",
        detail: { mac, networks, ...(segment === null ? {} : { segment }) },
      });
    }
  }
  if (isFound) knowOwners(model);
}

function knowOwners(model: Model): void {
  for (const mac of model.interfaces) know(model, model.view.merges.get(mac) ?? null);
  for (const { endpoints } of model.sources.values()) {
    for (const endpoint of endpoints.values()) know(model, ownerIn(model, endpoint).owner);
  }
}

/** Other settings. Applied to an open store, they end the open hour as it is; opened with, they take it over. */
export function applyViewToModel(model: Model, view: View, endsHour: boolean): void {
  if (view.fingerprint === model.view.fingerprint) return;
  if (endsHour) for (const source of model.sources.values()) endHour(model, source);
  model.view = view;
  knowOwners(model);
}

/** Takes a device's days of a range out. @returns how many days had figures */
export function removeFromModel(
  model: Model,
  removal: { readonly id: number; readonly at: number; readonly device: string; readonly from: Day; readonly to: Day },
): number {
  for (const source of model.sources.values()) endHour(model, source);
  const days = new Set<Day>();
  for (const endpoint of allEndpoints(model)) {
    if (ownerIn(model, endpoint).device !== removal.device) continue;
    for (const [day, row] of endpoint.days) {
      if (day < removal.from || day > removal.to) continue;
      days.add(day);
      const hours = [...endpoint.hours.values()].filter((hour) => hour.day === day);
      endpoint.removed.push({ removal: removal.id, day, row, hours });
      endpoint.days.delete(day);
      for (const { hour } of hours) endpoint.hours.delete(`${day} ${hour}`);
    }
  }
  if (days.size > 0) model.removals.push(removal);
  return days.size;
}

/** Brings back what was taken out, on top of what came since. @returns whether there was any */
export function restoreInModel(model: Model, id: number): boolean {
  for (const source of model.sources.values()) endHour(model, source);
  for (const endpoint of allEndpoints(model)) {
    for (const { day, row, hours } of endpoint.removed.filter(({ removal }) => removal === id)) {
      const now = endpoint.days.get(day);
      if (now === undefined) endpoint.days.set(day, row);
      else {
        now.in += row.in;
        now.out += row.out;
        now.estimated ||= row.estimated;
        if (row.seenAt !== null) now.seenAt = Math.max(now.seenAt ?? 0, row.seenAt);
      }
      for (const hour of hours) {
        const key = `${day} ${hour.hour}`;
        const there = endpoint.hours.get(key);
        if (there === undefined) endpoint.hours.set(key, hour);
        else {
          there.in += hour.in;
          there.out += hour.out;
          there.estimated ||= hour.estimated;
        }
      }
      if (endpoint.firstDay === null || day < endpoint.firstDay) endpoint.firstDay = day;
      if (endpoint.lastDay === null || day > endpoint.lastDay) endpoint.lastDay = day;
    }
    endpoint.removed = endpoint.removed.filter(({ removal }) => removal !== id);
  }
  const at = model.removals.findIndex((one) => one.id === id);
  if (at >= 0) model.removals.splice(at, 1);
  return at >= 0;
}

function allEndpoints(model: Model): EndpointModel[] {
  return [...model.sources.values()].flatMap(({ endpoints }) => [...endpoints.values()]);
}

/** Forgets what `Store.prune` must. @returns how many rows of figures and notes went */
export function pruneModel(model: Model, keep: Parameters<Store["prune"]>[0]): number {
  for (const source of model.sources.values()) endHour(model, source);
  const [hoursFrom, remoteFrom, devicesFrom] = [keep.hoursFrom ?? "", keep.remoteFrom ?? "", keep.devicesFrom ?? ""];
  let count = 0;
  for (const source of model.sources.values()) {
    for (const endpoint of source.endpoints.values()) {
      const isDevices = ownerIn(model, endpoint).device !== null;
      const from = isDevices ? devicesFrom : remoteFrom;
      for (const [key, { day }] of endpoint.hours) {
        if (day < hoursFrom || day < from) count += Number(endpoint.hours.delete(key));
      }
      for (const [day, row] of endpoint.days) {
        if (day >= from) continue;
        if (!isDevices) addBalance(source, day, { prunedIn: row.in, prunedOut: row.out });
        count += Number(endpoint.days.delete(day));
      }
      if (endpoint.lastDay !== null && endpoint.lastDay < from) {
        endpoint.firstDay = null;
        endpoint.lastDay = null;
      }
    }
    for (const endpoint of source.endpoints.values()) {
      for (const removed of endpoint.removed) {
        const kept = removed.hours.filter(({ day }) => day >= hoursFrom && day >= devicesFrom);
        count += removed.hours.length - kept.length;
        removed.hours = kept;
      }
      const kept = endpoint.removed.filter(({ day }) => day >= devicesFrom);
      count += endpoint.removed.length - kept.length;
      endpoint.removed = kept;
    }
    for (const day of source.balance.keys()) if (day < devicesFrom) count += Number(source.balance.delete(day));
  }
  // A note has no day, so it stays until its day has passed in every zone.
  const oldest = remoteFrom === "" ? Number.NEGATIVE_INFINITY : Date.parse(`${remoteFrom}T00:00:00Z`) - 86_400_000;
  const kept = model.notes.filter((note) => note.at >= oldest);
  count += model.notes.length - kept.length;
  model.notes = kept;
  const left = new Set(allEndpoints(model).flatMap(({ removed }) => removed.map(({ removal }) => removal)));
  model.removals.splice(0, model.removals.length, ...model.removals.filter(({ id }) => left.has(id)));
  if (count > 0) forgetNames(model);
  return count;
}

/** What no figure, no baseline and no finding speaks of. */
function forgetNames(model: Model): void {
  const endpoints: EndpointModel[] = [];
  for (const source of model.sources.values()) {
    for (const [key, endpoint] of source.endpoints) {
      const isCurrent = [...source.current.values()].includes(endpoint);
      if (endpoint.lastDay === null && !isCurrent && endpoint.removed.length === 0) source.endpoints.delete(key);
      else endpoints.push(endpoint);
    }
  }
  const ips = new Set(endpoints.map(({ ip }) => ip));
  for (const ip of model.hostnames.keys()) if (!ips.has(ip)) model.hostnames.delete(ip);
  model.interfaces.clear();
  for (const mac of model.routersFound.keys()) know(model, mac);
  for (const endpoint of endpoints) {
    for (const mac of [endpoint.mac, endpoint.heldBy, ownerIn(model, endpoint).device]) know(model, mac);
  }
  for (const key of model.deviceNames.keys()) if (!model.interfaces.has(key)) model.deviceNames.delete(key);
}

import type { Books, Charge, Day, Note, Settlement } from "../../accounting/types.ts";
import { findRouters, isRouter, type Ownership, ownershipOf, type View } from "../../accounting/view.ts";
import type { Store } from "../store.ts";
import type { Facts } from "./facts.ts";
import { emptyFacts, sortFacts } from "./facts.ts";

/**
 * What a store must answer, in the plainest words: a test's reference, with no thought for speed. It keeps what was charged
 * by endpoint, and works out who an endpoint is at each question.
 */
export interface Model {
  view: View;
  readonly sources: Map<string, SourceModel>;
  readonly routersFound: Map<string, Day>;
  readonly hostnames: Map<string, string>;
  readonly deviceNames: Map<string, string>;
}

interface SourceModel {
  books: Books;
  firstAt: number;
  open: { day: Day; hour: number } | null;
  readonly endpoints: Map<string, EndpointModel>;
  /** The MAC that an address shows, and the MAC (no router's) that held it last. */
  readonly current: Map<string, string | null>;
  readonly holders: Map<string, string>;
  readonly balance: Map<Day, Record<string, number>>;
  notes: Note[];
}

interface EndpointModel {
  readonly mac: string | null;
  readonly ip: string;
  readonly heldBy: string | null;
  readonly days: Map<Day, DayModel>;
  readonly hours: Map<string, HourModel>;
  /** Bytes of the open hour: whether its hour is kept is decided when it is over. */
  pending: { in: number; out: number };
}

interface DayModel {
  in: number;
  out: number;
  counterIn: number;
  counterOut: number;
  seenAt: number | null;
  estimated: boolean;
}

interface HourModel {
  readonly day: Day;
  readonly hour: number;
  in: number;
  out: number;
  estimated: boolean;
}

export function emptyModel(view: View): Model {
  return { view, sources: new Map(), routersFound: new Map(), hostnames: new Map(), deviceNames: new Map() };
}

/** A copy to go back to. */
export function copyModel(model: Model): Model {
  const { view, ...rest } = model;
  return { view, ...structuredClone(rest) };
}

/** Takes a settlement in, changing the model. */
export function applyToModel(model: Model, settlement: Settlement): void {
  const { books } = settlement;
  let source = model.sources.get(books.source);
  if (!source) {
    source = newSource(settlement);
    model.sources.set(books.source, source);
  }
  const before = source.books;
  const charges = settlement.charges.filter(({ in: down, out }) => down > 0 || out > 0);
  openLatestHour(model, source, charges);
  const facts = new Map(settlement.addresses.map((one) => [one.ip, one]));
  for (const { ip, mac, hostname } of facts.values()) {
    const moved = source.current.get(ip) !== mac || !source.current.has(ip);
    source.current.set(ip, mac);
    if (mac !== null && !isRouterOf(model, mac)) source.holders.set(ip, mac);
    if (hostname !== null) nameDevice(model, source, ip, mac, hostname, moved);
  }
  for (const charge of charges) {
    const endpoint = endpointOf(model, source, charge.ip, charge.mac);
    takeCharge(model, source, endpoint, charge, before, facts.get(charge.ip));
  }
  for (const ip of settlement.forgotten) source.current.delete(ip);
  takeCounts(source, settlement);
  source.books = books;
  source.notes.push(...settlement.notes);
  findNewRouters(model, source);
}

function newSource({ books }: Settlement): SourceModel {
  return {
    books: { ...books, baselines: new Map() },
    firstAt: books.at,
    open: null,
    endpoints: new Map(),
    current: new Map(),
    holders: new Map(),
    balance: new Map(),
    notes: [],
  };
}

function isRouterOf(model: Model, mac: string): boolean {
  return isRouter(mac, model.routersFound.has(mac), model.view);
}

function routersOf(model: Model): Set<string> {
  const macs = [...model.view.routers, ...model.routersFound.keys()];
  return new Set(macs.filter((mac) => isRouterOf(model, mac)));
}

function endpointOf(model: Model, source: SourceModel, ip: string, mac: string | null): EndpointModel {
  const holder = source.holders.get(ip);
  const isBehind = mac !== null && holder !== undefined && isRouterOf(model, mac) && model.view.placeOf(ip) === "lan";
  const heldBy = isBehind ? holder : null;
  const key = `${mac} ${ip} ${heldBy}`;
  const known = source.endpoints.get(key);
  if (known) return known;
  const created = { mac, ip, heldBy, days: new Map(), hours: new Map(), pending: { in: 0, out: 0 } };
  source.endpoints.set(key, created);
  return created;
}

/** Who an endpoint is by what is known now. */
function ownerOf(model: Model, source: SourceModel, { mac, ip, heldBy }: EndpointModel): Ownership {
  const holder = heldBy ?? lastHolder(model, source, ip, mac);
  return ownershipOf({ mac, ip, heldBy: holder }, routersOf(model), model.view);
}

/** The MAC, no router's, that was charged for an address on the latest day. */
function lastHolder(model: Model, source: SourceModel, ip: string, but: string | null): string | null {
  const held = source.holders.get(ip);
  return held === undefined || held === but || isRouterOf(model, held) ? null : held;
}

/** The MAC that stands for the device of an interface. */
function deviceOf(model: Model, key: string): string {
  return model.view.merges.get(key) ?? key;
}

function openLatestHour(model: Model, source: SourceModel, charges: readonly Charge[]): void {
  let next = source.open;
  for (const { day, hour } of charges) {
    if (next === null || day > next.day || (day === next.day && hour > next.hour)) next = { day, hour };
  }
  if (next === source.open) return;
  foldSource(model, source);
  source.open = next;
}

function foldSource(model: Model, source: SourceModel): void {
  if (source.open === null) return;
  const { day, hour } = source.open;
  for (const endpoint of source.endpoints.values()) {
    const { in: down, out } = endpoint.pending;
    if (down > 0 || out > 0) addHour(model, source, endpoint, { day, hour, in: down, out }, false);
    endpoint.pending = { in: 0, out: 0 };
  }
}

/** What the store does before it works on rows: prune, another view. */
export function foldModel(model: Model): void {
  for (const source of model.sources.values()) foldSource(model, source);
}

function addHour(
  model: Model,
  source: SourceModel,
  endpoint: EndpointModel,
  { day, hour, in: down, out }: Pick<HourModel, "day" | "hour" | "in" | "out">,
  estimated: boolean,
): void {
  if (ownerOf(model, source, endpoint).owner === null) return;
  const row = endpoint.hours.get(`${day} ${hour}`) ?? { day, hour, in: 0, out: 0, estimated: false };
  row.in += down;
  row.out += out;
  row.estimated ||= estimated;
  endpoint.hours.set(`${day} ${hour}`, row);
}

function takeCharge(
  model: Model,
  source: SourceModel,
  endpoint: EndpointModel,
  charge: Charge,
  before: Books,
  fact: Settlement["addresses"][number] | undefined,
): void {
  const { day, hour } = charge;
  const isToday = day === source.open?.day;
  const row = endpoint.days.get(day) ?? { in: 0, out: 0, counterIn: 0, counterOut: 0, seenAt: null, estimated: false };
  endpoint.days.set(day, row);
  row.in += charge.in;
  row.out += charge.out;
  const now = fact ?? source.books.baselines.get(charge.ip);
  const stood = isToday ? now : before.baselines.get(charge.ip);
  row.counterIn = stood?.in ?? 0;
  row.counterOut = stood?.out ?? 0;
  if (isToday && fact?.seenAt != null) {
    row.seenAt = Math.max(row.seenAt ?? Number.NEGATIVE_INFINITY, Math.floor(fact.seenAt / 1000) * 1000);
  }
  row.estimated ||= charge.reconstructed === "day";
  if (isToday && hour === source.open?.hour && charge.reconstructed === "no") {
    endpoint.pending.in += charge.in;
    endpoint.pending.out += charge.out;
  } else {
    addHour(model, source, endpoint, charge, charge.reconstructed !== "no");
  }
}

function takeCounts(source: SourceModel, { counted }: Settlement): void {
  for (const { day, bytes, captured, dropped, unattributed, unlisted } of counted) {
    const row = source.balance.get(day) ?? {};
    const add = (name: string, amount: number) => {
      if (amount !== 0) row[name] = (row[name] ?? 0) + amount;
    };
    add("counted", bytes);
    add("captured", captured);
    add("dropped", dropped);
    add("unattributedIn", unattributed.in);
    add("unattributedOut", unattributed.out);
    add("unlistedIn", unlisted.in);
    add("unlistedOut", unlisted.out);
    if (Object.keys(row).length > 0) source.balance.set(day, row);
  }
}

function nameDevice(
  model: Model,
  source: SourceModel,
  ip: string,
  mac: string | null,
  hostname: string,
  moved: boolean,
): void {
  const renamed = model.hostnames.get(ip) !== hostname;
  model.hostnames.set(ip, hostname);
  const { owner } = ownerOf(model, source, endpointOf(model, source, ip, mac));
  if (owner === null || (!renamed && !moved)) return;
  model.deviceNames.set(deviceOf(model, owner), hostname);
}

function findNewRouters(model: Model, source: SourceModel): void {
  if (source.open === null) return;
  const { day } = source.open;
  const figures = [...model.sources.values()].flatMap(({ endpoints }) =>
    [...endpoints.values()].flatMap(({ mac, ip, days }) => {
      const row = days.get(day);
      return row ? [{ mac, ip, in: row.in, out: row.out }] : [];
    }),
  );
  for (const { mac } of findRouters(figures, model.view)) {
    if (!model.routersFound.has(mac)) model.routersFound.set(mac, day);
  }
}

/** Forgets what `Store.prune` must. */
export function pruneModel(model: Model, keep: Parameters<Store["prune"]>[0]): void {
  foldModel(model);
  const [hoursFrom, remoteFrom, devicesFrom] = [keep.hoursFrom ?? "", keep.remoteFrom ?? "", keep.devicesFrom ?? ""];
  const oldestNote = remoteFrom === "" ? 0 : Date.parse(`${remoteFrom}T00:00:00Z`) - 86_400_000;
  for (const source of model.sources.values()) {
    for (const endpoint of source.endpoints.values()) {
      const isDevices = ownerOf(model, source, endpoint).owner !== null;
      for (const [key, { day }] of endpoint.hours) if (day < hoursFrom || day < devicesFrom) endpoint.hours.delete(key);
      for (const [day, row] of endpoint.days) {
        if (day >= (isDevices ? devicesFrom : remoteFrom)) continue;
        endpoint.days.delete(day);
        if (isDevices) continue;
        const balance = source.balance.get(day) ?? {};
        balance.prunedIn = (balance.prunedIn ?? 0) + row.in;
        balance.prunedOut = (balance.prunedOut ?? 0) + row.out;
        source.balance.set(day, balance);
      }
    }
    for (const day of source.balance.keys()) if (day < devicesFrom) source.balance.delete(day);
    source.notes = source.notes.filter((note) => note.at >= oldestNote);
  }
}

/** Everything that can be asked for the days of a range, in the form that `factsOfStore` gives. */
export function factsOfModel(model: Model, from: Day, to: Day): Facts {
  const inRange = (day: Day) => from <= day && day <= to;
  const facts = emptyFacts();
  const routers = routersOf(model);
  const days: Day[] = [];
  const spans = new Map<string, Day[]>();
  const used = new Map<string, { device: string; ip: string; days: Day[] }>();
  for (const [name, source] of model.sources) {
    facts.books[name] = source.books;
    facts.sources.push({ source: name, firstAt: source.firstAt, at: source.books.at });
    for (const endpoint of source.endpoints.values()) {
      const { role, owner } = ownerOf(model, source, endpoint);
      const device = owner === null ? null : deviceOf(model, owner);
      const hours = new Map(endpoint.hours);
      const { in: down, out } = endpoint.pending;
      if (source.open !== null && (down > 0 || out > 0)) {
        const key = `${source.open.day} ${source.open.hour}`;
        const there = hours.get(key) ?? { ...source.open, in: 0, out: 0, estimated: false };
        hours.set(key, { ...there, in: there.in + down, out: there.out + out });
      }
      const reported = model.view.reports(endpoint.ip);
      for (const [day, row] of endpoint.days) {
        days.push(day);
        facts.endpointDays.push({ source: name, day, role, device, ip: endpoint.ip, mac: endpoint.mac, reported, row });
        if (device === null) continue;
        spans.set(device, [...(spans.get(device) ?? []), day]);
        const known = used.get(`${device} ${endpoint.ip}`) ?? { device, ip: endpoint.ip, days: [] };
        known.days.push(day);
        used.set(`${device} ${endpoint.ip}`, known);
      }
      if (device === null || !reported) continue;
      for (const hour of hours.values()) if (inRange(hour.day)) facts.endpointHours.push({ device, hour });
    }
    days.push(...source.balance.keys());
    for (const [day, row] of source.balance) if (inRange(day)) facts.counts.push({ source: name, day, row });
    facts.notes.push(...source.notes.map((note) => ({ ...note, source: name })));
  }
  for (const [key, all] of spans) {
    const sorted = all.sort();
    const hostname = model.deviceNames.get(key) ?? null;
    const span = { firstDay: sorted[0] as Day, lastDay: sorted.at(-1) as Day };
    facts.devices.push({ key, router: routers.has(key), hostname, ...span });
  }
  for (const { device, ip, days: on } of used.values()) {
    const sorted = on.sort();
    const hostname = model.hostnames.get(ip) ?? null;
    facts.addresses.push({ device, ip, hostname, firstDay: sorted[0] as Day, lastDay: sorted.at(-1) as Day });
  }
  days.sort();
  facts.range = days.length === 0 ? null : { first: days[0] as Day, last: days.at(-1) as Day };
  facts.endpointDays = facts.endpointDays.filter(({ day }) => inRange(day));
  return sortFacts(facts, model.hostnames);
}

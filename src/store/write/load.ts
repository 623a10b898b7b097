import { type Baseline, type Books, type Day, keyOf } from "../../accounting/types.ts";
import { type Role, routersOf, type View } from "../../accounting/view.ts";
import { type Engine, listOf } from "../engine/engine.ts";
import { StoreError, type TrafficKind } from "../store.ts";
import {
  type AddressState,
  counterIn,
  type EndpointState,
  type InterfaceState,
  nobody,
  noCounts,
  type SourceState,
} from "./state.ts";

/** Everything that the ledger holds in memory. */
export interface LedgerState {
  readonly interfaces: Map<string, InterfaceState>;
  readonly interfacesById: Map<number, InterfaceState>;
  readonly sources: Map<string, SourceState>;
  /** MACs that are routers. */
  readonly routers: Set<string>;
  /** Ids are given out here: one process writes a site. */
  readonly nextId: { source: number; interface: number; address: number; endpoint: number };
  /** What has no row yet, or another one. */
  readonly touched: Set<EndpointState>;
  /** By id. */
  readonly touchedAddresses: Map<number, AddressState>;
  /** Baselines that go to their rows, since their hour is over. */
  readonly folded: { source: SourceState; endpoints: EndpointState[]; voided: number[] }[];
}

/** `source.open_hour`: a document that SQL can read (`json_each`, `jsonb_array_elements`). */
export interface OpenHourDocument {
  /** Null before the first charge. */
  readonly day: Day | null;
  readonly hour: number | null;
  readonly counts: SourceState["counts"];
  /**
   * endpoint, bytes in, bytes out, last seen (s UTC), counter in, counter out, and by its baseline, how long before the last
   * reading it was seen (ms): two thirds of the digits of an instant, a thousand times a checkpoint
   */
  readonly endpoints: readonly OpenEndpoint[];
  /** Endpoints whose baseline is forgotten. */
  readonly voided: readonly number[];
}

export type OpenEndpoint = readonly [
  endpoint: number,
  bytesIn: number,
  bytesOut: number,
  lastSeen: number | null,
  counterIn: number,
  counterOut: number,
  unseenMs: number | null,
];

type InterfaceRow = {
  id: number;
  mac: string;
  device: number;
  router_since: Day | null;
  router_networks: number;
  hostname: string | null;
};
type SourceRow = { id: number; name: string; kind: string; first_at_ms: number; books: string; open_hour: string };
type AddressRow = { id: number; ip: string; hostname: string | null };
type EndpointRow = {
  id: number;
  interface: number;
  address: number;
  held_by: number;
  traffic: TrafficKind;
  first_day: Day | null;
  last_day: Day | null;
  role: Role;
  device: number | null;
  reported: number;
};
type BaselineRow = { endpoint: number; counter_in: number; counter_out: number; last_seen_ms: number | null };

const IPS_AT_A_TIME = 500;

/** Reads the books and the open hours. @throws StoreError `corrupt` for rows that we never wrote */
export async function loadLedger(engine: Engine, view: View): Promise<LedgerState> {
  const interfaces = await engine.all<InterfaceRow>(
    `SELECT i.id, i.mac, i.device, i.router_since, i.router_networks, d.hostname
     FROM interface i LEFT JOIN device d ON d.id = i.id`,
  );
  const found = interfaces.filter(({ router_since }) => router_since !== null).map(({ mac }) => mac);
  const state: LedgerState = {
    interfaces: new Map(),
    interfacesById: new Map(),
    sources: new Map(),
    routers: routersOf(found, view),
    nextId: {
      source: await nextId(engine, "source"),
      interface: await nextId(engine, "interface"),
      address: await nextId(engine, "address"),
      endpoint: await nextId(engine, "endpoint"),
    },
    touched: new Set(),
    touchedAddresses: new Map(),
    folded: [],
  };
  for (const row of interfaces) {
    const one = {
      id: row.id,
      mac: row.mac,
      device: row.device,
      routerSince: row.router_since,
      routerNetworks: row.router_networks,
      hostname: row.hostname,
      isStored: true,
    };
    state.interfaces.set(one.mac, one);
    state.interfacesById.set(one.id, one);
  }
  const sources = await engine.all<SourceRow>(
    "SELECT id, name, kind, first_at_ms, books, open_hour FROM source ORDER BY id",
  );
  for (const row of sources) await loadSource(engine, state, row);
  return state;
}

async function nextId(engine: Engine, table: string): Promise<number> {
  const [row] = await engine.all<{ last: number | null }>(`SELECT max(id) AS last FROM ${table}`);
  return (row?.last ?? 0) + 1;
}

async function loadSource(engine: Engine, state: LedgerState, row: SourceRow): Promise<void> {
  const open = parse<OpenHourDocument | null>(row.open_hour, `the open hour of ${row.name}`);
  const baselines = new Map<string, Baseline>();
  const head = parse<Omit<Books, "source" | "baselines">>(row.books, `the books of ${row.name}`);
  const source: SourceState = {
    id: row.id,
    name: row.name,
    kind: row.kind,
    firstAt: row.first_at_ms,
    books: { ...head, source: row.name, baselines },
    hour: hourOf(open),
    counts: open?.counts ?? noCounts(),
    open: new Set(),
    voided: new Set(open?.voided ?? []),
    addresses: new Map(),
    unwritten: "nothing",
    writtenAt: head.at,
    isStored: true,
  };
  state.sources.set(source.name, source);

  const rows = await engine.all<BaselineRow & { source: number }>(
    `SELECT b.endpoint, b.counter_in, b.counter_out, b.last_seen_ms FROM baseline b
     JOIN endpoint e ON e.id = b.endpoint WHERE e.source = ?`,
    row.id,
  );
  const stood = new Map(rows.map((one) => [one.endpoint, one]));
  for (const [endpoint, , , , counterIn, counterOut, unseenMs] of open?.endpoints ?? []) {
    stood.set(endpoint, {
      source: row.id,
      endpoint,
      counter_in: counterIn,
      counter_out: counterOut,
      last_seen_ms: unseenMs === null ? null : head.at - unseenMs,
    });
  }
  const ips = await engine.all<{ ip: string }>(
    `SELECT DISTINCT a.ip FROM endpoint e JOIN address a ON a.id = e.address WHERE e.id IN ${engine.list.numbers}`,
    listOf([...stood.keys()]),
  );
  await findAddresses(
    engine,
    state,
    source,
    ips.map(({ ip }) => ip),
  );
  const endpoints = new Map<number, EndpointState>();
  for (const address of source.addresses.values()) for (const one of address.endpoints) endpoints.set(one.id, one);
  for (const { endpoint: id, counter_in, counter_out, last_seen_ms } of stood.values()) {
    const endpoint = endpoints.get(id);
    if (!endpoint) throw unreadable(`the baseline of endpoint ${id} has no endpoint`);
    endpoint.counterIn = counter_in;
    endpoint.counterOut = counter_out;
    if (source.voided.has(id)) continue;
    endpoint.address.current[endpoint.traffic] = endpoint;
    baselines.set(keyOf(counterIn(endpoint.address.ip, endpoint.traffic)), {
      in: counter_in,
      out: counter_out,
      mac: endpoint.interface.mac === "" ? null : endpoint.interface.mac,
      seenAt: last_seen_ms,
    });
  }
  for (const [id, bytesIn, bytesOut, lastSeen] of open?.endpoints ?? []) {
    const endpoint = endpoints.get(id) as EndpointState;
    endpoint.in = bytesIn;
    endpoint.out = bytesOut;
    endpoint.lastSeen = lastSeen;
    source.open.add(endpoint);
    if (source.hour !== null && (bytesIn > 0 || bytesOut > 0)) extendDays(endpoint, source.hour.day);
  }
}

function hourOf(open: OpenHourDocument | null): SourceState["hour"] {
  return open === null || open.day === null || open.hour === null ? null : { day: open.day, hour: open.hour };
}

function parse<T>(json: string, what: string): T {
  try {
    return JSON.parse(json) as T;
  } catch (error) {
    throw unreadable(`${what} can't be read (${(error as Error).message})`);
  }
}

/** The error for rows that we never wrote. */
function unreadable(what: string): StoreError {
  return new StoreError("corrupt", `The database is damaged: ${what}.`, "Restart WhiteStat, or go back to a backup.");
}

/** Puts addresses that a source does not hold in memory there, with their endpoints: from their rows, or new. */
export async function findAddresses(
  engine: Engine,
  state: LedgerState,
  source: SourceState,
  ips: readonly string[],
): Promise<void> {
  for (let from = 0; from < ips.length; from += IPS_AT_A_TIME) {
    const some = ips.slice(from, from + IPS_AT_A_TIME);
    const rows = await engine.all<AddressRow>(
      `SELECT id, ip, hostname FROM address WHERE site = 1 AND ip IN ${engine.list.texts}`,
      listOf(some),
    );
    const byId = new Map<number, AddressState>();
    for (const row of rows) {
      const address = addressState(state, row.ip, row);
      source.addresses.set(row.ip, address);
      byId.set(row.id, address);
    }
    for (const ip of some) if (!source.addresses.has(ip)) source.addresses.set(ip, newAddress(state, ip));
    if (byId.size === 0) continue;
    // The plus keeps SQLite from looking through all endpoints of the source.
    const endpoints = await engine.all<EndpointRow>(
      `SELECT id, interface, address, held_by, traffic, first_day, last_day, role, device, reported
       FROM endpoint WHERE +source = ? AND address IN ${engine.list.numbers} ORDER BY id`,
      source.id,
      listOf([...byId.keys()]),
    );
    for (const row of endpoints) addEndpoint(state, source, byId.get(row.address) as AddressState, row);
  }
}

/** The same address as the other sources in memory know it. */
export function othersOf(state: LedgerState, ip: string): AddressState[] {
  return [...state.sources.values()].flatMap(({ addresses }) => addresses.get(ip) ?? []);
}

/** What memory knows of an address is newer than its row. */
function addressState(state: LedgerState, ip: string, row: Pick<AddressRow, "id" | "hostname">): AddressState {
  const { id, hostname } = othersOf(state, ip)[0] ?? row;
  return { id, ip, hostname, endpoints: [], current: nobody() };
}

function newAddress(state: LedgerState, ip: string): AddressState {
  const isKnown = othersOf(state, ip).length > 0;
  const address = addressState(state, ip, { id: isKnown ? 0 : state.nextId.address++, hostname: null });
  if (!isKnown) state.touchedAddresses.set(address.id, address);
  return address;
}

function addEndpoint(state: LedgerState, source: SourceState, address: AddressState, row: EndpointRow): void {
  const own = state.interfacesById.get(row.interface);
  if (!own) throw unreadable(`endpoint ${row.id} is at interface ${row.interface}, which is none`);
  address.endpoints.push({
    id: row.id,
    source,
    interface: own,
    address,
    heldBy: row.held_by,
    traffic: row.traffic,
    role: row.role,
    device: row.device,
    reported: row.reported === 1,
    firstDay: row.first_day,
    lastDay: row.last_day,
    in: 0,
    out: 0,
    lastSeen: null,
    counterIn: 0,
    counterOut: 0,
    isStored: true,
  });
}

/** Takes a day into the span of days on which an endpoint was charged; the row follows when the hour is over. */
export function extendDays(endpoint: EndpointState, day: Day): void {
  if (endpoint.firstDay === null || day < endpoint.firstDay) {
    endpoint.firstDay = day;
    endpoint.isStored = false;
  }
  if (endpoint.lastDay === null || day > endpoint.lastDay) {
    endpoint.lastDay = day;
    endpoint.isStored = false;
  }
}

import { findRouters } from "../accounting/routers.ts";
import type { Day } from "../accounting/types.ts";
import { ownershipOf, type View } from "../accounting/view.ts";
import { dayText } from "../store/day-text.ts";
import { type DatabaseSync, sqlite } from "../store/engine/node-sqlite.ts";
import { removeDatabase } from "../store/file/files.ts";
import type { EndpointKey, ImportedDay, ImportedHour, RejectedRow } from "../store/store.ts";
import { isImplausible, usualDays } from "./implausible.ts";
import type { Reason } from "./report.ts";

/**
 * The rows of a history that is coming in, cleaned, in a SQLite file of their own: so a history of any size costs little
 * memory, comes out sorted by day, and of two rows for one endpoint and day one is left. The file goes when the work is done.
 */
const TABLES = `
CREATE TABLE day (
  day INTEGER NOT NULL, endpoint INTEGER NOT NULL, rank INTEGER NOT NULL, bytes_in INTEGER NOT NULL,
  bytes_out INTEGER NOT NULL, seen INTEGER, counter_in INTEGER NOT NULL, counter_out INTEGER NOT NULL,
  estimated INTEGER NOT NULL, implausible INTEGER NOT NULL, PRIMARY KEY (day, endpoint)
) WITHOUT ROWID;
CREATE TABLE hour (
  day INTEGER NOT NULL, endpoint INTEGER NOT NULL, hour INTEGER NOT NULL, bytes_in INTEGER NOT NULL,
  bytes_out INTEGER NOT NULL, estimated INTEGER NOT NULL, PRIMARY KEY (day, endpoint, hour)
) WITHOUT ROWID;
CREATE TABLE reject (place TEXT NOT NULL, reason TEXT NOT NULL, content TEXT NOT NULL);
`;
/** Nothing of the file is used after a crash, so nothing of it needs to reach the disk. */
const PRAGMAS = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8192";

/** So many rows that make no sense are kept as they were; the others are counted. */
export const MOST_REJECTED = 10_000;
const MOST_CELLS = 32;
const MOST_TEXT = 256;

/** One row of usage as it comes in: an endpoint's on one day. */
export interface IncomingRow extends EndpointKey {
  /** Days since 1970-01-01. */
  readonly day: number;
  readonly in: number;
  readonly out: number;
  /** ms UTC. */
  readonly seenAt: number | null;
  readonly counterIn: number;
  readonly counterOut: number;
  /** Whether the program that wrote it took the address for the LAN's (1) or for an internet host's (0). */
  readonly local: 0 | 1 | null;
  readonly hostname: string | null;
  /** As in `ImportedDay`. */
  readonly estimated: number;
  readonly implausible: boolean;
  /** Of two rows of one endpoint and day the one of higher rank counts. */
  readonly rank: number;
}

export interface IncomingHour extends EndpointKey {
  readonly day: number;
  readonly hour: number;
  readonly in: number;
  readonly out: number;
  readonly estimated: number;
}

/** What became of a row. */
export type Staged = "taken" | "superseded" | { readonly duplicate: IncomingFigures };

export interface IncomingFigures {
  readonly in: number;
  readonly out: number;
}

/** What a history is about, by the settings of the one that it goes into. */
export interface Staging {
  readonly rows: number;
  readonly devices: number;
  /** Days of devices and of internet hosts. */
  readonly deviceDays: number;
  readonly remoteDays: number;
  /** Device-days that can't be true. */
  readonly implausible: number;
}

export interface Stage {
  add(row: IncomingRow): Staged;
  addHour(hour: IncomingHour): void;
  /** The name of an address, of which a row gave none. */
  addHostname(ip: string, hostname: string): void;
  markRouter(mac: string): void;
  /** Counts a row that makes no sense, and keeps it with its cells as they were. */
  reject(place: string, reason: Reason, content: Readonly<Record<string, unknown>>): void;
  readonly rejections: ReadonlyMap<Reason, number>;
  /** Counts what there is by a view; marks days that can't be true, unless the rows say so themselves. */
  finish(view: View, options: { readonly marksImplausible: boolean }): Staging;
  /** All of it as `Store.importHistory` takes it. */
  days(): Iterable<ImportedDay>;
  hours(): Iterable<ImportedHour>;
  hostnames(): ReadonlyMap<string, string>;
  routers(): readonly string[];
  rejected(file: string): Iterable<RejectedRow>;
  /** Removes the file. */
  close(): void;
}

/** A name without a day: any row's name goes before it. */
const NEVER = -1_000_000;
/** "No MAC known", as a key. */
const NO_MAC = "";

/** Opens a stage in a file that must not be there; what a crash left of one is removed. */
export function createStage(path: string): Stage {
  removeDatabase(path);
  const db = new (sqlite().DatabaseSync)(path);
  db.exec(`${PRAGMAS}; ${TABLES} BEGIN`);
  const insert = db.prepare("INSERT OR IGNORE INTO day VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const find = db.prepare("SELECT rank, bytes_in, bytes_out FROM day WHERE day = ? AND endpoint = ?");
  const remove = db.prepare("DELETE FROM day WHERE day = ? AND endpoint = ?");
  const insertHour = db.prepare("INSERT OR IGNORE INTO hour VALUES (?, ?, ?, ?, ?, ?)");
  const insertReject = db.prepare("INSERT INTO reject VALUES (?, ?, ?)");

  const endpoints: EndpointKey[] = [];
  const byMac = new Map<string, Map<string, number>>();
  const hostnames = new Map<string, { name: string; day: number }>();
  /** Rows by MAC that the program before took for the LAN's and for the internet's. */
  const places = new Map<string, { here: number; away: number }>();
  const marked = new Set<string>();
  const rejections = new Map<Reason, number>();
  let kept = 0;

  function endpointOf({ mac, ip, heldBy }: EndpointKey): number {
    const key = mac ?? NO_MAC;
    let ips = byMac.get(key);
    if (!ips) {
      ips = new Map();
      byMac.set(key, ips);
    }
    const text = heldBy === null ? ip : `${ip} ${heldBy}`;
    let id = ips.get(text);
    if (id === undefined) {
      id = endpoints.push({ mac, ip, heldBy }) - 1;
      ips.set(text, id);
    }
    return id;
  }

  function put(row: IncomingRow, endpoint: number): boolean {
    const { day, rank, counterIn, counterOut, estimated, seenAt } = row;
    const seen = seenAt === null ? null : Math.floor(seenAt / 1000);
    const implausible = row.implausible ? 1 : 0;
    return (
      insert.run(day, endpoint, rank, row.in, row.out, seen, counterIn, counterOut, estimated, implausible).changes ===
      1
    );
  }

  function name(ip: string, hostname: string | null, day: number): void {
    const known = hostnames.get(ip);
    if (hostname === null || (known && day < known.day)) return;
    if (known) Object.assign(known, { name: hostname, day });
    else hostnames.set(ip, { name: hostname, day });
  }

  function place(mac: string | null, local: 0 | 1 | null): void {
    if (mac === null || local === null) return;
    const count = places.get(mac) ?? { here: 0, away: 0 };
    if (local === 1) count.here += 1;
    else count.away += 1;
    places.set(mac, count);
  }

  return {
    add(row) {
      const endpoint = endpointOf(row);
      name(row.ip, row.hostname, row.day);
      place(row.mac, row.local);
      if (put(row, endpoint)) return "taken";
      const other = find.get(row.day, endpoint);
      if (!other || Number(other.rank) > row.rank) return "superseded";
      const earlier = { in: Number(other.bytes_in), out: Number(other.bytes_out) };
      if (earlier.in + earlier.out >= row.in + row.out) return { duplicate: row };
      remove.run(row.day, endpoint);
      put(row, endpoint);
      return { duplicate: earlier };
    },
    addHour(row) {
      insertHour.run(row.day, endpointOf(row), row.hour, row.in, row.out, row.estimated);
    },
    addHostname: (ip, hostname) => name(ip, hostname, NEVER),
    markRouter: (mac) => void marked.add(mac),
    reject(at, reason, content) {
      rejections.set(reason, (rejections.get(reason) ?? 0) + 1);
      if (kept >= MOST_REJECTED) return;
      kept += 1;
      insertReject.run(at, reason, JSON.stringify(bounded(content)));
    },
    rejections,
    finish(view, { marksImplausible }) {
      for (const [mac, { here, away }] of places) if (away > here) marked.add(mac);
      const routers = new Set([...view.routers, ...marked, ...routersOf(db, endpoints, view)]);
      for (const mac of view.notRouters) routers.delete(mac);
      dropLooseHours(db);
      return countDays(db, endpoints, routers, view, marksImplausible);
    },
    days: () => ({ [Symbol.iterator]: () => daysOf(db, endpoints) }),
    hours: () => ({ [Symbol.iterator]: () => hoursOf(db, endpoints) }),
    hostnames: () => new Map([...hostnames].map(([ip, { name: hostname }]) => [ip, hostname])),
    routers: () => [...marked],
    *rejected(file) {
      for (const { place: at, reason, content } of db.prepare("SELECT * FROM reject").iterate()) {
        yield { file, place: String(at), reason: String(reason), content: String(content) };
      }
    },
    close() {
      db.close();
      removeDatabase(path);
    },
  };
}

function bounded(content: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const cut = (value: unknown) => (typeof value === "string" ? value.slice(0, MOST_TEXT) : value);
  const cells = Object.entries(content).slice(0, MOST_CELLS);
  return Object.fromEntries(
    cells.map(([key, value]) => [
      key.slice(0, MOST_TEXT),
      value !== null && typeof value === "object" ? cut(JSON.stringify(value)) : cut(value),
    ]),
  );
}

/** MACs that are found to be routers' on any day, as the store will find them. */
function routersOf(db: DatabaseSync, endpoints: readonly EndpointKey[], view: View): Set<string> {
  const routers = new Set<string>();
  let today = -1;
  let figures: { mac: string | null; ip: string; in: number; out: number }[] = [];
  const judge = () => {
    for (const { mac } of findRouters(figures, view)) routers.add(mac);
    figures = [];
  };
  for (const [day, endpoint, down, out] of figuresOf(db)) {
    if (day !== today) judge();
    today = day;
    const { mac = null, ip = "" } = endpoints[endpoint] ?? {};
    if (mac === null || !routers.has(mac)) figures.push({ mac, ip, in: down, out });
  }
  judge();
  return routers;
}

/** Hours that make more than their day, or have none. */
function dropLooseHours(db: DatabaseSync): void {
  db.exec(`
    DELETE FROM hour WHERE (day, endpoint) IN (
      SELECT h.day, h.endpoint FROM hour h LEFT JOIN day d ON d.day = h.day AND d.endpoint = h.endpoint
      GROUP BY h.day, h.endpoint
      HAVING d.day IS NULL OR sum(h.bytes_in) > d.bytes_in OR sum(h.bytes_out) > d.bytes_out)`);
}

/** Every figure by day and endpoint. */
function figuresOf(db: DatabaseSync): Iterable<[day: number, endpoint: number, bytesIn: number, bytesOut: number]> {
  const select = db.prepare("SELECT day, endpoint, bytes_in, bytes_out FROM day ORDER BY day, endpoint");
  select.setReturnArrays(true);
  return select.iterate() as unknown as Iterable<[number, number, number, number]>;
}

/** One device's days: parallel lists. */
interface DeviceDays {
  readonly endpoints: Set<number>;
  readonly days: number[];
  readonly in: number[];
  readonly out: number[];
}

function countDays(
  db: DatabaseSync,
  endpoints: readonly EndpointKey[],
  routers: ReadonlySet<string>,
  view: View,
  marksImplausible: boolean,
): Staging {
  const devices = new Map<string, DeviceDays>();
  const owners = endpoints.map((endpoint) => ownershipOf(endpoint, routers, view));
  let rows = 0;
  let remoteDays = 0;
  for (const [day, endpoint, down, out] of figuresOf(db)) {
    rows += 1;
    const { role, owner } = owners[endpoint] ?? { role: "group", owner: null };
    if (role === "internet") remoteDays += 1;
    if (role !== "device" || owner === null) continue;
    const device = devices.get(owner) ?? { endpoints: new Set<number>(), days: [], in: [], out: [] };
    devices.set(owner, device);
    device.endpoints.add(endpoint);
    if (device.days.at(-1) === day) {
      const last = device.days.length - 1;
      device.in[last] = (device.in[last] ?? 0) + down;
      device.out[last] = (device.out[last] ?? 0) + out;
      continue;
    }
    device.days.push(day);
    device.in.push(down);
    device.out.push(out);
  }
  const deviceDays = [...devices.values()].reduce((sum, { days }) => sum + days.length, 0);
  const implausible = marksImplausible ? markImplausible(db, devices) : markedDays(db, devices);
  return { rows, devices: devices.size, deviceDays, remoteDays, implausible };
}

function markImplausible(db: DatabaseSync, devices: ReadonlyMap<string, DeviceDays>): number {
  const usual = usualDays(
    new Map([...devices].map(([key, device]) => [key, device.in.map((down, n) => down + (device.out[n] ?? 0))])),
  );
  const mark = db.prepare("UPDATE day SET implausible = 1 WHERE day = ? AND endpoint = ?");
  let count = 0;
  for (const [key, device] of devices) {
    for (const [n, day] of device.days.entries()) {
      if (!isImplausible(key, device.in[n] ?? 0, device.out[n] ?? 0, usual)) continue;
      count += 1;
      for (const endpoint of device.endpoints) mark.run(day, endpoint);
    }
  }
  return count;
}

/** How many device-days were marked by whoever wrote them. */
function markedDays(db: DatabaseSync, devices: ReadonlyMap<string, DeviceDays>): number {
  const select = db.prepare("SELECT day, endpoint FROM day WHERE implausible = 1");
  const marked = select.all().map(({ day, endpoint }) => ({ day: Number(day), endpoint: Number(endpoint) }));
  if (marked.length === 0) return 0;
  const ownerOf = new Map(
    [...devices].flatMap(([key, { endpoints }]) => [...endpoints].map((id) => [id, key] as const)),
  );
  return new Set(marked.flatMap(({ day, endpoint }) => ownerOf.get(endpoint)?.concat(` ${day}`) ?? [])).size;
}

type DayCells = [
  day: number,
  endpoint: number,
  bytesIn: number,
  bytesOut: number,
  seen: number | null,
  counterIn: number,
  counterOut: number,
  estimated: number,
  implausible: number,
];

function* daysOf(db: DatabaseSync, endpoints: readonly EndpointKey[]): Generator<ImportedDay> {
  const select = db.prepare(
    `SELECT day, endpoint, bytes_in, bytes_out, seen, counter_in, counter_out, estimated, implausible
     FROM day ORDER BY day, endpoint`,
  );
  select.setReturnArrays(true);
  const textOf = dayTexts();
  for (const cells of select.iterate() as unknown as Iterable<DayCells>) {
    const [day, endpoint, down, out, seen, counterIn, counterOut, estimated, implausible] = cells;
    const { mac, ip, heldBy } = endpoints[endpoint] as EndpointKey;
    yield {
      day: textOf(day),
      mac,
      ip,
      heldBy,
      in: down,
      out,
      seenAt: seen === null ? null : seen * 1000,
      counterIn,
      counterOut,
      estimated,
      implausible: implausible === 1,
    };
  }
}

type HourCells = [day: number, endpoint: number, hour: number, bytesIn: number, bytesOut: number, estimated: number];

function* hoursOf(db: DatabaseSync, endpoints: readonly EndpointKey[]): Generator<ImportedHour> {
  const select = db.prepare(
    "SELECT day, endpoint, hour, bytes_in, bytes_out, estimated FROM hour ORDER BY day, endpoint, hour",
  );
  select.setReturnArrays(true);
  const textOf = dayTexts();
  for (const cells of select.iterate() as unknown as Iterable<HourCells>) {
    const [day, endpoint, hour, down, out, estimated] = cells;
    yield { day: textOf(day), hour, ...(endpoints[endpoint] as EndpointKey), in: down, out, estimated };
  }
}

/** Day texts by number, each made once where they come sorted. */
function dayTexts(): (day: number) => Day {
  let number = -1;
  let text = "";
  return (day) => {
    if (day !== number) text = dayText(day);
    number = day;
    return text;
  };
}

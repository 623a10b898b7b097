import {
  type AddressFact,
  type Charge,
  type Counter,
  counterOf,
  type Day,
  keyOf,
  type Note,
  type Settlement,
} from "../../accounting/types.ts";
import type { View } from "../../accounting/view.ts";
import type { Engine } from "../engine/engine.ts";
import type { Counts } from "../open-hour.ts";
import type { TrafficKind } from "../store.ts";
import { checkSettlement } from "./check-settlement.ts";
import { classify, classifyAll } from "./classify.ts";
import { extendDays, findAddresses, type LedgerState, loadLedger, othersOf } from "./load.ts";
import { createPostings, type Rows } from "./postings.ts";
import { saveLedger } from "./save.ts";
import {
  type AddressState,
  addCounts,
  currentOf,
  type EndpointState,
  type InterfaceState,
  isNotCurrent,
  kindOf,
  noCounts,
  type SourceState,
} from "./state.ts";
import { createSuspects } from "./suspects.ts";

/** A reading without news is written this seldom: the card is worth more than the instant. */
const WRITE_QUIET_READING_AFTER_MS = 3_600_000;
/** Of "no MAC known". */
const NO_MAC = "";
const NAMES_OF_REPEATER = 3;
/** So many endpoints of the open hour that the meter shows no more wait for its end: they are in each checkpoint's document. */
export const MOST_GONE = 2_000;
/** What of the books is news: time alone goes on without any. */
const NEWS_OF_BOOKS = ["meter", "epoch", "counted", "captured", "dropped", "forgotHosts", "unlistedBytes"] as const;

/**
 * The one owner of the books and of the open hour. A reading changes memory alone; a checkpoint writes the source's row,
 * which holds the open hour as a small document. Rows of days and hours are written when the hour is over.
 */
export interface Ledger {
  readonly state: LedgerState;
  /** Whether a settlement says anything new, other than that time went on. */
  hasNews(settlement: Settlement): boolean;
  /** Takes what only time changed into memory; it is written with the next news. */
  noteQuiet(settlement: Settlement): void;
  /**
   * Takes a settlement into memory, and writes the rows of what is over.
   * @returns notes of routers that were found: memory is of no use afterwards, since their endpoints are others' now
   */
  record(settlement: Settlement): Promise<Note[]>;
  /** Makes all that was recorded durable; nothing is written when nothing was. */
  checkpoint(): Promise<void>;
  /** As a checkpoint, with the instant of a last reading that brought no news. */
  close(): Promise<void>;
  /**
   * Ends all open hours in memory. @returns what writes their rows, in a transaction of the caller's, which may be run
   * again; memory is of no use afterwards
   */
  fold(): () => Promise<void>;
}

export async function openLedger(engine: Engine, view: View): Promise<Ledger> {
  const state = await loadLedger(engine, view);
  const suspects = createSuspects(engine, state, view);
  const isRouter = ({ mac }: InterfaceState) => state.routers.has(mac);

  function interfaceOf(mac: string): InterfaceState {
    const known = state.interfaces.get(mac);
    if (known) return known;
    const id = state.nextId.interface++;
    const created = { id, mac, device: id, routerSince: null, routerNetworks: 0, hostname: null, isStored: false };
    state.interfaces.set(mac, created);
    state.interfacesById.set(id, created);
    const target = view.merges.get(mac);
    if (target !== undefined) created.device = interfaceOf(target).id;
    return created;
  }

  /** The device of an interface, which goes by the interface of the same id. */
  function deviceOf(mac: string): InterfaceState {
    const { device } = interfaceOf(mac);
    return state.interfacesById.get(device) as InterfaceState;
  }

  /** An address at a MAC, new when it was never seen. */
  function endpointOf(
    source: SourceState,
    address: AddressState,
    traffic: TrafficKind,
    mac: string | null,
  ): EndpointState {
    const shown = mac ?? NO_MAC;
    const current = address.current[traffic];
    if (current?.interface.mac === shown && !isHeldMeanwhile(address, current)) return current;
    const own = interfaceOf(shown);
    const holder = shown === NO_MAC ? null : holderOf(address, traffic);
    const heldBy = holder === null || holder === own ? 0 : holder.id;
    const is = (one: EndpointState) => one.interface === own && one.heldBy === heldBy && one.traffic === traffic;
    return address.endpoints.find(is) ?? createEndpoint(source, address, traffic, own, heldBy);
  }

  /** Whether the other kind of traffic shows by now who holds an address for which a router's MAC stands in this one. */
  function isHeldMeanwhile(address: AddressState, { interface: own, heldBy, traffic }: EndpointState): boolean {
    if (heldBy !== 0 || otherKindOf(address, traffic) === null || !isRouter(own)) return false;
    return holderOf(address, traffic) !== null;
  }

  /**
   * The interface, no router's, that holds an address, or held it last; null when nobody did, as far as is known. One kind of
   * traffic may pass a router where the other one doesn't.
   */
  function holderOf(address: AddressState, traffic: TrafficKind): InterfaceState | null {
    const { current, endpoints } = address;
    const [own, other] = [current[traffic], otherKindOf(address, traffic)];
    const holder = (own && shownBy(own)) ?? (other && shownBy(other));
    if (holder !== null || own !== null || other !== null) return holder;
    let latest: EndpointState | null = null;
    for (const endpoint of endpoints) {
      const { interface: own, lastDay } = endpoint;
      if (own.mac === NO_MAC || isRouter(own)) continue;
      if (latest === null || (lastDay ?? "") >= (latest.lastDay ?? "")) latest = endpoint;
    }
    return latest?.interface ?? null;
  }

  /** The interface, no router's, that an endpoint says holds its address. */
  function shownBy({ interface: own, heldBy }: EndpointState): InterfaceState | null {
    const holder = isRouter(own) ? state.interfacesById.get(heldBy) : own;
    return holder === undefined || holder.mac === NO_MAC ? null : holder;
  }

  function createEndpoint(
    source: SourceState,
    address: AddressState,
    traffic: TrafficKind,
    own: InterfaceState,
    heldBy: number,
  ): EndpointState {
    const holder = state.interfacesById.get(heldBy)?.mac ?? null;
    const seen = { mac: own.mac === NO_MAC ? null : own.mac, ip: address.ip, heldBy: holder };
    const created: EndpointState = {
      id: state.nextId.endpoint++,
      source,
      interface: own,
      address,
      heldBy,
      traffic,
      ...classify(seen, state.routers, view, deviceOf),
      reported: view.reports(address.ip),
      firstDay: null,
      lastDay: null,
      in: 0,
      out: 0,
      lastSeen: null,
      counterIn: 0,
      counterOut: 0,
      isStored: false,
    };
    address.endpoints.push(created);
    state.touched.add(created);
    return created;
  }

  function createSource(settlement: Settlement): SourceState {
    const { books } = settlement;
    const source: SourceState = {
      id: state.nextId.source++,
      name: books.source,
      kind: view.meterViews.has(books.source) ? "view" : "meter",
      firstAt: books.at,
      books: { ...books, baselines: new Map() },
      hour: null,
      counts: noCounts(),
      open: new Set(),
      voided: new Set(),
      addresses: new Map(),
      unwritten: "news",
      writtenAt: books.at,
      isStored: false,
    };
    state.sources.set(source.name, source);
    return source;
  }

  /** `findAddresses` has put it there. */
  function addressOf(source: SourceState, ip: string): AddressState {
    return source.addresses.get(ip) as AddressState;
  }

  function takeFact(source: SourceState, fact: AddressFact): void {
    const address = addressOf(source, fact.ip);
    const traffic = kindOf(fact);
    const endpoint = endpointOf(source, address, traffic, fact.mac);
    const before = address.current[traffic];
    const moved = before !== endpoint;
    if (before !== null && moved) source.voided.add(before.id);
    address.current[traffic] = endpoint;
    nameDevice(source, endpoint, fact.hostname, moved);
    source.voided.delete(endpoint.id);
    endpoint.counterIn = fact.in;
    endpoint.counterOut = fact.out;
    source.open.add(endpoint);
  }

  /** A name that is new, or on another device, is that device's; one that its addresses don't agree on is nobody's. */
  function nameDevice(source: SourceState, endpoint: EndpointState, hostname: string | null, moved: boolean): void {
    const { address } = endpoint;
    if (hostname === null) return;
    const renamed = hostname !== address.hostname;
    if (renamed) {
      for (const one of [address, ...othersOf(state, address.ip)]) one.hostname = hostname;
      state.touchedAddresses.set(address.id, address);
    }
    if (endpoint.device === null || (!renamed && !moved)) return;
    const device = state.interfacesById.get(endpoint.device);
    if (!device) return;
    const name = isRepeater(source, endpoint.device) ? null : hostname;
    if (device.hostname === name) return;
    device.hostname = name;
    device.isStored = false;
  }

  /** Several machines behind one MAC (a repeater, a virtual host) show as many names at once: none is the device's own. */
  function isRepeater(source: SourceState, device: number): boolean {
    const names = new Set<string>();
    for (const address of source.addresses.values()) {
      const { ip, hostname } = address;
      if (hostname === null || ip.includes(":")) continue;
      if (currentOf(address).some((current) => current.device === device)) names.add(hostname);
      if (names.size >= NAMES_OF_REPEATER) return true;
    }
    return false;
  }

  function takeCharge(
    source: SourceState,
    charge: Charge,
    seenAt: number | null,
    before: Settlement["books"],
    rows: Rows,
  ): void {
    const { ip, day, hour } = charge;
    const endpoint = endpointOf(source, addressOf(source, ip), kindOf(charge), charge.mac);
    extendDays(endpoint, day);
    const isToday = day === source.hour?.day;
    if (isToday) suspects.notice(endpoint, day, charge);
    const lastSeen = isToday && seenAt !== null ? Math.floor(seenAt / 1000) : null;
    if (isToday && hour === source.hour?.hour && charge.reconstructed === "no") {
      endpoint.in += charge.in;
      endpoint.out += charge.out;
      if (lastSeen !== null && lastSeen > (endpoint.lastSeen ?? 0)) endpoint.lastSeen = lastSeen;
      source.open.add(endpoint);
      return;
    }
    const stood = before.baselines.get(keyOf(charge));
    const bytes = { in: charge.in, out: charge.out };
    const all = charge.in + charge.out;
    if (keepsHours(endpoint)) {
      const estimated = charge.reconstructed === "no" ? 0 : all;
      rows.postings.addHour({ endpoint: endpoint.id, day, hour, ...bytes, estimated });
    }
    rows.postings.addDay({
      endpoint: endpoint.id,
      day,
      ...bytes,
      lastSeen,
      counterIn: isToday ? endpoint.counterIn : (stood?.in ?? 0),
      counterOut: isToday ? endpoint.counterOut : (stood?.out ?? 0),
      estimated: charge.reconstructed === "day" ? all : 0,
      implausible: false,
    });
    if (!endpoint.isStored) state.touched.add(endpoint);
  }

  function takeCounts(source: SourceState, counted: Settlement["counted"], rows: Rows): void {
    for (const { day, bytes, captured, dropped, unattributed, unlisted, carried, compared } of counted) {
      const more: Counts = {
        counted: bytes,
        captured,
        dropped,
        unattributedIn: unattributed.in,
        unattributedOut: unattributed.out,
        unlistedIn: unlisted.in,
        unlistedOut: unlisted.out,
        carried,
        compared,
      };
      if (day === source.hour?.day) addCounts(source.counts, more);
      else rows.counts.push({ source: source.id, day, counts: more });
    }
  }

  /** Goes on to a later clock hour: what the last one holds becomes rows. An earlier one is posted to directly. */
  function openHour(source: SourceState, { day, hour }: { day: Day; hour: number }, rows: Rows): void {
    const open = source.hour;
    if (open !== null && (day < open.day || (day === open.day && hour <= open.hour))) return;
    foldSource(source, rows);
    source.hour = { day, hour };
  }

  function foldSource(source: SourceState, rows: Rows): void {
    if (source.hour !== null) {
      rows.counts.push({ source: source.id, day: source.hour.day, counts: source.counts });
      source.counts = noCounts();
    }
    const endpoints = [...source.open];
    post(source, endpoints, rows);
    state.folded.push({ source, endpoints, voided: [...source.voided] });
    source.voided.clear();
    source.unwritten = "news";
  }

  /** What these endpoints have in the open hour goes to rows, and they are open no more. */
  function post(source: SourceState, endpoints: readonly EndpointState[], rows: Rows): void {
    for (const endpoint of endpoints) {
      source.open.delete(endpoint);
      if (source.hour === null) continue;
      const { day, hour } = source.hour;
      if (endpoint.in > 0 || endpoint.out > 0) {
        const { id, in: down, out, counterIn, counterOut, lastSeen } = endpoint;
        const bytes = { endpoint: id, day, in: down, out, estimated: 0 };
        if (keepsHours(endpoint)) rows.postings.addHour({ ...bytes, hour });
        rows.postings.addDay({ ...bytes, counterIn, counterOut, lastSeen, implausible: false });
      }
      endpoint.in = 0;
      endpoint.out = 0;
      endpoint.lastSeen = null;
      if (!endpoint.isStored) state.touched.add(endpoint);
    }
  }

  /** A flood of made-up hosts, each forgotten soon, is not held in memory until the hour is over. */
  function postGone(source: SourceState, rows: Rows): void {
    const gone = [...source.open].filter(isNotCurrent);
    if (gone.length <= MOST_GONE) return;
    post(source, gone, rows);
    const voided = gone.map(({ id }) => id);
    for (const id of voided) source.voided.delete(id);
    state.folded.push({ source, endpoints: [], voided });
  }

  function forget(source: SourceState, counter: Counter): void {
    const current = source.addresses.get(counter.ip)?.current;
    const endpoint = current?.[kindOf(counter)];
    if (!current || !endpoint) return;
    source.voided.add(endpoint.id);
    current[endpoint.traffic] = null;
  }

  function newRows(): Rows {
    return { postings: createPostings(), counts: [], notes: [] };
  }

  async function apply(settlement: Settlement): Promise<Rows> {
    checkSettlement(settlement);
    const source = state.sources.get(settlement.books.source) ?? createSource(settlement);
    await findAddresses(engine, state, source, unknownIps(source, settlement));

    const rows = newRows();
    const before = source.books;
    const latest = latestHour(settlement.charges);
    if (latest !== null) openHour(source, latest, rows);
    for (const fact of settlement.addresses) takeFact(source, fact);
    for (const charge of settlement.charges) {
      const seenAt = settlement.books.baselines.get(keyOf(charge))?.seenAt ?? null;
      if (charge.in > 0 || charge.out > 0) takeCharge(source, charge, seenAt, before, rows);
    }
    for (const key of settlement.forgotten) forget(source, counterOf(key));
    postGone(source, rows);
    takeCounts(source, settlement.counted, rows);
    for (const note of settlement.notes) rows.notes.push({ source: source.id, note });
    source.books = settlement.books;
    source.unwritten = "news";
    return rows;
  }

  async function save(kinds: readonly SourceState["unwritten"][]): Promise<void> {
    if (![...state.sources.values()].some(({ unwritten }) => kinds.includes(unwritten))) return;
    await saveRows(newRows(), kinds.includes("instant"));
  }

  async function saveRows(rows: Rows, quiet: boolean): Promise<void> {
    const markSaved = await engine.transaction(() => saveLedger(engine, state, rows, { quiet }));
    markSaved();
  }

  return {
    state,
    hasNews: (settlement) => hasNews(state.sources.get(settlement.books.source), settlement),
    noteQuiet({ books }) {
      const source = state.sources.get(books.source);
      if (!source) return;
      source.books = books;
      if (source.unwritten === "nothing") source.unwritten = "instant";
    },
    async record(settlement) {
      const rows = await apply(settlement);
      if (!rows.postings.isEmpty || rows.notes.length > 0 || rows.counts.length > 0 || state.folded.length > 0) {
        await saveRows(rows, true);
      }
      const { at, source } = settlement.books;
      const found = (await suspects.judge()).map(
        ({ mac, networks, examples, segment }): Note => ({
          at,
          code: "router-found",
          detail: { mac, networks, examples: examples.join(", "), ...(segment === null ? {} : { segment }) },
        }),
      );
      if (found.length > 0) {
        const more = newRows();
        for (const note of found) more.notes.push({ source: state.sources.get(source)?.id ?? 0, note });
        await engine.transaction(async () => {
          await saveLedger(engine, state, more, { quiet: true });
          await classifyAll(engine, view);
        });
      }
      return found;
    },
    checkpoint: () => save(["news"]),
    close: () => save(["news", "instant"]),
    fold() {
      const rows = newRows();
      for (const source of state.sources.values()) foldSource(source, rows);
      return async () => {
        await saveLedger(engine, state, rows, { quiet: true });
      };
    },
  };
}

/** What the address is now in the other kind of traffic; null where the meter can't tell kinds apart. */
function otherKindOf({ current }: AddressState, traffic: TrafficKind): EndpointState | null {
  return traffic === "internet" ? current.lan : traffic === "lan" ? current.internet : null;
}

/** Hours are kept of what may be a device. */
function keepsHours({ role }: EndpointState): boolean {
  return role === "device" || role === "router";
}

function unknownIps(source: SourceState, { addresses, charges }: Settlement): string[] {
  const ips = new Set<string>();
  for (const { ip } of addresses) if (!source.addresses.has(ip)) ips.add(ip);
  for (const { ip } of charges) if (!source.addresses.has(ip)) ips.add(ip);
  return [...ips];
}

/** The latest clock hour in which anything was charged; null when nothing was. */
function latestHour(charges: readonly Charge[]): { day: Day; hour: number } | null {
  let latest: { day: Day; hour: number } | null = null;
  for (const { day, hour, in: down, out } of charges) {
    if (down === 0 && out === 0) continue;
    if (latest === null || day > latest.day || (day === latest.day && hour > latest.hour)) latest = { day, hour };
  }
  return latest;
}

function hasNews(source: SourceState | undefined, settlement: Settlement): boolean {
  if (!source) return true;
  const { books } = settlement;
  return (
    settlement.charges.length > 0 ||
    settlement.addresses.length > 0 ||
    settlement.forgotten.length > 0 ||
    settlement.notes.length > 0 ||
    settlement.counted.length > 0 ||
    books.at - source.writtenAt >= WRITE_QUIET_READING_AFTER_MS ||
    NEWS_OF_BOOKS.some((name) => books[name] !== source.books[name])
  );
}

import { keyOf } from "../../accounting/types.ts";
import { type Engine, listOf, type Value } from "../engine/engine.ts";
import type { LedgerState, OpenEndpoint, OpenHourDocument } from "./load.ts";
import type { Rows } from "./postings.ts";
import {
  addCounts,
  counterIn,
  currentOf,
  type EndpointState,
  type InterfaceState,
  isNotCurrent,
  type MutableCounts,
  noCounts,
  type SourceState,
} from "./state.ts";

const INSERT_INTERFACE = `
  INSERT INTO interface (id, site, mac, device, router_since, router_networks) VALUES (?, 1, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET
    router_since = excluded.router_since, router_networks = excluded.router_networks`;
const INSERT_DEVICE = `
  INSERT INTO device (id, site, hostname) VALUES (?, 1, ?)
  ON CONFLICT (id) DO UPDATE SET hostname = excluded.hostname`;
const INSERT_ADDRESS = `
  INSERT INTO address (id, site, ip, hostname) VALUES (?, 1, ?, ?)
  ON CONFLICT (id) DO UPDATE SET hostname = excluded.hostname`;
const INSERT_ENDPOINT = `
  INSERT INTO endpoint (id, source, interface, address, held_by, traffic, first_day, last_day, role, device, reported)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET first_day = excluded.first_day, last_day = excluded.last_day`;
const INSERT_BASELINE = `
  INSERT INTO baseline (endpoint, counter_in, counter_out, last_seen_ms) VALUES (?, ?, ?, ?)
  ON CONFLICT (endpoint) DO UPDATE SET
    counter_in = excluded.counter_in, counter_out = excluded.counter_out, last_seen_ms = excluded.last_seen_ms`;
const INSERT_COUNTS = `
  INSERT INTO balance_day
    (day, source, counted, captured, dropped, unattributed_in, unattributed_out, unlisted_in, unlisted_out,
     carried, compared, pruned_in, pruned_out)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)
  ON CONFLICT (day, source) DO UPDATE SET
    counted = balance_day.counted + excluded.counted, captured = balance_day.captured + excluded.captured,
    dropped = balance_day.dropped + excluded.dropped,
    unattributed_in = balance_day.unattributed_in + excluded.unattributed_in,
    unattributed_out = balance_day.unattributed_out + excluded.unattributed_out,
    unlisted_in = balance_day.unlisted_in + excluded.unlisted_in,
    unlisted_out = balance_day.unlisted_out + excluded.unlisted_out,
    carried = balance_day.carried + excluded.carried, compared = balance_day.compared + excluded.compared`;
const INSERT_SOURCE = `
  INSERT INTO source (id, site, name, kind, first_at_ms, books, open_hour) VALUES (?, 1, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET books = excluded.books, open_hour = excluded.open_hour`;
export const INSERT_NOTE = `
  INSERT INTO note (id, source, at_ms, code, detail)
  VALUES ((SELECT coalesce(max(id), 0) + 1 FROM note), ?, ?, ?, ?)`;

/**
 * Writes what memory holds and rows do not, in the open transaction. Memory stays as it is, so that an engine may run the
 * transaction again; what fails leaves memory ahead of the rows, and it must then be read anew.
 * @returns what to call once the transaction is committed: memory then knows what is stored
 */
export async function saveLedger(
  engine: Engine,
  state: LedgerState,
  rows: Rows,
  { quiet }: { quiet: boolean },
): Promise<() => void> {
  const interfaces = await saveNames(engine, state);
  await rows.postings.save(engine);
  await engine.insert(INSERT_COUNTS, countsRows(rows));
  for (const { source, note } of rows.notes) {
    await engine.run(INSERT_NOTE, source, note.at, note.code, JSON.stringify(note.detail));
  }
  await saveBaselines(engine, state);
  const due = [...state.sources.values()].filter(
    ({ unwritten }) => unwritten === "news" || (quiet && unwritten === "instant"),
  );
  await engine.insert(INSERT_SOURCE, due.map(sourceRow));
  return () => markSaved(state, interfaces, due);
}

function markSaved(state: LedgerState, interfaces: readonly InterfaceState[], sources: readonly SourceState[]): void {
  for (const one of interfaces) one.isStored = true;
  for (const one of state.touched) one.isStored = true;
  state.touchedAddresses.clear();
  state.touched.clear();
  for (const { source } of state.folded) {
    // Whoever is gone is found in the rows again, should it return.
    for (const [ip, address] of source.addresses) {
      if (currentOf(address).length === 0 && !address.endpoints.some((one) => source.open.has(one))) {
        source.addresses.delete(ip);
      }
    }
  }
  state.folded.length = 0;
  for (const source of sources) {
    source.unwritten = "nothing";
    source.writtenAt = source.books.at;
  }
}

/** Interfaces, addresses and endpoints that are new, or have changed. @returns the interfaces */
async function saveNames(engine: Engine, state: LedgerState): Promise<readonly InterfaceState[]> {
  const interfaces = [...state.interfaces.values()].filter(({ isStored }) => !isStored);
  await engine.insert(
    INSERT_INTERFACE,
    interfaces.map(({ id, mac, device, routerSince, routerNetworks }) => [
      id,
      mac,
      device,
      routerSince,
      routerNetworks,
    ]),
  );
  await engine.insert(
    INSERT_DEVICE,
    interfaces.map(({ id, hostname }) => [id, hostname]),
  );
  await engine.insert(
    INSERT_ADDRESS,
    [...state.touchedAddresses.values()].map(({ id, ip, hostname }) => [id, ip, hostname]),
  );
  await engine.insert(INSERT_ENDPOINT, [...state.touched].map(endpointRow));
  return interfaces;
}

function endpointRow(endpoint: EndpointState): Value[] {
  const { id, source, interface: own, address, heldBy, traffic, firstDay, lastDay, role, device, reported } = endpoint;
  return [id, source.id, own.id, address.id, heldBy, traffic, firstDay, lastDay, role, device, reported ? 1 : 0];
}

function countsRows({ counts }: Rows): Value[][] {
  const sums = new Map<string, { source: number; day: string; counts: MutableCounts }>();
  for (const { source, day, counts: more } of counts) {
    const id = `${day} ${source}`;
    const sum = sums.get(id) ?? { source, day, counts: noCounts() };
    addCounts(sum.counts, more);
    sums.set(id, sum);
  }
  return [...sums.values()]
    .map(({ source, day, counts: sum }) => [
      day,
      source,
      sum.counted,
      sum.captured,
      sum.dropped,
      sum.unattributedIn,
      sum.unattributedOut,
      sum.unlistedIn,
      sum.unlistedOut,
      sum.carried,
      sum.compared,
    ])
    .filter(([, , ...numbers]) => numbers.some((number) => number !== 0));
}

/** The counters of an hour that is over. */
async function saveBaselines(engine: Engine, state: LedgerState): Promise<void> {
  for (const { endpoints, voided } of state.folded) {
    const current = endpoints.filter((endpoint) => !isNotCurrent(endpoint));
    await engine.insert(
      INSERT_BASELINE,
      current.map((endpoint) => [endpoint.id, endpoint.counterIn, endpoint.counterOut, seenAtOf(endpoint)]),
    );
    if (voided.length > 0) {
      await engine.run(`DELETE FROM baseline WHERE endpoint IN ${engine.list.numbers}`, listOf(voided));
    }
  }
}

function seenAtOf({ source, address: { ip }, traffic }: EndpointState): number | null {
  return source.books.baselines.get(keyOf(counterIn(ip, traffic)))?.seenAt ?? null;
}

function unseenMsOf(endpoint: EndpointState): number | null {
  const seenAt = seenAtOf(endpoint);
  return seenAt === null ? null : endpoint.source.books.at - seenAt;
}

function sourceRow(source: SourceState): Value[] {
  const { source: _, baselines: __, ...books } = source.books;
  const { id, name, kind, firstAt } = source;
  return [id, name, kind, firstAt, JSON.stringify(books), JSON.stringify(openHourOf(source))];
}

function openHourOf(source: SourceState): OpenHourDocument | null {
  const { hour, counts, open, voided } = source;
  if (hour === null && open.size === 0 && voided.size === 0) return null;
  return {
    day: hour?.day ?? null,
    hour: hour?.hour ?? null,
    counts,
    endpoints: [...open].map(
      (one): OpenEndpoint => [
        one.id,
        one.in,
        one.out,
        one.lastSeen,
        one.counterIn,
        one.counterOut,
        isNotCurrent(one) ? null : unseenMsOf(one),
      ],
    ),
    voided: [...new Set([...voided, ...[...open].filter(isNotCurrent).map(({ id }) => id)])],
  };
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AddressFact, Baseline, Charge, Settlement } from "../accounting/types.ts";
import { emptyFacts, type Facts, sortFacts } from "./model.ts";
import type { Day, Store } from "./store.ts";

/** A folder that goes with the test: `using folder = temporaryFolder()`. */
export function temporaryFolder(): { path: string; file(name: string): string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "whitestat-store-"));
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** 2026-01-31T12:00:00Z */
export const NOON = Date.UTC(2026, 0, 31, 12);
export const DAY: Day = "2026-01-31";

/** A device's charge of 1,000 bytes down and 100 up at noon; name what matters. */
export function charge(some: Partial<Charge> = {}): Charge {
  return {
    kind: "device",
    device: "02:00:00:00:00:01",
    ip: "192.168.1.20",
    day: DAY,
    hour: 12,
    in: 1000,
    out: 100,
    reported: true,
    reconstructed: "no",
    ...some,
  };
}

/** What is known of the address that {@link charge} charges. */
export function fact(some: Partial<AddressFact> = {}): AddressFact {
  const holder = some.holder === undefined ? "02:00:00:00:00:01" : some.holder;
  return {
    ip: "192.168.1.20",
    mac: holder,
    hostname: null,
    seenAt: NOON,
    in: 1000,
    out: 100,
    ...some,
    holder,
  };
}

export type SettlementParts = Partial<Omit<Settlement, "books">> & { books?: Partial<Settlement["books"]> };

/** A settlement of which only what matters is named; its baselines follow from `addresses` and `previous`. */
export function settlement(parts: SettlementParts = {}, previous?: Settlement): Settlement {
  const { books, ...rest } = parts;
  const baselines = new Map<string, Baseline>(previous?.books.baselines ?? []);
  for (const { ip, in: down, out, holder } of parts.addresses ?? []) baselines.set(ip, { in: down, out, holder });
  for (const ip of parts.forgotten ?? []) baselines.delete(ip);
  return {
    books: {
      source: "lan",
      epoch: "since one",
      at: NOON,
      uptimeSeconds: 60,
      totalBefore: 5000,
      counted: 5000,
      captured: 10,
      dropped: 0,
      baselines,
      routers: new Set([...(previous?.books.routers ?? []), ...(parts.routers ?? [])]),
      ...books,
    },
    charges: [],
    addresses: [],
    forgotten: [],
    counted: [],
    routers: [],
    notes: [],
    ...rest,
  };
}

/** Asks a store everything for the days of a range. */
export async function factsOfStore(store: Store, sources: readonly string[], from: Day, to: Day): Promise<Facts> {
  const facts = emptyFacts();
  for (const source of sources) {
    const books = await store.books(source);
    if (books) facts.books[source] = books;
  }
  facts.sources = await store.sources();
  const devices = await store.devices();
  const names = new Map(devices.map((device) => [device.id, `${device.source} ${device.key}`]));
  const nameOf = (id: number) => names.get(id) ?? `unknown device ${id}`;
  facts.days = (await store.deviceDays(from, to)).map((row) => ({ ...row, device: nameOf(row.device) }));
  facts.hours = (await store.deviceHours(from, to)).map((row) => ({ ...row, device: nameOf(row.device) }));
  facts.remote = await store.remoteDays(from, to);
  facts.balances = await store.balances(from, to);
  for (const { id, ...device } of devices) {
    facts.devices.push(device);
    for (const address of await store.addressesOf(id)) facts.addresses.push({ ...address, device: nameOf(id) });
  }
  facts.notes = await store.notes(1_000_000);
  facts.range = await store.range();
  return sortFacts(facts);
}

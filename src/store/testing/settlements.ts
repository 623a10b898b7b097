import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { viewOf as anyViewOf } from "../../accounting/testing.ts";
import {
  type AddressFact,
  type Baseline,
  type Charge,
  type Counted,
  type Day,
  keyOf,
  type Settlement,
} from "../../accounting/types.ts";
import type { View, ViewOptions } from "../../accounting/view.ts";

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
export const PHONE = "02:00:00:00:00:01";
export const LAPTOP = "02:00:00:00:00:02";
export const ROUTER = "02:ff:ff:ff:ff:01";

/** Settings that name {@link ROUTER} as the only router and report IPv4. */
export function viewOf(some: Partial<ViewOptions> = {}): View {
  return anyViewOf({ routers: { auto: false, macs: [ROUTER] }, ipFilter: /^[\d.]+$/, ...some });
}

/** A device's charge of 1,000 bytes down and 100 up at noon; name what matters. */
export function charge(some: Partial<Charge> = {}): Charge {
  return { mac: PHONE, ip: "192.168.1.20", day: DAY, hour: 12, in: 1000, out: 100, reconstructed: "no", ...some };
}

/** What is known of the address that {@link charge} charges. */
export function fact(some: Partial<AddressFact> = {}): AddressFact {
  return { ip: "192.168.1.20", mac: PHONE, hostname: null, seenAt: NOON, in: 1000, out: 100, ...some };
}

/** What a meter counted on a day. */
export function counted(some: Partial<Counted> = {}): Counted {
  const none = { in: 0, out: 0 };
  const nothing = { bytes: 0, captured: 0, dropped: 0, carried: 0, compared: 0 };
  return { day: DAY, ...nothing, unattributed: none, unlisted: none, ...some };
}

export type SettlementParts = Partial<Omit<Settlement, "books">> & { books?: Partial<Settlement["books"]> };

/** A settlement of which only what matters is named; its baselines follow from `addresses` and `previous`. */
export function settlement(parts: SettlementParts = {}, previous?: Settlement): Settlement {
  const { books, ...rest } = parts;
  const baselines = new Map<string, Baseline>(previous?.books.baselines ?? []);
  for (const fact of parts.addresses ?? []) {
    const { in: down, out, mac, seenAt } = fact;
    baselines.set(keyOf(fact), { in: down, out, mac, seenAt });
  }
  for (const key of parts.forgotten ?? []) baselines.delete(key);
  return {
    books: {
      source: "lan",
      meter: "http://127.0.0.1:667/",
      epoch: "since one",
      at: NOON,
      uptimeSeconds: 60,
      counted: 5000,
      captured: 10,
      dropped: 0,
      forgotHosts: 0,
      unlistedBytes: 0,
      baselines,
      ...books,
    },
    charges: [],
    addresses: [],
    forgotten: [],
    counted: [],
    notes: [],
    ...rest,
  };
}

/** A charge of an internet host: its frames carry the router's MAC. */
export function remoteCharge(some: Partial<Charge> = {}): Charge {
  return charge({ mac: ROUTER, ip: "8.8.8.8", ...some });
}

/** What is known of the address that {@link remoteCharge} charges. */
export function remoteFact(some: Partial<AddressFact> = {}): AddressFact {
  return fact({ mac: ROUTER, ip: "8.8.8.8", ...some });
}

/** A settlement of these charges, with a fact for each address: the counters stand at the bytes charged. */
export function charging(...charges: readonly Charge[]): Settlement {
  return settlement({
    charges,
    addresses: charges.map(({ ip, traffic, mac, in: down, out }) =>
      fact({ ip, mac, in: down, out, ...(traffic === undefined ? {} : { traffic }) }),
    ),
  });
}

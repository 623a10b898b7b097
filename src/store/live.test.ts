import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { Charge } from "../accounting/types.ts";
import { dayNumber } from "./days.ts";
import { applyToModel, emptyModel, factsOfModel } from "./model.ts";
import { sqliteHarness } from "./sqlite-harness.ts";
import type { Day } from "./store.ts";
import { charge, DAY, fact, factsOfStore, NOON, type SettlementParts, settlement } from "./testing.ts";

const HOSTS = 700;
const DEVICES = 60;

/** Numbers that look random and are the same in every run. */
function createNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** What SQL finds in the file about remote hosts on a day: the sum of the table and the open bytes. */
function hostsOf(path: string, day: Day): unknown[] {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const select = db.prepare(
      `SELECT a.ip, r.bytes_in, r.bytes_out, r.seen, r.counter_in, r.counter_out
       FROM remote_host_day r JOIN address a ON a.id = r.address WHERE r.day = ? ORDER BY a.ip`,
    );
    return select.all(dayNumber(day)).map((row) => Object.values(row));
  } finally {
    db.close();
  }
}

/** Readings of many hosts, of which some are busy in each: their open bytes fill many parts, which grow and are left. */
test("the open bytes of hundreds of hosts outlive a crash, an hour, a day; SQL reads them as the store does", async () => {
  const harness = sqliteHarness();
  try {
    let store = await harness.open();
    const model = emptyModel();
    const next = createNumbers(41);
    const counters = new Map<string, { in: number; out: number }>();
    let previous = settlement();
    for (let reading = 0; reading < 60; reading += 1) {
      const at = NOON + reading * 1_500_000;
      const [day = DAY, hour] = [new Date(at).toISOString().slice(0, 10), new Date(at).getUTCHours()];
      const parts = { charges: [] as Charge[], addresses: [] as ReturnType<typeof fact>[], forgotten: [] as string[] };
      for (let host = 0; host < HOSTS; host += 1) {
        if (next(4) !== 0 && reading % 10 !== 3) continue;
        const isDevice = host < DEVICES;
        const ip = isDevice ? `192.168.1.${host}` : `203.0.${host >> 8}.${host & 255}`;
        if (!isDevice && counters.has(ip) && next(40) === 0) {
          parts.forgotten.push(ip);
          counters.delete(ip);
          continue;
        }
        const most = 2 ** (4 + next(40));
        const used = { in: next(most), out: next(most / 8) };
        const known = counters.get(ip) ?? { in: 0, out: 0 };
        const now = { in: known.in + used.in, out: known.out + used.out };
        counters.set(ip, now);
        const holder = isDevice ? `02:00:00:00:00:${host.toString(16).padStart(2, "0")}` : null;
        const who = isDevice
          ? ({ kind: "device", device: holder ?? "" } as const)
          : ({ kind: "remote", device: "" } as const);
        const seenAt = next(9) === 0 ? null : at - next(3_000_000);
        parts.charges.push(charge({ ...who, ip, day, hour: isDevice ? hour : 0, ...used, reported: next(30) > 0 }));
        parts.addresses.push(fact({ ip, holder, mac: holder, seenAt, ...now }));
      }
      const books: SettlementParts["books"] = { at, counted: reading + 1 };
      previous = settlement({ ...parts, books }, previous);
      await store.record(previous);
      applyToModel(model, previous);
      if (reading % 3 === 2) await store.checkpoint();
      if (reading % 9 === 8) store = await harness.crash();
      if (reading % 6 === 0 || reading % 9 === 8) {
        expect(await factsOfStore(store, ["lan"], "2020-01-01", "2030-01-01")).toEqual(
          factsOfModel(model, "2020-01-01", "2030-01-01"),
        );
      }
    }
    await store.checkpoint();
    const today = new Date(previous.books.at).toISOString().slice(0, 10);
    const rows = await store.remoteDays(today, today);
    expect(rows.length).toBeGreaterThan(400);
    const seconds = (at: number | null) => (at === null ? null : at / 1000 - dayNumber(today) * 86_400);
    expect(hostsOf(harness.path(), today)).toEqual(
      rows
        .map((row) => [row.ip, row.in, row.out, seconds(row.seenAt), row.counterIn, row.counterOut])
        .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)),
    );
  } finally {
    await harness.dispose();
  }
});

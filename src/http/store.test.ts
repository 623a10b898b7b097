import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Settlement } from "../accounting/types.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { charge, counted, fact, ROUTER, settlement, viewOf } from "../store/testing/settlements.ts";
import { NOON, testApp, testDeps } from "./testing.ts";

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "whitestat-http-"));
  store = openSqliteStore({ path: join(folder, "WhiteStat.db"), view: viewOf() });
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const PHONE = "02:1a:2b:00:00:05";

/** One reading of a household: a phone, its router, a host on the internet. */
function reading(): Settlement {
  const used = (mac: string, ip: string, down: number, up: number) =>
    charge({ mac, ip, in: down, out: up, day: "2021-04-01", hour: 11 });
  const known = (mac: string, ip: string, counter: number) =>
    fact({ mac, ip, hostname: `name-of-${ip}`, seenAt: NOON - 60_000, in: counter, out: counter });
  return settlement({
    charges: [
      used(PHONE, "192.168.1.5", 10_240, 2_048),
      used(ROUTER, "192.168.1.1", 512, 512),
      used(ROUTER, "203.0.113.7", 2_048, 10_240),
    ],
    addresses: [
      known(PHONE, "192.168.1.5", 20_480),
      known(ROUTER, "192.168.1.1", 1_024),
      known(ROUTER, "203.0.113.7", 4_096),
    ],
    counted: [counted({ day: "2021-04-01", bytes: 12_800, captured: 100 })],
    books: { at: NOON },
  });
}

test("what a settlement charged is what the endpoints and the page show, at once", async () => {
  await store.record(reading());
  const app = testApp(testDeps({}, { store }));
  const today = await (await app.request("/json")).json();
  expect(today).toMatchObject({
    data: [
      ["192.168.1.5", PHONE, "name-of-192.168.1.5", "2021-04-01 11:59:00", 10, 2, "2021-04-01 00:00:00", 20, 20],
      ["203.0.113.7", ROUTER, "name-of-203.0.113.7", "2021-04-01 11:59:00", 2, 10, "2021-04-01 00:00:00", 4, 4],
    ],
  });
  expect(await (await app.request("/json/history?start=2020-01-01&end=2021-12-31")).json()).toEqual(today);
  const page = await (await app.request("/")).text();
  expect(page).toContain("name-of-192.168.1.5");
  expect(page).toContain("totals match");
  expect(page).not.toContain("192.168.1.1<");
});

test("an empty store has empty answers", async () => {
  const app = testApp(testDeps({}, { store }));
  expect(await (await app.request("/json")).json()).toMatchObject({ data: [] });
  expect(await (await app.request("/json/history?start=1999-01-01")).json()).toMatchObject({ data: [] });
  expect(await (await app.request("/")).text()).toContain("The first data arrives with the next reading");
});

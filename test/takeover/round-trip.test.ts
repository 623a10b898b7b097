import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createView, type View } from "../../src/accounting/view.ts";
import { parseRouters, parseSegments } from "../../src/settings/lan.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { onlyNames } from "../../src/store/testing/names.ts";
import {
  charge,
  charging,
  DAY,
  fact,
  LAPTOP,
  NOON,
  PHONE,
  ROUTER,
  settlement,
} from "../../src/store/testing/settlements.ts";
import { exportText } from "../../src/takeover/export.ts";
import { importHistory } from "../../src/takeover/import.ts";
import { EVER, storeFolder, testDeps } from "./taking.ts";

const NAMES = new Map([
  [PHONE, "=Anna's; phone"],
  [LAPTOP, "'+laptop"],
]);

/** Routers are found, so that what an endpoint is has to come along. */
const view: View = createView({
  segments: parseSegments("auto").prefixes,
  namedSegments: [],
  routers: parseRouters("auto"),
  ipFilter: /^[\d.]+$/,
  ipMac: new Map(),
  macMac: new Map(),
});

/** Two days and an hour that is open, of devices, internet hosts, groups, hidden addresses and one behind the router. */
async function measured(path: string): Promise<Store> {
  const store = openSqliteStore({ path, view });
  const hosts = ["1.1.1.1", "8.8.8.8", "9.9.9.9", "203.0.113.5"].map((ip) =>
    charge({ mac: ROUTER, ip, in: 5, out: 7 }),
  );
  const usual = [
    charge(),
    charge({ ip: "fd00::5", in: 20, out: 2 }),
    charge({ mac: LAPTOP, ip: "192.168.1.21", in: 300, out: 30 }),
    charge({ mac: "01:00:5e:00:00:fb", ip: "224.0.0.251", in: 3, out: 0 }),
    charge({ mac: null, ip: "192.168.1.99", in: 4, out: 4 }),
  ];
  await store.record(charging(...usual, ...hosts));
  // The laptop's address is seen behind the router; the phone's hour is an estimate, and its day as well.
  await store.record(charging(charge({ mac: ROUTER, ip: "192.168.1.21", hour: 13, in: 11, out: 1 })));
  await store.record(charging(charge({ hour: 14, in: 50, out: 5, reconstructed: "hour" })));
  await store.record(charging(charge({ day: "2026-02-01", hour: 0, in: 60, out: 6, reconstructed: "day" })));
  const named = fact({ hostname: "phone.lan", in: 90, seenAt: NOON + 86_400_000 });
  await store.record(
    settlement({ charges: [charge({ day: "2026-02-01", hour: 1, in: 9, out: 9 })], addresses: [named] }),
  );
  await store.keepHousehold(onlyNames(NAMES));
  await store.checkpoint();
  return store;
}

const whole = async (store: Store) => ({
  days: (await store.endpointDays(...EVER)).map((row) => JSON.stringify(row)).sort(),
  devices: (await store.devices()).map(({ key, router, hostname }) => [key, router, hostname]).sort(),
  hours: (await store.endpointHours(...EVER)).map((row) => JSON.stringify(row)).sort(),
});

async function exported(store: Store, separator: "," | ";" | null): Promise<string> {
  const names = await store.deviceNames();
  let text = "";
  const said = (key: string) => ({ name: names.get(key) ?? null, owner: '=Ben; "B"', type: "tv" });
  const options = { said, separator, firstDay: null, lastDay: null };
  for await (const chunk of exportText(store, options)) text += chunk;
  return text;
}

async function imported(from: string) {
  using folder = storeFolder();
  const deps = testDeps({ now: () => NOON + 2 * 86_400_000, view });
  await importHistory({ ...deps, from, into: folder.db, firstDay: null, lastDay: null, dryRun: false });
  const store = openSqliteStore({ path: folder.db, view });
  const found = await whole(store);
  await store.close();
  return { ...found, names: deps.given };
}

describe("what was measured here comes back equal, with its names", () => {
  test.each([",", ";"] as const)("by CSV with %s, but for hours", async (separator) => {
    using folder = storeFolder();
    const store = await measured(folder.db);
    const file = join(folder.dir, "days.csv");
    writeFileSync(file, await exported(store, separator));
    const { days, devices } = await whole(store);
    await store.close();
    const found = await imported(file);
    expect(found.days).toEqual(days);
    expect(found.devices).toEqual(devices);
    expect(found.names).toEqual(NAMES);
  });

  test.each(["JSON", "a backup"])("by %s, hours and the open one included", async (form) => {
    using folder = storeFolder();
    const store = await measured(folder.db);
    const file = join(folder.dir, form === "JSON" ? "days.json" : "backup.db");
    if (form === "JSON") writeFileSync(file, await exported(store, null));
    else await store.backup(file);
    const { days, devices, hours } = await whole(store);
    await store.close();
    expect(days).toHaveLength(11);
    expect(hours.length).toBeGreaterThan(7);
    expect(await imported(file)).toEqual({ days, devices, hours, names: NAMES });
  });
});

test("an export that finds days which can't be true fails, and says which", async () => {
  using folder = storeFolder();
  const store = await measured(folder.db);
  const torn: Store = {
    ...store,
    dayTotals: async () => [{ day: "10183-01-01", rows: 1, in: 1, out: 1 }],
  };
  await expect(exported(torn, ",")).rejects.toThrow(/10183-01-01/);
  const short: Store = { ...store, endpointDays: async (from, to) => (await store.endpointDays(from, to)).slice(1) };
  await expect(exported(short, null)).rejects.toThrow(/can't be exported whole: .* bytes down/);
  expect((await store.dayTotals(DAY, DAY))[0]?.rows).toBeGreaterThan(0);
  await store.close();
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { createCalendar } from "../../src/accounting/calendar.ts";
import { zoneOf } from "../../src/accounting/testing.ts";
import { runProduct } from "../../src/cli/product.ts";
import { openLog } from "../../src/cli/serve.ts";
import { testIo } from "../../src/cli/testing.ts";
import { createDarkstatClient } from "../../src/meters/darkstat/client.ts";
import { createFakeDarkstat } from "../../src/meters/darkstat/simulated/index.ts";
import { loadSettings } from "../../src/settings/load.ts";
import { writeFileAtomically } from "../../src/settings/text-file.ts";
import { clock } from "../lib/clock.ts";
import { freePort } from "../lib/free-port.ts";
import { ask, storeFolder } from "./taking.ts";

/** Runs the product on a folder until `until` holds of its port, and stops it. Returns what `until` gave. */
async function running<T>(dir: string, until: (url: string) => Promise<T | null>): Promise<T> {
  const ending = new AbortController();
  const io = testIo(dir, {
    env: { DATA_STORE: dir },
    clock: { ...clock, now: () => Date.now() },
    signal: ending.signal,
    builtAt: Date.UTC(2020, 0, 1),
    uid: 0,
    gid: 0,
  });
  const loaded = await loadSettings({ env: io.env, cwd: dir });
  const { log } = openLog(io, loaded.settings);
  const fake = createFakeDarkstat({ now: () => Date.now(), routerMac: "02:ff:ff:ff:ff:01", interface: "eth0" });
  const client = createDarkstatClient({ url: await fake.start(), now: () => Date.now() });
  const feed = {
    name: null,
    isView: false,
    kind: "darkstat" as const,
    embedded: false,
    whyNotKernel: null,
    start: async () => {},
    stop: () => fake.stop(),
    url: () => client.url,
    meter: () => client,
    problem: () => null,
  };
  const ended = runProduct({
    io,
    loaded,
    calendar: createCalendar(zoneOf("Europe/Berlin")),
    log,
    feeds: [feed],
    demo: false,
  });
  const url = `http://127.0.0.1:${loaded.settings.serverPort}`;
  let outcome: T | null = null;
  while (outcome === null) {
    outcome = await until(url).catch(() => null);
    if (outcome === null && (await Promise.race([ended, delay(50)])) !== undefined) throw new Error("it ended early");
  }
  ending.abort();
  expect(await ended).toBe(0);
  return outcome;
}

const REMOTE_DAYS = `SELECT count(*) AS n FROM usage_day u JOIN endpoint e ON e.id = u.endpoint
  WHERE e.role = 'internet' AND u.day < '2022-01-01'`;

/** The settings of a store that an older version left, on a free port. */
async function settle(dir: string): Promise<string> {
  const config = join(dir, "WhiteStatConfig.json");
  const settings = JSON.parse(readFileSync(config, "utf8"));
  const here = { DATA_STORE: dir, SERVER_PORT: await freePort(), LISTEN_ADDRESS: "127.0.0.1" };
  await writeFileAtomically(config, JSON.stringify({ ...settings, ...here }));
  return config;
}

test("a start on v5's folder takes over everything, and the first day's cleaning throws nothing of it away", async () => {
  using folder = storeFolder("v5");
  const config = await settle(folder.dir);
  const get = async (url: string) => (await (await fetch(url)).json()) as { data: unknown[] };
  const found = await running(folder.dir, async (url) => {
    // The cleaning comes with the first checkpoint, the backup right after it.
    const health = (await (await fetch(`${url}/healthz`)).json()) as { status?: string; state?: string };
    const backedUp = ask(folder.db, "SELECT count(*) AS n FROM source WHERE books ->> '$.epoch' <> ''")[0]?.n === 1;
    if (!backedUp) return null;
    return {
      health,
      history: await get(`${url}/json/history?start=2021-01-30&end=2021-04-01`),
      segments: (await (await fetch(`${url}/json/lansegments`)).json()) as unknown,
    };
  });
  // On 43 days both devices that MAC_MAC.txt makes one were there.
  expect(found.history.data).toHaveLength(1258 - 43);
  expect(found.segments).toEqual(["192.168.1", "192.168.0"]);
  expect(JSON.parse(readFileSync(config, "utf8"))).toMatchObject({ REMOTE_KEPT_DAYS: 0 });
  expect(ask(folder.db, REMOTE_DAYS)).toEqual([{ n: 626 }]);

  // And once more, with the settings as they are now.
  const again = await running(folder.dir, async (url) => get(`${url}/json/history?start=2021-01-30&end=2021-04-01`));
  expect(again.data).toHaveLength(1258 - 43);
  expect(ask(folder.db, REMOTE_DAYS)).toEqual([{ n: 626 }]);
  expect(ask(folder.db, "SELECT count(*) AS n FROM note WHERE code = 'taken-over'")).toEqual([{ n: 1 }]);
});

const addressesOf = ({ data }: { data: unknown[][] }) => data.map(([ip]) => String(ip));
const ipv6Of = async (url: string) =>
  ((await (await fetch(`${url}/api/v1/status`)).json()) as { ipv6: "included" | "excluded" | "filtered" }).ipv6;

test("a start on v11's folder shows its IPv6 devices on, without a setting", async () => {
  using folder = storeFolder("v11");
  const config = await settle(folder.dir);
  const found = await running(folder.dir, async (url) => {
    const response = await fetch(`${url}/json/history?start=2021-10-01&end=2021-10-01&includePublicIP=no`);
    return (await response.json()) as { data: unknown[][] };
  });
  expect(found.data).toHaveLength(8);
  expect(addressesOf(found).filter((ip) => ip.includes(":"))).toHaveLength(3);
  expect(JSON.parse(readFileSync(config, "utf8"))).not.toHaveProperty("IPFilter");
  expect(JSON.parse(readFileSync(config, "utf8"))).toMatchObject({ ANALYZER_PORT: 777 });
});

test("IPv6 is in the figures of a new store, and after version 1 to 5 once somebody asks for it", async () => {
  using empty = storeFolder();
  await writeFileAtomically(join(empty.dir, "WhiteStatConfig.json"), "{}");
  const config = await settle(empty.dir);
  expect(await running(empty.dir, ipv6Of)).toBe("included");
  // A store that was made before this was kept goes on as it was, and a setting goes before both.
  const remembered = (value: string | null) => {
    const db = new DatabaseSync(empty.db);
    db.exec("DELETE FROM memory WHERE name = 'default-addresses'");
    if (value !== null) db.prepare("INSERT INTO memory VALUES ('default-addresses', ?)").run(value);
    db.close();
  };
  remembered(null);
  expect(await running(empty.dir, ipv6Of)).toBe("excluded");
  const settings = JSON.parse(readFileSync(config, "utf8"));
  await writeFileAtomically(config, JSON.stringify({ ...settings, IPFilter: ".*" }));
  expect(await running(empty.dir, ipv6Of)).toBe("included");
  await writeFileAtomically(config, JSON.stringify({ ...settings, IPFilter: "192" }));
  remembered('"all"');
  expect(await running(empty.dir, ipv6Of)).toBe("filtered");

  using folder = storeFolder("v5");
  const old = await settle(folder.dir);
  const { IPFilter: _, ...without } = JSON.parse(readFileSync(old, "utf8"));
  await writeFileAtomically(old, JSON.stringify(without));
  expect(await running(folder.dir, ipv6Of)).toBe("excluded");
  expect(JSON.parse(readFileSync(old, "utf8"))).not.toHaveProperty("IPFilter");
  const included = await running(folder.dir, async (url) => {
    const headers = { "content-type": "application/json" };
    await fetch(`${url}/api/v1/ipv6`, { method: "PUT", headers, body: '{"included":true}' });
    return ipv6Of(url);
  });
  expect(included).toBe("included");
  expect(JSON.parse(readFileSync(old, "utf8"))).toMatchObject({ IPFilter: ".*" });
  expect(await running(folder.dir, ipv6Of)).toBe("included");
});

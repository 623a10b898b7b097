import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { clock } from "../../test/lib/clock.ts";
import { freePort } from "../../test/lib/free-port.ts";
import { createFakeDarkstat, type FakeDarkstat } from "../meters/darkstat/simulated/index.ts";
import type { ApiStatus, Usage } from "../shared/api.ts";
import { type Feed, worstOff } from "./metering.ts";
import { serve } from "./serve.ts";
import { testIo } from "./testing.ts";

const ROUTER = "02:ff:ff:ff:ff:01";
const [PHONE, LAPTOP] = ["02:1a:00:00:00:0a", "02:1a:00:00:00:0b"];
const PEER = { ip: "198.51.100.1", mac: ROUTER };

let dir = "";
let home: FakeDarkstat;
let guest: FakeDarkstat;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "whitestat-meters-"));
  home = createFakeDarkstat({ now: () => Date.now(), routerMac: ROUTER, interface: "br-lan" });
  guest = createFakeDarkstat({ now: () => Date.now(), routerMac: ROUTER, interface: "br-guest" });
});
afterEach(async () => {
  await home.stop();
  await guest.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Runs the product on both, with more settings, and ends it after `use`. */
async function running(more: Record<string, string>, use: (url: string) => Promise<void>): Promise<void> {
  const ending = new AbortController();
  const port = await freePort();
  const env = {
    DATA_STORE: dir,
    DARKSTAT_URL: `home=${await home.start()}|guest=${await guest.start()}`,
    SERVER_PORT: String(port),
    LISTEN_ADDRESS: "127.0.0.1",
    LAN_ROUTERS_TO_SKIP: ROUTER,
    IdleSeconds: "1",
    UpdateDBSeconds: "1",
    ...more,
  };
  const builtAt = Date.UTC(2020, 0, 1);
  const ended = serve(
    testIo(dir, { env, clock: { ...clock, now: () => Date.now() }, signal: ending.signal, builtAt, uid: 1000 }),
  );
  try {
    await use(`http://127.0.0.1:${port}`);
  } finally {
    ending.abort();
    expect(await ended).toBe(0);
  }
}

async function json<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T;
}

/** What `ask` gives as soon as it holds. */
async function until<T>(ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    const answer = await ask().catch(() => null);
    if (answer !== null && !("error" in (answer as object)) && holds(answer)) return answer;
    if (tries > 200) throw new Error(`It never held: ${JSON.stringify(answer).slice(0, 2_000)}`);
    await delay(50);
  }
}

const amounts = (usage: Usage) =>
  usage.devices.map(({ key, download }) => [key, download] as const).sort(([a], [b]) => (a < b ? -1 : 1));

test("two darkstats have books of their own, a device's bytes of both add up, and each can be asked alone", async () => {
  await running({}, async (url) => {
    await until(
      () => json<ApiStatus>(`${url}/api/v1/status`),
      ({ meters }) => meters.length === 2 && meters.every(({ readAt }) => readAt !== null),
    );
    home.traffic({ ip: "192.168.1.10", mac: PHONE }, PEER, 1_000, 10);
    guest.traffic({ ip: "192.168.2.10", mac: PHONE }, PEER, 200, 20);
    guest.traffic({ ip: "192.168.2.11", mac: LAPTOP }, PEER, 30, 3);
    const both = await until(
      () => json<Usage>(`${url}/api/v1/usage`),
      ({ totals }) => totals.download === 1_230,
    );
    expect(amounts(both)).toEqual([
      [PHONE, 1_200],
      [LAPTOP, 30],
    ]);
    expect(both).toMatchObject({ source: null, balance: { balanced: true, counted: 1_263 } });
    const ofGuest = await json<Usage>(`${url}/api/v1/usage?source=guest`);
    expect(amounts(ofGuest)).toEqual([
      [PHONE, 200],
      [LAPTOP, 30],
    ]);
    const bySource = await json<Usage>(`${url}/api/v1/usage?by=source`);
    expect(
      bySource.groups?.map(({ key, download, members }) => [key, download, members.map((one) => one.key)]),
    ).toEqual([
      ["home", 1_000, [PHONE]],
      ["guest", 230, [PHONE, LAPTOP]],
    ]);
    expect(bySource.totals).toEqual(both.totals);
    expect(amounts(bySource)).toEqual(amounts(both));
    for (const { download, series } of bySource.groups ?? [])
      expect(series.download.reduce((sum, one) => sum + one, 0)).toBe(download);
    // The CSV of one meter is that meter's.
    const csv = await (await fetch(`${url}/api/v1/usage/csv?source=guest&by=source&group=day`)).text();
    expect(csv.split("\r\n").slice(1)).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\d,guest,,230,23$/), ""]);
    expect(ofGuest).toMatchObject({ source: "guest", balance: { balanced: true, counted: 253 } });
    expect(await json(`${url}/api/v1/days?source=home`)).toMatchObject({ rows: [{ 3: 1_000 }] });
    expect(await json(`${url}/api/v1/devices/${LAPTOP}?source=home`)).toMatchObject({
      error: { code: "unknown-device" },
    });
    expect(await json(`${url}/api/v1/usage?source=attic`)).toMatchObject({
      error: { message: 'source: "attic" is no meter.', hint: "The meters are home, guest." },
    });

    await guest.stop();
    const { problems, meter } = await until(
      () => json<ApiStatus>(`${url}/api/v1/status`),
      (status) => status.problems.length > 0,
    );
    expect(problems).toMatchObject(
      [{ code: "meter-unreachable", meter: "guest", message: /^guest: Can't reach/ }].map((one) => ({
        ...one,
        message: expect.stringMatching(one.message),
      })),
    );
    expect(meter.name).toBe("guest");
    home.traffic({ ip: "192.168.1.10", mac: PHONE }, PEER, 7, 0);
    await until(
      () => json<Usage>(`${url}/api/v1/usage`),
      ({ totals }) => totals.download === 1_237,
    );
  });
});

test("a view is shown by itself, and added to nothing", async () => {
  await running({ METER_VIEWS: "guest" }, async (url) => {
    await until(
      () => json<ApiStatus>(`${url}/api/v1/status`),
      ({ meters }) => meters.length === 2 && meters.every(({ readAt }) => readAt !== null),
    );
    home.traffic({ ip: "192.168.1.10", mac: PHONE }, PEER, 1_000, 10);
    guest.traffic({ ip: "192.168.1.10", mac: PHONE }, PEER, 999, 10);
    const alone = await until(
      () => json<Usage>(`${url}/api/v1/usage?source=guest`),
      ({ totals }) => totals.download === 999,
    );
    expect(amounts(alone)).toEqual([[PHONE, 999]]);
    const all = await until(
      () => json<Usage>(`${url}/api/v1/usage`),
      ({ totals }) => totals.download === 1_000,
    );
    expect(amounts(all)).toEqual([[PHONE, 1_000]]);
    expect(all.balance).toMatchObject({ balanced: true, counted: 1_010 });
  });
});

test("of several meters the one that was read least lately is worst off, a view after all others", () => {
  const meter = (name: string, readAt: number | null, isView = false) =>
    ({ name, readAt, isView }) as unknown as Parameters<typeof worstOff>[0][number];
  const worst = (...meters: Parameters<typeof worstOff>[0]) => worstOff(meters).name as Feed["name"];
  expect(worst(meter("lan", 50), meter("guest", 20), meter("ap", null, true))).toBe("guest");
  expect(worst(meter("lan", 50), meter("guest", null))).toBe("guest");
  expect(worst(meter("ap", null, true))).toBe("ap");
});

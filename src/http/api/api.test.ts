import { gunzipSync } from "node:zlib";
import { validate } from "@readme/openapi-parser";
import { Validator } from "@seriousme/openapi-schema-validator";
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import type { Charge, Settlement } from "../../accounting/types.ts";
import {
  type ApiStatus,
  daysSchema,
  deviceDetailSchema,
  errorSchema,
  namedSchema,
  statusSchema,
  type Usage,
  usageSchema,
  usageUpdateSchema,
} from "../../shared/api.ts";
import { applyPatch, type Patch } from "../../shared/patch.ts";
import type { Status } from "../../shared/status.ts";
import { openSqliteStore } from "../../store/sqlite-store.ts";
import { type Store, StoreError } from "../../store/store.ts";
import { charge, counted, fact, settlement, temporaryFolder, viewOf } from "../../store/testing/settlements.ts";
import type { AppDeps } from "../app.ts";
import { STATUS, testApp, testDeps } from "../testing.ts";
import { SCHEMAS } from "./openapi.ts";
import { EXAMPLES } from "./openapi-examples.ts";
import { createUsageUpdates } from "./usage-updates.ts";

/** 2021-04-01 12:00 in Berlin: the present of these tests. */
const TODAY = "2021-04-01";
const YESTERDAY = "2021-03-31";
const PHONE = "02:00:00:00:00:01";
const LAPTOP = "00:11:32:00:00:02";
const TV = "04:5d:4b:00:00:03";
const ROUTER = "02:ff:ff:ff:ff:01";

let folder: ReturnType<typeof temporaryFolder>;
let store: Store;
let last: Map<string, Settlement>;

beforeEach(() => {
  folder = temporaryFolder();
  store = openSqliteStore({ path: folder.file("test.db"), view: viewOf() });
  last = new Map();
});
afterEach(async () => {
  await store.close();
  folder[Symbol.dispose]();
});

const deps = (more: Partial<AppDeps> = {}) =>
  testDeps([], { store, vendorOf: (mac) => (mac.startsWith("00:11:32") ? "Synology" : null), ...more });

/** Puts charges into the store, with all that follows from them, so that the books balance. */
async function used(charges: Partial<Charge>[], source = "lan", isCounted = true): Promise<void> {
  const whole = charges.map((some) => charge({ day: TODAY, hour: 10, in: 0, out: 0, ...some }));
  const counters = new Map<string, { in: number; out: number }>(last.get(source)?.books.baselines ?? []);
  const facts = whole.map((one) => {
    const before = counters.get(one.ip) ?? { in: 0, out: 0 };
    const now = { in: before.in + one.in, out: before.out + one.out };
    counters.set(one.ip, now);
    const seenAt = Date.parse(`${one.day}T08:00:00Z`);
    return fact({ ip: one.ip, mac: one.mac, seenAt, ...now });
  });
  const days = [...new Set(whole.map(({ day }) => day))];
  const counts = days.map((day) =>
    counted({
      day,
      bytes: whole.filter((one) => one.day === day).reduce((sum, one) => sum + one.in, 0),
      captured: 100,
      dropped: 10,
      carried: 80_000_000,
      compared: 40_000_000,
    }),
  );
  const next = settlement(
    {
      charges: whole,
      addresses: facts,
      counted: isCounted ? counts : [],
      books: { source, at: Date.UTC(2021, 1, 1) },
    },
    last.get(source),
  );
  await store.record(next);
  last.set(source, next);
}

const phone = (more: Partial<Charge>) => ({ mac: PHONE, ip: "192.168.1.20", ...more });
const laptop = (more: Partial<Charge>) => ({ mac: LAPTOP, ip: "192.168.1.21", ...more });
const remote = (more: Partial<Charge>) => ({ mac: ROUTER, ip: "8.8.8.8", ...more });

async function request(path: string, some: AppDeps | Promise<AppDeps> = deps()) {
  const response = await testApp(await some).request(`/api/v1/${path}`);
  const body: unknown = await response.json();
  if (response.status !== 200) throw new Error(`${response.status} ${JSON.stringify(body)}`);
  return body;
}
const usage = async (query: string, some: AppDeps | Promise<AppDeps> = deps()) =>
  usageSchema.parse(await request(`usage?${query}`, some));

describe("ipv6", () => {
  async function put(body: string, status: Status, includeIpv6: AppDeps["includeIpv6"]) {
    const app = testApp(await deps({ status: () => status, includeIpv6 }));
    const headers = { "Content-Type": "application/json" };
    const response = await app.request("/api/v1/ipv6", { method: "PUT", headers, body });
    return { status: response.status, body: (await response.json()) as object };
  }

  test("is included and excluded, and the answer is the status", async () => {
    for (const included of [true, false]) {
      let status: Status = { ...STATUS, ipv6: included ? "excluded" : "included" };
      const app = testApp(
        await deps({
          status: () => status,
          includeIpv6: async (wanted) => {
            status = { ...status, ipv6: wanted ? "included" : "excluded" };
          },
        }),
      );
      const headers = { "Content-Type": "application/json" };
      const body = JSON.stringify({ included });
      const response = await app.request("/api/v1/ipv6", { method: "PUT", headers, body });
      expect(response.status).toBe(200);
      expect(statusSchema.parse(await response.json()).ipv6).toBe(included ? "included" : "excluded");
    }
  });

  test("asks for nothing that is so already, leaves a pattern of somebody's own alone, and says what can't be", async () => {
    const never = () => Promise.reject(new Error("it was asked"));
    const wish = '{"included":true}';
    expect((await put(wish, { ...STATUS, ipv6: "included" }, never)).status).toBe(200);
    expect(await put(wish, { ...STATUS, ipv6: "filtered" }, never)).toMatchObject({
      status: 409,
      body: { error: { code: "own-filter" } },
    });
    expect(await put(wish, STATUS, never)).toMatchObject({ status: 503, body: { error: { code: "not-saved" } } });
    for (const body of ["", "true", "{}", '{"included":1}', '{"included":true,"more":1}']) {
      expect(await put(body, STATUS, never), body).toMatchObject({
        status: 400,
        body: { error: { code: "bad-json" } },
      });
    }
  });
});

describe("usage/changes", () => {
  /** As a page asks: again and again, with the tag of what it has. */
  const pageOf = (app: ReturnType<typeof testApp>) => {
    let known: { tag: string; usage: Usage } | null = null;
    return async (query: string) => {
      const since = known === null ? "" : `&since=${known.tag}`;
      const response = await app.request(`/api/v1/usage/changes?${query}${since}`);
      expect(response.status).toBe(200);
      const update = usageUpdateSchema.parse(await response.json());
      const isPatch = "patch" in update;
      known = isPatch
        ? { tag: update.tag, usage: applyPatch(known?.usage, update.patch as Patch) as Usage }
        : { tag: update.tag, usage: usageSchema.parse(update) };
      return { isPatch, usage: usageSchema.parse(known.usage) };
    };
  };

  test("is whole at first, then what changed, and that makes what usage answers", async () => {
    await used([phone({ in: 100, out: 20 }), laptop({ in: 1000, out: 1 })]);
    const all = await deps();
    const ask = pageOf(testApp(all));
    let asked: string | null = null;
    for (const [query, change] of [
      ["", async () => {}],
      ["", () => used([phone({ in: 5_000, out: 2 })])],
      ["", () => used([laptop({ hour: 11, in: 7, out: 7 }), remote({ in: 5, out: 6 })])],
      ["", () => all.names.rename(PHONE, "Phone")],
      ["", async () => {}],
      ["remote=yes", async () => {}],
      ["remote=yes", () => used([remote({ ip: "198.51.100.8", in: 50, out: 60 })])],
    ] as const) {
      await change();
      const answer = await ask(query);
      expect(answer.isPatch).toBe(query === asked);
      expect(answer.usage).toEqual(await usage(query, all));
      asked = query;
    }
  });

  test("is whole where the earlier answer is to another question, or of another process", async () => {
    await used([phone({ in: 100, out: 20 })]);
    const app = testApp(await deps());
    const tagOf = async (query: string) =>
      ((await (await app.request(`/api/v1/usage/changes?${query}`)).json()) as { tag: string }).tag;
    const tag = await tagOf("");
    const later = testApp(await deps({ now: () => STATUS.startedAt + 7_200_000 }));
    for (const [some, query] of [
      [app, `from=${YESTERDAY}&since=${tag}`],
      [app, "since=nonsense"],
      [later, `since=${tag}`],
    ] as const) {
      expect(await (await some.request(`/api/v1/usage/changes?${query}`)).json()).not.toHaveProperty("patch");
    }
  });

  test("remembers no more than it may: of who has an older answer, everything is sent", () => {
    const updates = createUsageUpdates(0, 1_000);
    const figures = (bytes: number) => ({ now: bytes, zone: "x".repeat(400) }) as unknown as Usage;
    const tags = [1, 2, 3].map((bytes) => updates("q", figures(bytes), null).tag);
    expect(updates("q", figures(4), tags[0] ?? "")).toMatchObject(figures(4));
    expect(updates("q", figures(5), tags[2] ?? "")).toMatchObject({ patch: { fields: { now: 5 } } });
    const large = { ...figures(6), zone: "x".repeat(2_000) };
    const { tag } = updates("q", large, null);
    expect(updates("q", large, tag)).toMatchObject(large);
  });

  test("goes out compressed", async () => {
    await used([phone({ in: 100, out: 20 })]);
    const response = await testApp(await deps()).request("/api/v1/usage/changes", {
      headers: { "Accept-Encoding": "gzip" },
    });
    expect(response.headers.get("content-encoding")).toBe("gzip");
    const text = gunzipSync(Buffer.from(await response.arrayBuffer())).toString();
    expect(usageUpdateSchema.parse(JSON.parse(text))).toMatchObject({ totals: { download: 100 } });
  });
});

describe("usage", () => {
  test("of today is by the hour, the largest device first, and its figures add up", async () => {
    await used([phone({ hour: 9, in: 5, out: 2 }), phone({ in: 100, out: 20 }), laptop({ in: 1000, out: 1 })]);
    const answer = await usage("");
    expect(answer).toMatchObject({ from: TODAY, to: TODAY, today: TODAY, zone: "Europe/Berlin", group: "hour" });
    expect(answer.buckets).toHaveLength(24);
    expect(answer.totals).toEqual({ download: 1105, upload: 23, devices: 2 });
    expect(answer.devices.map(({ key }) => key)).toEqual([LAPTOP, PHONE]);
    const [, second] = answer.devices;
    expect(second).toMatchObject({ download: 105, upload: 22, addresses: ["192.168.1.20"], lastActiveDay: TODAY });
    expect(second?.series.download.slice(8, 12)).toEqual([0, 5, 100, 0]);
    expect(second?.series.upload.slice(8, 12)).toEqual([0, 2, 20, 0]);
    expect(second?.lastSeen).toBe(Date.UTC(2021, 3, 1, 8));
    expect(answer.remotes).toBeNull();
    expect(answer.previous).toBeNull();
  });

  test.each([
    ["from=2021-03-31&to=2021-04-01", "hour", 47 + 1],
    ["from=2021-03-27&to=2021-04-01", "day", 6],
    ["from=2020-12-31", "day", 92],
    ["from=2020-12-30", "month", 5],
    ["from=2021-03-27&to=2021-03-28&group=hour", "hour", 47],
    ["from=2021-04-01&to=2021-03-30", "day", 3],
  ])("?%s is grouped by %s into %i buckets", async (query, group, count) => {
    const answer = await usage(query);
    expect([answer.group, answer.buckets.length]).toEqual([group, count]);
  });

  test.each(["hour", "day", "month"])("by the %s, each bucket has what was used in it", async (group) => {
    await used([phone({ day: "2021-02-10", hour: 3, in: 7, out: 1, reconstructed: "day" })]);
    await used([phone({ day: "2021-03-30", hour: 23, in: 40, out: 2 }), phone({ day: TODAY, hour: 0, in: 3, out: 4 })]);
    const { devices, buckets } = await usage(`from=2021-02-10&group=${group}`);
    const series = devices[0]?.series;
    const filled = buckets.flatMap(({ label }, index) => {
      const figures = [series?.download[index], series?.upload[index]];
      return figures.some(Boolean) ? [[label, ...figures]] : [];
    });
    expect(filled).toEqual(
      {
        hour: [
          ["2021-02-10T03", 7, 1],
          ["2021-03-30T23", 40, 2],
          ["2021-04-01T00", 3, 4],
        ],
        day: [
          ["2021-02-10", 7, 1],
          ["2021-03-30", 40, 2],
          ["2021-04-01", 3, 4],
        ],
        month: [
          ["2021-02", 7, 1],
          ["2021-03", 40, 2],
          ["2021-04", 3, 4],
        ],
      }[group],
    );
    expect(series?.reconstructed.map((index) => buckets[index]?.label.slice(0, 7))).toEqual(["2021-02"]);
    expect(devices[0]).toMatchObject({ reconstructed: true, implausible: false });
  });

  test("says who a device is", async () => {
    await used([phone({ in: 2 }), laptop({ in: 1 }), { mac: null, ip: "192.168.1.9", in: 1 }]);
    const some = await deps();
    await some.names.rename(PHONE, "<b>Anna</b>");
    const who = (await usage("", some)).devices.map(({ key, mac, name, vendor, privateMac }) => [
      key,
      mac,
      name,
      vendor,
      privateMac,
    ]);
    expect(who).toContainEqual([PHONE, PHONE, "<b>Anna</b>", null, true]);
    expect(who).toContainEqual([LAPTOP, LAPTOP, null, "Synology", false]);
    expect(who).toContainEqual(["192.168.1.9", null, null, null, false]);
  });

  test("one device that two darkstats saw is one, with the sum", async () => {
    await used([phone({ in: 5, out: 1 })], "attic");
    await used([phone({ ip: "192.168.2.20", in: 7, out: 2 })], "lan");
    const { devices, totals } = await usage("");
    expect(devices).toHaveLength(1);
    expect(devices[0]).toMatchObject({ download: 12, upload: 3, firstDay: TODAY });
    expect(devices[0]?.series.download[10]).toBe(12);
    expect([...(devices[0]?.addresses ?? [])].sort()).toEqual(["192.168.1.20", "192.168.2.20"]);
    expect(totals.devices).toBe(1);
  });

  test("routers and what IPFilter hides are in the balance only, and the hidden share is told", async () => {
    await used([
      phone({ in: 60, out: 15 }),
      phone({ ip: "2001:db8::1", in: 20, out: 5 }),
      laptop({ ip: "2001:db8::2", in: 1, out: 0 }),
      { mac: ROUTER, ip: "192.168.1.1", in: 4, out: 0 },
      remote({ in: 15, out: 80 }),
    ]);
    const { devices, totals, balance, hiddenShare } = await usage("");
    expect(devices.map(({ key }) => key)).toEqual([PHONE]);
    expect(totals).toEqual({ download: 60, upload: 15, devices: 1 });
    expect(hiddenShare).toBeCloseTo(26 / 101);
    expect(balance).toEqual({
      balanced: true,
      counted: 100,
      lan: 5,
      devices: { in: 60, out: 15 },
      hidden: { in: 21, out: 5 },
      routers: { in: 4, out: 0 },
      remote: { in: 15, out: 80 },
      removed: { in: 0, out: 0 },
      unlisted: { in: 0, out: 0 },
      group: { in: 0, out: 0 },
      unattributed: { in: 0, out: 0 },
      seenShare: 0.5,
      missedShare: 0.1,
    });
  });

  test("books that don't balance in one direction are said not to", async () => {
    await used([phone({ in: 60, out: 15 })]);
    expect((await usage("")).balance).toMatchObject({ balanced: false, counted: 60 });
  });

  test("days taken over from an older version, which counted nothing, are not in the balance", async () => {
    await used([phone({ day: "2021-03-30", in: 999, out: 1 })], "lan", false);
    await used([phone({ day: YESTERDAY, in: 5, out: 5 }), phone({ in: 6, out: 6 })]);
    const { balance, totals } = await usage("from=2021-03-29");
    expect(balance).toMatchObject({ balanced: true, counted: 11, devices: { in: 11, out: 11 } });
    expect(totals.download).toBe(1010);
  });

  test("an hour that its day does not have, for the zone was another then, is counted in the last", async () => {
    await used([phone({ day: YESTERDAY, hour: 24, in: 5, reconstructed: "hour" }), phone({ hour: 0, in: 7 })]);
    const { devices } = await usage(`from=${YESTERDAY}`);
    expect(devices[0]?.series.download.slice(22, 26)).toEqual([0, 5, 7, 0]);
    expect(devices[0]?.series.reconstructed).toEqual([23]);
  });

  test("IPv4 addresses come before IPv6 ones, and at most 16 are told", async () => {
    await used([phone({ day: "2021-03-01", in: 1 })]);
    await used(Array.from({ length: 20 }, (_, n) => phone({ ip: `2001:db8::${n + 1}`, in: 1 })));
    const [device] = (await usage("from=2021-03-01")).devices;
    expect(device?.addresses).toHaveLength(16);
    expect(device?.addresses[0]).toBe("192.168.1.20");
  });

  test("remote hosts are there when asked for, the largest first, with what devices downloaded from them", async () => {
    await used([remote({ in: 5, out: 6 }), remote({ ip: "9.9.9.9", in: 50, out: 6 })]);
    const answer = await usage("remote=yes");
    expect(answer.remotes?.map(({ ip, download, upload }) => [ip, download, upload])).toEqual([
      ["9.9.9.9", 6, 50],
      ["8.8.8.8", 6, 5],
    ]);
    expect(answer.remoteTotals).toEqual({ download: 12, upload: 55, hosts: 2 });
    expect((await usage("remote=no")).remoteTotals).toBeNull();
  });

  test("today is compared with yesterday up to this hour", async () => {
    await used([phone({ day: "2021-03-29", in: 1 })]);
    await used([phone({ day: YESTERDAY, hour: 11, in: 30, out: 3 }), laptop({ day: YESTERDAY, hour: 12, in: 500 })]);
    await used([phone({ in: 99 })]);
    expect((await usage("")).previous).toEqual({
      from: YESTERDAY,
      to: YESTERDAY,
      until: Date.UTC(2021, 2, 31, 10),
      download: 30,
      upload: 3,
      devices: 1,
      gone: [],
    });
    expect((await usage(`from=${YESTERDAY}&to=${TODAY}`)).previous).toMatchObject({ from: "2021-03-29", download: 1 });
  });

  test("each device is compared with itself, and one that is gone is told apart", async () => {
    await used([phone({ day: "2021-03-29", in: 1 })]);
    await used([
      phone({ day: YESTERDAY, hour: 2, in: 30, out: 3 }),
      laptop({ day: YESTERDAY, hour: 3, in: 500, out: 7 }),
    ]);
    await used([phone({ in: 99 }), { mac: TV, ip: "192.168.1.7", in: 4 }]);
    const { devices, previous } = await usage("");
    expect(devices.map(({ key, previous }) => [key, previous])).toEqual([
      [PHONE, { download: 30, upload: 3 }],
      [TV, { download: 0, upload: 0 }],
    ]);
    expect(previous).toMatchObject({ download: 530, upload: 10, devices: 2 });
    expect(previous?.gone).toMatchObject([{ key: LAPTOP, download: 500, upload: 7 }]);
    expect((await usage("from=2021-03-29&to=2021-03-29")).devices[0]?.previous).toBeNull();
  });

  test("with a range that was measured in part, or not at all, nothing is compared", async () => {
    await used([phone({ day: "2021-03-29", in: 1 }), phone({ day: YESTERDAY, in: 1 }), phone({ in: 1 })]);
    expect((await usage("from=2021-03-31")).previous).not.toBeNull();
    expect((await usage("from=2021-03-30")).previous).toBeNull();
    expect((await usage("from=2021-03-29&to=2021-03-29")).previous).toBeNull();
  });

  test("with the very day on which measuring began nothing is compared: it was not measured from its beginning", async () => {
    const began = settlement({
      charges: [charge({ day: YESTERDAY, in: 9 })],
      addresses: [fact()],
      books: { at: Date.UTC(2021, 2, 31, 9) },
    });
    await store.record(began);
    expect((await usage("")).previous).toBeNull();
  });

  test("an empty store is an answer like any other", async () => {
    const answer = await usage("from=2021-03-01");
    expect(answer).toMatchObject({ devices: [], totals: { download: 0, upload: 0, devices: 0 }, hiddenShare: 0 });
    expect(answer.balance).toMatchObject({ balanced: true, counted: 0, missedShare: null });
  });
});

describe("days", () => {
  test("are each device's, the latest first, without routers and hidden addresses", async () => {
    await used([phone({ day: YESTERDAY, in: 5, out: 1 }), { mac: ROUTER, ip: "192.168.1.1", day: YESTERDAY, in: 7 }]);
    await used([
      phone({ in: 6, out: 2, reconstructed: "day" }),
      laptop({ in: 60 }),
      laptop({ mac: "00:11:32:00:00:03", ip: "2001:db8::3", in: 7 }),
    ]);
    const { devices, rows } = daysSchema.parse(await request(`days?from=${YESTERDAY}`));
    const seen = Date.UTC(2021, 3, 1, 8);
    expect(rows.map(([day, index, ...rest]) => [day, devices[index]?.key, ...rest])).toEqual([
      [TODAY, LAPTOP, "192.168.1.21", 60, 0, seen, 0],
      [TODAY, PHONE, "192.168.1.20", 6, 2, seen, 1],
      [YESTERDAY, PHONE, "192.168.1.20", 5, 1, seen - 86_400_000, 0],
    ]);
    expect(devices).toHaveLength(2);
  });

  test("of one device that two darkstats saw are one row", async () => {
    await used([phone({ in: 5, out: 1 })], "attic");
    await used([phone({ in: 7, out: 2, reconstructed: "day" })], "lan");
    const { rows } = daysSchema.parse(await request("days"));
    expect(rows.map(([, , , down, up, , flags]) => [down, up, flags])).toEqual([[12, 3, 1]]);
  });

  test("that the asker has need not be sent again", async () => {
    const app = testApp(await deps());
    const first = await app.request("/api/v1/days");
    const again = await app.request("/api/v1/days", { headers: { "If-None-Match": first.headers.get("etag") ?? "" } });
    expect(again.status).toBe(304);
  });
});

describe("a device", () => {
  const detail = async (key: string) => deviceDetailSchema.parse(await request(`devices/${encodeURIComponent(key)}`));

  test("has its days, its addresses, and its usual week", async () => {
    // Two Mondays, of which one had nothing, and today, a Thursday, which is not over.
    await used([phone({ day: "2021-03-22", hour: 20, in: 100, out: 10 })]);
    await used([phone({ day: "2021-03-30", ip: "192.168.1.99", hour: 7, in: 6, out: 2 })]);
    await used([phone({ in: 1000 })]);
    const answer = await detail("02-00-00-00-00-01");
    expect(answer.device).toMatchObject({ key: PHONE, privateMac: true, router: false });
    expect(answer.days).toEqual([
      ["2021-03-22", 100, 10, 0],
      ["2021-03-30", 6, 2, 0],
      [TODAY, 1000, 0, 0],
    ]);
    expect(answer.addresses.map(({ ip, firstDay, lastDay }) => [ip, firstDay, lastDay])).toEqual([
      ["192.168.1.20", "2021-03-22", TODAY],
      ["192.168.1.99", "2021-03-30", "2021-03-30"],
    ]);
    expect(answer).toMatchObject({ firstDay: "2021-03-22", lastSeen: Date.UTC(2021, 3, 1, 8) });
    expect(answer.week).toMatchObject({ from: "2021-03-22", to: YESTERDAY });
    expect(answer.week.hours.map((hours) => hours.length)).toEqual(new Array(7).fill(24));
    expect(answer.week.hours[0]?.[20]).toBe(55);
    expect(answer.week.hours[1]?.[7]).toBe(4);
    expect(answer.week.hours.flat().filter((bytes) => bytes > 0)).toHaveLength(2);
  });

  test("that came today has today for its week", async () => {
    await used([phone({ in: 1000, out: 1 })]);
    const { week } = await detail(PHONE);
    expect(week).toMatchObject({ from: TODAY, to: TODAY });
    expect(week.hours[3]?.[10]).toBe(1001);
  });

  test("has no days in its week of which the hours are gone", async () => {
    await used([phone({ day: "2021-03-22", hour: 20, in: 100 })]);
    await used([phone({ day: "2021-03-29", hour: 20, in: 50 }), phone({ in: 1 })]);
    await store.prune({ hoursFrom: "2021-03-25", remoteFrom: null, devicesFrom: null });
    const { week } = await detail(PHONE);
    expect(week.from).toBe("2021-03-29");
    expect(week.hours[0]?.[20]).toBe(50);
  });

  test("hours are by the clock on days when it was set", async () => {
    await used([phone({ day: "2021-03-28", hour: 2, in: 70 }), phone({ in: 1 })]);
    const { week } = await detail(PHONE);
    // The third hour of that Sunday was the one from three to four.
    expect(week.hours[6]?.[3]).toBe(70);
  });

  test("may be an IPv6 address", async () => {
    await used([{ mac: null, ip: "fe80::1", in: 5 }]);
    expect((await detail("FE80::1")).device).toMatchObject({ key: "fe80::1", mac: null, privateMac: false });
  });

  test("nobody saw is not found", async () => {
    await expect(detail("02:00:00:00:00:99")).rejects.toThrow("404");
  });
});

describe("a name", () => {
  const put = async (key: string, body: string, some: AppDeps | Promise<AppDeps> = deps()) =>
    testApp(await some).request(`/api/v1/devices/${encodeURIComponent(key)}/name`, {
      method: "PUT",
      body,
      headers: { "Content-Type": "application/json" },
    });

  test("is given, answered, seen in the figures, and taken back", async () => {
    await used([phone({ in: 5 })]);
    const some = await deps();
    const given = await put("02-00-00-00-00-01", '{"name": " Anna\'s phone "}', some);
    expect(namedSchema.parse(await given.json())).toEqual({ key: PHONE, name: "Anna's phone" });
    expect((await usage("", some)).devices[0]?.name).toBe("Anna's phone");
    const taken = await put(PHONE, '{"name": null}', some);
    expect(namedSchema.parse(await taken.json())).toEqual({ key: PHONE, name: null });
  });

  test.each([
    ["{", 400, "bad-json"],
    ["[]", 400, "bad-name"],
    ["{}", 400, "bad-name"],
    ['{"name": 5}', 400, "bad-name"],
    ['{"name": "x", "mac": "y"}', 400, "bad-name"],
    ['{"name": "two\\nlines"}', 400, "bad-name"],
    ['{"name": "gpj.\\u202eexe"}', 400, "bad-name"],
    ['{"name": "bell\\u0007"}', 400, "bad-name"],
    [JSON.stringify({ name: "x".repeat(201) }), 400, "bad-name"],
    [JSON.stringify({ name: "x".repeat(66_000) }), 413, "too-large"],
  ])("is refused in %.30s", async (body, status, code) => {
    await used([phone({ in: 5 })]);
    const some = await deps();
    const response = await put(PHONE, body, some);
    expect(response.status).toBe(status);
    expect(errorSchema.parse(await response.json()).error.code).toBe(code);
    expect(some.names.nameOf(PHONE)).toBeNull();
  });

  test("that can't be saved says so", async () => {
    await used([phone({ in: 5 })]);
    const names = { nameOf: () => null, rename: () => Promise.reject(new Error("ENOSPC")) };
    expect((await put(PHONE, '{"name": "x"}', deps({ names }))).status).toBe(503);
  });
});

describe("status", () => {
  test("has all of the product's status, and what is known of the figures", async () => {
    await used([phone({ day: "2021-03-01", in: 1 }), phone({ in: 1 })]);
    const note = { at: STATUS.startedAt, code: "router-found", detail: { mac: ROUTER } } as const;
    await store.record(settlement({ notes: [note], books: { source: "attic" } }));
    const answer = statusSchema.parse(await request("status"));
    expect(answer).toMatchObject(STATUS);
    expect(answer.range).toEqual({ first: "2021-03-01", last: TODAY });
    expect(answer.notes).toEqual([
      { at: note.at, code: note.code, text: `${ROUTER} is a router: its own traffic is not listed.` },
    ]);
    expectTypeOf<Omit<ApiStatus, "now" | "today" | "zone" | "range" | "notes">>().toExtend<Status>();
    expectTypeOf<Status>().toExtend<
      Omit<ApiStatus, "now" | "today" | "zone" | "range" | "notes" | "problems" | "meters">
    >();
    expectTypeOf<ApiStatus["meters"][number]>().toEqualTypeOf<Mutable<Status["meters"][number]>>();
    expectTypeOf<ApiStatus["problems"][number]>().toEqualTypeOf<Mutable<Status["problems"][number]>>();
  });

  test("is answered while the store fails, for then it matters most", async () => {
    const fail = () => Promise.reject(new StoreError("full", "no room", "Make room."));
    const answer = statusSchema.parse(await request("status", deps({ store: { ...store, range: fail, notes: fail } })));
    expect(answer).toMatchObject({ range: null, notes: [], version: "12.0.0" });
  });
});

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

describe("an invalid query gets an error that says what is allowed", () => {
  test.each([
    ["usage?from=2021-02-30", "bad-date", "from=2021-01-30"],
    ["usage?to=yesterday", "bad-date", "to=2021-01-30"],
    ["usage?from=0001-01-01", "bad-date", "from=2021-01-30"],
    [
      "usage?form=2021-01-01",
      "bad-request",
      "The parameters are from, to, group, remote, compare, by, owner, source, traffic.",
    ],
    ["usage?group=year", "bad-request", "group is hour (for at most 62 days), day or month"],
    ["usage?remote=maybe", "bad-request", "remote is yes or no"],
    ["usage?from=2021-01-01&group=hour", "bad-range", "group=day"],
    ["usage?from=2001-01-01&group=month", "bad-range", "ten years"],
    ["days?from=2020-01-01", "bad-range", "from=2020-04-01&to=2021-04-01"],
    ["days?group=day", "bad-request", "The parameters are from, to, owner, source, traffic."],
  ])("%s", async (path, code, hint) => {
    const response = await testApp(await deps()).request(`/api/v1/${path}`);
    expect(response.status).toBe(400);
    const { error } = errorSchema.parse(await response.json());
    expect(error.code).toBe(code);
    expect(error.hint).toContain(hint);
  });

  test("ten years are allowed, and 62 days by the hour", async () => {
    expect((await usage("from=2011-04-02")).buckets).toHaveLength(121);
    expect((await usage("from=2021-01-30&group=hour")).buckets).toHaveLength(62 * 24 - 1);
  });
});

describe("the OpenAPI document", () => {
  const documentOf = async (basePath = "") => {
    const response = await testApp(await deps({ basePath })).request(`${basePath}/api/v1/openapi.json`);
    return (await response.json()) as {
      openapi: string;
      servers: { url: string }[];
      paths: Record<string, Record<string, { parameters?: { name: string; in: string }[] }>>;
      components: { schemas: Record<string, object> };
    };
  };

  test("has every route of the interface, and no other", async () => {
    const { paths, openapi } = await documentOf();
    expect(openapi).toBe("3.1.0");
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const mounted = testApp(await deps())
      .routes.filter(({ path }) => path.startsWith("/api/"))
      .map(({ path, method }) => `${method} ${path.replace("/api/v1", "").replace(":key", "{}")}`);
    expect(described.map((text) => text.replace(/\{\w+\}/, "{}")).sort()).toEqual([...new Set(mounted)].sort());
  });

  test("is valid by two validators", async () => {
    const text = JSON.stringify(await documentOf("/stats"));
    expect(await new Validator().validate(JSON.parse(text))).toEqual({ valid: true });
    expect(await validate(JSON.parse(text))).toMatchObject({ valid: true, warnings: [] });
  });

  test.each(Object.entries(SCHEMAS))("has an example of %s that is one", (name, schema) => {
    expect(schema.safeParse(EXAMPLES[name as keyof typeof EXAMPLES]).error).toBeUndefined();
  });

  test("says where it is mounted", async () => {
    expect((await documentOf("/stats")).servers).toEqual([{ url: "/stats/api/v1" }]);
  });

  test("names parameters, and refers to no schema that is missing", async () => {
    const document = await documentOf();
    expect(document.paths["/usage"]?.get?.parameters?.map(({ name }) => name)).toEqual([
      "from",
      "to",
      "group",
      "remote",
      "compare",
      "by",
      "owner",
      "source",
      "traffic",
    ]);
    expect(document.paths["/devices/{key}"]?.get?.parameters).toMatchObject([
      { name: "key", in: "path" },
      { name: "source", in: "query" },
      { name: "traffic", in: "query" },
    ]);
    const text = JSON.stringify(document);
    const referred = [...text.matchAll(/"\$ref":"([^"]*)"/g)].map(([, to = ""]) => to);
    expect(referred.length).toBeGreaterThan(10);
    for (const to of referred) {
      expect(Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`)).toContain(to);
    }
  });
});

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Prefix, parsePrefix } from "../../accounting/address.ts";
import { daysSchema, type Usage, usageSchema } from "../../shared/api.ts";
import { addDays, daysFromTo } from "../../shared/calendar-days.ts";
import { changedSchema, type Step } from "../../shared/household-api.ts";
import { viewOf } from "../../store/testing/settlements.ts";
import { NOON, recordUses, testApp, testDeps, testStore, type Use } from "../testing.ts";
import { MAX_DEVICES } from "./usage.ts";
import { splitAt } from "./usage-groups.ts";

/** 2021-04-01 12:00 in Berlin is the present of these tests. */
const TODAY = "2021-04-01";
const MACS = [1, 2, 3, 4].map((n) => `02:00:00:00:00:0${n}`);
const [PHONE = "", TABLET = "", TV = "", LAPTOP = ""] = MACS;
const [ANNA, BEN] = [1, 2];

const use = (mac: string, day: string, down: number, more: Partial<Use> = {}): Use => ({
  mac,
  ip: `192.168.1.${20 + MACS.indexOf(mac)}`,
  day,
  in: down,
  out: 1,
  ...more,
});

async function open(uses: readonly Use[], steps: readonly Step[] = []) {
  const app = testApp(await testDeps(uses));
  const change = async (...some: Step[]) => {
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ steps: some }),
    };
    const response = await app.request("/api/v1/household/changes", init);
    expect(response.status).toBe(200);
    return changedSchema.parse(await response.json());
  };
  await change({ do: "add-owner", name: "Anna" }, { do: "add-owner", name: "Ben", colour: 5 });
  for (const step of steps) await change(step);
  return {
    app,
    change,
    async usage(query: string): Promise<Usage> {
      const response = await app.request(`/api/v1/usage?${query}`);
      expect(response.status, query).toBe(200);
      return usageSchema.parse(await response.json());
    },
  };
}

const owns = (owner: number | null, from: string | null, ...devices: string[]): Step => ({
  do: "hand-over",
  devices,
  owner,
  from,
});
const sum = (figures: readonly number[]) => figures.reduce((all, one) => all + one, 0);

test("by owner, a device that was handed over is each one's on its own days", async () => {
  const uses = [
    use(PHONE, "2021-03-10", 100),
    use(PHONE, "2021-03-20", 2000),
    use(TABLET, "2021-03-20", 7),
    use(TV, "2021-03-20", 30_000),
  ];
  const { usage } = await open(uses, [owns(ANNA, null, PHONE), owns(BEN, "2021-03-15", PHONE, TABLET)]);
  for (const group of ["hour", "day", "month"]) {
    const { groups, devices, totals, by } = await usage(`from=2021-03-05&to=2021-03-25&group=${group}&by=owner`);
    expect(by).toBe("owner");
    expect(groups?.map(({ key, name, colour, download }) => [key, name, colour, download])).toEqual([
      ["none", null, null, 30_000],
      ["2", "Ben", 5, 2007],
      ["1", "Anna", 1, 100],
    ]);
    expect(groups?.[1]?.members).toEqual([
      { key: PHONE, download: 2000, upload: 1 },
      { key: TABLET, download: 7, upload: 1 },
    ]);
    for (const one of groups ?? []) expect(sum(one.series.download)).toBe(one.download);
    // The devices themselves are listed as ever.
    expect(devices.map(({ key, download }) => [key, download])).toEqual([
      [TV, 30_000],
      [PHONE, 2100],
      [TABLET, 7],
    ]);
    expect(totals.download).toBe(32_107);
  }
});

test("of an owner, only what devices used while they were theirs, in every figure", async () => {
  const uses = [
    use(PHONE, "2021-03-10", 100),
    use(PHONE, "2021-03-20", 2000),
    use(PHONE, "2021-02-20", 5),
    use(TV, "2021-03-20", 30_000),
    use(TV, "2021-01-20", 1),
  ];
  const { usage, app } = await open(uses, [owns(ANNA, null, PHONE), owns(null, "2021-03-15", PHONE)]);
  const range = "from=2021-03-01&to=2021-03-31";
  const anna = await usage(`${range}&owner=1`);
  expect(anna).toMatchObject({ owner: 1, by: "device", groups: null, totals: { download: 100, devices: 1 } });
  expect(anna.devices).toMatchObject([{ key: PHONE, download: 100, owner: null, previous: { download: 5 } }]);
  expect(anna.previous).toMatchObject({ download: 5, devices: 1 });
  expect(sum(anna.devices[0]?.series.download ?? [])).toBe(100);
  const nobody = await usage(`${range}&owner=none`);
  expect(nobody.devices.map(({ key, download }) => [key, download])).toEqual([
    [TV, 30_000],
    [PHONE, 2000],
  ]);
  expect(nobody.previous).toMatchObject({ download: 0 });
  // Who had nothing was measured as well.
  expect(await usage(`${range}&owner=2`)).toMatchObject({
    devices: [],
    totals: { download: 0 },
    previous: { download: 0 },
  });
  // The balance is that of the line.
  expect(anna.balance).toEqual((await usage(range)).balance);
  const both = await usage(`${range}&owner=1&by=owner`);
  expect(both.groups).toMatchObject([{ key: "1", download: 100, previous: { download: 5 } }]);
  for (const [query, code] of [
    ["owner=9", "unknown-owner"],
    ["owner=0", "bad-request"],
    ["owner=Anna", "bad-request"],
    ["owner=__proto__", "bad-request"],
    ["by=colour", "bad-request"],
  ]) {
    const response = await app.request(`/api/v1/usage?${query}`);
    expect(((await response.json()) as { error: { code: string } }).error.code, query).toBe(code);
  }
});

test("by type, as a person says, else as it is guessed", async () => {
  const uses = [use(PHONE, TODAY, 5), use(TABLET, TODAY, 70), use(TV, TODAY, 900, { hostname: "LGwebOSTV" })];
  const { usage, change } = await open(uses, [{ do: "describe", devices: [PHONE], type: "tv" }]);
  const of = async () => (await usage("by=type")).groups?.map(({ key, name, download }) => [key, name, download]);
  expect(await of()).toEqual([
    ["tv", null, 905],
    ["unknown", null, 70],
  ]);
  await change({ do: "describe", devices: [TABLET], type: "tablet" });
  expect(await of()).toEqual([
    ["tv", null, 905],
    ["tablet", null, 70],
  ]);
});

test("of today, groups are compared with yesterday up to this time", async () => {
  const yesterday = addDays(TODAY, -1);
  const uses = [
    use(TV, "2021-03-20", 1),
    use(PHONE, yesterday, 10, { hour: 3 }),
    use(PHONE, yesterday, 1000, { hour: 20 }),
    use(PHONE, TODAY, 7, { hour: 3 }),
  ];
  const { usage } = await open(uses, [owns(ANNA, null, PHONE)]);
  const { groups, devices } = await usage(`from=${TODAY}&by=owner`);
  expect(groups).toMatchObject([{ key: "1", download: 7, previous: { download: 10 } }]);
  expect(devices[0]?.previous).toEqual(groups?.[0]?.previous);
});

test("by network, a device is where it was last, in a network of the settings before one of 24 bits", async () => {
  const at = (mac: string, ip: string, day: string, down: number) => use(mac, day, down, { ip });
  const uses = [
    at(PHONE, "192.168.1.20", "2021-03-30", 5),
    at(PHONE, "192.168.7.20", "2021-03-31", 70),
    at(PHONE, "2001:db8::20", TODAY, 1),
    at(TABLET, "2001:db8::21", TODAY, 200),
    at(TV, "10.1.2.3", TODAY, 4_000),
    at(LAPTOP, "192.168.7.130", TODAY, 30_000),
  ];
  const store = await testStore(uses);
  await store.applyView(viewOf({ ipFilter: /^/ }));
  const deps = await testDeps([], { store });
  const named = ["10.0.0.0/8", "192.168.7.128/25"].map((text) => parsePrefix(text) as Prefix);
  const app = testApp({ ...deps, settings: { ...deps.settings, segments: { ...deps.settings.segments, named } } });
  for (const group of ["hour", "day", "month"]) {
    const usage = usageSchema.parse(
      await (await app.request(`/api/v1/usage?from=2021-03-30&by=network&group=${group}`)).json(),
    );
    expect(usage.groups?.map(({ key, download, series }) => [key, download, sum(series.download)])).toEqual([
      ["192.168.7.128/25", 30_000, 30_000],
      ["10.0.0.0/8", 4_000, 4_000],
      ["ipv6", 200, 200],
      ["192.168.7.0/24", 76, 76],
    ]);
  }
});

test("as CSV, a line for each bucket and group that used anything, and no name runs as a formula", async () => {
  const uses = [use(PHONE, "2021-02-10", 5), use(PHONE, "2021-03-10", 6), use(TV, "2021-03-10", 70)];
  const { app, change } = await open(uses, [owns(ANNA, null, PHONE)]);
  await change(
    { do: "edit-owner", owner: 1, name: '=cmd("x"),y' },
    { do: "describe", devices: [PHONE], name: "@phone" },
  );
  const csv = async (query: string) => {
    const response = await app.request(`/api/v1/usage/csv?from=2021-02-01&to=2021-03-31&group=month${query}`);
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(response.headers.get("content-disposition")).toBe(
      'attachment; filename="whitestat-2021-02-01-to-2021-03-31.csv"',
    );
    // Decoding takes the byte order mark away.
    return (await response.text()).split("\r\n");
  };
  expect(await csv("&by=owner")).toEqual([
    "bucket,owner,name,download_bytes,upload_bytes",
    `2021-02,1,"'=cmd(""x""),y",5,1`,
    "2021-03,none,,70,1",
    `2021-03,1,"'=cmd(""x""),y",6,1`,
    "",
  ]);
  const whose = `"'=cmd(""x""),y",phone`;
  expect((await csv("&owner=1")).slice(0, 3)).toEqual([
    "bucket,device,name,download_bytes,upload_bytes,owner,type",
    `2021-02,${PHONE},'@phone,5,1,${whose}`,
    `2021-03,${PHONE},'@phone,6,1,${whose}`,
  ]);
});

test("the days of an owner are those of devices while they were theirs", async () => {
  const uses = [use(PHONE, "2021-03-10", 5), use(PHONE, "2021-03-20", 6), use(TV, "2021-03-10", 70)];
  const { app, change } = await open(uses, [owns(ANNA, null, PHONE), owns(BEN, "2021-03-15", PHONE)]);
  const rows = async (owner: string, etag = "") => {
    const headers = { "if-none-match": etag };
    const response = await app.request(`/api/v1/days?from=2021-03-01&to=2021-03-31&owner=${owner}`, { headers });
    const text = await response.text();
    const days =
      response.status === 200 ? daysSchema.parse(JSON.parse(text)).rows.map(([day, , , down]) => [day, down]) : null;
    return { days, etag: response.headers.get("etag") ?? "" };
  };
  const anna = await rows("1");
  expect(anna.days).toEqual([["2021-03-10", 5]]);
  expect((await rows("2")).days).toEqual([["2021-03-20", 6]]);
  expect((await rows("none")).days).toEqual([["2021-03-10", 70]]);
  expect((await rows("1", anna.etag)).days).toBeNull();
  await change(owns(ANNA, null, TV));
  expect((await rows("1", anna.etag)).days).toEqual([
    ["2021-03-10", 70],
    ["2021-03-10", 5],
  ]);
});

test("a page that stays open gets what changed of groups, too", async () => {
  const { app, change } = await open([use(PHONE, TODAY, 5), use(TV, TODAY, 70)]);
  const ask = async (query: string) =>
    (await (await app.request(`/api/v1/usage/changes?${query}`)).json()) as { tag: string; patch?: unknown };
  const { tag } = await ask("by=owner");
  await change(owns(ANNA, null, PHONE));
  expect(await ask(`by=owner&since=${tag}`)).toHaveProperty("patch.fields.groups");
  expect(await ask(`by=type&since=${tag}`)).not.toHaveProperty("patch");
});

test("of a flood of devices, the many small ones are in their group as well", async () => {
  const store = await testStore();
  const count = MAX_DEVICES + 5;
  const uses = Array.from({ length: count }, (_, index): Use => {
    const mac = `02:00:00:01:${(index >> 8).toString(16).padStart(2, "0")}:${(index & 255).toString(16).padStart(2, "0")}`;
    return { mac, ip: `10.0.${index >> 8}.${index & 255}`, day: TODAY, in: 10_000 - index, out: 0 };
  });
  await recordUses(store, uses);
  const deps = await testDeps([], { store });
  const [small = "", smaller = ""] = uses.slice(-2).map(({ mac }) => mac ?? "");
  await deps.household.change([{ do: "add-owner", name: "Anna" }, owns(null, null, small)]);
  await deps.household.change([owns(ANNA, null, smaller)]);
  const app = testApp(deps);
  for (const by of ["owner", "type", "network", "source"]) {
    for (const group of ["hour", "day", "month"]) {
      const usage = usageSchema.parse(await (await app.request(`/api/v1/usage?by=${by}&group=${group}`)).json());
      expect(usage.others?.devices).toBe(5);
      expect(sum((usage.groups ?? []).map(({ download }) => download))).toBe(usage.totals.download);
      const series = [...(usage.groups ?? [])].map((one) => [one.download, sum(one.series.download)]);
      for (const [download, inChart] of series) expect(inChart).toBe(download);
      const listed = sum(usage.devices.map((one) => sum(one.series.download)));
      expect(listed + sum(usage.others?.series.download ?? [])).toBe(usage.totals.download);
    }
  }
  const anna = usageSchema.parse(await (await app.request("/api/v1/usage?owner=1")).json());
  expect(anna.devices.map(({ key }) => key)).toEqual([smaller]);
  expect(sum(anna.devices[0]?.series.download ?? [])).toBe(10_000 - count + 1);
});

test("parts of a span are whole, in order and without a gap, whatever the cuts", () => {
  const day = fc.integer({ min: 0, max: 60 }).map((count) => addDays("2021-01-31", count));
  fc.assert(
    fc.property(day, fc.nat(40), fc.uniqueArray(day), (from, length, cuts) => {
      const to = addDays(from, length);
      const parts = splitAt({ from, to }, [...cuts].sort());
      expect(parts.flatMap((part) => daysFromTo(part.from, part.to))).toEqual(daysFromTo(from, to));
      for (const cut of cuts) for (const part of parts) expect(part.from < cut && cut <= part.to).toBe(false);
    }),
  );
});

test("for any hands, the figures by owner are those of each day's owner, added up", async () => {
  const days = daysFromTo("2021-02-25", "2021-03-08");
  const hand = fc.record({
    device: fc.constantFrom(...MACS),
    owner: fc.constantFrom(ANNA, BEN, null),
    from: fc.option(fc.constantFrom(...days)),
  });
  const uses = days.flatMap((day, n) => MACS.map((mac, m) => use(mac, day, 10 ** m * (n + 1), { hour: n % 24 })));
  const store = await testStore(uses);
  await fc.assert(
    fc.asyncProperty(
      fc.array(hand, { maxLength: 6 }),
      fc.constantFrom("hour", "day", "month"),
      async (hands, group) => {
        const deps = await testDeps([], { store, now: () => NOON });
        await store.remember("household", null);
        await deps.household.change([
          { do: "add-owner", name: "Anna" },
          { do: "add-owner", name: "Ben" },
        ]);
        for (const { device, owner, from } of hands) await deps.household.change([owns(owner, from, device)]);
        const ownerOf = (device: string, day: string) => {
          let list: { from: string; owner: number | null }[] = [];
          for (const one of hands.filter((each) => each.device === device)) {
            const from = one.from ?? "";
            list = [...list.filter((each) => each.from < from), { from, owner: one.owner }];
          }
          return list.filter((one) => one.from <= day).at(-1)?.owner ?? null;
        };
        const expected = new Map<string, number>();
        for (const { mac, day, in: down = 0 } of uses) {
          const key = `${ownerOf(mac ?? "", day ?? "") ?? "none"}`;
          expected.set(key, (expected.get(key) ?? 0) + down);
        }
        const response = await testApp(deps).request(
          `/api/v1/usage?from=2021-02-20&to=2021-03-20&by=owner&group=${group}`,
        );
        const { groups } = usageSchema.parse(await response.json());
        expect(new Map(groups?.map(({ key, download }) => [key, download]))).toEqual(expected);
        for (const one of groups ?? []) {
          expect(sum(one.series.download)).toBe(one.download);
          expect(sum(one.members.map(({ download }) => download))).toBe(one.download);
          const only = await testApp(deps).request(
            `/api/v1/usage?from=2021-02-20&to=2021-03-20&owner=${one.key}&group=${group}`,
          );
          expect(usageSchema.parse(await only.json()).totals.download).toBe(one.download);
        }
      },
    ),
    { numRuns: 25 },
  );
});

import { expect, test } from "vitest";
import { daysSchema, deviceDetailSchema, type Usage, usageSchema } from "../../shared/api.ts";
import { counted, ROUTER, settlement } from "../../store/testing/settlements.ts";
import { recordUses, testApp, testDeps, testStore, type Use } from "../testing.ts";

/** 2021-04-01 12:00 in Berlin is the present of these tests. */
const [NAS, PC] = ["02:00:00:00:00:01", "02:00:00:00:00:02"];
const GB = 1e9;

/** A copy of 10 GB from the NAS to the PC, and what each exchanged with the internet. */
const COPY: readonly Use[] = [
  { mac: NAS, ip: "192.168.1.20", traffic: "internet", in: 300, out: 20 },
  { mac: NAS, ip: "192.168.1.20", traffic: "lan", in: 5, out: 10 * GB },
  { mac: PC, ip: "192.168.1.21", traffic: "internet", in: 4000, out: 100 },
  { mac: PC, ip: "192.168.1.21", traffic: "lan", in: 10 * GB, out: 5 },
];

async function open(uses: readonly Use[]) {
  const app = testApp(await testDeps(uses));
  const get = async (path: string) => {
    const response = await app.request(`/api/v1/${path}`);
    expect(response.status, path).toBe(200);
    return response;
  };
  return {
    get,
    usage: async (query: string): Promise<Usage> => usageSchema.parse(await (await get(`usage?${query}`)).json()),
  };
}

const figures = ({ devices }: Usage) =>
  devices.map(({ key, download, upload }) => [key, download, upload]).sort(([a = ""], [b = ""]) => (a < b ? -1 : 1));

test("a NAS that copies 10 GB to a PC is LAN traffic of both, and none of the internet's", async () => {
  const { usage } = await open(COPY);
  for (const group of ["hour", "day", "month"]) {
    const internet = await usage(`group=${group}&traffic=internet`);
    expect(figures(internet)).toEqual([
      [NAS, 300, 20],
      [PC, 4000, 100],
    ]);
    expect(internet).toMatchObject({ traffic: "internet", unknownTraffic: { download: 0, upload: 0 } });
    expect(internet.devices[0]?.series.download.reduce((sum, one) => sum + one, 0)).toBe(4000);
    const lan = await usage(`group=${group}&traffic=lan`);
    expect(figures(lan)).toEqual([
      [NAS, 5, 10 * GB],
      [PC, 10 * GB, 5],
    ]);
  }
});

test("without asking for either all is one, as ever", async () => {
  const { usage } = await open(COPY);
  for (const query of ["", "traffic=all"]) {
    const all = await usage(query);
    expect(figures(all)).toEqual([
      [NAS, 305, 10 * GB + 20],
      [PC, 10 * GB + 4000, 105],
    ]);
    expect(all).toMatchObject({ traffic: "all", unknownTraffic: null });
  }
});

test("what a meter can't tell is in neither, and it is said how much that is", async () => {
  const { usage } = await open([...COPY, { mac: PC, ip: "192.168.1.21", in: 70, out: 7 }]);
  for (const traffic of ["internet", "lan"]) {
    expect((await usage(`traffic=${traffic}`)).unknownTraffic).toEqual({ download: 70, upload: 7 });
  }
  expect((await usage("traffic=internet")).totals).toMatchObject({ download: 4300, upload: 120 });
});

test("where a meter can tell nothing, all is said to be missing, of everyone and of an owner; and no device is unknown", async () => {
  const { usage, get } = await open([
    { mac: NAS, ip: "192.168.1.20", in: 70, out: 7 },
    { mac: PC, ip: "192.168.1.21", in: 500, out: 50 },
  ]);
  for (const traffic of ["internet", "lan"]) {
    for (const by of ["device", "owner", "network"]) {
      expect(await usage(`traffic=${traffic}&by=${by}`)).toMatchObject({
        totals: { download: 0, upload: 0 },
        unknownTraffic: { download: 570, upload: 57 },
      });
    }
    expect((await usage(`traffic=${traffic}&owner=none`)).unknownTraffic).toEqual({ download: 570, upload: 57 });
    const detail = deviceDetailSchema.parse(await (await get(`devices/${NAS}?traffic=${traffic}`)).json());
    expect(detail.days).toEqual([]);
    expect(detail.traffic.unknown).toEqual({ download: 70, upload: 7 });
  }
});

test("a range before of which not all is known is compared with nothing", async () => {
  const before = (traffic: Use["traffic"]): Use => ({
    mac: PC,
    ip: "192.168.1.21",
    day: "2021-03-31",
    in: 50,
    out: 1,
    ...(traffic === undefined ? {} : { traffic }),
  });
  const first: Use = { mac: PC, ip: "192.168.1.21", traffic: "internet", day: "2021-03-20", in: 1, out: 1 };
  const known = await open([first, before("internet"), ...COPY]);
  expect((await known.usage("traffic=internet")).previous).not.toBeNull();
  const unknown = await open([first, before(undefined), ...COPY]);
  expect((await unknown.usage("traffic=internet")).previous).toBeNull();
  expect((await unknown.usage("")).previous).not.toBeNull();
});

test("internet hosts are the internet's, also where the meter can't tell kinds of traffic apart", async () => {
  const { usage } = await open([...COPY, { mac: ROUTER, ip: "203.0.113.7", in: 9, out: 90 }]);
  expect((await usage("remote=yes&traffic=internet")).remotes).toMatchObject([{ ip: "203.0.113.7", download: 90 }]);
  expect((await usage("remote=yes&traffic=lan")).remotes).toEqual([]);
});

test("days, a device's page and CSV know of it", async () => {
  const { get } = await open([...COPY, { mac: NAS, ip: "192.168.1.20", day: "2021-03-31", in: 8, out: 9 }]);
  const days = daysSchema.parse(await (await get("days?traffic=lan")).json());
  expect(days.rows.map(([day, , , down, up]) => [day, down, up])).toEqual([
    ["2021-04-01", 5, 10 * GB],
    ["2021-04-01", 10 * GB, 5],
  ]);
  const detail = deviceDetailSchema.parse(await (await get(`devices/${NAS}?traffic=internet`)).json());
  expect(detail.days).toEqual([["2021-04-01", 300, 20, 0]]);
  expect(detail.traffic).toEqual({
    internet: { download: 300, upload: 20 },
    lan: { download: 5, upload: 10 * GB },
    unknown: { download: 8, upload: 9 },
  });
  expect(await (await get("usage/csv?group=day&traffic=internet")).text()).toContain(`${NAS},,300,20`);
});

test("the line's plan counts what went over the line: no copy between two devices, but what nobody can tell", async () => {
  const store = await testStore([...COPY, { mac: PC, ip: "192.168.1.21", in: 70, out: 7 }]);
  expect(await store.lineDays("2021-04-01", "2021-04-01")).toEqual([{ day: "2021-04-01", in: 4370, out: 127 }]);
  expect(await store.lineHours("2021-04-01", "2021-04-01")).toEqual([
    { day: "2021-04-01", hour: 10, in: 4370, out: 127 },
  ]);
});

test("by the balance it is told for any meter how much stayed on the LAN, each byte once", async () => {
  const uses: Use[] = [
    { mac: PC, ip: "192.168.1.21", in: 1000, out: 250 },
    { mac: NAS, ip: "192.168.1.20", in: 50, out: 900 },
    { mac: ROUTER, ip: "203.0.113.7", in: 200, out: 100 },
  ];
  const store = await testStore();
  await recordUses(store, uses, { counted: 1250 });
  const usage = usageSchema.parse(await (await testApp(await testDeps([], { store })).request("/api/v1/usage")).json());
  expect(usage.balance).toMatchObject({ counted: 1250, lan: 950, balanced: true });
  await store.record(
    settlement({ counted: [counted({ day: "2021-04-01", bytes: 40, unlisted: { in: 30, out: 10 } })] }),
  );
  const more = usageSchema.parse(await (await testApp(await testDeps([], { store })).request("/api/v1/usage")).json());
  expect(more.balance.lan).toBe(950);
});

test("by the meter, a kind of traffic is each one's own", async () => {
  const { usage } = await open(COPY);
  const { groups } = await usage("by=source&traffic=internet");
  expect(groups?.map(({ download, upload }) => [download, upload])).toEqual([[4300, 120]]);
});

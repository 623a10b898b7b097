import { expect, test } from "vitest";
import { unusualReportSchema } from "../../shared/api.ts";
import { addDays, daysFromTo } from "../../shared/calendar-days.ts";
import { NOON, testApp, testDeps, type Use } from "../testing.ts";
import { createUnusual } from "./unusual.ts";

/** 2021-04-01 12:00 in Berlin is the present of these tests. */
const TODAY = "2021-04-01";
const TV = { ip: "192.168.1.20", mac: "02:00:00:00:00:01" };
const PHONE = { ip: "192.168.1.21", mac: "02:00:00:00:00:02" };
const GB = 1_000_000_000;

/** Each of them used half a gigabyte at three at night and at ten, on each day up to yesterday. */
const past = (from: string): Use[] =>
  daysFromTo(from, addDays(TODAY, -1)).flatMap((day) =>
    [TV, PHONE].flatMap((who) => [3, 10].map((hour) => ({ ...who, day, hour, in: GB / 2, out: GB / 100 }))),
  );
const night: Use[] = [2, 3, 4, 5].map((hour) => ({ ...TV, hour, in: 10 * GB, out: GB / 100, hostname: "tv.lan" }));

test("a night far beyond the usual is told of, and the ordinary is not", async () => {
  const app = testApp(await testDeps([...past("2021-02-01"), ...night, { ...PHONE, hour: 10, in: 1.2 * GB, out: 0 }]));
  const answer = await app.request("/api/v1/unusual");
  expect(answer.status).toBe(200);
  const { unusual, today } = unusualReportSchema.parse(await answer.json());
  expect(today).toBe(TODAY);
  expect(unusual).toMatchObject([
    {
      device: { key: TV.mac, name: null, hostname: "tv.lan" },
      direction: "download",
      bytes: 40 * GB,
      usual: GB / 2,
      from: Date.parse("2021-04-01T00:00:00Z"),
      to: Date.parse("2021-04-01T04:00:00Z"),
      hosts: [],
      sentence: "tv.lan downloaded 40 GB between 02:00 and 06:00; usually 500 MB.",
    },
  ]);
});

test("nothing is said within two weeks of a device's first day, though others are known for long", async () => {
  const uses = [...past("2021-02-01").filter(({ mac, day }) => mac !== TV.mac || (day ?? "") > "2021-03-20"), ...night];
  const app = testApp(await testDeps(uses));
  expect(await (await app.request("/api/v1/unusual")).json()).toMatchObject({ unusual: [] });
});

test("what goes on is told with its beginning, and with the hosts that grew at the same time", async () => {
  const deps = await testDeps([...past("2021-02-01"), { ...TV, hour: 12, in: GB / 100, out: 30 * GB }]);
  const remoteHours = () => [{ ip: "198.51.100.9", hour: 12, in: 29 * GB, out: 0 }];
  const unusual = createUnusual({ ...deps, nameOf: () => "TV", remoteHours, now: () => NOON + 1_800_000 });
  const [one] = (await unusual()).unusual;
  expect(one).toMatchObject({
    to: null,
    sentence: "TV uploaded 30 GB since 12:00; usually 0 B. At the same time, traffic with 198.51.100.9 (29 GB) grew.",
  });
});

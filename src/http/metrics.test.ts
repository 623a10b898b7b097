import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { rememberForgotten } from "./forgotten.ts";
import { NOON, remoteUse, STATUS, testApp, testDeps, testStore } from "./testing.ts";

const ANNA = "02:00:00:00:00:0a";
const BEN = "02:00:00:00:00:0b";

const scrape = async (deps: Awaited<ReturnType<typeof testDeps>>) => {
  const response = await testApp(deps).request("/metrics");
  expect(response.status).toBe(200);
  return response.text();
};
/** The lines of one metric, without its help and type. */
const samplesOf = (text: string, name: string) =>
  text.split("\n").filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

const USES = [
  { ip: "192.168.1.10", mac: ANNA, day: "2021-02-11", in: 1_000, out: 100 },
  { ip: "192.168.1.10", mac: ANNA, in: 50, out: 5 },
  { ip: "192.168.1.11", mac: BEN, day: "2021-03-31", in: 7, out: 70 },
  remoteUse("198.51.100.7"),
];

describe("/metrics", () => {
  test("has what each device used since measuring began and today, and no internet host", async () => {
    const text = await scrape(await testDeps(USES));
    expect(samplesOf(text, "whitestat_device_bytes_total")).toEqual([
      `whitestat_device_bytes_total{device="${ANNA}",direction="download"} 1050`,
      `whitestat_device_bytes_total{device="${ANNA}",direction="upload"} 105`,
      `whitestat_device_bytes_total{device="${BEN}",direction="download"} 7`,
      `whitestat_device_bytes_total{device="${BEN}",direction="upload"} 70`,
    ]);
    expect(samplesOf(text, "whitestat_device_today_bytes")).toEqual([
      `whitestat_device_today_bytes{device="${ANNA}",direction="download"} 50`,
      `whitestat_device_today_bytes{device="${ANNA}",direction="upload"} 5`,
      `whitestat_device_today_bytes{device="${BEN}",direction="download"} 0`,
      `whitestat_device_today_bytes{device="${BEN}",direction="upload"} 0`,
    ]);
    expect(text).not.toContain("198.51.100.7");
  });

  test("is of the text format, with the content type that Prometheus expects", async () => {
    const response = await testApp(await testDeps(USES)).request("/metrics");
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    for (const line of (await response.text()).trimEnd().split("\n")) {
      expect(line).toMatch(
        /^(?:# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)+\})? \d+(?:\.\d+)?)$/,
      );
    }
  });

  test("a name that would end its label, or its line, stays a name", async () => {
    const deps = await testDeps(USES);
    await deps.names.rename(ANNA, 'a"} 1\nwhitestat_meter_up 7\\');
    const text = await scrape(deps);
    expect(samplesOf(text, "whitestat_device_info")[0]).toBe(
      `whitestat_device_info{device="${ANNA}",name="a\\"} 1\\nwhitestat_meter_up 7\\\\",vendor=""} 1`,
    );
    expect(samplesOf(text, "whitestat_meter_up")).toEqual(["whitestat_meter_up 1"]);
  });

  test("a counter does not fall when old days are deleted, nor rise when that has to be tried twice", async () => {
    const store = await testStore(USES);
    const before = await scrape(await testDeps([], { store }));
    await rememberForgotten(store, "2021-03-01");
    await rememberForgotten(store, "2021-03-01");
    await store.prune({ hoursFrom: null, remoteFrom: null, devicesFrom: "2021-03-01" });
    expect(await store.range()).toMatchObject({ first: "2021-03-31" });
    const after = await scrape(await testDeps([], { store }));
    expect(samplesOf(after, "whitestat_device_bytes_total")).toEqual(samplesOf(before, "whitestat_device_bytes_total"));
    await rememberForgotten(store, "2021-04-01");
    await store.prune({ hoursFrom: null, remoteFrom: null, devicesFrom: "2021-04-01" });
    const later = samplesOf(await scrape(await testDeps([], { store })), "whitestat_device_bytes_total");
    expect(later[0]).toBe(`whitestat_device_bytes_total{device="${ANNA}",direction="download"} 1050`);
  });

  test("says how the meter is doing: fresh or late, packets missed, problems", async () => {
    const meter = { ...STATUS.meter, readAt: NOON - 600_000, seenShare: 0.5, missedShare: 0.25 };
    const problem = { code: "meter-unreachable" as const, since: NOON - 600_000, message: "m.", hint: "h." };
    const text = await scrape(await testDeps(USES, { status: () => ({ ...STATUS, meter, problems: [problem] }) }));
    expect(samplesOf(text, "whitestat_meter_up")).toEqual(["whitestat_meter_up 0"]);
    expect(samplesOf(text, "whitestat_meter_seen_bytes_ratio")).toEqual(["whitestat_meter_seen_bytes_ratio 0.5"]);
    expect(samplesOf(text, "whitestat_meter_missed_packets_ratio")).toEqual([
      "whitestat_meter_missed_packets_ratio 0.25",
    ]);
    expect(samplesOf(text, "whitestat_problem")).toEqual(['whitestat_problem{code="meter-unreachable"} 1']);
    expect(samplesOf(text, "process_cpu_seconds_total")).toEqual(["process_cpu_seconds_total 1.5"]);
  });

  test("before the first reading has no device and no figure that isn't known", async () => {
    const meter = { ...STATUS.meter, readAt: null, missedShare: null };
    const text = await scrape(await testDeps([], { status: () => ({ ...STATUS, meter }) }));
    expect(text).not.toContain("whitestat_device_");
    expect(text).not.toContain("NaN");
    expect(samplesOf(text, "whitestat_meter_last_reading_timestamp_seconds")).toEqual([]);
  });
});

const promtool = spawnSync("promtool", ["--version"]).status === 0;

test.skipIf(!promtool)("promtool of a real Prometheus has nothing to say against it", async () => {
  const deps = await testDeps(USES);
  await deps.names.rename(ANNA, 'Ännä\'s "phone" \\');
  const checked = spawnSync("promtool", ["check", "metrics"], { input: await scrape(deps), encoding: "utf8" });
  expect(`${checked.stdout}${checked.stderr}`).toBe("");
  expect(checked.status).toBe(0);
});

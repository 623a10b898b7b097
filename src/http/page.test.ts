import { describe, expect, test } from "vitest";
import { balance, device, deviceDay, NOON, STATUS, testApp, testDeps } from "./testing.ts";

type Figures = Parameters<typeof testDeps>[0];
type More = Parameters<typeof testDeps>[1];

async function page(figures: Figures = {}, more: More = {}, path = "/"): Promise<string> {
  const response = await testApp(testDeps(figures, more)).request(path);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/html; charset=UTF-8");
  return response.text();
}

/** The text a reader sees, white space collapsed. */
const textOf = (html: string) =>
  html
    .replace(/<style>.*<\/style>/s, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, " ");

const status = (more: Partial<typeof STATUS>, darkstat: Partial<typeof STATUS.darkstat> = {}) => ({
  status: () => ({ ...STATUS, ...more, darkstat: { ...STATUS.darkstat, ...darkstat } }),
});

describe("with figures", () => {
  const figures: Figures = {
    devices: [
      device(1, "02:00:00:00:00:01", { hostname: "phone" }),
      device(2, "02:00:00:00:00:02"),
      device(3, "02:00:00:00:00:03", { router: true }),
    ],
    deviceDays: [
      deviceDay(1, { in: 1_500_000, out: 250_000 }),
      deviceDay(2, { in: 3_000_000_000, out: 999 }),
      deviceDay(3, { in: 7e12 }),
      deviceDay(1, { day: "2021-03-31", in: 500_000, out: 0, seenAt: null, reconstructed: true }),
    ],
    addresses: {
      1: ["192.168.1.1", "fd00::1", "fd00::2", "fd00::3", "fd00::4"]
        .map((ip) => ({ ip, hostname: null, firstDay: "2021-04-01", lastDay: "2021-04-01" }))
        .concat({ ip: "10.0.0.9", hostname: null, firstDay: "2020-01-01", lastDay: "2021-03-30" }),
    },
    balances: [balance({ counted: 100, devices: { in: 60, out: 100 }, hidden: { in: 40, out: 0 } })],
    notes: [{ at: NOON - 1000, source: "s", code: "router-found", detail: { mac: "02:00:00:00:00:03" } }],
  };

  test("today's devices are listed, the biggest first, without routers", async () => {
    const text = textOf(await page(figures));
    expect(text).toContain("Today, 2021-04-01");
    expect(text).toMatch(
      /192\.168\.1\.2 192\.168\.1\.2 02:00:00:00:00:02 3\.0 GB 999 B 3\.0 GB 2021-04-01 11:59:00 phone 192\.168\.1\.1, fd00::1, fd00::2, fd00::3 and 1 more 02:00:00:00:00:01 1\.5 MB 250\.0 kB 1\.8 MB/,
    );
    expect(text).toContain("Total 3.0 GB 251.0 kB 3.0 GB");
    expect(text).not.toContain("7.0 TB");
  });

  test("the health line, the excluded share and recent events are shown", async () => {
    const text = textOf(await page(figures));
    expect(text).toContain("darkstat 3.0.719 · read 12 s ago · no packets dropped · totals match · WhiteStat 12.0.0");
    expect(text).toContain("20.0 % of the devices' traffic uses addresses that IPFilter excludes");
    expect(text).toContain("2021-04-01 11:59:59 02:00:00:00:00:03 is a router");
  });

  test("/history sums a range and marks what is estimated", async () => {
    const text = textOf(await page(figures, {}, "/history?start=2021-04-01&end=2021-03-31"));
    expect(text).toContain("2021-03-31 to 2021-04-01");
    expect(text).toMatch(/phone .* 2\.0 MB 250\.0 kB ≈ 2\.3 MB 2021-04-01 11:59:00/);
    expect(text).toContain("≈ Partly estimated");
  });

  test.each([
    { in: 100, out: 2100 },
    { in: 2100, out: 100 },
  ])("totals that differ in one direction (%j) say by how much", async (devices) => {
    const text = textOf(await page({ ...figures, balances: [balance({ counted: 2100, devices })] }));
    expect(text).toContain("totals differ by 2.0 kB today");
  });
});

test("untrusted text is escaped", async () => {
  const evil = `<script>alert(1)</script>"'`;
  const html = await page(
    {
      devices: [device(1, "02:00:00:00:00:01", { hostname: evil })],
      deviceDays: [deviceDay(1)],
      notes: [{ at: NOON, source: "s", code: "router-found", detail: { mac: evil } }],
    },
    status({ problems: [{ code: "store", since: NOON, message: evil, hint: evil }] }, { version: evil }),
  );
  expect(html.match(/&lt;script&gt;alert\(1\)&lt;\/script&gt;&quot;&#39;/g)).toHaveLength(5);
  expect(html).not.toContain("<script");
});

describe("states", () => {
  test("before the first answer", async () => {
    const text = textOf(
      await page(
        {},
        status({ startedAt: NOON - 1000 }, { readAt: null, version: null, measuringSince: null, missedShare: null }),
      ),
    );
    expect(text).toContain("Waiting for darkstat at http://127.0.0.1:667/ to answer.");
    expect(text).toContain("no answer from darkstat yet · not read yet · WhiteStat");
    expect(text).not.toContain("Since");
  });

  test("in the first minutes", async () => {
    expect(textOf(await page())).toContain("Measuring since 11:00. The first data arrives with the next reading.");
  });

  test("nothing yet today", async () => {
    const text = textOf(
      await page({ devices: [device(1, "02:00:00:00:00:01")], deviceDays: [deviceDay(1, { day: "2021-03-01" })] }),
    );
    expect(text).toContain("No traffic recorded yet today.");
  });

  test("an empty range says which days have data", async () => {
    const figures = { devices: [device(1, "02:00:00:00:00:01")], deviceDays: [deviceDay(1, { day: "2021-03-01" })] };
    expect(textOf(await page(figures, {}, "/history?start=2020-01-01&end=2020-01-02"))).toContain(
      "No data for 2020-01-01 to 2020-01-02. Data is available from 2021-03-01 to 2021-03-01.",
    );
  });

  test("darkstat gone for two hours", async () => {
    const problem = {
      code: "darkstat-unreachable",
      since: NOON - 7_200_000,
      message: "darkstat does not answer.",
      hint: "Start it.",
    } as const;
    const text = textOf(await page({}, status({ problems: [problem] }, { readAt: NOON - 7_200_000 })));
    expect(text).toContain("darkstat does not answer. Start it. Since 2021-04-01 10:00:00.");
    expect(text).toContain("read 2 h ago");
  });

  test("stale readings without a reported problem", async () => {
    expect(textOf(await page({}, status({}, { readAt: NOON - 7_200_000 })))).toContain(
      "darkstat has not been read for a while.",
    );
  });

  test("a demo says that its data is simulated", async () => {
    expect(textOf(await page({}, status({ demo: true })))).toContain("Demo: simulated data.");
    expect(textOf(await page())).not.toContain("Demo: simulated data.");
  });
});

test("links stay under the mount", async () => {
  const html = await page({}, { basePath: "/whitestat" }, "/whitestat/");
  expect(html).toContain('href="/whitestat/history?start=2021-03-26&amp;end=2021-04-01"');
  expect(html).not.toMatch(/href="\/(?!whitestat\/)/);
});

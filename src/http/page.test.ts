import { describe, expect, test } from "vitest";
import { ROUTER } from "../store/testing/settlements.ts";
import { NOON, remoteUse, STATUS, testApp, testDeps, type Use } from "./testing.ts";

type More = Parameters<typeof testDeps>[1];

async function page(uses: readonly Use[] = [], more: More = {}, path = "/"): Promise<string> {
  const response = await testApp(await testDeps(uses, more)).request(path);
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

const status = (more: Partial<typeof STATUS>, meter: Partial<typeof STATUS.meter> = {}) => ({
  status: () => ({ ...STATUS, ...more, meter: { ...STATUS.meter, ...meter } }),
});

describe("with figures", () => {
  const PHONE = "02:00:00:00:00:01";
  const addresses = ["fd00::4", "fd00::3", "fd00::2", "fd00::1"];
  const uses: Use[] = [
    { ip: "10.0.0.9", mac: PHONE, day: "2021-03-30" },
    { ip: "192.168.1.1", mac: PHONE, day: "2021-03-31", in: 500_000, out: 0, seenAt: null, reconstructed: "day" },
    ...addresses.map((ip) => ({ ip, mac: PHONE, hostname: "phone", in: 1, out: 0 })),
    { ip: "192.168.1.1", mac: PHONE, hour: 11, hostname: "phone", in: 1_500_000, out: 250_000 },
    { ip: "192.168.1.2", mac: "02:00:00:00:00:02", in: 3_000_000_000, out: 999 },
    { ip: "192.168.1.254", mac: ROUTER, in: 7e12 },
    remoteUse("203.0.113.7", { in: 251_511, out: 7_003_001_500_004 }),
  ];
  const notes = [{ at: NOON - 1000, code: "router-found", detail: { mac: ROUTER } }] as const;

  test("today's devices are listed, the largest first, without routers", async () => {
    const text = textOf(await page(uses, { notes }));
    expect(text).toContain("Today, 2021-04-01");
    expect(text).toMatch(
      /192\.168\.1\.2 192\.168\.1\.2 02:00:00:00:00:02 3\.0 GB 999 B 3\.0 GB 2021-04-01 11:59:00 phone 192\.168\.1\.1, fd00::1, fd00::2, fd00::3 and 1 more 02:00:00:00:00:01 1\.5 MB 250\.0 kB 1\.8 MB/,
    );
    expect(text).toContain("Total 3.0 GB 251.0 kB 3.0 GB");
    expect(text).not.toContain("7.0 TB");
  });

  test("of a flood the thousand largest are listed, the others are one row, and all add up", async () => {
    const crowd = Array.from({ length: 1_003 }, (_, n) => ({
      ip: `10.0.${n >> 8}.${n & 255}`,
      mac: `02:aa:00:00:${(n >> 8).toString(16).padStart(2, "0")}:${(n & 255).toString(16).padStart(2, "0")}`,
      in: n < 3 ? 100_000 : 1_000_000,
      out: 0,
    }));
    const html = await page(crowd);
    expect(html.match(/<tr><td class="name">/g)).toHaveLength(1_001);
    const text = textOf(html);
    expect(text).toContain(" 3 others 300.0 kB 0 B 300.0 kB Total 1.0 GB 0 B 1.0 GB");
    expect(text).toContain("1003 devices");
  });

  test("the health line, the excluded share and recent events are shown", async () => {
    const text = textOf(await page(uses, { notes }));
    expect(text).toContain("darkstat 3.0.719 · read 12 s ago · no packets dropped · totals match · WhiteStat 12.0.0");
    expect(text).toContain("&lt; 0.1 % of the devices' traffic uses addresses that IPFilter excludes");
    expect(text).toContain("2021-04-01 11:59:59 02:ff:ff:ff:ff:01 is a router");
  });

  test("/history sums a range and marks what is estimated", async () => {
    const text = textOf(await page(uses, {}, "/history?start=2021-04-01&end=2021-03-31"));
    expect(text).toContain("2021-03-31 to 2021-04-01");
    expect(text).toMatch(/phone .* 2\.0 MB 250\.0 kB ≈ 2\.3 MB 2021-04-01 11:59:00/);
    expect(text).toContain("≈ Partly estimated");
  });

  test.each([
    [1024, 3024],
    [3024, 1024],
  ])("totals that differ in one direction (%d down, %d up) say by how much", async (down, up) => {
    const text = textOf(await page([{ ip: "192.168.1.1", in: down, out: up }], { counted: 3024 }));
    expect(text).toContain("totals differ by 2.0 kB today");
  });
});

test("untrusted text is escaped", async () => {
  const evil = `<script>alert(1)</script>"'`;
  const html = await page([{ ip: "192.168.1.1", mac: "02:00:00:00:00:01", hostname: evil }], {
    notes: [{ at: NOON, code: "router-found", detail: { mac: evil } }],
    ...status({ problems: [{ code: "store", since: NOON, message: evil, hint: evil }] }, { version: evil }),
  });
  expect(html.match(/&lt;script&gt;alert\(1\)&lt;\/script&gt;&quot;&#39;/g)).toHaveLength(5);
  expect(html).not.toContain("<script");
});

describe("states", () => {
  test("before the first answer", async () => {
    const text = textOf(
      await page(
        [],
        status({ startedAt: NOON - 1000 }, { readAt: null, version: null, measuringSince: null, missedShare: null }),
      ),
    );
    expect(text).toContain("Waiting for the first reading of darkstat at http://127.0.0.1:667/.");
    expect(text).toContain("no reading of darkstat yet · WhiteStat");
    expect(text).not.toContain("Since");
  });

  test("before the kernel's counters were read", async () => {
    const unread = { kind: "kernel", url: "kernel:eth0", readAt: null, version: null, measuringSince: null } as const;
    const text = textOf(await page([], status({ startedAt: NOON - 1000 }, { ...unread, missedShare: null })));
    expect(text).toContain("Waiting for the first reading of the kernel's counters.");
    expect(text).toContain("no reading of the kernel's counters yet · WhiteStat");
    expect(text).not.toContain("darkstat");
  });

  test("the kernel counts", async () => {
    const text = textOf(await page([], status({}, { kind: "kernel", version: "1.0.6" })));
    expect(text).toContain("the kernel's counters (nftables 1.0.6) · read 12 s ago");
  });

  test("in the first minutes", async () => {
    expect(textOf(await page())).toContain("Measuring since 11:00. The first data arrives with the next reading.");
  });

  test("nothing yet today", async () => {
    const text = textOf(await page([{ ip: "192.168.1.1", day: "2021-03-01" }]));
    expect(text).toContain("No traffic recorded yet today.");
  });

  test("an empty range says which days have data", async () => {
    const uses = [{ ip: "192.168.1.1", day: "2021-03-01" }];
    expect(textOf(await page(uses, {}, "/history?start=2020-01-01&end=2020-01-02"))).toContain(
      "No data for 2020-01-01 to 2020-01-02. Data is available from 2021-03-01 to 2021-03-01.",
    );
  });

  test("darkstat gone for two hours", async () => {
    const problem = {
      code: "meter-unreachable",
      since: NOON - 7_200_000,
      message: "darkstat does not answer.",
      hint: "Start it.",
    } as const;
    const text = textOf(await page([], status({ problems: [problem] }, { readAt: NOON - 7_200_000 })));
    expect(text).toContain("darkstat does not answer. Start it. Since 2021-04-01 10:00:00.");
    expect(text).toContain("read 2 h ago");
  });

  test("stale readings without a reported problem", async () => {
    expect(textOf(await page([], status({}, { readAt: NOON - 7_200_000 })))).toContain(
      "No reading of darkstat for a while.",
    );
  });

  test("a demo says that its data is simulated", async () => {
    expect(textOf(await page([], status({ demo: true })))).toContain("Demo: simulated data.");
    expect(textOf(await page())).not.toContain("Demo: simulated data.");
  });
});

test("links stay under the mount", async () => {
  const html = await page([], { basePath: "/whitestat" }, "/whitestat/");
  expect(html).toContain('href="/whitestat/history?start=2021-03-26&amp;end=2021-04-01"');
  expect(html).not.toMatch(/href="\/(?!whitestat\/)/);
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createCalendar } from "../accounting/calendar.ts";
import { viewOf, zoneOf } from "../accounting/testing.ts";
import type { Charge, HostRow, Note } from "../accounting/types.ts";
import type { ViewOptions } from "../accounting/view.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { charge, counted, DAY, fact, NOON, settlement, temporaryFolder } from "../store/testing/settlements.ts";
import { figuresFindings } from "./doctor-figures.ts";

const [ANNA, BEN, CARL, ROUTER] = ["02:1a:00:00:00:0a", "02:1a:00:00:00:0b", "02:1a:00:00:00:0c", "02:ff:ff:ff:ff:01"];
const calendar = createCalendar(zoneOf("UTC"));

let folder: ReturnType<typeof temporaryFolder>;
let stores = 0;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());

interface Past {
  readonly charges?: readonly [mac: string, ip: string, down: number, up: number][];
  readonly notes?: readonly Note[];
  readonly dropped?: number;
  readonly day?: string;
  readonly hosts?: readonly Pick<HostRow, "ip" | "in" | "out">[];
  readonly at?: number;
  readonly seen?: { readonly carried: number; readonly compared: number };
}

/** What is said of a store in which this was settled at noon; `live` is what darkstat shows a minute later. */
async function said(
  past: Past,
  live: Partial<HostRow>[] | null = null,
  ownMacs: readonly string[] = [],
  view = viewOf(),
) {
  const path = folder.file(`${stores++}.db`);
  const store = openSqliteStore({ path, view });
  const { charges = [], notes = [], dropped = 0, day = DAY, hosts = [], at = NOON, seen } = past;
  const rows: Charge[] = charges.map(([mac, ip, down, up]) => charge({ mac, ip, in: down, out: up, day }));
  const [down, up] = [rows.reduce((sum, row) => sum + row.in, 0), rows.reduce((sum, row) => sum + row.out, 0)];
  const bytes = Math.max(down, up);
  await store.record(
    settlement({
      charges: rows,
      notes,
      addresses: hosts.map(({ ip, in: received, out }) => fact({ ip, in: received, out })),
      counted: [
        counted({ day, bytes, captured: 1_000, dropped, ...seen, unattributed: { in: bytes - down, out: bytes - up } }),
      ],
      books: { at, counted: hosts.reduce((sum, row) => sum + row.in, 0), uptimeSeconds: 600 },
    }),
  );
  await store.close();
  const total = (live ?? []).reduce((sum, row) => sum + (row.in ?? 0), 0);
  const totals = { bytes: total, packets: 9, captured: 9, dropped: 0, uptimeSeconds: 660 };
  const snapshot = {
    at: NOON + 60_000,
    epoch: "since one",
    before: totals,
    after: totals,
    hosts: (live ?? []).map((row) => ({
      ip: "",
      mac: ANNA,
      hostname: null,
      lastSeenSeconds: 0,
      in: 0,
      out: 0,
      ...row,
    })),
    program: "darkstat",
    version: "3.0.719",
    interface: "eth0",
    columns: { mac: true, lastSeen: true },
  };
  const findings = await figuresFindings(openSqliteStore({ path, view }), {
    now: NOON + 60_000,
    calendar,
    view: () => view,
    ownMacs: new Set(ownMacs),
    meters: [
      {
        name: null,
        source: "lan",
        meter: "darkstat",
        whyNotKernel: null,
        live: live === null ? null : { snapshot, url: "http://127.0.0.1:667/" },
      },
    ],
  });
  return findings.map(({ grade, text, hint }) => `${grade}: ${text} → ${hint}`).join("\n");
}

/** The router carries four hosts on the internet, in both directions. */
const internet = [1, 2, 3, 4].map((n): [string, string, number, number] => [ROUTER, `198.51.100.${n}`, 500_000, 9_000]);

describe("doctor, of the figures,", () => {
  test("finds nothing odd in ordinary ones", async () => {
    const text = await said({ charges: [[ANNA, "192.168.1.10", 36_000, 2_000_000], ...internet] });
    expect(text).not.toMatch(/^problem/m);
    expect(text).toMatch(
      /^note: 02:ff:ff:ff:ff:01 is taken for a router since 2026-01-31: .* 4 foreign networks\. → .*!02:ff/m,
    );
    expect(text.match(/^note/gm)).toHaveLength(1);
  });

  test("says of the next hop of a default route why it is a router, unless that is contradicted", async () => {
    const charges: Past["charges"] = [[ROUTER, "192.168.1.1", 500, 500]];
    const nextHops = [ROUTER];
    const text = await said({ charges }, null, [], viewOf({ routers: { auto: true, macs: [], nextHops } }));
    expect(text).toMatch(
      /^note: 02:ff:ff:ff:ff:01 is taken for a router: it is the next hop of this machine's default route\. → .*!02:ff/m,
    );
    const otherwise: ViewOptions["routers"][] = [
      { auto: true, macs: [], none: [ROUTER], nextHops },
      { auto: false, macs: [], nextHops },
      { auto: true, macs: [ROUTER], nextHops },
    ];
    for (const routers of otherwise) {
      expect(await said({ charges }, null, [], viewOf({ routers }))).not.toContain("taken for a router");
    }
    // Both reasons hold: it is named once.
    const both = await said({ charges: internet }, null, [], viewOf({ routers: { auto: true, macs: [], nextHops } }));
    expect(both.match(/taken for a router/g)).toHaveLength(1);
  });

  test("names a device that sent with a foreign address", async () => {
    expect(await said({ charges: [[ANNA, "100.72.14.9", 0, 84]] })).toMatch(
      /^note: 02:1a:00:00:00:0a sent with the foreign address 100\.72\.14\.9: .* → .*VPN/m,
    );
  });

  test("names a LAN on public addresses", async () => {
    const charges = [ANNA, BEN, CARL].map((mac, n): [string, string, number, number] => [
      mac,
      `203.0.113.${n}`,
      10,
      10,
    ]);
    expect(await said({ charges })).toMatch(
      /^note: 3 devices have addresses of 203\.0\.113\.0\/24, .* → .*LAN_SEGMENT_MASKS/m,
    );
  });

  test("names a LAN behind a router", async () => {
    const behind = [5, 6, 7].map((n): [string, string, number, number] => [ROUTER, `10.0.20.${n}`, 10, 10]);
    expect(await said({ charges: [...internet, ...behind] })).toMatch(
      /^note: 3 addresses of 10\.0\.20\.0\/24 are behind the router 02:ff:ff:ff:ff:01: .* → .*10\.0\.20\.0\/24 to LAN_SEGMENT_MASKS/m,
    );
  });

  test("says that traffic is seen twice", async () => {
    const charges: Past["charges"] = [
      ...internet,
      [ANNA, "192.168.1.10", 900_000, 5_000],
      [ROUTER, "192.168.1.10", 700_000, 4_000],
    ];
    expect(await said({ charges })).toMatch(/^problem: Traffic is seen twice, .*02:ff:ff:ff:ff:01.*192\.168\.1\.10/m);
  });

  test("says that darkstat listens on the internet side of this machine", async () => {
    const charges: Past["charges"] = [...internet, [ANNA, "203.0.113.77", 36_000, 2_000]];
    expect(await said({ charges }, null, [ANNA])).toMatch(
      /^problem: darkstat sees hosts on the internet, but no device/m,
    );
    expect(await said({ charges }, null, [BEN])).not.toMatch(/^problem/m);
  });

  test("tells the share of missed packets, the dropped of the captured", async () => {
    expect(await said({ charges: internet, dropped: 853 })).toMatch(
      /^problem: darkstat dropped 85\.3 % of the packets of 2026-01-31/m,
    );
    expect(await said({ charges: internet, dropped: 10 })).toMatch(/^problem: darkstat dropped 1\.0 %/m);
    expect(await said({ charges: internet, dropped: 9 })).not.toMatch(/^problem/m);
  });

  test("tells the share of what the interface carried, where that is known, in place of that of the packets", async () => {
    const seen = (compared: number) => ({ charges: internet, dropped: 853, seen: { carried: 20_000_000, compared } });
    expect(await said(seen(10_200_000))).toMatch(
      /^problem: darkstat counted 51\.0 % of what its interface carried on 2026-01-31: .*METER=darkstat/m,
    );
    expect(await said(seen(19_800_000))).toMatch(/^problem: darkstat counted 99\.0 %/m);
    const well = await said(seen(19_900_000));
    expect(well).toMatch(/^ok: The meter counted 99\.5 % of what its interface carried on 2026-01-31/m);
    expect(well).not.toMatch(/^problem/m);
  });

  test("tells what was odd of late", async () => {
    const at = NOON - 3_600_000;
    const notes: Note[] = [
      { at, code: "stale-import", detail: { since: "x", lastReadAt: at, unattributed: 300 } },
      { at, code: "clean-import", detail: { since: "x", lastReadAt: at, unattributed: 0 } },
      { at, code: "darkstat-forgot", detail: { since: "x", hosts: 3, bytes: 5_000 } },
      { at, code: "other-meter", detail: { since: "x", lastReadAt: at } },
      { at, code: "clock-jump", detail: { seconds: -9_000 } },
      { at: NOON - 8 * 86_400_000, code: "books-violated", detail: { reason: "long ago" } },
    ];
    const text = await said({ charges: internet, notes });
    expect(text).toMatch(/^note: 2026-01-31 11:00:00: .*300 B since then can't be attributed/m);
    expect(text).toMatch(/darkstat forgot 3 hosts: 5\.0 kB .*--hosts-max/);
    expect(text).toContain("Another meter is read now");
    expect(text).toContain("Clock set back by 3 hours");
    expect(text).not.toMatch(/long ago|from a file/);
  });

  test("tells of days that have not come, and of a last reading that has not", async () => {
    expect(await said({ charges: internet, day: "2036-01-31" })).toMatch(/^problem: There is data of 2036-01-31/m);
    const hosts = [{ ip: "192.168.1.10", in: 500, out: 500 }];
    const later = await said({ charges: internet, hosts, at: NOON + 7_200_000 }, hosts);
    expect(later).toMatch(
      /^problem: The clock says 2026-01-31 12:01:00, and the last reading is of 2026-01-31 14:00:00/m,
    );
  });

  test("says when darkstat, as it is now, contradicts the books", async () => {
    const hosts = [{ ip: "192.168.1.10", in: 500, out: 500 }];
    expect(await said({ hosts }, [{ ip: "192.168.1.10", in: 400, out: 400 }])).toMatch(
      /^note: The meter's uptime or total went backwards, .* not charged yet\. → .*DARKSTAT_URL/m,
    );
    expect(await said({ hosts }, [{ ip: "192.168.1.10", in: 600, out: 600 }])).not.toMatch(/^problem|not charged/m);
  });
});

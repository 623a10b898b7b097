import { expect, test } from "vitest";
import type { StoreHarness } from "../harness.ts";
import { charge, charging, counted, DAY, ROUTER, remoteCharge, settlement } from "../settlements.ts";
import { usePlace } from "./place.ts";

const MULTICAST = { mac: "01:00:5e:00:00:fb", ip: "224.0.0.251" };

export function describeBalances(create: () => Promise<StoreHarness>): void {
  const place = usePlace(create);

  /** Twice as much for each of the sides, so that no sum is that of others. */
  const whole = () =>
    settlement({
      charges: [
        charge({ in: 1, out: 2 }),
        charge({ ip: "fe80::1", in: 4, out: 8 }),
        charge({ mac: ROUTER, ip: "192.168.1.1", in: 16, out: 32 }),
        charge({ mac: ROUTER, ip: "fe80::ff", in: 64, out: 128 }),
        remoteCharge({ in: 256, out: 512 }),
        remoteCharge({ ip: "2001:db8::8", in: 1024, out: 2048 }),
        charge({ ...MULTICAST, in: 4096, out: 8192 }),
      ],
      counted: [
        counted({
          bytes: 87_381,
          captured: 30,
          dropped: 2,
          carried: 500,
          compared: 400,
          unattributed: { in: 16_384, out: 32_768 },
          unlisted: { in: 65_536, out: 131_072 },
        }),
      ],
    });
  const balance = {
    devices: { in: 1, out: 2 },
    hidden: { in: 4, out: 8 },
    routers: { in: 80, out: 160 },
    remote: { in: 1280, out: 2560 },
    group: { in: 4096, out: 8192 },
    unattributed: { in: 16_384, out: 32_768 },
    removed: { in: 0, out: 0 },
    unlisted: { in: 65_536, out: 131_072 },
    counted: 87_381,
    captured: 30,
    dropped: 2,
    carried: 500,
    compared: 400,
  };

  test("put devices, hidden bytes, routers, internet hosts and the rest against what the meter counted", async () => {
    await place.store.record(whole());
    for (const isOver of [false, true]) {
      if (isOver) await place.store.record(charging(charge({ day: "2026-02-01" })));
      expect(await place.store.balances(DAY, DAY)).toEqual([{ source: "lan", day: DAY, ...balance }]);
      expect(await place.store.balanceSum(DAY, DAY)).toEqual({ from: DAY, ...balance });
    }
    expect(await place.store.balances("2026-02-02", "2026-02-03")).toEqual([]);
    expect(await place.store.balanceSum("2026-02-02", "2026-02-03")).toBeNull();
  });

  test("come by day and source, and add up over them", async () => {
    await place.store.record(whole());
    await place.store.record({ ...whole(), books: { ...whole().books, source: "attic" } });
    const next = { ...whole(), charges: [charge({ day: "2026-02-01" })], counted: [counted({ bytes: 7 })] };
    await place.store.record({ ...next, counted: [counted({ day: "2026-02-01", bytes: 7 })] });
    const rows = (await place.store.balances(DAY, "2026-02-01")).map((row) => [row.day, row.source, row.counted]);
    expect(rows).toEqual([
      [DAY, "lan", 87_381],
      [DAY, "attic", 87_381],
      ["2026-02-01", "lan", 7],
    ]);
    expect(await place.store.balanceSum(DAY, "2026-02-01")).toMatchObject({
      from: DAY,
      counted: 174_769,
      carried: 1000,
      compared: 800,
      devices: { in: 1002, out: 104 },
      unlisted: { in: 131_072, out: 262_144 },
    });
  });

  test("what is counted on a day that is over, or that nothing was charged on, is kept there", async () => {
    await place.store.record(charging(charge()));
    await place.store.record(
      settlement({ counted: [counted({ day: "2026-01-30", bytes: 3 }), counted({ day: "2026-02-01", bytes: 4 })] }),
    );
    await place.crash();
    const rows = await place.store.balances("2026-01-01", "2026-12-31");
    expect(rows.map((row) => [row.day, row.counted, row.devices.in])).toEqual([
      ["2026-01-30", 3, 0],
      [DAY, 0, 1000],
      ["2026-02-01", 4, 0],
    ]);
    expect(await place.store.range()).toEqual({ first: "2026-01-30", last: "2026-02-01" });
  });

  test("a day of which only the open hour counted something is a day, too", async () => {
    await place.store.record(charging(charge()));
    await place.store.prune({ hoursFrom: null, remoteFrom: null, devicesFrom: "2026-02-02" });
    expect(await place.store.range()).toBeNull();
    await place.store.record(settlement({ counted: [counted({ bytes: 1 })] }));
    expect(await place.store.balances(DAY, DAY)).toMatchObject([{ counted: 1, devices: { in: 0 } }]);
    expect(await place.store.range()).toEqual({ first: DAY, last: DAY });
  });
}

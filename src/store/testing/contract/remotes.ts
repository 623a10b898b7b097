import { expect, test } from "vitest";
import type { StoreHarness } from "../harness.ts";
import { charge, charging, DAY, NOON, ROUTER, remoteCharge, remoteFact, settlement, viewOf } from "../settlements.ts";
import { allDays, EVER, usePlace } from "./place.ts";

export function describeRemotes(create: () => Promise<StoreHarness>): void {
  const place = usePlace(create);

  test("one is one row of its day, whatever hour it is", async () => {
    const noon = charging(charge(), remoteCharge({ in: 10, out: 0 }));
    await place.store.record(noon);
    const later = { hour: 13, in: 5, out: 0 };
    const at15 = remoteFact({ in: 15, out: 0 });
    await place.store.record(settlement({ charges: [charge(later), remoteCharge(later)], addresses: [at15] }, noon));
    await place.store.checkpoint();
    await place.crash();
    const rows = await place.store.remoteDays(DAY, DAY);
    expect(rows).toMatchObject([{ ip: "8.8.8.8", in: 15, out: 0, counterIn: 15 }]);
  });

  test("tell the host, the router it came through, its counters and whether IPFilter shows it", async () => {
    await place.store.record(
      settlement({
        charges: [remoteCharge({ ip: "203.0.113.5" })],
        addresses: [remoteFact({ ip: "203.0.113.5", hostname: "cdn.example", in: 4000 })],
      }),
    );
    const row = {
      day: DAY,
      ip: "203.0.113.5",
      mac: ROUTER,
      hostname: "cdn.example",
      in: 1000,
      out: 100,
      reported: true,
      seenAt: NOON,
      counterIn: 4000,
      counterOut: 100,
      reconstructed: false,
    };
    expect(await place.store.remoteDays(DAY, DAY)).toEqual([row]);
    expect(await allDays(place.store)).toEqual([]);
    expect(await place.store.devices()).toEqual([]);

    await place.store.record(
      settlement({
        charges: [remoteCharge({ ip: "203.0.113.5", hour: 13, reconstructed: "day" })],
        addresses: [remoteFact({ ip: "203.0.113.5" })],
      }),
    );
    await place.store.applyView(viewOf({ ipFilter: /^192/ }));
    const over = { ...row, in: 2000, out: 200, reported: false, counterIn: 1000, reconstructed: true };
    expect(await place.store.remoteDays(DAY, DAY)).toEqual([over]);
  });

  test("without a MAC an address outside the LAN is an internet host, too", async () => {
    await place.store.record(charging(charge({ mac: null, ip: "203.0.113.5" })));
    expect(await place.store.remoteDays(...EVER)).toMatchObject([{ ip: "203.0.113.5", mac: null }]);
  });

  test("keep each day's counters", async () => {
    await place.store.record(settlement({ charges: [remoteCharge()], addresses: [remoteFact({ in: 10 })] }));
    const next = remoteCharge({ day: "2026-02-01", hour: 0 });
    await place.store.record(settlement({ charges: [next], addresses: [remoteFact({ in: 20 })] }));
    const rows = (await place.store.remoteDays(DAY, "2026-02-01")).map(({ day, counterIn }) => [day, counterIn]);
    expect(rows.sort()).toEqual([
      [DAY, 10],
      ["2026-02-01", 20],
    ]);
  });

  test("a name learnt later is shown on all days at once, also when nothing is used any more", async () => {
    const first = charging(remoteCharge());
    await place.store.record(first);
    await place.store.record(charging(charge({ hour: 13 })));
    await place.store.record(settlement({ addresses: [remoteFact({ hostname: "dns.example" })] }, first));
    expect(await place.store.remoteDays(DAY, DAY)).toMatchObject([{ hostname: "dns.example" }]);
    expect(await place.store.remoteSums(DAY, DAY, 1)).toMatchObject({ hosts: [{ hostname: "dns.example" }] });
    await place.reopen();
    expect(await place.store.remoteDays(DAY, DAY)).toMatchObject([{ hostname: "dns.example" }]);
  });

  test("what two sources counted of one host is added up, its counters too, in the open hour as after it", async () => {
    const attic = { books: { source: "attic" } };
    const bigger = { in: 1500, out: 0 };
    await place.store.record(charging(remoteCharge()));
    await place.store.record(
      settlement({ charges: [remoteCharge(bigger)], addresses: [remoteFact(bigger)], ...attic }),
    );
    for (const isOver of [false, true]) {
      if (isOver) await place.store.prune({ hoursFrom: null, remoteFrom: null, devicesFrom: null });
      expect(await place.store.remoteDays(DAY, DAY)).toMatchObject([{ in: 2500, counterIn: 2500, counterOut: 100 }]);
    }
    const more = settlement({ charges: [remoteCharge({ in: 1 })], addresses: [remoteFact({ in: 1001 })] });
    await place.store.record(more);
    expect(await place.store.remoteDays(DAY, DAY)).toMatchObject([{ in: 2501, counterIn: 2501 }]);
  });

  test("a host that came through two routers shows the one that it was seen through last", async () => {
    const other = "02:ff:ff:ff:ff:02";
    const two = viewOf({ routers: { auto: false, macs: [ROUTER, other] } });
    await place.reopen(two);
    for (const [hour, mac] of [ROUTER, other].entries()) {
      const seenAt = NOON + hour * 1000;
      await place.store.record(
        settlement({ charges: [remoteCharge({ mac })], addresses: [remoteFact({ mac, seenAt })] }),
      );
      expect(await place.store.remoteDays(DAY, DAY)).toMatchObject([{ mac }]);
    }
  });

  test("two sources see one host, and neither takes the name away that the other learnt", async () => {
    const attic = { books: { source: "attic" } };
    const opened = [charge(), charge({ mac: null, ip: "192.168.1.99" })];
    await place.store.record(charging(...opened));
    await place.store.record({ ...charging(...opened), books: settlement(attic).books });
    const named = remoteFact({ hostname: "dns.example" });
    await place.store.record(settlement({ charges: [remoteCharge()], addresses: [named], ...attic }));
    await place.store.record(settlement({ charges: [remoteCharge()], addresses: [remoteFact()] }));
    const renamed = remoteFact({ hostname: "dns.google" });
    const seen = async () => (await place.store.remoteDays(DAY, DAY)).map((row) => [row.hostname, row.in]);
    for (const expected of [
      ["dns.example", 2000],
      ["dns.google", 2001],
    ]) {
      expect(await seen()).toEqual([expected]);
      await place.store.checkpoint();
      expect(await seen()).toEqual([expected]);
      await place.reopen();
      expect(await seen()).toEqual([expected]);
      await place.store.record(settlement({ charges: [remoteCharge({ in: 1 })], addresses: [remoteFact()] }));
      await place.store.record(settlement({ addresses: [renamed], ...attic }));
    }
  });
}

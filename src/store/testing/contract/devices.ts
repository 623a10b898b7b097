import { expect, test } from "vitest";
import type { StoreHarness } from "../harness.ts";
import { onlyNames } from "../names.ts";
import { charge, charging, DAY, fact, LAPTOP, NOON, PHONE, ROUTER, remoteCharge, settlement } from "../settlements.ts";
import { deviceId, usePlace } from "./place.ts";

export function describeDevices(create: () => Promise<StoreHarness>): void {
  const place = usePlace(create);
  const named = (ip: string, hostname: string | null, some = {}) =>
    settlement({ charges: [charge({ ip, ...some })], addresses: [fact({ ip, hostname, ...some })] });

  test("span the days on which they were charged, whatever the order", async () => {
    for (const day of ["2026-01-30", "2026-02-02", "2026-01-29"]) await place.store.record(charging(charge({ day })));
    for (const reopens of [false, true]) {
      if (reopens) await place.reopen();
      expect(await place.store.devices()).toMatchObject([
        { key: PHONE, interfaces: [PHONE], router: false, firstDay: "2026-01-29", lastDay: "2026-02-02" },
      ]);
      expect(await place.store.addressesOf(await deviceId(place.store, PHONE))).toEqual([
        { ip: "192.168.1.20", hostname: null, firstDay: "2026-01-29", lastDay: "2026-02-02" },
      ]);
    }
  });

  test("keep the span of days over a restart within the hour, and when the hour is over", async () => {
    await place.store.record(charging(charge({ day: "2026-01-30" })));
    await place.store.record(charging(charge({ mac: LAPTOP, ip: "192.168.1.21" })));
    await place.store.record(charging(charge()));
    await place.reopen();
    await place.store.record(charging(charge({ mac: LAPTOP, ip: "192.168.1.21", hour: 13 })));
    const spans = (await place.store.devices()).map(({ key, firstDay, lastDay }) => [key, firstDay, lastDay]);
    expect(spans.sort()).toEqual([
      [PHONE, "2026-01-30", "2026-01-31"],
      [LAPTOP, "2026-01-31", "2026-01-31"],
    ]);
  });

  test("a MAC that only stands before internet hosts, or only has a baseline, is none yet", async () => {
    await place.store.record(
      settlement({ charges: [remoteCharge()], addresses: [fact({ ip: "8.8.8.8", mac: ROUTER }), fact()] }),
    );
    expect(await place.store.devices()).toEqual([]);
    await place.reopen();
    expect(await place.store.devices()).toEqual([]);
  });

  test("carry the newest name of any of their addresses, and keep it while there is none", async () => {
    await place.store.record(named("192.168.1.20", "phone"));
    await place.store.record(named("192.168.1.30", "phone-two"));
    await place.store.record(named("192.168.1.20", null));
    await place.store.record(named("192.168.1.20", "phone"));
    for (const reopens of [false, true]) {
      if (reopens) await place.reopen();
      expect(await place.store.devices()).toMatchObject([{ hostname: "phone-two" }]);
      const addresses = await place.store.addressesOf(await deviceId(place.store, PHONE));
      expect(addresses.map(({ ip, hostname }) => [ip, hostname])).toEqual([
        ["192.168.1.20", "phone"],
        ["192.168.1.30", "phone-two"],
      ]);
    }
    await place.store.record(named("192.168.1.20", "phone-new"));
    expect(await place.store.devices()).toMatchObject([{ hostname: "phone-new" }]);
  });

  test("a name goes with its address to the device that takes it over", async () => {
    await place.store.record(named("192.168.1.20", "desk"));
    await place.store.record(named("192.168.1.20", "desk", { mac: LAPTOP }));
    const names = (await place.store.devices()).map(({ key, hostname }) => [key, hostname]);
    expect(names.sort()).toEqual([
      [PHONE, "desk"],
      [LAPTOP, "desk"],
    ]);
  });

  test("one with three names at once, as behind a repeater, takes none; two are an address changed", async () => {
    await place.store.record(named("192.168.1.20", "phone"));
    await place.store.record(named("192.168.1.30", "tablet"));
    expect(await place.store.devices()).toMatchObject([{ hostname: "tablet" }]);
    await place.store.record(named("192.168.1.40", "printer"));
    expect(await place.store.devices()).toMatchObject([{ hostname: null }]);
    await place.reopen();
    await place.store.record(named("192.168.1.40", "scanner"));
    expect(await place.store.devices()).toMatchObject([{ hostname: null }]);
    // Its IPv6 addresses, which have names of their own, speak for nothing.
    const left = settlement({ addresses: [fact({ ip: "192.168.1.40", mac: LAPTOP })] });
    await place.store.record(left);
    await place.store.record(named("fe80::1", "phone-six"));
    expect((await place.store.devices()).find(({ key }) => key === PHONE)?.hostname).toBe("phone-six");
  });

  test("list the address used last first", async () => {
    await place.store.record(charging(charge({ day: "2026-01-29" })));
    await place.store.record(charging(charge({ ip: "10.0.0.9" })));
    const addresses = async () =>
      (await place.store.addressesOf(await deviceId(place.store, PHONE))).map(({ ip }) => ip);
    expect(await addresses()).toEqual(["10.0.0.9", "192.168.1.20"]);
    await place.store.record(charging(charge({ day: "2026-02-01" })));
    expect(await addresses()).toEqual(["192.168.1.20", "10.0.0.9"]);
    expect(await place.store.addressesOf(4711)).toEqual([]);
  });

  test("addresses between are those that the devices used in the range, the latest first", async () => {
    for (const [day, ip] of [
      ["2026-01-01", "192.168.1.1"],
      ["2026-01-05", "192.168.1.2"],
      ["2026-02-01", "192.168.1.3"],
    ] as const) {
      await place.store.record(charging(charge({ day, ip })));
    }
    await place.store.record(charging(charge({ day: "2026-02-01", ip: "192.168.1.4", mac: LAPTOP })));
    const device = await deviceId(place.store, PHONE);
    const between = (from: string, to: string) => place.store.addressesBetween(from, to, [device]);
    expect(await between("2026-01-01", "2026-01-31")).toEqual([
      { device, ip: "192.168.1.2" },
      { device, ip: "192.168.1.1" },
    ]);
    expect(await between("2026-02-01", "2026-02-01")).toEqual([{ device, ip: "192.168.1.3" }]);
    expect(await place.store.addressesBetween("2026-02-01", "2026-02-01", [])).toEqual([]);
  });

  test("take any name, and give it back unchanged", async () => {
    const hostname = `'); DROP TABLE device; -- <script>"🦊\u202e`;
    await place.store.record(named("192.168.1.20", hostname));
    await place.reopen();
    expect(await place.store.devices()).toMatchObject([{ hostname }]);
  });

  test("of an address that is called another way everything says so at once", async () => {
    await place.store.record(named("192.168.1.20", "old"));
    await place.store.record(charging(charge({ day: "2026-02-01" })));
    await place.store.record(settlement({ addresses: [fact({ hostname: "new" })] }));
    const [device] = await place.store.devices();
    expect(device?.hostname).toBe("new");
    expect((await place.store.addressesOf(device?.id ?? 0)).map(({ hostname }) => hostname)).toEqual(["new"]);
    const days = await place.store.endpointDays("2026-01-01", "2026-12-31");
    expect(days.map(({ day, hostname }) => [day, hostname])).toEqual([
      [DAY, "new"],
      ["2026-02-01", "new"],
    ]);
  });

  test("names that people gave are kept without touching those of the network", async () => {
    await place.store.record(named("192.168.1.20", "android-42"));
    await place.store.checkpoint();
    await place.store.keepHousehold(
      onlyNames([
        [PHONE, "Anna's phone"],
        ["02:00:00:00:00:99", "never seen"],
      ]),
    );
    expect(await place.harness.query("SELECT name, hostname FROM device")).toEqual([
      { name: "Anna's phone", hostname: "android-42" },
    ]);
    await place.store.record(named("192.168.1.20", "android-43"));
    await place.reopen();
    expect(await place.harness.query("SELECT name, hostname FROM device")).toEqual([
      { name: "Anna's phone", hostname: "android-43" },
    ]);
    await place.store.keepHousehold(onlyNames([]));
    expect(await place.harness.query("SELECT name FROM device")).toEqual([{ name: null }]);
  });

  test("notes come newest first, as many as asked for", async () => {
    const at = [NOON, NOON + 2, NOON + 1];
    const notes = at.map((instant) => ({ at: instant, code: "clock-jump" as const, detail: { seconds: instant } }));
    await place.store.record(settlement({ notes }));
    expect((await place.store.notes(2)).map((note) => note.at)).toEqual([NOON + 2, NOON + 1]);
    expect(await place.store.notes(1)).toEqual([
      { source: "lan", at: NOON + 2, code: "clock-jump", detail: { seconds: NOON + 2 } },
    ]);
  });
}

import { expect, test } from "vitest";
import { type Prefix, parsePrefix } from "../../../accounting/address.ts";
import { DEFAULT_ADDRESSES } from "../../store.ts";
import type { StoreHarness } from "../harness.ts";
import { charge, charging, counted, DAY, LAPTOP, PHONE, ROUTER, remoteCharge, viewOf } from "../settlements.ts";
import { bytesByDevice, deviceId, EVER, usePlace } from "./place.ts";

const NEXT = "2026-02-01";

function prefix(text: string): Prefix {
  return parsePrefix(text) as Prefix;
}

/** The view follows the settings, for days that are over as for the open hour: every test asks for both. */
export function describeOwnership(create: () => Promise<StoreHarness>): void {
  const place = usePlace(create);

  test("another IPFilter moves bytes between shown and hidden, and back, for the past too", async () => {
    await place.store.record(charging(charge({ in: 1 }), charge({ ip: "fe80::1", in: 20 })));
    await place.store.record(
      charging(charge({ day: NEXT, in: 300 }), charge({ day: NEXT, ip: "fe80::1", in: 4000, hour: 11 })),
    );
    const shown = async () =>
      (await place.store.deviceDays(...EVER)).map((row) => [row.day, row.in, row.hiddenIn, row.ip]).sort();
    const byIPv4 = [
      [DAY, 1, 20, "192.168.1.20"],
      [NEXT, 300, 4000, "192.168.1.20"],
    ];
    expect(await shown()).toEqual(byIPv4);
    await place.store.applyView(viewOf({ ipFilter: /:/ }));
    for (const reopens of [false, true]) {
      if (reopens) await place.reopen(viewOf({ ipFilter: /:/ }));
      expect(await shown()).toEqual([
        [DAY, 20, 1, "fe80::1"],
        [NEXT, 4000, 300, "fe80::1"],
      ]);
      expect(await place.store.balanceSum(...EVER)).toBeNull();
      expect((await place.store.balances(DAY, DAY))[0]).toMatchObject({ devices: { in: 20 }, hidden: { in: 1 } });
      const hours = await place.store.deviceHours(...EVER);
      expect(hours.map(({ day, hour, in: down }) => [day, hour, down]).sort()).toEqual([
        [DAY, 12, 20],
        [NEXT, 11, 4000],
      ]);
      expect(await place.store.deviceSums([{ from: DAY, to: NEXT }])).toMatchObject([{ in: 4020, hiddenIn: 301 }]);
    }
    // Opening by other settings is as good as applying them.
    await place.reopen(viewOf());
    expect(await shown()).toEqual(byIPv4);
  });

  test("the settings that the rows follow are kept with them, so that the next start need not go through all", async () => {
    await place.store.record(charging(charge()));
    const kept = () => place.harness.query("SELECT view FROM site");
    expect(await kept()).toEqual([{ view: viewOf().fingerprint }]);
    await place.store.applyView(viewOf({ ipFilter: /:/ }));
    expect(await kept()).toEqual([{ view: viewOf({ ipFilter: /:/ }).fingerprint }]);
  });

  test("the settings may follow from what the store remembers, before its first answer", async () => {
    // A new store reports every address, until something else is said of it.
    expect(await place.store.recall(DEFAULT_ADDRESSES)).toBe("all");
    await place.store.record(charging(charge({ in: 1 }), charge({ ip: "fe80::1", in: 20 })));
    await place.store.remember(DEFAULT_ADDRESSES, "ipv4");
    let asked = 0;
    await place.reopen(async (memory) => {
      asked += 1;
      return viewOf({ ipFilter: (await memory.recall(DEFAULT_ADDRESSES)) === "ipv4" ? /^[\d.]+$/ : /:/ });
    });
    expect(await place.store.deviceDays(...EVER)).toMatchObject([{ in: 1, hiddenIn: 20 }]);
    await place.store.checkpoint();
    expect(asked).toBe(1);
    // What is applied before the first answer goes before it.
    await place.reopen(() => viewOf());
    await place.store.applyView(viewOf({ ipFilter: /:/ }));
    expect(await place.store.deviceDays(...EVER)).toMatchObject([{ in: 20, hiddenIn: 1 }]);
  });

  test("a charge that is recorded after other settings follows them", async () => {
    await place.store.record(charging(charge({ in: 1 })));
    await place.store.applyView(viewOf({ ipFilter: /:/ }));
    await place.store.record(charging(charge({ in: 20 }), charge({ ip: "fe80::2", in: 300 })));
    expect(await place.store.deviceDays(DAY, DAY)).toMatchObject([{ in: 300, hiddenIn: 21 }]);
  });

  test("two MACs that are merged later are one device over both days, and two again without the line", async () => {
    await place.store.record(charging(charge({ in: 1_500_000 })));
    await place.store.record(charging(charge({ day: NEXT, mac: LAPTOP, ip: "192.168.1.21", in: 2_000_000 })));
    const apart = { [PHONE]: 1_500_000, [LAPTOP]: 2_000_000 };
    expect(await bytesByDevice(place.store)).toEqual(apart);

    await place.store.applyView(viewOf({ macMac: new Map([[PHONE, LAPTOP]]) }));
    expect(await bytesByDevice(place.store)).toEqual({ [LAPTOP]: 3_500_000 });
    const id = await deviceId(place.store, LAPTOP);
    expect(await place.store.devices()).toMatchObject([
      { key: LAPTOP, interfaces: [LAPTOP, PHONE], firstDay: DAY, lastDay: NEXT },
    ]);
    expect((await place.store.addressesOf(id)).map(({ ip }) => ip)).toEqual(["192.168.1.21", "192.168.1.20"]);
    expect((await place.store.historyOf(id)).map(({ day, in: down }) => [day, down])).toEqual([
      [DAY, 1_500_000],
      [NEXT, 2_000_000],
    ]);
    expect(await place.store.hoursOf(id, ...EVER)).toHaveLength(2);
    expect(await place.store.deviceSums([{ from: DAY, to: NEXT }])).toMatchObject([{ device: id, in: 3_500_000 }]);

    // A MAC that shows up only now is merged as well.
    const third = "02:00:00:00:00:03";
    await place.store.applyView(viewOf({ macMac: new Map([[third, LAPTOP]]) }));
    expect(await bytesByDevice(place.store)).toEqual(apart);
    await place.store.record(charging(charge({ day: NEXT, mac: third, ip: "192.168.1.22", in: 5 })));
    expect(await bytesByDevice(place.store)).toEqual({ ...apart, [LAPTOP]: 2_000_005 });
    await place.reopen();
    expect(await bytesByDevice(place.store)).toEqual({ ...apart, [third]: 5 });
  });

  test("archived devices are one, to which later ones come, and are devices again without it; who merged them by name goes before", async () => {
    await place.store.record(charging(charge({ in: 7 }), charge({ mac: LAPTOP, ip: "192.168.1.21", in: 20 })));
    const archived = new Set([PHONE, LAPTOP, "02:00:00:00:00:03"]);
    await place.store.applyView(viewOf({ archived }));
    expect(await bytesByDevice(place.store)).toEqual({ archived: 27 });
    await place.store.record(charging(charge({ mac: "02:00:00:00:00:03", ip: "192.168.1.22", in: 100 })));
    await place.reopen(viewOf({ archived }));
    expect(await bytesByDevice(place.store)).toEqual({ archived: 127 });
    await place.store.applyView(viewOf({ archived, macMac: new Map([[PHONE, "02:00:00:00:00:04"]]) }));
    expect(await bytesByDevice(place.store)).toEqual({ archived: 120, "02:00:00:00:00:04": 7 });
    await place.store.applyView(viewOf());
    expect(await bytesByDevice(place.store)).toEqual({ [PHONE]: 7, [LAPTOP]: 20, "02:00:00:00:00:03": 100 });
  });

  test("merged into a MAC that was never seen, a device goes by that one's key", async () => {
    const unseen = "02:00:00:00:00:99";
    await place.store.record(charging(charge()));
    await place.store.applyView(viewOf({ macMac: new Map([[PHONE, unseen]]) }));
    expect(await bytesByDevice(place.store)).toEqual({ [unseen]: 1000 });
  });

  test("lines apply once, without chains: two MACs that are exchanged are exchanged", async () => {
    const view = viewOf({
      macMac: new Map([
        [PHONE, LAPTOP],
        [LAPTOP, PHONE],
      ]),
    });
    await place.reopen(view);
    await place.store.record(charging(charge({ in: 1 }), charge({ mac: LAPTOP, ip: "192.168.1.21", in: 20 })));
    const exchanged = { [PHONE]: 20, [LAPTOP]: 1 };
    expect(await bytesByDevice(place.store)).toEqual(exchanged);
    await place.store.applyView(viewOf());
    expect(await bytesByDevice(place.store)).toEqual({ [PHONE]: 1, [LAPTOP]: 20 });
    await place.store.applyView(view);
    expect(await bytesByDevice(place.store)).toEqual(exchanged);
  });

  test("a device merged into a router is the router's, in the balance as in the list", async () => {
    const apart = [charge({ in: 1 }), charge({ mac: ROUTER, ip: "192.168.1.1", in: 20 })];
    await place.store.record({ ...charging(...apart), counted: [counted({ bytes: 21 })] });
    const routersPart = async () => {
      const [balance] = await place.store.balances(DAY, DAY);
      const keys = (await place.store.devices()).map(({ key, router }) => [key, router]);
      return [keys, balance?.devices.in, balance?.routers.in];
    };
    await place.store.applyView(viewOf({ macMac: new Map([[PHONE, ROUTER]]) }));
    expect(await routersPart()).toEqual([[[ROUTER, true]], 0, 21]);
    await place.store.record(charging(charge({ in: 300 })));
    expect(await routersPart()).toEqual([[[ROUTER, true]], 0, 321]);
    await place.store.applyView(viewOf({ macMac: new Map([[ROUTER, PHONE]]) }));
    expect(await routersPart()).toEqual([[[PHONE, false]], 321, 0]);
  });

  test("hosts of a segment that is named later are devices of their own, the past too", async () => {
    const hosts = ["203.0.113.1", "203.0.113.2", "203.0.113.3"];
    await place.store.record(charging(...hosts.map((ip) => remoteCharge({ ip }))));
    await place.store.record(charging(...hosts.map((ip) => remoteCharge({ ip, day: NEXT, in: 1 }))));
    expect(await bytesByDevice(place.store)).toEqual({});
    expect(await place.store.remoteDays(...EVER)).toHaveLength(6);

    const segment = prefix("203.0.113.0/24");
    await place.store.applyView(viewOf({ segments: [segment, prefix("192.168.0.0/16")], namedSegments: [segment] }));
    expect(await bytesByDevice(place.store)).toEqual(Object.fromEntries(hosts.map((ip) => [ip, 1001])));
    expect(await place.store.remoteDays(...EVER)).toEqual([]);
    // Hours are kept from now on: of hosts, none were.
    await place.store.record(charging(remoteCharge({ ip: "203.0.113.1", day: NEXT, hour: 13 })));
    await place.store.record(charging(charge({ day: NEXT, hour: 14 })));
    const id = await deviceId(place.store, "203.0.113.1");
    expect((await place.store.hoursOf(id, ...EVER)).map(({ day, hour }) => [day, hour])).toEqual([[NEXT, 13]]);

    await place.store.applyView(viewOf());
    expect(await bytesByDevice(place.store)).toEqual({ [PHONE]: 1000 });
    expect(await place.store.remoteDays(...EVER)).toHaveLength(6);
  });

  test("behind a router's MAC an address is still that of the device that held it before", async () => {
    await place.store.record(charging(charge({ in: 1 })));
    await place.store.record(charging(charge({ mac: ROUTER, in: 20 })));
    expect(await bytesByDevice(place.store)).toEqual({ [PHONE]: 21 });
    await place.reopen();
    await place.store.record(charging(charge({ mac: ROUTER, hour: 13, in: 300 })));
    expect(await bytesByDevice(place.store)).toEqual({ [PHONE]: 321 });
    await place.store.record(charging(charge({ mac: ROUTER, ip: "192.168.1.99", in: 4000 })));
    expect(await bytesByDevice(place.store)).toEqual({ [PHONE]: 321, [ROUTER]: 4000 });
  });

  test("leased to another in between, each part is that of its own holder", async () => {
    const parts = [PHONE, ROUTER, LAPTOP, ROUTER, PHONE, ROUTER];
    const held = { [PHONE]: 1 + 2 + 16 + 32, [LAPTOP]: 4 + 8 };
    for (const [index, mac] of parts.entries()) await place.store.record(charging(charge({ mac, in: 2 ** index })));
    expect(await bytesByDevice(place.store)).toEqual(held);
    await place.store.applyView(viewOf({ ipFilter: /^/ }));
    expect(await bytesByDevice(place.store)).toEqual(held);
    await place.reopen(viewOf({ ipFilter: /^1/ }));
    expect(await bytesByDevice(place.store)).toEqual(held);
  });

  test("behind two routers, one after the other, it is still the device's", async () => {
    const second = "02:ff:ff:ff:ff:02";
    await place.reopen(viewOf({ routers: { auto: false, macs: [ROUTER, second] } }));
    for (const mac of [PHONE, ROUTER, second, ROUTER]) await place.store.record(charging(charge({ mac })));
    expect(await bytesByDevice(place.store)).toEqual({ [PHONE]: 4000 });
  });

  test("an address that only showed itself later was not its device's while the router's MAC stood for it", async () => {
    await place.store.record(charging(charge({ mac: ROUTER, in: 1 })));
    await place.store.record(charging(charge({ in: 20 })));
    await place.store.record(charging(charge({ mac: ROUTER, in: 300 })));
    for (const ipFilter of [/^1/, /^/]) {
      await place.store.applyView(viewOf({ ipFilter }));
      expect(await bytesByDevice(place.store)).toEqual({ [ROUTER]: 1, [PHONE]: 320 });
    }
  });

  test("without MACs an address is a device, and the last one of its network is nobody's", async () => {
    const charges = ["192.168.1.20", "192.168.1.21", "192.168.1.255"].map((ip) => charge({ mac: null, ip }));
    await place.store.record({ ...charging(...charges), counted: [counted({ bytes: 3000 })] });
    await place.reopen();
    expect(await bytesByDevice(place.store)).toEqual({ "192.168.1.20": 1000, "192.168.1.21": 1000 });
    expect(await place.store.balances(DAY, DAY)).toMatchObject([{ devices: { in: 2000 }, group: { in: 1000 } }]);
    expect(await place.store.routers()).toEqual([]);
  });

  test("an address that IP_MAC.txt names is a device's even with a router's MAC", async () => {
    await place.store.record(charging(remoteCharge({ in: 1 })));
    await place.store.applyView(viewOf({ ipMac: new Map([["8.8.8.8", ROUTER]]) }));
    expect(await bytesByDevice(place.store)).toEqual({ [ROUTER]: 1 });
    expect(await place.store.remoteDays(...EVER)).toEqual([]);
  });
}

import { expect, test } from "vitest";
import type { Charge } from "../../../accounting/types.ts";
import type { StoreHarness } from "../harness.ts";
import { charge, charging, counted, DAY, LAPTOP, NOON, PHONE, ROUTER, settlement, viewOf } from "../settlements.ts";
import { bytesByDevice, EVER, usePlace } from "./place.ts";

const GATEWAY = "02:ee:00:00:00:01";
const HOSTS = ["1.1.1.1", "8.8.8.8", "9.9.9.9", "203.0.113.5"];

export function describeRouters(create: () => Promise<StoreHarness>): void {
  const place = usePlace(create);
  const finding = (some = {}) => viewOf({ routers: { auto: true, macs: [] }, ...some });
  /** Charges of internet hosts whose frames carry the gateway's MAC. */
  const carried = (hosts: readonly string[], some: Partial<Charge> = {}) =>
    hosts.map((ip) => charge({ mac: GATEWAY, ip, in: 10, out: 1, ...some }));
  const own = charge({ mac: GATEWAY, ip: "192.168.1.1", in: 7, out: 7 });

  test("one that is named later was one on the days before, and none once the name is gone", async () => {
    await place.store.record({ ...charging(own, ...carried(HOSTS)), counted: [counted({ bytes: 47 })] });
    const before = charging(charge({ day: "2026-02-01" }), ...carried(["1.1.1.1"], { day: "2026-02-01" }));
    await place.store.record(before);
    expect(await bytesByDevice(place.store)).toEqual({ [GATEWAY]: 57, [PHONE]: 1000 });

    await place.store.applyView(viewOf({ routers: { auto: false, macs: [GATEWAY] } }));
    expect(await bytesByDevice(place.store)).toEqual({ [GATEWAY]: 7, [PHONE]: 1000 });
    expect((await place.store.devices()).map(({ key, router }) => [key, router]).sort()).toEqual([
      [PHONE, false],
      [GATEWAY, true],
    ]);
    expect(await place.store.remoteDays(...EVER)).toHaveLength(5);
    expect(await place.store.balances(DAY, DAY)).toMatchObject([{ routers: { in: 7 }, remote: { in: 40 } }]);
    expect(await place.store.routers()).toEqual([{ mac: GATEWAY, since: null, networks: 0 }]);

    await place.store.applyView(viewOf());
    expect(await bytesByDevice(place.store)).toEqual({ [GATEWAY]: 57, [PHONE]: 1000 });
  });

  test("one that carried four foreign networks both ways in a day is found, and a note says so", async () => {
    await place.reopen(finding());
    expect(await place.store.record(charging(own, ...carried(HOSTS.slice(0, 3))))).toEqual([]);
    expect(await place.store.routers()).toEqual([]);
    const fourth = settlement({ charges: carried(HOSTS.slice(3), { hour: 13 }), books: { at: NOON + 3_600_000 } });
    const notes = await place.store.record(fourth);
    expect(notes).toMatchObject([
      { at: NOON + 3_600_000, code: "router-found", detail: { mac: GATEWAY, networks: 4 } },
    ]);
    expect(String(notes[0]?.detail.examples).split(", ")).toHaveLength(3);
    for (const crashes of [false, true]) {
      if (crashes) await place.crash(finding());
      expect(await place.store.notes(9)).toEqual([{ source: "lan", ...notes[0] }]);
      expect(await place.store.routers()).toEqual([{ mac: GATEWAY, since: DAY, networks: 4 }]);
      expect(await bytesByDevice(place.store)).toEqual({ [GATEWAY]: 7 });
      expect(await place.store.remoteDays(DAY, DAY)).toHaveLength(4);
    }
    // It is not found twice, and what comes next is no device's any more.
    expect(await place.store.record(charging(...carried(HOSTS, { hour: 14 })))).toEqual([]);
    expect(await bytesByDevice(place.store)).toEqual({ [GATEWAY]: 7 });
  });

  test("one that was found and is contradicted is a device again, the past too, and stays one", async () => {
    await place.reopen(finding());
    expect(await place.store.record(charging(own, ...carried(HOSTS)))).toHaveLength(1);
    expect(await bytesByDevice(place.store)).toEqual({ [GATEWAY]: 7 });
    const none = finding({ routers: { auto: true, macs: [], none: [GATEWAY] } });
    await place.store.applyView(none);
    expect(await bytesByDevice(place.store)).toEqual({ [GATEWAY]: 47 });
    expect(await place.store.remoteDays(...EVER)).toEqual([]);
    expect(await place.store.record(charging(...carried(HOSTS, { hour: 13 })))).toEqual([]);
    expect(await bytesByDevice(place.store)).toEqual({ [GATEWAY]: 87 });
    expect(await place.store.routers()).toEqual([]);
    await place.reopen(finding());
    expect(await bytesByDevice(place.store)).toEqual({ [GATEWAY]: 7 });
  });

  test("what a router's MAC carried before it was found goes to the devices that held the addresses", async () => {
    await place.reopen(finding());
    await place.store.record(charging(charge({ in: 1 })));
    await place.store.record(charging(charge({ mac: GATEWAY, in: 20 })));
    await place.store.record(charging(charge({ mac: LAPTOP, in: 300 })));
    expect(await bytesByDevice(place.store)).toEqual({ [PHONE]: 1, [GATEWAY]: 20, [LAPTOP]: 300 });
    await place.store.record(charging(...carried(HOSTS)));
    expect(await bytesByDevice(place.store)).toEqual({ [PHONE]: 21, [LAPTOP]: 300 });
  });

  test.each([
    ["one leaked foreign address", carried(["8.8.8.8"])],
    ["three foreign networks", carried(HOSTS.slice(0, 3))],
    ["four foreign networks in one direction", [...carried(HOSTS.slice(0, 3)), ...carried(["9.9.9.8"], { out: 0 })]],
    ["addresses of four LANs", carried(["10.0.0.1", "10.1.0.1", "172.16.0.1", "192.168.7.1"])],
    [
      "four global addresses of one provider",
      carried(["2001:db8::1", "2001:db8:1::1", "2001:db8:2::1", "2001:db8:3::1"]),
    ],
  ])("%s makes nobody a router", async (_, charges) => {
    await place.reopen(finding());
    expect(await place.store.record(charging(...charges))).toEqual([]);
    expect(await place.store.routers()).toEqual([]);
    expect(Object.keys(await bytesByDevice(place.store))).toEqual([GATEWAY]);
  });

  test("four foreign networks over two days make nobody a router, and on one day over two sources do", async () => {
    await place.reopen(finding());
    await place.store.record(charging(...carried(HOSTS.slice(0, 2))));
    const next = { day: "2026-02-01" };
    expect(await place.store.record(charging(...carried(HOSTS.slice(2), next)))).toEqual([]);
    const attic = charging(...carried(HOSTS.slice(0, 2), next));
    expect(await place.store.record({ ...attic, books: { ...attic.books, source: "attic" } })).toHaveLength(1);
  });

  test("one that is found by a source a day behind the others is found all the same", async () => {
    await place.reopen(finding());
    const attic = (hosts: readonly string[], hour: number) => {
      const behind = charging(...carried(hosts, { hour }));
      return place.store.record({ ...behind, books: { ...behind.books, source: "attic" } });
    };
    expect(await attic(HOSTS.slice(0, 3), 12)).toEqual([]);
    await place.store.record(charging(charge({ day: "2026-02-01", ip: "8.8.4.4" })));
    expect(await attic(HOSTS.slice(3), 13)).toMatchObject([{ code: "router-found", detail: { mac: GATEWAY } }]);
  });

  test("the next hop of a default route is one from its first byte on, and for the past once it is known", async () => {
    const nextHop = finding({ routers: { auto: true, macs: [], nextHops: [GATEWAY] } });
    const router = [{ mac: GATEWAY, since: null, networks: 0 }];
    await place.reopen(nextHop);
    await place.store.record(charging(own, ...carried(HOSTS.slice(0, 2))));
    for (const restarts of [false, true]) {
      if (restarts) await place.reopen(nextHop);
      expect(await place.store.routers()).toEqual(router);
      expect(await bytesByDevice(place.store)).toEqual({ [GATEWAY]: 7 });
      expect((await place.store.devices()).map((device) => device.router)).toEqual([true]);
      expect(await place.store.remoteDays(DAY, DAY)).toHaveLength(2);
    }
    await place.store.applyView(finding());
    expect(await bytesByDevice(place.store)).toEqual({ [GATEWAY]: 27 });
    await place.store.applyView(nextHop);
    expect(await bytesByDevice(place.store)).toEqual({ [GATEWAY]: 7 });
    expect(await place.store.routers()).toEqual(router);
  });

  test("one that is merged into another router is found, and what it carries is the internet's", async () => {
    const settings = { routers: { auto: true, macs: [ROUTER] }, macMac: new Map([[GATEWAY, ROUTER]]) };
    await place.reopen(viewOf(settings));
    expect(await place.store.record(charging(own))).toEqual([]);
    expect(await place.store.record(charging(...carried(HOSTS)))).toHaveLength(1);
    expect(await bytesByDevice(place.store)).toEqual({ [ROUTER]: 7 });
    expect(await place.store.remoteDays(DAY, DAY)).toHaveLength(4);
  });

  test("nobody is found where the settings leave it to the user", async () => {
    await place.reopen(viewOf({ routers: { auto: false, macs: [] } }));
    expect(await place.store.record(charging(...carried(HOSTS)))).toEqual([]);
    expect(await place.store.routers()).toEqual([]);
    expect(await bytesByDevice(place.store)).toEqual({ [GATEWAY]: 40 });
  });
}

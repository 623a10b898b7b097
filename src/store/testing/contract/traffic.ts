import { expect, test } from "vitest";
import { keyOf, type Traffic } from "../../../accounting/types.ts";
import type { StoreHarness } from "../harness.ts";
import { charge, DAY, fact, LAPTOP, PHONE, ROUTER, settlement } from "../settlements.ts";
import { usePlace } from "./place.ts";

const IP = "192.168.1.20";

/** Internet and LAN traffic of an address are two counters: what is asked of one leaves the other out. */
export function describeTraffic(create: () => Promise<StoreHarness>): void {
  const place = usePlace(create);

  const used = (traffic: Traffic | undefined, down: number, mac = PHONE) => {
    const kind = traffic === undefined ? {} : { traffic };
    return {
      charge: charge({ ip: IP, mac, in: down, out: 1, ...kind }),
      fact: fact({ ip: IP, mac, in: down, out: 1, ...kind }),
    };
  };
  const record = (...some: ReturnType<typeof used>[]) =>
    place.store.record(settlement({ charges: some.map((one) => one.charge), addresses: some.map((one) => one.fact) }));
  const downOf = async (...traffic: (Traffic | "unknown")[]) =>
    (await place.store.of(null, traffic).deviceDays(DAY, DAY)).reduce((sum, day) => sum + day.in, 0);

  test("each kind is asked for alone, and all together are what they always were", async () => {
    await record(used("internet", 100), used("lan", 20), used(undefined, 3));
    expect([await downOf("internet"), await downOf("lan"), await downOf("unknown")]).toEqual([100, 20, 3]);
    expect((await place.store.deviceDays(DAY, DAY)).map((day) => day.in)).toEqual([123]);
    expect((await place.store.endpointDays(DAY, DAY)).map((day) => [day.ip, day.in])).toEqual([[IP, 123]]);
    expect(await place.store.lineDays(DAY, DAY)).toEqual([{ day: DAY, in: 103, out: 2 }]);
  });

  test("each kind's counters are found again after a crash, whether its hour is over or not", async () => {
    await record(used("internet", 100), used("lan", 20));
    await place.store.checkpoint();
    await place.crash();
    const next = { ...used("lan", 25), charge: charge({ ip: IP, traffic: "lan", hour: 13, in: 5, out: 0 }) };
    const books = await place.store.books("lan");
    expect(books?.baselines.get(keyOf({ ip: IP, traffic: "internet" }))).toMatchObject({ in: 100 });
    expect(books?.baselines.get(keyOf({ ip: IP, traffic: "lan" }))).toMatchObject({ in: 20 });
    await record(next);
    await place.store.checkpoint();
    await place.crash();
    expect((await place.store.books("lan"))?.baselines.get(keyOf({ ip: IP, traffic: "lan" }))).toMatchObject({
      in: 25,
    });
    expect([await downOf("internet"), await downOf("lan")]).toEqual([100, 25]);
  });

  test("what a router's MAC carries for an address is whose MAC shows it on the LAN", async () => {
    await record(used("internet", 100, ROUTER));
    await record(used("lan", 20, LAPTOP), used("internet", 150, ROUTER));
    const devices = new Map((await place.store.devices()).map(({ id, key }) => [id, key]));
    const days = await place.store.deviceDays(DAY, DAY);
    const laptop = days.filter(({ device }) => devices.get(device) === LAPTOP);
    expect(laptop.map((day) => day.in)).toEqual([170]);
  });
}

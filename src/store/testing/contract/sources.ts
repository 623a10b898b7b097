import { expect, test } from "vitest";
import type { SourceQuestions } from "../../store.ts";
import type { StoreHarness } from "../harness.ts";
import { charge, counted, DAY, fact, LAPTOP, PHONE, remoteCharge, settlement, viewOf } from "../settlements.ts";
import { usePlace } from "./place.ts";

const TOMORROW = "2026-02-01";
const ROAMED = "192.168.2.20";

export function describeSources(create: () => Promise<StoreHarness>): void {
  const place = usePlace(create);

  /** The phone on both meters, the laptop on that of the guests only, and an internet host on each. */
  async function recordBoth(day = DAY): Promise<void> {
    const bytes = { day, in: 1000, out: 100 };
    await place.store.record(
      settlement({
        charges: [charge(bytes), remoteCharge({ day, in: 100, out: 1000 })],
        addresses: [fact()],
        counted: [counted({ day, bytes: 1100, carried: 2000, compared: 1000 })],
        books: { source: "lan" },
      }),
    );
    await place.store.record(
      settlement({
        charges: [
          charge({ ...bytes, ip: ROAMED, in: 30, out: 3 }),
          charge({ ...bytes, mac: LAPTOP, ip: "192.168.2.21", in: 5, out: 0 }),
          remoteCharge({ day, ip: "8.8.4.4", in: 3, out: 35 }),
        ],
        counted: [counted({ day, bytes: 38, carried: 40, compared: 38 })],
        books: { source: "guest" },
      }),
    );
  }

  /** All that can be asked, in one answer: devices by their MAC. */
  async function answersOf(store: SourceQuestions, day = DAY) {
    const known = new Map((await store.devices()).map(({ id, key }) => [id, key]));
    const macOf = (id: number) => known.get(id) ?? `${id}?`;
    const byMac = <Row extends { device: number; in: number; out: number }>(rows: readonly Row[]) =>
      rows.map((row) => `${macOf(row.device)} ${row.in} ${row.out}`).sort();
    const [phone] = [...known].find(([, mac]) => mac === PHONE) ?? [0];
    return {
      days: byMac(await store.deviceDays(day, day)),
      hours: byMac(await store.deviceHours(day, day)),
      sums: byMac(await store.deviceSums([{ from: day, to: day }])),
      series: (await store.deviceSeries(day, day, "day"))
        .map(({ device, in: down }) => `${macOf(device ?? 0)} ${down}`)
        .sort(),
      history: byMac(await store.historyOf(phone)),
      hoursOf: byMac(await store.hoursOf(phone, day, day)),
      addresses: (await store.addressesOf(phone)).map(({ ip }) => ip).sort(),
      between: (await store.addressesBetween(day, day, [...known.keys()])).map(({ ip }) => ip).sort(),
      remote: (await store.remoteSums(day, day, 9)).hosts.map(({ ip }) => ip).sort(),
      remoteDays: (await store.remoteDays(day, day)).map(({ ip }) => ip).sort(),
      counted: (await store.balanceSum(day, day))?.counted,
      measured: await store.measuredDays(day, day),
      endpoints: (await store.endpointDays(day, day)).length,
      endpointHours: (await store.endpointHours(day, day)).length,
      total: (await store.dayTotals(day, day)).map(({ in: down }) => down),
    };
  }

  const ofLan = {
    days: [`${PHONE} 1000 100`],
    hours: [`${PHONE} 1000 100`],
    sums: [`${PHONE} 1000 100`],
    series: [`${PHONE} 1000`],
    history: [`${PHONE} 1000 100`],
    hoursOf: [`${PHONE} 1000 100`],
    addresses: ["192.168.1.20"],
    between: ["192.168.1.20"],
    remote: ["8.8.8.8"],
    remoteDays: ["8.8.8.8"],
    counted: 1100,
    measured: [DAY],
    endpoints: 2,
    endpointHours: 1,
    total: [1100],
  };
  const ofGuest = {
    days: [`${PHONE} 30 3`, `${LAPTOP} 5 0`],
    hours: [`${PHONE} 30 3`, `${LAPTOP} 5 0`],
    sums: [`${PHONE} 30 3`, `${LAPTOP} 5 0`],
    series: [`${PHONE} 30`, `${LAPTOP} 5`],
    history: [`${PHONE} 30 3`],
    hoursOf: [`${PHONE} 30 3`],
    addresses: [ROAMED],
    between: [ROAMED, "192.168.2.21"],
    remote: ["8.8.4.4"],
    remoteDays: ["8.8.4.4"],
    counted: 38,
    measured: [DAY],
    endpoints: 3,
    endpointHours: 2,
    total: [38],
  };
  const ofBoth = {
    days: [`${PHONE} 1030 103`, `${LAPTOP} 5 0`],
    hours: [`${PHONE} 1030 103`, `${LAPTOP} 5 0`],
    sums: [`${PHONE} 1030 103`, `${LAPTOP} 5 0`],
    series: [`${PHONE} 1030`, `${LAPTOP} 5`],
    history: [`${PHONE} 1030 103`],
    hoursOf: [`${PHONE} 1030 103`],
    addresses: ["192.168.1.20", ROAMED],
    between: ["192.168.1.20", ROAMED, "192.168.2.21"],
    remote: ["8.8.4.4", "8.8.8.8"],
    remoteDays: ["8.8.4.4", "8.8.8.8"],
    counted: 1138,
    measured: [DAY],
    endpoints: 5,
    endpointHours: 3,
    total: [1138],
  };

  test("a device's bytes of several sources add up, and each source can be asked alone", async () => {
    await recordBoth();
    for (const isOver of [false, true]) {
      if (isOver) await recordBoth(TOMORROW);
      const { store } = place;
      if (isOver) {
        // The history is of both days then.
        expect((await answersOf(store)).days).toEqual(ofBoth.days);
        expect((await answersOf(store.of("guest"))).sums).toEqual(ofGuest.sums);
        continue;
      }
      expect(await answersOf(store)).toEqual(ofBoth);
      expect(await answersOf(store.of("lan"))).toEqual(ofLan);
      expect(await answersOf(store.of("guest"))).toEqual(ofGuest);
      const nobodys = await answersOf(store.of("no such meter"));
      expect(nobodys).toMatchObject({ days: [], endpoints: 0, measured: [] });
      expect(nobodys.counted).toBeUndefined();
    }
  });

  test("a view is asked alone, and added to nothing, from now on and for the past, until it is none any more", async () => {
    await recordBoth();
    await place.store.applyView(viewOf({ meterViews: ["guest"] }));
    expect(await answersOf(place.store)).toEqual(ofLan);
    expect(await answersOf(place.store.of("guest"))).toEqual(ofGuest);
    expect((await place.store.balances(DAY, DAY)).map(({ source, counted: bytes }) => [source, bytes])).toEqual([
      ["lan", 1100],
      ["guest", 38],
    ]);
    expect(await place.store.lineDays(DAY, DAY)).toEqual([{ day: DAY, in: 1000, out: 100 }]);
    expect((await place.store.lineHours(DAY, DAY)).map(({ in: down }) => down)).toEqual([1000]);
    expect(await place.store.of("guest").lineDays(DAY, DAY)).toEqual([{ day: DAY, in: 35, out: 3 }]);
    const phone = (await place.store.devices()).find(({ key }) => key === PHONE)?.id ?? 0;
    const ofPhone = async (store: SourceQuestions) => [
      ...(await store.deviceLineDays([phone], DAY, DAY)).map((row) => `${row.in} ${row.out}`),
      ...(await store.deviceLineHours([phone], DAY, DAY)).map((row) => `${row.in} ${row.out}`),
    ];
    expect(await ofPhone(place.store)).toEqual(["1000 100", "1000 100"]);
    expect(await ofPhone(place.store.of("guest"))).toEqual(["30 3", "30 3"]);
    await place.crash(viewOf({ meterViews: ["guest"] }));
    expect(await answersOf(place.store)).toEqual(ofLan);
    expect(await place.harness.query("SELECT sum(bytes_in) AS bytes FROM device_day")).toEqual([{ bytes: 1000 }]);
    await place.store.applyView(viewOf());
    expect(await answersOf(place.store)).toEqual(ofBoth);
  });

  test("a source that is first read as a view is one from its first reading on", async () => {
    await place.store.applyView(viewOf({ meterViews: ["guest"] }));
    await recordBoth();
    expect(await answersOf(place.store)).toEqual(ofLan);
    expect((await place.store.sources()).map(({ source }) => source)).toEqual(["lan", "guest"]);
  });
}

import { expect, test } from "vitest";
import type { StoreHarness } from "../harness.ts";
import { historyOf, importedDay, LONG_AGO } from "../imports.ts";
import { charge, charging, DAY, fact, LAPTOP, NOON, PHONE, settlement, viewOf } from "../settlements.ts";
import { bytesByDevice, deviceId, EVER, usePlace } from "./place.ts";

const GATEWAY = "02:ee:00:00:00:01";

export function describeImportedNames(create: () => Promise<StoreHarness>): void {
  const place = usePlace(create);
  const finding = viewOf({ routers: { auto: true, macs: [] } });

  test("host names are taken where there is none, and the device takes that of the address it used last", async () => {
    await place.store.record(settlement({ charges: [charge()], addresses: [fact({ hostname: "ours" })] }));
    const rows = [
      importedDay(),
      importedDay({ mac: LAPTOP, ip: "192.168.1.30" }),
      importedDay({ day: "2025-12-02", mac: LAPTOP, ip: "192.168.1.31" }),
      importedDay({ day: "2025-12-03", mac: LAPTOP, ip: "2001:db8::5" }),
    ];
    const hostnames = new Map([
      ["192.168.1.20", "theirs"],
      ["192.168.1.30", "laptop-old"],
      ["192.168.1.31", "laptop"],
      ["2001:db8::5", "laptop-six"],
      ["192.168.1.99", "never used"],
    ]);
    await place.store.importHistory(historyOf(rows, { hostnames }));
    const names = (await place.store.devices()).map(({ key, hostname }) => [key, hostname]);
    expect(names.sort()).toEqual([
      [PHONE, "ours"],
      [LAPTOP, "laptop"],
    ]);
    const ours = await place.store.addressesOf(await deviceId(place.store, PHONE));
    expect(ours.map(({ hostname }) => hostname)).toEqual(["ours"]);
    const addresses = await place.store.addressesOf(await deviceId(place.store, LAPTOP));
    expect(addresses).toEqual([
      { ip: "2001:db8::5", hostname: "laptop-six", firstDay: "2025-12-03", lastDay: "2025-12-03" },
      { ip: "192.168.1.31", hostname: "laptop", firstDay: "2025-12-02", lastDay: "2025-12-02" },
      { ip: "192.168.1.30", hostname: "laptop-old", firstDay: LONG_AGO, lastDay: LONG_AGO },
    ]);
  });

  test("a device's span of days takes in what is imported before and after", async () => {
    await place.store.record(charging(charge({ day: "2026-01-15" })));
    await place.store.importHistory(historyOf([importedDay(), importedDay({ day: DAY })]));
    expect(await place.store.devices()).toMatchObject([{ key: PHONE, firstDay: LONG_AGO, lastDay: DAY }]);
  });

  test("routers are those that it names, and those that its days betray", async () => {
    await place.reopen(finding);
    const hosts = ["1.1.1.1", "8.8.8.8", "9.9.9.9", "203.0.113.5"];
    const carried = hosts.map((ip) => importedDay({ mac: GATEWAY, ip }));
    const own = importedDay({ mac: GATEWAY, ip: "192.168.1.1", in: 7 });
    const other = importedDay({ day: "2025-12-02", mac: LAPTOP, ip: "192.168.2.1", in: 8 });
    await place.store.importHistory(historyOf([own, ...carried, other], { routers: [LAPTOP] }));
    expect((await place.store.routers()).sort((a, b) => b.networks - a.networks)).toEqual([
      { mac: GATEWAY, since: LONG_AGO, networks: 4 },
      { mac: LAPTOP, since: DAY, networks: 0 },
    ]);
    expect(await bytesByDevice(place.store)).toEqual({ [GATEWAY]: 7, [LAPTOP]: 8 });
    expect(await place.store.remoteDays(...EVER)).toHaveLength(4);
    // What is measured from now on follows.
    await place.store.record(charging(charge({ mac: GATEWAY, ip: "8.8.4.4" })));
    expect(await bytesByDevice(place.store)).toEqual({ [GATEWAY]: 7, [LAPTOP]: 8 });
    await place.store.applyView(viewOf({ routers: { auto: true, macs: [], none: [GATEWAY, LAPTOP] } }));
    expect(await bytesByDevice(place.store)).toEqual({ [GATEWAY]: 5007, [LAPTOP]: 8 });
  });

  test("follows the settings: merges and IPFilter", async () => {
    await place.reopen(viewOf({ macMac: new Map([[PHONE, LAPTOP]]) }));
    await place.store.importHistory(historyOf([importedDay(), importedDay({ ip: "fe80::1", in: 3 })]));
    expect(await place.store.deviceDays(...EVER)).toMatchObject([{ in: 1000, hiddenIn: 3 }]);
    expect(await bytesByDevice(place.store)).toEqual({ [LAPTOP]: 1003 });
  });

  test("keeps its note once with the meter's, and the rows that made no sense once each", async () => {
    const note = { at: NOON, code: "imported" as const, detail: { days: 1 } };
    const rejected = [
      { file: "old.db", place: "row 3", reason: "negative", content: '{"KBIn":-1}' },
      { file: "old.db", place: "row 4", reason: "negative", content: '{"KBIn":-1}' },
    ];
    await place.store.importHistory(historyOf([importedDay()], { note, rejected }));
    expect(await place.store.notes(9)).toEqual([{ source: "lan", ...note }]);
    await place.store.importHistory(historyOf([importedDay()], { rejected }));
    expect(await place.harness.query("SELECT file, place, reason, content FROM rejected ORDER BY id")).toEqual(
      rejected,
    );
  });

  test("without MACs rows are told apart by their addresses", async () => {
    const rows = ["192.168.1.20", "192.168.1.21", "8.8.8.8"].map((ip) => importedDay({ mac: null, ip }));
    await place.store.importHistory(historyOf(rows));
    expect(await bytesByDevice(place.store)).toEqual({ "192.168.1.20": 1000, "192.168.1.21": 1000 });
    expect(await place.store.remoteDays(...EVER)).toMatchObject([{ ip: "8.8.8.8", mac: null }]);
    const more = [importedDay({ mac: null, in: 1500 })];
    expect(await place.store.importHistory(historyOf(more))).toEqual({ added: 0, raised: 1, kept: 0 });
    expect(await bytesByDevice(place.store)).toEqual({ "192.168.1.20": 1500, "192.168.1.21": 1000 });
  });
}

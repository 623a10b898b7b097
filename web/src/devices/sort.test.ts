import fc from "fast-check";
import { expect, test } from "vitest";
import { clicked, columnsOf, defaultOrder, type Order } from "./columns.ts";
import type { Row } from "./row.ts";
import { addressKey, inNaturalOrder, sortRows } from "./sort.ts";
import { rowWith } from "./testing.ts";

const compare = new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare;
const names = (rows: readonly Row[]) => rows.map((row) => row.who.name);
const sorted = (rows: readonly Row[], column: Order["column"], direction: Order["direction"]) =>
  sortRows(inNaturalOrder(rows), { column, direction }, compare);

test("names sort as people read them: without case, numbers by value", () => {
  const rows = ["tv 10", "TV 9", "álbum", "Zoo", "apple"].map((name) => rowWith({ who: { key: name, name } }));
  expect(names(sorted(rows, "name", "asc"))).toEqual(["álbum", "apple", "TV 9", "tv 10", "Zoo"]);
  expect(names(sorted(rows, "name", "desc"))).toEqual(["Zoo", "tv 10", "TV 9", "apple", "álbum"]);
});

test("addresses sort by number, IPv4 before IPv6, none last", () => {
  const lists = [["192.168.1.10"], ["fe80::1"], [], ["192.168.1.9"], ["10.0.0.1"], ["2001:db8::1"]];
  const rows = lists.map((addresses, index) => rowWith({ who: { key: String(index) }, addresses }));
  expect(sorted(rows, "addresses", "asc").map((row) => row.addresses[0])).toEqual([
    "10.0.0.1",
    "192.168.1.9",
    "192.168.1.10",
    "2001:db8::1",
    "fe80::1",
    undefined,
  ]);
});

test("an IPv6 address sorts alike however it is shortened", () => {
  expect(addressKey("2001:db8::1")).toBe(addressKey("2001:DB8:0:0:0:0:0:1"));
  expect(addressKey("::ffff:1.2.3.4")).toBe(addressKey("::ffff:102:304"));
  expect(addressKey("::")).toBe(`6${"0".repeat(32)}`);
});

test("what was never seen comes last, upwards and downwards", () => {
  const rows = [null, 5, 9].map((lastSeen) => rowWith({ who: { key: String(lastSeen) }, lastSeen }));
  expect(sorted(rows, "seen", "asc").map((row) => row.lastSeen)).toEqual([5, 9, null]);
  expect(sorted(rows, "seen", "desc").map((row) => row.lastSeen)).toEqual([9, 5, null]);
});

test("days sort by date", () => {
  const rows = ["2026-02-01", "2025-12-31", null].map((day) => rowWith({ who: { key: String(day) }, day }));
  expect(sorted(rows, "day", "desc").map((row) => row.day)).toEqual(["2026-02-01", "2025-12-31", null]);
  expect(sorted(rows, "day", "asc").map((row) => row.day)).toEqual(["2025-12-31", "2026-02-01", null]);
});

test("within a day the bigger comes first, in whichever direction days are sorted", () => {
  const rows = [1, 3, 2].map((download) => rowWith({ who: { key: String(download) }, day: "2026-01-01", download }));
  for (const direction of ["asc", "desc"] as const) {
    expect(sorted(rows, "day", direction).map((row) => row.download)).toEqual([3, 2, 1]);
  }
});

const anyRow = fc
  .record({
    key: fc.stringMatching(/^[a-d]$/),
    day: fc.constantFrom("2026-01-01", "2026-01-02", null),
    name: fc.constantFrom("TV", "tv", "Phone 2", "phone 10", ""),
    address: fc.constantFrom("10.0.0.2", "10.0.0.10", "fe80::1", ""),
    download: fc.nat(3),
    upload: fc.nat(3),
    share: fc.constantFrom(0, 0.5, 1),
    lastSeen: fc.option(fc.nat(3)),
    mac: fc.option(fc.constantFrom("02:00:00:00:00:01", "02:00:00:00:00:02")),
  })
  .map(({ key, name, mac, address, ...rest }) =>
    rowWith({
      ...rest,
      id: `${rest.day} ${key}`,
      who: { key, name, mac },
      addresses: address === "" ? [] : [address],
    }),
  );
const anyRows = fc.uniqueArray(anyRow, { selector: (row) => row.id, maxLength: 12 });
const anyOrder = fc.record({
  column: fc.constantFrom(...columnsOf("device").map(({ id }) => id)),
  direction: fc.constantFrom("asc" as const, "desc" as const),
});

test("an order is total: however rows arrive, they are shown alike, and none is lost", () => {
  fc.assert(
    fc.property(anyRows, anyOrder, fc.infiniteStream(fc.nat()), (rows, order, dice) => {
      const shuffled = rows
        .map((row) => ({ row, at: dice.next().value as number }))
        .sort((a, b) => a.at - b.at)
        .map(({ row }) => row);
      const result = sortRows(inNaturalOrder(rows), order, compare);
      expect(sortRows(inNaturalOrder(shuffled), order, compare)).toEqual(result);
      expect(new Set(result)).toEqual(new Set(rows));
    }),
  );
});

test("sorting leaves what it was given as it was", () => {
  const rows = Object.freeze([1, 2].map((download) => rowWith({ who: { key: String(download) }, download })));
  expect(sorted(rows, "download", "desc").map((row) => row.download)).toEqual([2, 1]);
  expect(rows.map((row) => row.download)).toEqual([1, 2]);
});

test("a first click sorts names from A and amounts from the top, the next turns round", () => {
  const [name, , , download] = columnsOf("device");
  if (!name || !download) throw new Error("columns are missing");
  const start = defaultOrder("device");
  expect(clicked(start, download)).toEqual({ column: "download", direction: "desc" });
  expect(clicked(clicked(start, download), download)).toEqual({ column: "download", direction: "asc" });
  expect(clicked(start, name)).toEqual({ column: "name", direction: "asc" });
});

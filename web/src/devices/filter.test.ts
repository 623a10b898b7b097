import { describe, expect, test } from "vitest";
import type { ColumnId } from "./columns.ts";
import { type FilterContext, readFilter } from "./filter.ts";
import type { Row } from "./row.ts";
import { rowWith } from "./testing.ts";

const NOW = Date.parse("2026-11-22T14:00:00Z");
const context: FilterContext = { zone: "Europe/Berlin", today: "2026-11-22", now: NOW, units: 1000 };

function passes(column: ColumnId, text: string, row: Row, changes: Partial<FilterContext> = {}): boolean {
  const filter = readFilter({ search: "", columns: { [column]: text } }, { ...context, ...changes });
  expect(filter.problems).toEqual({});
  return filter.test(row);
}

function problem(column: ColumnId, text: string): string | undefined {
  const filter = readFilter({ search: "", columns: { [column]: text } }, context);
  if (filter.problems[column] !== undefined) {
    expect(filter.active).toBe(false);
    expect(filter.test(rowWith())).toBe(true);
  }
  return filter.problems[column];
}

const bytes = (download: number) => rowWith({ download });

describe("filters on amounts", () => {
  test.each([
    [">500 MB", 500_000_001, true],
    [">500 MB", 500_000_000, false],
    [">=500 MB", 500_000_000, true],
    ["≥ 500 MB", 500_000_000, true],
    ["<1.5GiB", 1.5 * 1024 ** 3 - 1, true],
    ["<1.5GiB", 1.5 * 1024 ** 3, false],
    ["<=1,5 gib", 1.5 * 1024 ** 3, true],
    [">1TB", 10 ** 12 + 1, true],
    ["> 2 kb", 2001, true],
    [">1500", 1501, true],
    [">1500 bytes", 1500, false],
    [">.5 MB", 500_001, true],
    ["<=1 500 kB", 1_500_000, true],
    [">1.234.567,5 B", 1_234_567, false],
    [">1,234,567 B", 1_234_568, true],
  ])("%s of %i bytes: %s", (text, amount, expected) => {
    expect(passes("download", text, bytes(amount))).toBe(expected);
  });

  test("kB and MB are 1000 and KiB and MiB 1024 whatever the page shows; a bare k or M is what it shows", () => {
    expect(passes("download", ">1 MB", bytes(1_000_001), { units: 1024 })).toBe(true);
    expect(passes("download", ">1 MiB", bytes(1_048_576), { units: 1000 })).toBe(false);
    expect(passes("download", ">1 M", bytes(1_000_001), { units: 1000 })).toBe(true);
    expect(passes("download", ">1 M", bytes(1_000_001), { units: 1024 })).toBe(false);
  });

  test("bits are read as bits whatever the page shows; a bare M is Mbit where it shows bits", () => {
    expect(passes("download", ">1 Mbit", bytes(125_001))).toBe(true);
    expect(passes("download", ">1 Mbit", bytes(125_000))).toBe(false);
    expect(passes("download", ">8 bit", bytes(2))).toBe(true);
    expect(passes("download", ">1 M", bytes(125_001), { units: "bits" })).toBe(true);
    expect(passes("download", ">1 MB", bytes(999_999), { units: "bits" })).toBe(false);
    expect(passes("download", ">1500", bytes(1500), { units: "bits" })).toBe(false);
  });

  test("an amount without a sign equals all that would be written so", () => {
    for (const text of ["1.5 GB", "=1.5 GB"]) {
      expect(passes("download", text, bytes(1_450_000_000))).toBe(true);
      expect(passes("download", text, bytes(1_449_999_999))).toBe(false);
      expect(passes("download", text, bytes(1_549_999_999))).toBe(true);
      expect(passes("download", text, bytes(1_551_000_000))).toBe(false);
    }
    expect(passes("download", "!=1.5 GB", bytes(1_500_000_000))).toBe(false);
    expect(passes("download", "!1.5 GB", bytes(1_600_000_000))).toBe(true);
    expect(passes("download", "1000", bytes(1001))).toBe(false);
  });

  test("a range includes its ends, may be open or turned round, and one unit does for both", () => {
    expect(passes("download", "500kb..2mb", bytes(500_000))).toBe(true);
    expect(passes("download", "500kb..2mb", bytes(2_000_000))).toBe(true);
    expect(passes("download", "500kb..2mb", bytes(2_000_001))).toBe(false);
    expect(passes("download", "2mb … 500kb", bytes(1_000_000))).toBe(true);
    expect(passes("download", "1..2 GB", bytes(1_500_000_000))).toBe(true);
    expect(passes("download", "1..2 GB", bytes(1_500_000))).toBe(false);
    expect(passes("download", "..1 kB", bytes(1001))).toBe(false);
    expect(passes("download", "1 kB..", bytes(1001))).toBe(true);
    expect(passes("download", "1 kB..", bytes(999))).toBe(false);
  });

  test("several comparisons must all hold", () => {
    expect(passes("download", ">1 GB <2 GB", bytes(1_500_000_000))).toBe(true);
    expect(passes("download", ">1 GB <2 GB", bytes(2_500_000_000))).toBe(false);
    expect(passes("download", ">1 GB<2 GB", bytes(500_000_000))).toBe(false);
  });

  test.each(["lots", ">", "> <", ">5 XB", "1..2..3", "..", ">1..2", "-5", "1.2.3 MB", "5 6 %", ">5 GB x"])(
    "%s can't be read, says so and filters nothing",
    (text) => {
      expect(problem("download", text)).toMatch(/“/u);
    },
  );

  test("a comma that may mean a thousand is not guessed at", () => {
    expect(problem("download", ">1,500 MB")).toContain("1.500 or 1500");
    expect(problem("download", ">0,500 MB")).toBeUndefined();
  });

  test("each of the three amounts is filtered by itself", () => {
    const row = rowWith({ download: 10, upload: 5 });
    expect(passes("upload", "5", row)).toBe(true);
    expect(passes("total", "15", row)).toBe(true);
    expect(passes("download", "5", row)).toBe(false);
  });
});

test("shares are in percent, with or without the sign", () => {
  const row = rowWith({ share: 0.05 });
  expect(passes("share", ">=5 %", row)).toBe(true);
  expect(passes("share", ">5", row)).toBe(false);
  expect(passes("share", "1..10%", row)).toBe(true);
  expect(passes("share", "5%", rowWith({ share: 0.0549 }))).toBe(true);
  expect(passes("share", "5.0%", rowWith({ share: 0.0549 }))).toBe(false);
});

describe("filters on text", () => {
  const row = rowWith({
    who: { name: "Zoës Téléphone", mac: "02:1a:2b:00:00:05", hostname: "zoe.lan", vendor: "Apple, Inc." },
    addresses: ["192.168.1.20", "fe80::1"],
  });

  test.each([
    ["name", "phone", true],
    ["name", "ZOE", true],
    ["name", "telephone", true],
    ["name", "!phone", false],
    ["name", "!tablet", true],
    ["name", "=zoes telephone", true],
    ["name", "=zoes", false],
    ["name", "!=zoes", true],
    ["name", '"!phone"', false],
    ["addresses", "192.168.1.", true],
    ["addresses", "FE80", true],
    ["addresses", "!192.168.1.", false],
    ["addresses", "=192.168.1.2", false],
    ["mac", "02:1A", true],
    ["mac", '=""', false],
    ["mac", '!=""', true],
  ] as const)("%s %s: %s", (column, text, expected) => {
    expect(passes(column, text, row)).toBe(expected);
  });

  test("what is empty is found by two quotes", () => {
    const bare = rowWith({ who: { mac: null } });
    expect(passes("mac", '=""', bare)).toBe(true);
    expect(passes("mac", "!02", bare)).toBe(true);
    expect(passes("addresses", '!=""', bare)).toBe(false);
  });

  test("an operator alone is incomplete", () => {
    expect(problem("name", "!")).toContain("incomplete");
    expect(problem("name", '""')).toContain('=""');
  });

  test("text that looks like a pattern is only text", () => {
    expect(passes("name", ".*", row)).toBe(false);
    expect(passes("name", "(", rowWith({ who: { name: "TV (old)" } }))).toBe(true);
  });
});

describe("filters on the change from the range before", () => {
  const changed = (total: number, before: number | null) =>
    rowWith({ download: total, previous: before === null ? null : { download: before, upload: 0 } });

  test.each([
    [">50 %", 160, 100, true],
    [">50 %", 140, 100, false],
    ["<-10%", 80, 100, true],
    ["<-10%", 95, 100, false],
    ["-20..20 %", 90, 100, true],
    ["−20 %", 80, 100, true],
    ["+20", 120, 100, true],
    [">50", 5, 0, true],
    ["none", 5, 0, true],
    ["none", 5, 5, false],
    ["!none", 5, 5, true],
    ["!none", 5, null, false],
    [">-100", 5, null, false],
  ] as const)("%s of %s after %s: %s", (text, total, before, expected) => {
    expect(passes("change", text, changed(total, before))).toBe(expected);
  });

  test("what isn't a change says so", () => {
    expect(problem("change", "more")).toContain("isn't a change");
  });
});

describe("filters on days", () => {
  const day = (text: string | null) => rowWith({ day: text });
  test.each([
    ["2026-11-20", "2026-11-20", true],
    ["2026-11-20", "2026-11-21", false],
    [">2026-11-01", "2026-11-01", false],
    [">2026-11-01", "2026-11-02", true],
    [">=2026-11-01", "2026-11-01", true],
    ["2026-11", "2026-11-30", true],
    ["2026-11", "2026-12-01", false],
    [">2026-11", "2026-11-30", false],
    [">2026-11", "2026-12-01", true],
    ["<2026", "2025-12-31", true],
    ["2026-11-01..2026-11-03", "2026-11-03", true],
    ["2026-11-01..2026-11-03", "2026-11-04", false],
    ["today", "2026-11-22", true],
    ["yesterday", "2026-11-21", true],
    ["<today", "2026-11-22", false],
    ["!today", "2026-11-21", true],
  ])("%s of %s: %s", (text, value, expected) => {
    expect(passes("day", text, day(value))).toBe(expected);
  });

  test("a row without a day is never before, on or after one", () => {
    for (const text of [">2020", "<2030", "2026"]) expect(passes("day", text, day(null))).toBe(false);
    expect(passes("day", "!2026", day(null))).toBe(true);
  });

  test.each(["2026-13", "2026-02-30", "soon", "20.11.2026", "2026-11-20 13:00", "0026-01-01"])(
    "%s isn't a date and says so",
    (text) => {
      expect(problem("day", text)).toContain("isn't a valid date");
    },
  );
});

describe("filters on when a device was last seen", () => {
  const seen = (text: string | null) => rowWith({ lastSeen: text === null ? null : Date.parse(text) });

  test("a day is the server's, not the browser's", () => {
    // 2026-11-20 in Berlin begins at 23:00 UTC of the day before.
    expect(passes("seen", "2026-11-20", seen("2026-11-19T23:00:00Z"))).toBe(true);
    expect(passes("seen", "2026-11-20", seen("2026-11-19T22:59:59Z"))).toBe(false);
    expect(passes("seen", "2026-11-20", seen("2026-11-20T22:59:59Z"))).toBe(true);
    expect(passes("seen", "2026-11-20", seen("2026-11-20T23:00:00Z"))).toBe(false);
  });

  test("on the days when the clocks change a day has 23 or 25 hours", () => {
    expect(passes("seen", "2026-03-29", seen("2026-03-29T21:59:59Z"))).toBe(true);
    expect(passes("seen", "2026-03-29", seen("2026-03-29T22:00:00Z"))).toBe(false);
    expect(passes("seen", "2026-10-25", seen("2026-10-24T22:00:00Z"))).toBe(true);
    expect(passes("seen", "2026-10-25", seen("2026-10-25T22:59:59Z"))).toBe(true);
  });

  test("a time of day may follow the date", () => {
    expect(passes("seen", ">2026-11-20 13:45", seen("2026-11-20T12:46:00Z"))).toBe(true);
    expect(passes("seen", ">2026-11-20 13:45", seen("2026-11-20T12:45:59Z"))).toBe(false);
    expect(passes("seen", "2026-11-20T13", seen("2026-11-20T12:30:00Z"))).toBe(true);
  });

  test("ages count back from now: below two hours is later than two hours ago", () => {
    expect(passes("seen", "<2 h", seen("2026-11-22T12:30:00Z"))).toBe(true);
    expect(passes("seen", "<2h", seen("2026-11-22T11:59:00Z"))).toBe(false);
    expect(passes("seen", ">7d", seen("2026-11-15T13:59:00Z"))).toBe(true);
    expect(passes("seen", ">7d", seen("2026-11-15T14:01:00Z"))).toBe(false);
    expect(passes("seen", ">1 h <3 h", seen("2026-11-22T12:00:00Z"))).toBe(true);
    expect(passes("seen", "30 min", seen("2026-11-22T13:45:00Z"))).toBe(true);
    expect(passes("seen", "30 min", seen("2026-11-22T13:15:00Z"))).toBe(false);
    expect(passes("seen", "1h..3h", seen("2026-11-22T12:00:00Z"))).toBe(true);
  });

  test("never finds what was never seen", () => {
    expect(passes("seen", "never", seen(null))).toBe(true);
    expect(passes("seen", "!never", seen(null))).toBe(false);
    expect(passes("seen", "<2h", seen(null))).toBe(false);
    expect(passes("seen", "never", seen("2026-11-22T12:00:00Z"))).toBe(false);
  });

  test("what isn't a time says so", () => {
    expect(problem("seen", "recently")).toContain("isn't a time");
    expect(problem("seen", "2026-11-20 25:00")).toContain("isn't a time");
  });
});

describe("the search box", () => {
  const row = rowWith({
    who: { name: "Anna’s phone", hostname: "galaxy-s21.lan", vendor: "Samsung Electronics", mac: "8c:79:f5:00:00:01" },
    addresses: ["192.168.1.31"],
  });
  const finds = (search: string) => readFilter({ search, columns: {} }, context).test(row);

  test.each([
    ["phone", true],
    ["phone anna", true],
    ["phone bert", false],
    ["samsung", true],
    ["GALAXY", true],
    ["8C:79", true],
    ["1.31", true],
    ["!samsung", false],
    ["phone !tablet", true],
    ['"samsung electronics"', true],
    ['"electronics samsung"', false],
    ['"unfinished', false],
    ["  ", true],
    ["!", true],
  ])("%s: %s", (text, expected) => {
    expect(finds(text)).toBe(expected);
  });

  test("words of two fields don't run together", () => {
    expect(finds('"phone galaxy"')).toBe(false);
  });
});

test("all filters must hold, and one that can't be read leaves the others at work", () => {
  const texts = { search: "tv", columns: { download: ">1 GB", upload: "what", total: "" } };
  const filter = readFilter(texts, context);
  expect(Object.keys(filter.problems)).toEqual(["upload"]);
  expect(filter.active).toBe(true);
  expect(filter.test(rowWith({ who: { name: "TV" }, download: 2e9 }))).toBe(true);
  expect(filter.test(rowWith({ who: { name: "TV" }, download: 2e8 }))).toBe(false);
  expect(filter.test(rowWith({ who: { name: "Radio" }, download: 2e9 }))).toBe(false);
});

test("nothing written filters nothing", () => {
  const filter = readFilter({ search: " ", columns: { name: "  " } }, context);
  expect(filter.active).toBe(false);
  expect(filter.test(rowWith())).toBe(true);
});

describe("MAC addresses", () => {
  const row = rowWith({ who: { mac: "b8:27:eb:00:00:01", name: "Pi" }, addresses: ["192.168.1.2"] });
  const searched = (search: string) => readFilter({ search, columns: {} }, context).test(row);

  test.each(["B827EB", "b827.eb00.0001", "B8-27-EB-00-00-01", "b8:27:eb", "B8-27-EB Pi"])(
    "the search box finds %s",
    (text) => {
      expect(searched(text)).toBe(true);
    },
  );

  test("the search box leaves out whom a spelling means, when it is told to", () => {
    expect(searched("!B827EB")).toBe(false);
    expect(searched("02-00-00-00-00-0A")).toBe(false);
    expect(searched("192.168.1.3")).toBe(false);
  });

  test("the filter of the column takes every spelling, too", () => {
    expect(passes("mac", "B8-27", row)).toBe(true);
    expect(passes("mac", "=b827.eb00.0001", row)).toBe(true);
    expect(passes("mac", "=b827eb", row)).toBe(false);
    expect(passes("mac", "!=B827EB000001", row)).toBe(false);
    expect(passes("mac", '=""', row)).toBe(false);
  });
});

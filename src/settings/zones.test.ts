import { afterEach, describe, expect, test } from "vitest";
import { knownZone, zoneNamed } from "./zones.ts";

/** What decided before there was a list, and decides still where the list ends. */
function byIntl(name: string): string | null {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}

const RENAMED = ["Asia/Kolkata", "Asia/Kathmandu", "Asia/Ho_Chi_Minh", "Europe/Kyiv", "America/Argentina/Buenos_Aires"];

describe("zones", () => {
  test("are the ones that Intl knows, and no others", () => {
    const names = [
      ...Intl.supportedValuesOf("timeZone").flatMap((zone) => [zone, zone.toLowerCase(), zone.toUpperCase()]),
      ...[
        "US/Eastern",
        "Etc/UTC",
        "Etc/GMT",
        "Etc/GMT+5",
        "Etc/GMT-14",
        "GMT0",
        "Zulu",
        "EST",
        "EST5EDT",
        "CET",
        "PST",
      ],
      ...["+01:00", "-0530", "+14", "+24:00", "−01:00", "GMT+1", "UTC+1", "Etc/Unknown", "Factory", "localtime"],
      ...[
        "posix/Europe/Berlin",
        "right/UTC",
        "Europe",
        "Europe/",
        "/Europe/Berlin",
        "Europe/Berlin/",
        "Europe/Atlantis",
      ],
      ...[
        "",
        " ",
        ".",
        "Europe/Berlin ",
        "Europe Berlin",
        "__proto__",
        "constructor",
        "Asia/\u212Aolkata",
        "Europe/Kİev",
      ],
      ...["CET-1CEST,M3.5.0,M10.5.0/3", "utc\0", "Asia/Kolkata2", "\u212Awajalein"],
      ...RENAMED,
    ];
    const differ = names.filter((name) => (knownZone(name) === null) !== (byIntl(name) === null));
    expect(differ).toEqual([]);
    const others = names.filter((name) => byIntl(knownZone(name) ?? "") !== byIntl(name));
    expect(others).toEqual([]);
  });

  test("are spelled as the list spells them, and keep the present name of a place", () => {
    expect(knownZone("europe/berlin")).toBe("Europe/Berlin");
    expect(knownZone("asia/kolkata")).toBe("Asia/Kolkata");
    expect(knownZone("Asia/Calcutta")).toBe("Asia/Calcutta");
    expect(knownZone("Etc/UTC")).toBe("UTC");
    expect(knownZone("US/Eastern")).toBe("America/New_York");
    expect(knownZone("-0530")).toBe("-05:30");
  });

  describe("of every place", () => {
    const { DateTimeFormat } = Intl;
    afterEach(() => {
      Intl.DateTimeFormat = DateTimeFormat;
    });

    test("are known without a formatter of dates, whose first use costs megabytes", () => {
      Intl.DateTimeFormat = (() => expect.fail("asked")) as unknown as typeof Intl.DateTimeFormat;
      const names = [...Intl.supportedValuesOf("timeZone"), ...RENAMED, "UTC", "Etc/UTC", "europe/berlin"];
      expect(names.filter((name) => knownZone(name) === null)).toEqual([]);
    });
  });
});

test.each([
  ["Europe/Berlin", "Europe/Berlin"],
  [" :Europe/Berlin ", "Europe/Berlin"],
  ["/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"],
  [":/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"],
  ["/usr/share/zoneinfo/", ""],
  ["", null],
  [":", null],
  [":/etc/localtime", null],
])("TZ=%j names %j", (text, name) => {
  expect(zoneNamed(text)).toBe(name);
});

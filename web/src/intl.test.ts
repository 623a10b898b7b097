import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  agoText,
  bytesText,
  changeText,
  dayRangeText,
  dayText,
  durationText,
  hourText,
  instantText,
  monthText,
  shareText,
  timeText,
} from "./intl.ts";

/** Spaces of every kind as one: which one a language puts where is ICU's affair. */
const plain = (text: string | null) => text?.replace(/\s/g, " ") ?? null;

describe("bytes", () => {
  test.each([
    [0, "0 B", "0 B"],
    [999, "999 B", "999 B"],
    [1000, "1 kB", "1,000 B"],
    [1024, "1 kB", "1 KiB"],
    [999_499, "999 kB", "976 KiB"],
    [999_500, "1.0 MB", "976 KiB"],
    [999_949_999, "999.9 MB", "953.6 MiB"],
    [999_950_000, "1.0 GB", "953.6 MiB"],
    [12_345_678_901, "12.3 GB", "11.5 GiB"],
    [1_073_741_824, "1.1 GB", "1.0 GiB"],
    [2_500_000_000_000, "2.5 TB", "2.3 TiB"],
  ])("%d are %s or %s", (bytes, decimal, binary) => {
    expect(plain(bytesText(bytes, 1000, "en"))).toBe(decimal);
    expect(plain(bytesText(bytes, 1024, "en"))).toBe(binary);
  });

  test("never show a thousand of a unit that has a bigger one", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        expect(Number.parseFloat(bytesText(bytes, 1000, "en").replace(/,/g, ""))).toBeLessThan(1000);
        expect(Number.parseFloat(bytesText(bytes, 1024, "en").replace(/,/g, ""))).toBeLessThan(1024);
      }),
    );
  });

  test.each([
    [0, "0 bit"],
    [124, "992 bit"],
    [125, "1 kbit"],
    [125_000, "1.0 Mbit"],
    [1_375_000_000, "11.0 Gbit"],
  ])("%d are %s", (bytes, bits) => {
    expect(plain(bytesText(bytes, "bits", "en"))).toBe(bits);
  });

  test("are written as the reader's language writes numbers", () => {
    expect(plain(bytesText(12_345_678_901, 1000, "de"))).toBe("12,3 GB");
  });
});

describe("shares", () => {
  test.each([
    [0, "0%"],
    [0.0004, "<0.1%"],
    [0.0123, "1.2%"],
    [0.0994, "9.9%"],
    [0.0996, "10%"],
    [0.372, "37%"],
    [1, "100%"],
    [Number.NaN, "–"],
  ])("%d is %s", (share, text) => {
    expect(shareText(share, "en")).toBe(text);
  });
});

describe("a change", () => {
  test.each([
    [112, 100, "+12%"],
    [92, 100, "-8%"],
    [100.4, 100, "±0%"],
    [0, 100, "-100%"],
    [1000, 100, "×10"],
    [5, 0, null],
  ])("from %d as it is against %d as it was is %s", (is, was, text) => {
    expect(plain(changeText(is, was, "en"))).toBe(text);
  });
});

describe("days and times", () => {
  test("a day is that day wherever the reader is", () => {
    expect(dayText("2026-11-22", "long", "en-GB").replace(",", "")).toBe("Sunday 22 November 2026");
    expect(dayText("2026-01-01", "medium", "en-US")).toBe("Jan 1, 2026");
    expect(monthText("2026-11-22", "long", "en-GB")).toBe("November 2026");
    expect(plain(dayRangeText("2026-11-16", "2026-11-22", "en-GB"))?.replace(/ ?– ?/, "–")).toBe("16–22 Nov 2026");
  });

  test("an instant is told in the server's zone", () => {
    const at = Date.parse("2026-11-22T23:30:00Z");
    expect(timeText(at, "Europe/Berlin", "en-GB")).toBe("00:30");
    expect(instantText(at, "Europe/Berlin", "en-GB")).toBe("23 Nov 2026, 00:30");
  });

  test("an hour's label is its time on the wall", () => {
    expect(hourText("2026-11-22T00", "en-GB")).toBe("00:00");
    expect(hourText("2026-11-22T13", "en-GB")).toBe("13:00");
  });

  test.each([
    [0, "0 seconds ago"],
    [59_999, "59 seconds ago"],
    [60_000, "1 minute ago"],
    [7_200_000, "2 hours ago"],
    [3 * 86_400_000, "3 days ago"],
    [-5000, "0 seconds ago"],
  ])("%d ms later it was %s", (passed, text) => {
    expect(agoText(1_000_000_000_000, 1_000_000_000_000 + passed, "en")).toBe(text);
  });

  test("a duration is told in its largest whole unit", () => {
    expect(durationText(30_000, "en")).toBe("30 seconds");
    expect(durationText(2.5 * 3_600_000, "en")).toBe("2 hours");
  });
});

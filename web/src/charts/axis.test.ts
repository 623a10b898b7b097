import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Units } from "../intl.ts";
import { axisFor, everyNth } from "./axis.ts";

const labels = (biggest: number, units: Units, language = "en") =>
  axisFor(biggest, units, language).ticks.map(({ label }) => label.replace("\u00a0", " "));

describe("the axis of bytes", () => {
  test("has round marks, all in the unit of the biggest", () => {
    expect(labels(3_700_000_000, 1000)).toEqual(["0", "1 GB", "2 GB", "3 GB", "4 GB"]);
    expect(labels(1_600_000_000, 1000)).toEqual(["0", "0.5 GB", "1 GB", "1.5 GB", "2 GB"]);
    expect(labels(999_000, 1000)).toEqual(["0", "250 kB", "500 kB", "750 kB", "1,000 kB"]);
    expect(labels(3, 1000)).toEqual(["0", "1 B", "2 B", "3 B"]);
  });

  test("is round in units of 1024 where those are chosen", () => {
    expect(labels(1.6 * 1024 ** 3, 1024)).toEqual(["0", "0.5 GiB", "1 GiB", "1.5 GiB", "2 GiB"]);
    expect(axisFor(1.6 * 1024 ** 3, 1024, "en").ticks[1]?.bytes).toBe(1024 ** 3 / 2);
  });

  test("is round in bits where those are chosen", () => {
    expect(labels(1_600_000_000, "bits")).toEqual(["0", "5 Gbit", "10 Gbit", "15 Gbit"]);
    expect(axisFor(1_000_000, "bits", "en").ticks[1]).toEqual({ bytes: 250_000, label: "2\u00a0Mbit" });
  });

  test("writes numbers as the reader's language does", () => {
    expect(labels(1_600_000_000, 1000, "de")[1]).toBe("0,5 GB");
  });

  test("is there when there is nothing to measure", () => {
    expect(axisFor(0, 1000, "en")).toEqual({ max: 1, ticks: [{ bytes: 0, label: "0" }] });
  });

  test("always holds the biggest, with few and evenly spaced marks of different names", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 52 }),
        fc.constantFrom<Units>(1000, 1024, "bits"),
        (biggest, units) => {
          const { max, ticks } = axisFor(biggest, units, "en");
          expect(max).toBeGreaterThanOrEqual(biggest * (1 - 1e-9));
          // Not so high that the bars shrink to nothing.
          expect(max).toBeLessThanOrEqual(Math.max(biggest * 2, 4));
          expect(ticks.length).toBeGreaterThanOrEqual(2);
          expect(ticks.length).toBeLessThanOrEqual(6);
          expect(ticks.at(-1)?.bytes).toBe(max);
          expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length);
        },
      ),
    );
  });
});

describe("the labels below the bars", () => {
  test("leave out as many as it takes for none to touch the next", () => {
    expect(everyNth(40, 38, false)).toBe(1);
    expect(everyNth(20, 50, false)).toBe(3);
    expect(everyNth(0.5, 50, false)).toBe(100);
  });

  test("go by hours that divide the day", () => {
    expect(everyNth(12, 55, true)).toBe(6);
    expect(everyNth(10, 70, true)).toBe(12);
    expect(everyNth(1, 60, true)).toBe(72);
  });
});

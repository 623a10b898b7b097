import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseSeries } from "./parse.ts";
import { createDarkstatModel } from "./simulated/index.ts";
import { graphsXml } from "./simulated/pages.ts";

const fixture = (path: string) => readFileSync(new URL(`./fixtures/${path}`, import.meta.url), "utf8");
const captured = fixture("3.0.719-default/graphs.xml");
const HOUR = 3_600_000;
const at = Date.UTC(2026, 10, 22, 9, 29, 12, 400);
const sum = (buckets: readonly { bytes: number }[]) => buckets.reduce((total, { bytes }) => total + bytes, 0);

/** A darkstat over which time passes. */
function simulated(utcOffsetMinutes = 0, start = at) {
  const clock = { now: start };
  const model = createDarkstatModel({ now: () => clock.now, utcOffsetMinutes });
  return {
    clock,
    use: (bytes: number) => model.traffic({ ip: "10.0.0.1" }, "198.51.100.1", bytes, 0),
    read: () => parseSeries(graphsXml(model), clock.now),
  };
}

describe("buckets", () => {
  test("the captured series lie where darkstat saw the bytes", () => {
    const buckets = parseSeries(captured, at);
    expect(sum(buckets)).toBe(304);
    expect(buckets.filter(({ bytes }) => bytes > 0)).toEqual(
      [6, 7, 11].map((second, index) => ({
        from: Date.UTC(2026, 10, 22, 9, 29, second),
        to: Date.UTC(2026, 10, 22, 9, 29, second + 1),
        bytes: [152, 96, 56][index],
      })),
    );
    expect(buckets.at(-1)).toMatchObject({ from: Date.UTC(2026, 10, 22, 9, 29, 12), to: at });
    // The days series reaches 30 days back, of which October has 31.
    expect(buckets[0]?.from).toBe(Date.UTC(2026, 9, 23));
  });

  test("a page that was made just before the second turned is not a second off", () => {
    const late = Date.UTC(2026, 10, 22, 9, 29, 13, 5);
    expect(parseSeries(captured, late).filter(({ bytes }) => bytes > 0)[0]?.from).toBe(
      Date.UTC(2026, 10, 22, 9, 29, 6),
    );
  });

  test("a darkstat whose clock is far off is dated by our clock", () => {
    const other = at + 20_000;
    expect(parseSeries(captured, other).filter(({ bytes }) => bytes > 0)[0]?.from).toBe(
      Date.UTC(2026, 10, 22, 9, 29, 26),
    );
  });

  test("the hours and the midnight of another zone are not ours", () => {
    const far = simulated(330);
    far.use(1_000);
    far.clock.now += 30 * HOUR;
    const [bucket] = far.read().filter(({ bytes }) => bytes > 0);
    // 09:29 UTC is 14:59 there, so the day that is left of it is theirs: until the 24 hours of hour bars take over.
    expect(bucket?.from).toBe(Date.UTC(2026, 10, 21, 18, 30));
    expect(bucket?.to).toBe(Date.UTC(2026, 10, 22, 15, 30));
  });

  test("the day before the first of a month is the last one that the month had", () => {
    const winter = simulated(0, Date.UTC(2026, 1, 27, 12));
    winter.use(5);
    winter.clock.now = Date.UTC(2026, 2, 3, 12);
    const [bucket] = winter.read().filter(({ bytes }) => bytes > 0);
    expect(bucket).toEqual({ from: Date.UTC(2026, 1, 27), to: Date.UTC(2026, 1, 28), bytes: 5 });
  });

  test("buckets never overlap, leave no gap, and hold no byte too many", () => {
    const step = fc.record({
      wait: fc.oneof(
        fc.integer({ max: 90_000, min: 0 }),
        fc.integer({ max: 3 * HOUR, min: 0 }),
        fc.constant(24 * HOUR),
      ),
      bytes: fc.nat(1_000_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.constantFrom(0, 60, -210, 765), (steps, zone) => {
        const run = simulated(zone);
        let bytes = 0;
        for (const each of steps) {
          run.clock.now += each.wait;
          run.use(each.bytes);
          bytes += each.bytes;
        }
        const buckets = run.read();
        expect(sum(buckets)).toBeLessThanOrEqual(bytes);
        if (run.clock.now - at < 20 * 24 * HOUR) expect(sum(buckets)).toBe(bytes);
        expect(buckets.at(-1)?.to).toBe(run.clock.now);
        buckets.forEach((bucket, index) => {
          expect(bucket.from).toBeLessThan(bucket.to);
          expect(bucket.bytes).toBeGreaterThanOrEqual(0);
          expect(Number.isSafeInteger(bucket.bytes) && Number.isSafeInteger(bucket.from)).toBe(true);
          if (index > 0) expect(bucket.from).toBe(buckets[index - 1]?.to);
        });
      }),
      { numRuns: 150 },
    );
  });

  test("series that contradict one another never make a bucket negative", () => {
    // The seconds know more of the minute before this one than that minute does.
    const wrong = captured.replace('<e p="13" i="0" o="0"/>', '<e p="13" i="0" o="500"/>');
    const buckets = parseSeries(wrong, at);
    expect(buckets.every(({ bytes }) => bytes >= 0)).toBe(true);
    expect(sum(buckets)).toBe(804);
  });
});

test.each([
  ["a cut page", captured.slice(0, 2_000), "cut"],
  ["an error line", "Error: no\n", "refused-query"],
  ["another page", fixture("3.0.719-default/index.html"), "garbled"],
  ["a missing series", captured.replaceAll("hours>", "weeks>"), "garbled"],
  ["a bar out of its place", captured.replace('p="59"', 'p="60"'), "garbled"],
  ["a bar that is none", captured.replace('o="152"', 'o="x"'), "garbled"],
])("%s is rejected", (_, xml, code) => {
  expect(() => parseSeries(xml, at)).toThrow(expect.objectContaining({ code }));
});

import { expect, test } from "vitest";
import { agoText, bytesText, noteText, shareText } from "./readable-text.ts";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [999_949, "999.9 kB"],
  [999_950, "1.0 MB"],
  [12_345_678_901, "12.3 GB"],
  [5e18, "5000.0 PB"],
])("%d bytes read as %s", (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test.each([
  [-500, "0 s ago"],
  [119_000, "119 s ago"],
  [120_000, "2 min ago"],
  [7_200_000, "2 h ago"],
  [3 * 86_400_000, "3 days ago"],
])("%d ms are %s", (ms, text) => {
  expect(agoText(ms)).toBe(text);
});

test("a share that isn't zero never reads as zero", () => {
  expect(shareText(0)).toBe("0.0 %");
  expect(shareText(0.0001)).toBe("< 0.1 %");
  expect(shareText(0.0816)).toBe("8.2 %");
});

test.each([
  [31_616_187, "Clock set forward by 1 year."],
  [-7_200, "Clock set back by 2 hours."],
  [45, "Clock set forward by 45 seconds."],
])("a clock jump of %d seconds reads %j", (seconds, text) => {
  expect(noteText({ source: "s", at: 0, code: "clock-jump", detail: { seconds } }, String)).toBe(text);
});

test.each([
  [0, "darkstat restarted and loaded its counters from a file: nothing was lost."],
  [
    2_500,
    "darkstat restarted and loaded its counters from a file: 2.5 kB since the last reading can't be attributed to devices.",
  ],
])("a clean import says that bytes are missing only where some are: %i", (unattributed, text) => {
  const detail = { since: "x", lastReadAt: 0, unattributed };
  expect(noteText({ source: "s", at: 0, code: "clean-import", detail }, String)).toBe(text);
});

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseFront } from "./parse.ts";

const fixture = (path: string) => readFileSync(new URL(`./fixtures/${path}`, import.meta.url), "utf8");
const page = fixture("3.0.719-default/index.html");

test("the first page of 3.0.719 is read in full", () => {
  expect(parseFront(page)).toEqual({
    version: "3.0.719",
    interface: "br0",
    epoch: "2026-11-22 09:29:05 UTC+0000",
    totals: { bytes: 1_174_207, packets: 450, captured: 458, dropped: 0, uptimeSeconds: 5 },
  });
});

test("so is that of 3.0.721", () => {
  expect(parseFront(fixture("3.0.721-base/index.html"))).toMatchObject({
    version: "3.0.721-git",
    epoch: "2026-11-22 09:29:47 UTC+0000",
    totals: { bytes: 1_179_995, packets: 543 },
  });
});

test("a long time of measuring is added up", () => {
  expect(parseFront(page.replace(">5 secs<", ">1 day, 2 hrs, 3 mins, 4 secs<")).totals.uptimeSeconds).toBe(93_784);
});

test.each([
  ["a page cut in the middle", page.slice(0, 900), "cut"],
  ["no page at all", "", "cut"],
  ["an error line", "Error: no\n", "refused-query"],
  ["a missing figure", page.replace('id="pd"', 'id="xx"'), "garbled"],
  ["a figure that is none", page.replace("1,174,207", "lots"), "garbled"],
  ["a missing start", page.replace("since", "from"), "garbled"],
  ["an odd time", page.replace("5 secs", "a while"), "garbled"],
  ["another page of darkstat", fixture("3.0.719-default/hosts.html"), "garbled"],
])("%s is rejected", (_, html, code) => {
  expect(() => parseFront(html)).toThrow(expect.objectContaining({ code, hint: expect.stringMatching(/\.$/) }));
});

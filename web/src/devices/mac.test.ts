import { expect, test } from "vitest";
import { hasDigits, macReadings } from "./mac.ts";

const finds = (text: string, mac: string) => macReadings(text).some((digits) => hasDigits(mac, digits));

test.each([
  ["02-00-00-00-00-0A", "02:00:00:00:00:0a"],
  ["02:00:00:00:00:0a", "02:00:00:00:00:0a"],
  ["02000000000A", "02:00:00:00:00:0a"],
  ["0200.0000.000a", "02:00:00:00:00:0a"],
  ["2:0:0:0:0:a", "02:00:00:00:00:0a"],
  ["B827EB", "b8:27:eb:00:00:01"],
  ["b827.eb00.0001", "b8:27:eb:00:00:01"],
  ["b827.eb", "b8:27:eb:00:00:01"],
  ["b8-27", "b8:27:eb:00:00:01"],
  ["b8:27:e", "b8:27:eb:00:00:01"],
  ["eb0000", "b8:27:eb:00:00:01"],
  ["00-01", "b8:27:eb:00:00:01"],
  [":01", "b8:27:eb:00:00:01"],
])("%s finds %s", (text, mac) => {
  expect(finds(text, mac)).toBe(true);
});

test.each([
  ["827e", "b8:27:eb:00:00:01"],
  ["b827ea", "b8:27:eb:00:00:01"],
  ["b8", "b8:27:eb:00:00:01"],
  ["192.168.1.4", "19:21:68:14:00:00"],
  ["10.0.0.1", "10:00:10:00:00:00"],
  ["phone", "b8:27:eb:00:00:01"],
  ["-", "b8:27:eb:00:00:01"],
  ["", "b8:27:eb:00:00:01"],
])("%s, as a MAC, does not find %s", (text, mac) => {
  expect(finds(text, mac)).toBe(false);
});

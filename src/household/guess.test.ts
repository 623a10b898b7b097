import { expect, test } from "vitest";
import { guessType } from "./guess.ts";

test.each([
  ["annas-iphone.fritz.box", null, "phone"],
  ["Annas-iPhone", null, "phone"],
  ["SM-G991B", null, "phone"],
  ["android-3f2a9c81b0d4e7aa", null, "phone"],
  ["Pixel-7a", null, "phone"],
  ["Ben's phone", null, "phone"],
  ["iPad-von-Mia", null, "tablet"],
  ["Mia's tablet", null, "tablet"],
  ["annas-mbp.lan", null, "laptop"],
  ["MacBookPro", null, "laptop"],
  ["Office workstation", null, "computer"],
  ["Ben's gaming PC", null, "computer"],
  ["LivingRoomTV", null, "tv"],
  ["LGwebOSTV", null, "tv"],
  ["Chromecast", null, "tv"],
  ["Kitchen speaker", null, "speaker"],
  ["SonosZP", null, "speaker"],
  ["PS5-123", null, "console"],
  ["Doorbell camera", null, "camera"],
  ["BRW105BADB4E5F6", null, "printer"],
  ["HP1A2B3C", null, "printer"],
  ["diskstation", null, "storage"],
  ["raspberrypi", null, "server"],
  ["shellyplug-s-1A2B3C", null, "smart-home"],
  ["fritz.box", null, "network"],
  ["", "Synology Incorporated", "storage"],
  ["host-17", "Nintendo Co.,Ltd", "console"],
  ["", "Espressif Inc.", "smart-home"],
  ["", "AVM GmbH", "network"],
  // They make everything.
  ["", "Apple, Inc.", "unknown"],
  ["", "Samsung Electronics Co.,Ltd", "unknown"],
  ["", null, "unknown"],
  ["<script>alert(1)</script>", null, "unknown"],
] as const)("%j of %j is taken for a %s", (name, vendor, type) => {
  expect(guessType({ vendor, names: name === "" ? [] : [name] })).toBe(type);
});

test("a name says more than the vendor, and the first name more than the next", () => {
  expect(guessType({ vendor: "Synology Incorporated", names: ["Living room TV"] })).toBe("tv");
  expect(guessType({ vendor: null, names: ["host-1", "annas-iphone"] })).toBe("phone");
  expect(guessType({ vendor: null, names: ["Printer", "annas-iphone"] })).toBe("printer");
});

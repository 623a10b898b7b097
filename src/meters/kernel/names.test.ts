import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { createNames } from "./names.ts";

test("a name is known from the next question on, for an hour, and so is that there is none", async () => {
  const asked: string[] = [];
  let at = 0;
  const nameOf = createNames({
    mono: () => at,
    async reverse(ip) {
      asked.push(ip);
      if (ip === "192.168.1.9") throw new Error("ENOTFOUND");
      return ["laptop\u202e.lan", "other"];
    },
  });
  expect(nameOf("192.168.1.2")).toBeNull();
  expect(nameOf("192.168.1.9")).toBeNull();
  await setImmediate();
  expect(nameOf("192.168.1.2")).toBe("laptop .lan");
  expect(nameOf("192.168.1.9")).toBeNull();
  expect(asked).toEqual(["192.168.1.2", "192.168.1.9"]);
  at += 3_600_000;
  expect(nameOf("192.168.1.2")).toBe("laptop .lan");
  await setImmediate();
  expect(asked).toHaveLength(3);
});

test("few questions are asked at a time, each once, and those that find no room later", async () => {
  const open: (() => void)[] = [];
  const asked = new Set<string>();
  const nameOf = createNames({
    mono: () => 0,
    reverse(ip) {
      expect(asked.has(ip)).toBe(false);
      asked.add(ip);
      return new Promise((resolve) => open.push(() => resolve([`host-${ip}`])));
    },
  });
  const all = Array.from({ length: 5_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
  for (const ip of [...all, ...all]) nameOf(ip);
  expect(open).toHaveLength(8);
  while (asked.size < all.length) {
    for (const answer of open.splice(0)) answer();
    await setImmediate();
    for (const ip of all) nameOf(ip);
  }
  for (const answer of open.splice(0)) answer();
  await setImmediate();
  expect(all.every((ip) => nameOf(ip) === `host-${ip}`)).toBe(true);
});

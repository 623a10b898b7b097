import { expect, test } from "vitest";
import { devicesOfFloods, floodDays, LITTLE_BYTES, MANY_NEW } from "./crowd.ts";

const BEGAN = "2026-01-01";
const FLOOD = "2026-01-05";

function device(n: number, firstDay: string, more: object = {}) {
  return { key: `02:aa:00:00:${n >> 8}:${n & 255}`, router: false, firstDay, lastDay: firstDay, ...more };
}
const many = (firstDay: string, count = MANY_NEW) => Array.from({ length: count }, (_, n) => device(n, firstDay));

test("a flood is a day with a thousand new devices, and not the first day of all", () => {
  expect(floodDays(many(FLOOD), BEGAN)).toEqual([FLOOD]);
  expect(floodDays(many(FLOOD, MANY_NEW - 1), BEGAN)).toEqual([]);
  expect(floodDays([...many(BEGAN), ...many("2026-01-07"), ...many(FLOOD)], BEGAN)).toEqual([FLOOD, "2026-01-07"]);
});

test("of a flood are those that were seen on its days alone, used little, have no name, and are no router", () => {
  const own = [
    device(1, FLOOD, { key: "stays", lastDay: "2026-01-06" }),
    device(2, FLOOD, { key: "named" }),
    device(3, FLOOD, { key: "busy" }),
    device(4, FLOOD, { key: "router", router: true }),
    device(5, "2026-01-04", { key: "came before" }),
  ];
  const bytesOf = ({ key }: { key: string }) => (key === "busy" ? LITTLE_BYTES : LITTLE_BYTES - 1);
  const found = devicesOfFloods([...own, ...many(FLOOD)], BEGAN, bytesOf, (key) => key === "named");
  expect(found).toEqual(many(FLOOD));
});

import { expect, test } from "vitest";
import { EMPTY_HOUSEHOLD } from "../household/document.ts";
import { keepPlan } from "../http/api/plan-subjects.ts";
import { testDeps } from "../http/testing.ts";
import { mqttFigures } from "./mqtt-figures.ts";

const [PHONE, TABLET, PRINTER] = ["02:1a:2b:00:00:05", "02:1a:2b:00:00:06", "02:1a:2b:00:00:07"];

test("owners have what their devices used today, and hidden devices are folded away but in the sum", async () => {
  const deps = await testDeps([
    { ip: "192.168.1.5", mac: PHONE, in: 1_000, out: 10 },
    { ip: "192.168.1.6", mac: TABLET, in: 200, out: 20 },
    { ip: "192.168.1.7", mac: PRINTER, in: 30, out: 3 },
    { ip: "192.168.1.6", mac: TABLET, day: "2021-03-10", in: 5_000, out: 0 },
  ]);
  const household = {
    ...EMPTY_HOUSEHOLD,
    owners: { 1: { name: "Anna", colour: 1 }, 2: { name: "Ben", colour: 2 } },
    hands: {
      [PHONE]: [{ from: null, owner: 1 }],
      [TABLET]: [
        { from: null, owner: 2 },
        { from: "2021-03-15", owner: 1 },
      ],
    },
    devices: { [PRINTER]: { hidden: true as const } },
  };
  const cycle = { unit: "week", count: 1, from: "2021-03-29" } as const;
  const plan = { name: null, cycle, allowance: 5_000, unit: 1000, counts: "both", overPrice: null } as const;
  await keepPlan(
    deps.store,
    { of: "owner:1", aliases: [] },
    {
      ...plan,
      free: [],
      except: { owners: [], devices: [] },
      corrections: [],
    },
  );
  const figures = await mqttFigures({
    ...deps,
    nameOf: () => null,
    household: { ...deps.household, document: () => household },
  });
  expect(figures.owners).toEqual([
    {
      id: 1,
      name: "Anna",
      today: { in: 1_200, out: 30 },
      plan: { cycle: "2021-03-29", used: 1_230, allowance: 5_000, expected: null, daysLeft: 4 },
    },
    { id: 2, name: "Ben", today: { in: 0, out: 0 }, plan: null },
  ]);
  expect(figures.household).toEqual({ today: { in: 1_230, out: 33 }, total: { in: 6_230, out: 33 } });
  expect(figures.activeDevices).toBe(3);
  expect(figures.devices.map(({ key, folded }) => [key, folded])).toEqual([
    [TABLET, false],
    [PHONE, false],
    [PRINTER, true],
  ]);
});

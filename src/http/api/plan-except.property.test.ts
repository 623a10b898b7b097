import * as fc from "fast-check";
import { expect, test } from "vitest";
import { EMPTY_HOUSEHOLD, type Hand } from "../../household/document.ts";
import { cyclesBetween } from "../../plan/cycle.ts";
import { counted, local, naivelyFree, stored, type Use } from "../../plan/testing.ts";
import { countDays, sumCycles } from "../../plan/usage.ts";
import type { Device } from "../../store/store.ts";
import { testDeps } from "../testing.ts";
import { countedLine, type Line } from "./plan-except.ts";

const KEYS = ["02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03", "02:00:00:00:00:04"];
const ZONES = ["UTC", "Europe/Berlin", "America/Havana", "Pacific/Kiritimati"];
const DAYS = ["2026-03-20", "2026-03-28", "2026-03-29", "2026-04-02"];

const uses = fc.array(
  fc.record({
    device: fc.nat(KEYS.length - 1),
    at: fc.integer({ min: Date.parse("2026-03-15T00:00Z"), max: Date.parse("2026-04-10T00:00Z") }),
    in: fc.integer({ min: 1, max: 1e11 }),
    out: fc.integer({ min: 0, max: 1e11 }),
  }),
  { maxLength: 60 },
);
const hands: fc.Arbitrary<Hand[]> = fc
  .tuple(fc.subarray(DAYS), fc.array(fc.option(fc.integer({ min: 1, max: 3 })), { minLength: 5, maxLength: 5 }))
  .map(([days, owners]) => [null, ...days].map((from, index) => ({ from, owner: owners[index] ?? null })));
const windows = fc.array(
  fc.record({
    weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
    from: fc.integer({ min: 0, max: 23 }),
    to: fc.integer({ min: 1, max: 24 }),
  }),
  { maxLength: 2 },
);
const excepts = fc.record({
  owners: fc.subarray([1, 2, 3]),
  // The fourth device has a second interface.
  devices: fc.subarray([...KEYS.slice(0, 3), "02:00:00:00:00:14", "02:00:00:00:00:99"]),
});

type DeviceUse = Use & { readonly device: number };

test("what counts is every use but those of devices that don't, and of owners' on the days on which they were theirs", async () => {
  const deps = await testDeps([]);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...ZONES),
      fc.array(hands, { minLength: 4, maxLength: 4 }),
      excepts,
      windows,
      fc.constantFrom("download" as const, "upload" as const, "both" as const),
      uses,
      async (zone, given, except, free, counts, happened) => {
        const { calendar } = stored(zone, []);
        const document = {
          ...EMPTY_HOUSEHOLD,
          hands: Object.fromEntries(KEYS.map((key, index) => [key, given[index] ?? []])),
        };
        const household = { ...deps.household, document: () => document };
        const naming = { ...deps, household, nameOf: () => null };
        const store = { devices: async () => KEYS.map(deviceOf) };
        const line = await countedLine({ ...naming, store }, lineOf(zone, happened), except);
        const range = ["2026-03-15", "2026-04-11"] as const;
        const [days, hours] = [await line.days(...range), await line.hours(...range)];
        const rule = { counts, free, corrections: [] };
        const cycles = cyclesBetween({ unit: "week", count: 1, from: "2026-03-15" }, ...range);
        const found = sumCycles(rule, calendar, cycles, countDays(rule, calendar, days, hours), hours);

        const isOut = ({ device, at }: DeviceUse) => {
          const day = local(at, zone).toPlainDate().toString();
          const key = device === 3 ? "02:00:00:00:00:14" : (KEYS[device] ?? "");
          const owner = given[device]?.findLast(({ from }) => from === null || from <= day)?.owner ?? null;
          return except.devices.includes(key) || (owner !== null && except.owners.includes(owner));
        };
        const isWithin = ({ at }: Use, { from, to }: { from: string; to: string }) => {
          const day = local(at, zone).toPlainDate().toString();
          return from <= day && day <= to;
        };
        for (const cycle of found) {
          const within = happened.filter((use) => isWithin(use, cycle) && !isOut(use));
          const paid = within.filter(({ at }) => !naivelyFree(free, local(at, zone)));
          expect(cycle.used).toBe(counted(counts, paid));
          expect(cycle.free).toBe(counted(counts, within) - cycle.used);
        }
        // No day and no hour is lost on which the meter was read, and the two parts are the whole.
        expect(days.map(({ day }) => day)).toEqual(stored(zone, happened).days.map(({ day }) => day));
        const both = [...days, ...(await line.exceptedDays(...range))].reduce((sum, one) => sum + one.in + one.out, 0);
        expect(both).toBe(counted("both", happened));
        for (const use of happened) {
          const day = local(use.at, zone).toPlainDate().toString();
          expect(line.isExcepted(KEYS[use.device] ?? "", day)).toBe(isOut(use));
        }
      },
    ),
    { numRuns: 150 },
  );
});

function deviceOf(key: string, id: number): Device {
  const interfaces = id === 3 ? [key, "02:00:00:00:00:14"] : [key];
  return { id, key, interfaces, router: false, firstDay: "2026-03-15" } as unknown as Device;
}

/** A line as the store answers for it. */
function lineOf(zone: string, happened: readonly DeviceUse[]): Line {
  const of = (device: number | null) => {
    const { days, hours } = stored(
      zone,
      happened.filter((use) => device === null || use.device === device),
    );
    // A day has no hour.
    return { days: days.map((row) => ({ day: row.day, in: row.in, out: row.out })), hours };
  };
  const each = <Row>(devices: readonly number[], rowsOf: (device: number) => readonly Row[]) =>
    devices.flatMap((device) => rowsOf(device).map((row) => ({ ...row, device })));
  return {
    lineDays: async () => of(null).days,
    lineHours: async () => of(null).hours,
    deviceLineDays: async (devices) => each(devices, (device) => of(device).days),
    deviceLineHours: async (devices) => each(devices, (device) => of(device).hours),
  };
}

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createCalendar } from "../accounting/calendar.ts";
import { referenceCalendar, shiftsOf, zoneOf } from "../accounting/testing.ts";
import { openZone } from "./zone.ts";

const HOUR = 3_600_000;
const [FROM, TO] = [Date.UTC(1990, 0, 1), Date.UTC(2041, 0, 1)];
const ZONES = [
  ...Intl.supportedValuesOf("timeZone"),
  ...["UTC", "Etc/GMT+5", "+05:30", "-03:30", "Asia/Kolkata", "Europe/Kyiv", "US/Eastern", "Eire", "est"],
];

const before = process.env.TZ;
afterEach(() => {
  if (before === undefined) delete process.env.TZ;
  else process.env.TZ = before;
});

describe("the process's zone", () => {
  test("has the right offset on either side of every shift from 1990 to 2040, in every zone, in any order", () => {
    const wrong: string[] = [];
    for (const name of ZONES) {
      const { offsetAt } = openZone(name, process.env);
      const spans = [{ at: FROM, offset: zoneOf(name).offsetAt(FROM) }, ...shiftsOf(name, FROM, TO)];
      const points = spans.flatMap(({ at, offset }, index) => {
        const end = spans[index + 1]?.at ?? TO;
        const instants = [at, at + 1, at + HOUR, at + 48 * HOUR, (at + end) / 2, end - 48 * HOUR, end - HOUR, end - 1];
        return instants.filter((instant) => instant >= at && instant < end).map((instant) => ({ instant, offset }));
      });
      // Neither by time nor by chance: what the engine remembers of one answer must not spoil the next.
      for (let i = 0; i < points.length; i++) {
        const { instant, offset } = points[(i * 7_919) % points.length] as (typeof points)[number];
        if (offsetAt(instant) !== offset) wrong.push(`${name} ${new Date(instant).toISOString()}`);
      }
    }
    expect(wrong).toEqual([]);
  }, 60_000);

  test("knows a Ramadan between two shifts that are a week apart", () => {
    const { offsetAt } = openZone("Asia/Gaza", process.env);
    const [first, second] = shiftsOf("Asia/Gaza", Date.UTC(2040, 9, 1), Date.UTC(2040, 9, 29));
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeLessThan(19 * 24 * HOUR);
    // Asked first, so that the engine has it in mind.
    expect(offsetAt((first?.at ?? 0) - HOUR)).toBe(offsetAt((second?.at ?? 0) + HOUR));
    expect(offsetAt((first?.at ?? 0) + 12 * HOUR)).toBe(first?.offset);
  });

  test("gives the days, hours and texts that Temporal gives, around every kind of shift and far from one", () => {
    const place = fc.record({
      name: fc.constantFrom(...ZONES),
      year: fc.integer({ min: 1990, max: 2040 }),
      which: fc.nat(),
      nearby: fc.boolean(),
      off: fc.integer({ min: -30 * HOUR, max: 30 * HOUR }),
      length: fc.integer({ min: 0, max: 30 * HOUR }),
    });
    fc.assert(
      fc.property(place, ({ name, year, which, nearby, off, length }) => {
        const [from, to] = [Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1)];
        const shifts = nearby ? shiftsOf(name, from, to) : [];
        const at = (shifts[which % shifts.length]?.at ?? from + ((which * 7_919_999) % (to - from))) + off;
        const calendar = createCalendar(openZone(name, process.env));
        const reference = referenceCalendar(name);
        const day = reference.dayOf(at);
        expect(calendar.dayOf(at)).toBe(day);
        expect(calendar.slotsOf(day)).toEqual(reference.slotsOf(day));
        expect(calendar.slotOf(at)).toEqual(reference.slotOf(at));
        expect(calendar.slotsBetween(at, at + length)).toEqual(reference.slotsBetween(at, at + length));
        expect(calendar.localText(at)).toBe(reference.localText(at));
      }),
      { numRuns: 1_500 },
    );
  }, 60_000);

  test("is the C library's too, for SQLite's own local time", () => {
    const db = new DatabaseSync(":memory:");
    const text = () => db.prepare("select datetime(1781524800, 'unixepoch', 'localtime') as text").get()?.text;
    openZone("Asia/Kathmandu", process.env);
    expect(text()).toBe("2026-06-15 17:45:00");
    openZone("UTC", process.env);
    expect(text()).toBe("2026-06-15 12:00:00");
    db.close();
  });

  test("is named as the settings name it, and set by a name that every library knows", () => {
    expect(openZone("us/eastern", process.env).name).toBe("us/eastern");
    expect(process.env.TZ).toBe("America/New_York");
    expect(openZone("Asia/Kolkata", process.env).name).toBe("Asia/Kolkata");
    expect(process.env.TZ).toBe("Asia/Kolkata");
  });

  test("takes an instant with parts of a millisecond", () => {
    const { offsetAt } = openZone("Europe/Berlin", process.env);
    expect(offsetAt(Date.UTC(2026, 2, 29, 1) - 0.25)).toBe(HOUR);
    expect(offsetAt(Date.UTC(2026, 2, 29, 1) + 0.25)).toBe(2 * HOUR);
  });

  test("that does not exist is refused", () => {
    expect(() => openZone("Europe/Atlantis", process.env)).toThrow(RangeError);
  });
});

describe("the system's zone", () => {
  let root = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "whitestat-zone-"));
    for (const folder of ["etc", "usr/share/zoneinfo/Asia"]) mkdirSync(join(root, folder), { recursive: true });
    for (const name of ["UTC", "Asia/Kolkata", "Asia/Tokyo"])
      writeFileSync(join(root, "usr/share/zoneinfo", name), name);
    delete process.env.TZ;
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function localtime(target: string) {
    mkdirSync(dirname(join(root, "usr/share/zoneinfo", target)), { recursive: true });
    writeFileSync(join(root, "usr/share/zoneinfo", target), target);
    symlinkSync(join("../usr/share/zoneinfo", target), join(root, "etc/localtime"));
  }

  const opened = () => [openZone(null, process.env, root).name, process.env.TZ];

  test.each([
    ["Europe/Berlin", "Europe/Berlin"],
    [":Europe/Berlin", "Europe/Berlin"],
    ["/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"],
    ["us/eastern", "America/New_York"],
  ])("is what TZ=%s says, before all files", (text, name) => {
    localtime("Asia/Tokyo");
    process.env.TZ = text;
    expect(opened()).toEqual([name, name]);
  });

  test.each(["", "  ", ":/etc/localtime", "nonsense", "CET-1CEST,M3.5.0,M10.5.0/3"])(
    "is the files' when TZ is %j",
    (text) => {
      localtime("Asia/Tokyo");
      process.env.TZ = text;
      expect(opened()).toEqual(["Asia/Tokyo", "Asia/Tokyo"]);
    },
  );

  test.each([
    ["Asia/Kolkata", "Asia/Kolkata"],
    ["Etc/UTC", "UTC"],
    ["right/Europe/Paris", "Europe/Paris"],
    ["America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"],
    ["Eire", "Europe/Dublin"],
  ])("is where /etc/localtime leads: %s is %s", (target, name) => {
    localtime(target);
    writeFileSync(join(root, "etc/timezone"), "Asia/Tokyo\n");
    expect(opened()).toEqual([name, name]);
  });

  test("has for the C library and darkstat the name of a file that is there, where the system has no former names", () => {
    writeFileSync(
      join(root, "usr/share/zoneinfo/tzdata.zi"),
      "R x 1\nL Asia/Kolkata Asia/Calcutta\nL Asia/Gone Asia/Saigon\n",
    );
    const { name } = openZone("Asia/Calcutta", process.env, root);
    expect([name, process.env.TZ]).toEqual(["Asia/Calcutta", "Asia/Kolkata"]);
    process.env.TZ = "Asia/Calcutta";
    expect(opened()).toEqual(["Asia/Calcutta", "Asia/Kolkata"]);
    // Where nothing helps, V8 at least knows the name.
    openZone("Asia/Saigon", process.env, root);
    expect(process.env.TZ).toBe("Asia/Saigon");
    writeFileSync(join(root, "usr/share/zoneinfo/Asia/Calcutta"), "");
    openZone("Asia/Calcutta", process.env, root);
    expect(process.env.TZ).toBe("Asia/Calcutta");
  });

  test("is UTC without /etc/localtime, as for every program", () => {
    writeFileSync(join(root, "etc/timezone"), "Asia/Tokyo\n");
    expect(opened()).toEqual(["UTC", "UTC"]);
  });

  test("is /etc/timezone's where that zone's file was copied to /etc/localtime", () => {
    copyFileSync(join(root, "usr/share/zoneinfo/Asia/Kolkata"), join(root, "etc/localtime"));
    writeFileSync(join(root, "etc/timezone"), "Asia/Kolkata\n");
    expect(opened()).toEqual(["Asia/Kolkata", "Asia/Kolkata"]);
  });

  test.each(["Asia/Tokyo\n", "nonsense\n", "../../../etc/localtime", ""])(
    "is not what /etc/timezone says when another file was copied: %j",
    (text) => {
      copyFileSync(join(root, "usr/share/zoneinfo/Asia/Kolkata"), join(root, "etc/localtime"));
      writeFileSync(join(root, "etc/timezone"), text);
      const guess = new Intl.DateTimeFormat("en").resolvedOptions().timeZone;
      expect(opened()).toEqual([guess, guess]);
    },
  );

  test("is guessed without regard to a TZ that is no name of a zone", () => {
    copyFileSync(join(root, "usr/share/zoneinfo/Asia/Kolkata"), join(root, "etc/localtime"));
    const guess = new Intl.DateTimeFormat("en").resolvedOptions().timeZone;
    process.env.TZ = guess === "Asia/Tokyo" ? "posix/Europe/Berlin" : "posix/Asia/Tokyo";
    expect(opened()).toEqual([guess, guess]);
  });
});

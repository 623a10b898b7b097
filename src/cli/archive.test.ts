import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createCalendar } from "../accounting/calendar.ts";
import { MANY_NEW } from "../accounting/crowd.ts";
import { zoneOf } from "../accounting/testing.ts";
import type { Charge } from "../accounting/types.ts";
import { createProblems } from "../collector/problems.ts";
import { createStateLog } from "../log/state-log.ts";
import { readArchive } from "../settings/archive.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { charge, charging, DAY, NOON, PHONE, temporaryFolder, viewOf } from "../store/testing/settlements.ts";
import { archiveCommand } from "./archive.ts";
import { createCrowdWatch } from "./crowd-watch.ts";
import type { Io } from "./io.ts";

const BEGAN = "2026-01-20";
const mac = (n: number) =>
  `02:aa:00:00:${(n >> 8).toString(16).padStart(2, "0")}:${(n & 255).toString(16).padStart(2, "0")}`;
/** A thousand made-up devices, on one day. */
const flood: Charge[] = Array.from({ length: MANY_NEW }, (_, n) =>
  charge({ mac: mac(n), ip: `10.0.${n >> 8}.${n & 255}`, in: 60, out: 0 }),
);

/** A data store with a phone that is there since the first day, and a flood today. */
async function machine() {
  const folder = temporaryFolder();
  const dir = folder.path;
  const path = join(dir, "WhiteStat.db");
  const store = openSqliteStore({ path, view: viewOf() });
  await store.record(charging(charge({ day: BEGAN })));
  await store.record(charging(charge({ in: 500 }), ...flood));
  await store.close();
  writeFileSync(join(dir, "WhiteStatConfig.json"), JSON.stringify({ DARKSTAT_URL: "http://127.0.0.1:1/", TZ: "UTC" }));
  const said: string[] = [];
  const io = {
    env: { DATA_STORE: dir },
    cwd: dir,
    stdout: { write: (text: string) => said.push(text) },
    stderr: { write: () => true },
    clock: { now: () => NOON, mono: () => 0, sleep: async () => {} },
    zone: zoneOf,
    signal: new AbortController().signal,
    uid: process.getuid?.() ?? -1,
    gid: process.getgid?.() ?? -1,
    become: null,
  } as unknown as Io;
  const run = async (...args: string[]) => {
    expect(await archiveCommand(io, args)).toBe(0);
    return said.splice(0).join("");
  };
  const file = join(dir, "ARCHIVED.txt");
  return { folder, path, file, run, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

describe("archive", () => {
  test("puts the flood into a file, once, and takes it out again; a dry run changes nothing", async () => {
    using place = await machine();
    expect(await place.run("--dry-run")).toMatch(
      /^1,000 devices of 2026-01-31 would be archived\.\n[\s\S]*nothing was changed/,
    );
    expect((await readArchive(place.file)).devices.size).toBe(0);
    expect(await place.run()).toMatch(/^1,000 devices of 2026-01-31 are archived: /);
    const { devices } = await readArchive(place.file);
    expect(devices).toEqual(new Set(flood.map((one) => one.mac)));
    expect(await place.run()).toMatch(/^No device of 2026-01-31 is left to archive\./);
    expect(await place.run("--undo", "--dry-run")).toMatch(/would be devices of their own again/);
    expect(await place.run("--undo")).toMatch(/^1,000 devices of .* are devices of their own again/);
    expect(readFileSync(place.file, "utf8")).not.toMatch(/^[^#]/m);
    expect(await place.run("--undo")).toBe("Nothing is archived.\n");
  });

  test("makes one device of them whose bytes are theirs; undone, all are as before", async () => {
    using place = await machine();
    await place.run();
    const { devices: archived } = await readArchive(place.file);
    const store = openSqliteStore({ path: place.path, view: viewOf() });
    const before = await store.deviceDays(DAY, DAY);
    await store.applyView(viewOf({ archived }));
    expect((await store.devices()).map(({ key }) => key).sort()).toEqual([PHONE, "archived"]);
    const days = await store.deviceDays(DAY, DAY);
    expect(days.map((day) => day.in).sort((a, b) => a - b)).toEqual([500, 60 * MANY_NEW]);
    await store.applyView(viewOf());
    expect((await store.deviceDays(DAY, DAY)).length).toBe(before.length);
    await store.close();
  });
});

test("a flood is a problem while it is new and not archived", async () => {
  using place = await machine();
  const log = { info: () => {}, warn: () => {}, error: () => {}, trace: () => {} };
  const problems = createProblems({ now: () => NOON, stateLog: createStateLog(log) });
  const store = openSqliteStore({ path: place.path, view: viewOf() });
  const clock = { wall: NOON, now: () => clock.wall, mono: () => 0 };
  const watch = createCrowdWatch({ problems, store, calendar: createCalendar(zoneOf("UTC")), clock });
  await watch.look();
  const message = expect.stringMatching(/^1,000 devices are new today/);
  expect(problems.list()).toMatchObject([{ code: "many-new-devices", message }]);
  await store.applyView(viewOf({ archived: new Set(flood.map((one) => one.mac as string)) }));
  watch.lookSoon();
  await watch.look();
  expect(problems.list()).toEqual([]);
  await store.applyView(viewOf());
  watch.lookSoon();
  await watch.look();
  expect(problems.list()).toHaveLength(1);
  clock.wall += 86_400_000;
  await watch.look();
  expect(problems.list()).toHaveLength(1);
  watch.lookSoon();
  await watch.look();
  expect(problems.list()).toEqual([]);
  await store.close();
});

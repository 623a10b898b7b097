import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { policyIn, viewOf } from "../accounting/testing.ts";
import { createStateLog } from "../log/state-log.ts";
import { createDarkstatClient } from "../meters/darkstat/client.ts";
import { createFakeDarkstat, type FakeDarkstat } from "../meters/darkstat/simulated/index.ts";
import type { Snapshot } from "../meters/meter.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { type Store, StoreError } from "../store/store.ts";
import { charge, settlement } from "../store/testing/settlements.ts";
import { type CollectorDeps, createCollector } from "./collector.ts";
import { createProblems } from "./problems.ts";

/** 2026-06-15 12:10 in Berlin. */
const NOON = Date.UTC(2026, 5, 15, 10, 10);
const SECOND = 1_000;
const policy = policyIn("Europe/Berlin");
const view = viewOf({ routers: { auto: false, macs: ["02:00:00:00:00:fe"] }, ipFilter: /^([\d]+\.){3,3}\d+/ });
const ANNA = { ip: "192.168.1.10", mac: "02:1a:00:00:00:0a" };
const PEER = "198.51.100.1";

/** Time that passes only while the collector sleeps; `at` is asked to act before each sleep ends. */
function createTurnedClock(startAt: number) {
  const clock = {
    wall: startAt,
    passed: 0,
    script: (_passedMs: number): void => {},
    now: () => clock.wall,
    mono: () => clock.passed,
    async sleep(ms: number, signal: AbortSignal) {
      if (signal.aborted) return;
      clock.wall += ms;
      clock.passed += ms;
      clock.script(clock.passed);
    },
  };
  return clock;
}

let folder = "";
let clock: ReturnType<typeof createTurnedClock>;
let darkstat: FakeDarkstat;
let store: Store;
let lines: string[];
/** darkstat's, once it has one: another address may be another darkstat. */
let port: number | undefined;

beforeEach(async () => {
  port = undefined;
  folder = mkdtempSync(join(tmpdir(), "collector-"));
  clock = createTurnedClock(NOON);
  darkstat = createFakeDarkstat({ now: () => clock.now() });
  store = openSqliteStore({ path: join(folder, "WhiteStat.db"), view });
  lines = [];
});

afterEach(async () => {
  await darkstat.stop();
  await store.close();
  rmSync(folder, { recursive: true });
});

/** Runs a collector for so many seconds of turned time, with something happening at given seconds. */
async function runFor(
  seconds: number,
  events: Record<number, () => void> = {},
  deps: Partial<CollectorDeps> = {},
  seenAs: (snapshot: Snapshot) => Snapshot = (snapshot) => snapshot,
): Promise<{ problems: ReturnType<typeof createProblems> }> {
  const url = await darkstat.start(port);
  port = Number(new URL(url).port);
  const client = createDarkstatClient({ url, now: () => clock.now(), timeoutMs: 300 });
  const say = (line: string) => void lines.push(line);
  const log = { info: say, warn: say, error: say, trace: () => {} };
  const problems = createProblems({ now: () => clock.now(), stateLog: createStateLog(log) });
  const ending = new AbortController();
  const began = clock.passed;
  let reached = 0;
  clock.script = (passed) => {
    const second = Math.floor((passed - began) / SECOND);
    for (let at = reached + 1; at <= second; at++) events[at]?.();
    reached = Math.max(reached, second);
    if (second >= seconds) ending.abort();
  };
  const collector = createCollector({
    source: "darkstat",
    meter: () => ({ ...client, read: async (signal) => seenAs(await client.read(signal)) }),
    store,
    policy: () => policy,
    clock,
    intervalMs: 30 * SECOND,
    checkpointMs: 40 * SECOND,
    builtAt: NOON - 86_400_000,
    problems,
    log,
    onSettled: ({ notes }) => {
      for (const { code } of notes) say(`${code} {}`);
    },
    ...deps,
  });
  await collector.run(ending.signal);
  await darkstat.stop();
  return { problems };
}

async function annasDay(day = "2026-06-15") {
  const [device] = (await store.devices()).filter((one) => one.key === ANNA.mac);
  const found = (await store.deviceDays(day, day)).find((row) => row.device === device?.id);
  return found === undefined ? null : { in: found.in, out: found.out };
}

describe("a collector", () => {
  test("keeps each device's day equal to darkstat's counters, to the byte, and the books balance", async () => {
    await runFor(120, {
      20: () => darkstat.traffic(ANNA, PEER, 1_000_003, 501),
      70: () => darkstat.traffic(ANNA, PEER, 77, 13),
    });
    expect(await annasDay()).toEqual({ in: 1_000_080, out: 514 });
    const [balance] = await store.balances("2026-06-15", "2026-06-15");
    expect(balance?.counted).toBe(1_000_594);
    expect(balance?.remote).toEqual({ in: 514, out: 1_000_080 });
  });

  test("reads at the hour's edge besides, so that bytes fall on their side of it", async () => {
    clock.wall = Date.parse("2026-06-15T12:59:40+02:00");
    await runFor(60, {
      10: () => darkstat.traffic(ANNA, PEER, 100, 0),
      25: () => darkstat.traffic(ANNA, PEER, 7, 0),
    });
    const hours = (await store.deviceHours("2026-06-15", "2026-06-15")).map((row) => [
      row.hour,
      row.in,
      row.reconstructed,
    ]);
    expect(hours.sort()).toEqual([
      [12, 100, false],
      [13, 7, false],
    ]);
  });

  test("goes on after hours without a reading, by a clock that counts parts of milliseconds as real ones do", async () => {
    clock.mono = () => clock.passed * 1.000_001_3;
    const twoHours = 7_200;
    await runFor(twoHours + 300, {
      20: () => darkstat.traffic(ANNA, PEER, 1_000, 10),
      100: () => darkstat.fault("refuse"),
      3600: () => darkstat.traffic(ANNA, PEER, 500, 5),
      [twoHours]: () => darkstat.clearFaults(),
    });
    expect(lines.filter((line) => line.includes("nobody foresaw"))).toEqual([]);
    expect(await annasDay()).toEqual({ in: 1_500, out: 15 });
  });

  test("writes its first reading at once, and takes a last one when it ends", async () => {
    const written: number[] = [];
    let passed = 0;
    await runFor(
      10,
      {
        5: () => darkstat.traffic(ANNA, PEER, 40, 2),
        10: () => {
          passed = written.length;
        },
      },
      { store: { ...store, checkpoint: async () => void written.push(clock.passed) } },
    );
    expect(passed).toBe(1);
    expect(written).toHaveLength(2);
    expect(await annasDay()).toEqual({ in: 40, out: 2 });
  });

  test("survives darkstat's restart, hang, garbage and absence; each is one line when it begins and one when it ends", async () => {
    const notes: string[] = [];
    const events = {
      20: () => darkstat.traffic(ANNA, PEER, 1_000, 10),
      100: () => darkstat.restart(),
      105: () => darkstat.traffic(ANNA, PEER, 300, 3),
      200: () => darkstat.fault("garbled"),
      230: () => darkstat.traffic(ANNA, PEER, 50, 5),
      330: () => darkstat.clearFaults(),
      400: () => darkstat.fault("hang"),
      430: () => darkstat.traffic(ANNA, PEER, 7, 1),
      500: () => darkstat.clearFaults(),
      600: () => darkstat.fault("refuse"),
      700: () => darkstat.traffic(ANNA, PEER, 20_000, 0),
      1200: () => darkstat.clearFaults(),
    };
    await runFor(1_500, events, { onSettled: (settled) => notes.push(...settled.notes.map(({ code }) => code)) });
    expect(await annasDay()).toEqual({ in: 21_357, out: 19 });
    expect(notes).toEqual(["first-reading", "meter-restarted"]);
    const changes = lines.map((line) => / answers on br0| is readable again/.test(line));
    expect(changes).toEqual([false, true, false, true, false, true]);
  }, 30_000);

  test("says what is wrong since when, and no longer once it is over", async () => {
    darkstat.fault("refuse");
    const broken = await runFor(70);
    expect(broken.problems.list()).toMatchObject([{ code: "meter-unreachable", since: NOON }]);
    darkstat.clearFaults();
    expect((await runFor(10)).problems.list()).toEqual([]);
  });

  test("neither loses nor doubles a byte when the store refuses for a while", async () => {
    let refuses = false;
    const failing: CollectorDeps["store"] = {
      books: store.books,
      record: store.record,
      async checkpoint() {
        if (!refuses) return store.checkpoint();
        // What a full disk does: everything since the last checkpoint is gone.
        await store.close();
        store = openSqliteStore({ path: join(folder, "WhiteStat.db"), view });
        throw new StoreError("full", "the disk is full", "Free some space.");
      },
    };
    const seen: string[] = [];
    const { problems } = await runFor(
      400,
      {
        20: () => darkstat.traffic(ANNA, PEER, 1_000, 10),
        90: () => {
          refuses = true;
        },
        110: () => darkstat.traffic(ANNA, PEER, 200, 20),
        250: () => {
          seen.push(lines.at(-1) ?? "");
          refuses = false;
        },
        260: () => darkstat.traffic(ANNA, PEER, 30, 3),
      },
      {
        store: {
          books: (source) => store.books(source),
          record: (settlement) => store.record(settlement),
          checkpoint: () => failing.checkpoint(),
        },
      },
    );
    expect(seen[0]).toContain("the disk is full");
    expect(problems.list()).toEqual([]);
    expect(await annasDay()).toEqual({ in: 1_230, out: 33 });
  });

  test("dates nothing while the clock is older than the program, and everything once it is set", async () => {
    clock.wall = Date.UTC(2020, 0, 1);
    const unsure: string[] = [];
    const { problems } = await runFor(
      300,
      {
        20: () => darkstat.traffic(ANNA, PEER, 1_000, 10),
        100: () => {
          unsure.push(lines.join());
          clock.wall = Date.parse("2026-06-15T13:00:40+02:00");
        },
        150: () => darkstat.traffic(ANNA, PEER, 5, 0),
      },
      { builtAt: NOON },
    );
    expect(unsure[0]).toContain("can't be right");
    expect(problems.list()).toEqual([]);
    expect(await annasDay()).toEqual({ in: 1_005, out: 10 });
    expect(await annasDay("2020-01-01")).toBeNull();
    const hours = await store.deviceHours("2026-06-15", "2026-06-15");
    expect(hours.map((row) => [row.hour, row.in]).sort()).toEqual([
      [12, 1_000],
      [13, 5],
    ]);
  });

  test("of a machine without a clock chip loses nothing that passed while it was off, and dates nothing before its books", async () => {
    darkstat = createFakeDarkstat({ now: () => clock.now(), monotonic: () => clock.mono() });
    await runFor(60, { 20: () => darkstat.traffic(ANNA, PEER, 1_000, 10) });
    const [offAt, NIGHT] = [clock.wall, 9 * 3_600 * SECOND];
    // darkstat, elsewhere, is restarted in the night, and goes on counting.
    clock.passed += NIGHT / 3;
    darkstat.restart();
    darkstat.traffic(ANNA, PEER, 4_000, 40);
    clock.passed += (NIGHT * 2) / 3;
    const unsure: string[] = [];
    const { problems } = await runFor(300, {
      100: () => {
        unsure.push(lines.join());
        clock.wall = offAt + NIGHT + 100 * SECOND;
      },
      150: () => darkstat.traffic(ANNA, PEER, 5, 0),
    });
    expect(unsure[0]).toContain("behind");
    expect(problems.list()).toEqual([]);
    expect(await annasDay()).toEqual({ in: 5_005, out: 50 });
    const hours = await store.deviceHours("2026-06-15", "2026-06-15");
    expect(Math.min(...hours.map(({ hour }) => hour))).toBe(12);
    expect(lines).toContain("meter-restarted {}");
    expect(lines.join()).not.toContain("other-meter");
  });

  test("dates nothing by a clock that is ten years ahead for a while, and loses nothing", async () => {
    const unsure: string[] = [];
    darkstat = createFakeDarkstat({ now: () => clock.now(), monotonic: () => clock.mono() });
    const { problems } = await runFor(300, {
      20: () => darkstat.traffic(ANNA, PEER, 1_000, 10),
      65: () => {
        clock.wall += 3_650 * 86_400_000;
      },
      70: () => darkstat.traffic(ANNA, PEER, 200, 0),
      130: () => {
        unsure.push(lines.join());
        clock.wall -= 3_650 * 86_400_000;
      },
      150: () => darkstat.traffic(ANNA, PEER, 5, 0),
    });
    expect(unsure[0]).toContain("ahead");
    expect(problems.list()).toEqual([]);
    expect(await annasDay()).toEqual({ in: 1_205, out: 10 });
    expect((await store.range())?.last).toBe("2026-06-15");
  });

  test("neither loses nor doubles a byte when another writer's failure makes the store forget", async () => {
    const broken = settlement({ books: { source: "guest" }, charges: [charge({ ip: "" })] });
    const failures: unknown[] = [];
    await runFor(
      200,
      {
        20: () => darkstat.traffic(ANNA, PEER, 1_000, 10),
        50: () => darkstat.traffic(ANNA, PEER, 200, 20),
        100: () => void store.record(broken).catch((error) => failures.push(error)),
        110: () => darkstat.traffic(ANNA, PEER, 30, 3),
      },
      { checkpointMs: 3_600 * SECOND },
    );
    expect(failures).toMatchObject([{ name: "StoreError" }]);
    expect(await annasDay()).toEqual({ in: 1_230, out: 33 });
    expect((await store.balances("2026-06-15", "2026-06-15")).map(({ counted }) => counted)).toEqual([1_263]);
  });

  test("a reading for books that were forgotten meanwhile is left to the next one", async () => {
    const broken = settlement({ books: { source: "guest" }, charges: [charge({ ip: "" })] });
    let fails = false;
    const settledAt: number[] = [];
    await runFor(
      130,
      {
        20: () => darkstat.traffic(ANNA, PEER, 1_000, 10),
        70: () => {
          fails = true;
        },
        80: () => darkstat.traffic(ANNA, PEER, 30, 3),
      },
      {
        checkpointMs: 3_600 * SECOND,
        async turn(work) {
          if (fails) await store.record(broken).catch(() => {});
          fails = false;
          return work();
        },
        onSettled: ({ books }) => settledAt.push(Math.round((books.at - NOON) / SECOND)),
      },
    );
    expect(settledAt).toEqual([0, 30, 60, 120, 150]);
    expect(await annasDay()).toEqual({ in: 1_030, out: 13 });
  });

  test("rejects readings whose hosts contradict the totals, says so after some, and loses nothing", async () => {
    let broken = false;
    await runFor(
      260,
      {
        20: () => darkstat.traffic(ANNA, PEER, 1_000, 10),
        70: () => {
          broken = true;
        },
        170: () => {
          broken = false;
        },
        180: () => darkstat.traffic(ANNA, PEER, 25, 0),
      },
      {},
      (snapshot) =>
        broken ? { ...snapshot, hosts: snapshot.hosts.map((host) => ({ ...host, in: host.in + 0.5 })) } : snapshot,
    );
    expect(lines.join("\n")).toContain("hosts grew by more than its total");
    expect(await annasDay()).toEqual({ in: 1_025, out: 10 });
  });
});

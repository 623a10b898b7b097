import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createCalendar } from "../accounting/calendar.ts";
import { zoneOf } from "../accounting/testing.ts";
import { createSend } from "../channels/send.ts";
import { type Received, type Reply, startReceiver } from "../channels/testing.ts";
import type { AlertRules } from "../shared/alerts-api.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { type Store, StoreError } from "../store/store.ts";
import { temporaryFolder } from "../store/testing/settlements.ts";
import type { AlertFacts } from "./alert-facts.ts";
import { createAlerting } from "./alerting.ts";

const HOUR = 3_600_000;
/** 12:00 in Berlin. */
const NOON = Date.UTC(2026, 2, 16, 11);
const calendar = createCalendar(zoneOf("Europe/Berlin"));
const send = createSend({
  file: fileURLToPath(new URL("../channels/child.ts", import.meta.url)),
  version: "12.0.0",
  env: process.env,
});

/** A life of the alerting on a store, with a clock that only tests move. */
async function live(store: Pick<Store, "recall" | "remember">, clock: { now: number; problem: string | null }) {
  const ending = new AbortController();
  const waiting: (() => void)[] = [];
  const logged: string[] = [];
  const facts: AlertFacts = {
    settled: () => {},
    askAll: () => {},
    gather: async () => ({
      now: clock.now,
      today: calendar.dayOf(clock.now),
      plans: null,
      usage: null,
      newDevices: null,
      unusual: null,
      readAt: clock.now,
      missedShare: null,
      problems: clock.problem === null ? [] : [{ code: "store", message: clock.problem, hint: "" }],
    }),
  };
  const told: string[] = [];
  const alerting = await createAlerting({
    store,
    calendar,
    clock: {
      now: () => clock.now,
      mono: () => clock.now,
      sleep: (_, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted) resolve();
          waiting.push(resolve);
          signal?.addEventListener("abort", () => resolve(), { once: true });
        }),
    },
    facts,
    send,
    onAlert: ({ title }) => told.push(title),
    randomHex: (bytes) => randomBytes(bytes).toString("hex"),
    random: () => 0,
    log: { info: (line) => logged.push(line), error: (line) => logged.push(`error: ${line}`) },
    stateLog: {
      change: (_, __, line) => {
        logged.push(line);
        return true;
      },
    },
  });
  const running = alerting.run(ending.signal);
  return {
    ...alerting,
    logged,
    /** Titles of what others in the house were told at once. */
    told,
    /** Looks again, and waits until it holds. */
    async until(holds: () => boolean): Promise<void> {
      alerting.lookSoon();
      while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    async end() {
      ending.abort();
      for (const go of waiting) go();
      await running;
    },
  };
}

const titles = (received: readonly Received[]) => received.map(({ body }) => JSON.parse(body).title as string);
const channel = (url: string) => ({ name: null, url, enabled: true });

test("an alert is kept, sent once, and over restarts neither lost nor told again", async () => {
  using folder = temporaryFolder();
  const store = openSqliteStore({ path: folder.file("alerts.db") });
  const receiver = await startReceiver();
  const clock = { now: NOON, problem: null as string | null };
  try {
    const first = await live(store, clock);
    const { rules } = first.report();
    await first.set({ rules, quiet: null, channels: [channel(`gotify://${receiver.host}/s3cr3t`)] });
    clock.problem = "Disk full.";
    await first.until(() => first.report().history[0]?.deliveries[0]?.state === "sent");
    expect(titles(receiver.received)).toEqual(["Database in trouble"]);
    await first.end();
    expect(first.logged.join("\n")).not.toContain("s3cr3t");

    const second = await live(store, clock);
    await second.until(() => second.report().history.length === 1);
    clock.problem = null;
    await second.until(() => receiver.received.length === 2);
    expect(titles(receiver.received)).toEqual(["Database in trouble", "Database is well again"]);
    await second.until(() => second.report().history[0]?.deliveries[0]?.state === "sent");
    await second.end();
  } finally {
    await receiver.close();
    await store.close();
  }
});

test("a channel that is down for a day gets what it missed, in order, and not one message for each", async () => {
  using folder = temporaryFolder();
  const store = openSqliteStore({ path: folder.file("alerts.db") });
  let isDown = true;
  const receiver = await startReceiver((): Reply | null => (isDown ? null : {}));
  const clock = { now: NOON, problem: null as string | null };
  try {
    let life = await live(store, clock);
    await life.set({ rules: life.report().rules, quiet: null, channels: [channel(`gotify://${receiver.host}/x`)] });
    for (let hour = 0; hour < 24; hour += 2) {
      clock.now = NOON + hour * HOUR;
      clock.problem = hour % 4 === 0 ? "Disk full." : null;
      const told = hour / 2 + 1;
      await life.until(() => life.report().history.length === told);
      await life.until(() => (life.report().channels[0]?.nextAt ?? 0) > clock.now);
      if (hour === 12) {
        await life.end();
        life = await live(store, clock);
      }
    }
    expect(life.report().channels[0]).toMatchObject({
      waiting: 12,
      answer: "the connection was closed without an answer",
    });
    isDown = false;
    clock.now = NOON + 25 * HOUR;
    await life.until(() => life.report().channels[0]?.waiting === 0);
    expect(receiver.received.length).toBeLessThanOrEqual(2);
    const text = receiver.received.map(({ body }) => JSON.parse(body).message as string).join("\n");
    const lines = text.split("\n").filter((line) => /^2026/.test(line));
    expect(lines).toHaveLength(12);
    expect([...lines].sort()).toEqual(lines);
    expect(lines[0]).toBe("2026-03-16 12:00 Database in trouble");
    expect(life.report().history.every(({ deliveries }) => deliveries[0]?.state === "sent")).toBe(true);
    await life.end();
  } finally {
    await receiver.close();
    await store.close();
  }
});

test("quiet hours hold back, snoozed alerts are listed only, and a rule that is off says nothing", async () => {
  using folder = temporaryFolder();
  const store = openSqliteStore({ path: folder.file("alerts.db") });
  const receiver = await startReceiver();
  const clock = { now: NOON + 11 * HOUR, problem: null as string | null };
  try {
    const life = await live(store, clock);
    const { rules } = life.report();
    const channels = [channel(`gotify://${receiver.host}/x`)];
    await life.set({ rules, quiet: { from: 22, to: 7 }, channels });
    clock.problem = "Disk full.";
    await life.until(() => life.report().history.length === 1);
    expect(life.report().history[0]).toMatchObject({ heldUntil: NOON + 19 * HOUR, snoozed: false });
    await life.snooze("store", clock.now + HOUR);
    clock.problem = null;
    await life.until(() => life.report().history.length === 2);
    expect(life.report().history[0]).toMatchObject({ snoozed: true, heldUntil: null, deliveries: [] });
    expect(life.told).toEqual(["Database in trouble"]);
    clock.now = NOON + 19 * HOUR;
    await life.until(() => receiver.received.length === 1);
    expect(titles(receiver.received)).toEqual(["Database in trouble"]);
    const off: AlertRules = { ...rules, store: false };
    const [known] = life.report().channels;
    await life.set({ rules: off, quiet: null, channels: [{ id: known?.id, name: null, enabled: true }] });
    clock.problem = "Disk full.";
    let looks = 0;
    await life.until(() => ++looks > 20);
    expect(life.report().history).toHaveLength(2);
    await life.end();
  } finally {
    await receiver.close();
    await store.close();
  }
});

test("trouble with the database itself is told though nothing of it can be kept", async () => {
  using folder = temporaryFolder();
  const store = openSqliteStore({ path: folder.file("alerts.db") });
  const receiver = await startReceiver();
  const clock = { now: NOON, problem: null as string | null };
  let isFull = false;
  const failing: Pick<Store, "recall" | "remember"> = {
    recall: store.recall,
    async remember(name, value) {
      if (isFull) throw new StoreError("full", "disk full", "Make room.");
      await store.remember(name, value);
    },
  };
  try {
    const life = await live(failing, clock);
    await life.set({ rules: life.report().rules, quiet: null, channels: [channel(`gotify://${receiver.host}/x`)] });
    isFull = true;
    clock.problem = "Disk full.";
    await life.until(() => receiver.received.length === 1);
    isFull = false;
    clock.problem = null;
    await life.until(() => receiver.received.length === 2);
    expect(titles(receiver.received)).toEqual(["Database in trouble", "Database is well again"]);
    await life.end();
    expect((await store.recall<{ queue: { messages: unknown[] } }>("alerts"))?.queue.messages).toHaveLength(2);
  } finally {
    await receiver.close();
    await store.close();
  }
});

test("a channel gets the kinds of alerts that are chosen for it, and keeps the choice when it is not said again", async () => {
  using folder = temporaryFolder();
  const store = openSqliteStore({ path: folder.file("alerts.db") });
  const [all, few] = [await startReceiver(), await startReceiver()];
  const clock = { now: NOON, problem: null as string | null };
  try {
    const life = await live(store, clock);
    const { rules } = life.report();
    const channels = [
      channel(`gotify://${all.host}/x`),
      { ...channel(`gotify://${few.host}/x`), kinds: ["plan", "usage"] as ("plan" | "usage")[] },
    ];
    await life.set({ rules, quiet: null, channels });
    const again = life.report().channels.map(({ id, name, enabled }) => ({ id, name, enabled }));
    await life.set({ rules, quiet: null, channels: again });
    expect(life.report().channels.map(({ kinds }) => kinds)).toEqual([null, ["plan", "usage"]]);
    clock.problem = "Disk full.";
    await life.until(() => life.report().history[0]?.deliveries[0]?.state === "sent");
    expect(life.report().history[0]?.deliveries).toHaveLength(1);
    await life.set({ rules, quiet: null, channels: again.map((one) => ({ ...one, kinds: null })) });
    clock.problem = null;
    await life.until(() => few.received.length === 1 && all.received.length === 2);
    expect(titles(few.received)).toEqual(["Database is well again"]);
    await life.end();
  } finally {
    await all.close();
    await few.close();
    await store.close();
  }
});

import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  digestOf,
  EMPTY_QUEUE,
  enqueue,
  keepChannels,
  nextAt,
  type Queue,
  type QueuedMessage,
  settleWork,
  workFor,
} from "./queue.ts";

const HOUR = 3_600_000;
const OK = { ok: true, answer: "ok", isFinal: false, isGone: false, retryAfterMs: null };
const DOWN = { ...OK, ok: false, answer: "connection refused" };
const HOW = { isWebhook: false, random: 0 };

const message = (id: string, at = 0, more: Partial<QueuedMessage> = {}) =>
  ({
    id,
    at,
    rule: "plan",
    level: "info",
    title: `title ${id}`,
    text: "",
    snoozed: false,
    heldUntil: null,
    ...more,
  }) as const;

const filled = (ids: readonly string[], channels = ["a"]) =>
  ids.reduce((queue, id, index) => enqueue(queue, message(id, index), channels), EMPTY_QUEUE);

let digests = 0;
const newId = () => `digest${++digests}`;

/** Sends what waits at an instant, to a channel that answers so. @returns what arrived: ids of attempts, with their messages */
function send(queue: Queue, now: number, outcome = OK, how = HOW) {
  const sent: [string, string[]][] = [];
  let current = queue;
  for (let work = workFor(current, "a", now, newId); work !== null; work = workFor(current, "a", now, newId)) {
    sent.push([work.work.id, work.work.messages.map(({ id }) => id)]);
    current = settleWork(work.queue, work.work, outcome, { now, ...how });
    if (!outcome.ok && !outcome.isFinal) break;
  }
  return { queue: current, sent };
}

const states = ({ messages }: Queue) => messages.map(({ deliveries }) => deliveries[0]?.state);

test("messages are sent in order, each once, to each channel", () => {
  const { queue, sent } = send(filled(["1", "2", "3"], ["a", "b"]), 10);
  expect(sent.map(([id]) => id)).toEqual(["1", "2", "3"]);
  expect(send(queue, 20).sent).toEqual([]);
  expect(nextAt(queue, "a")).toBeNull();
  expect(nextAt(queue, "b")).toBe(0);
});

test("a channel that is down is tried again by the table, the same message first, and nothing overtakes it", () => {
  for (const [isWebhook, waits] of [
    [true, [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]],
    [false, [5, 300, 1_800, 3_600, 3_600, 3_600, 3_600, 3_600, 3_600]],
  ] as const) {
    let queue = filled(["1", "2"]);
    let now = 0;
    for (const wait of waits) {
      const attempt = send(queue, now, DOWN, { isWebhook, random: 0 });
      expect(attempt.sent).toEqual([["1", ["1"]]]);
      expect(nextAt(attempt.queue, "a")).toBe(now + wait * 1000);
      expect(send(attempt.queue, now + wait * 1000 - 1).sent).toEqual([]);
      queue = attempt.queue;
      now += wait * 1000;
      if (wait === 5) queue = enqueue(queue, message("3", now), ["a"]);
    }
    expect(send(queue, now).sent.map(([id]) => id)).toEqual(["1", "2", "3"]);
  }
  expect(nextAt(send(filled(["1"]), 0, DOWN, { isWebhook: false, random: 0.99 }).queue, "a")).toBeGreaterThan(5_400);
  expect(nextAt(send(filled(["1"]), 0, { ...DOWN, retryAfterMs: 60_000 } as unknown as typeof DOWN).queue, "a")).toBe(
    60_000,
  );
});

test("of many that waited one digest is made, in order, and it stays the same until it has arrived", () => {
  const ids = Array.from({ length: 8 }, (_, index) => String(index));
  const begun = workFor(filled(ids), "a", 10, () => "digest");
  expect(begun?.work).toMatchObject({ id: "digest", channel: "a" });
  // Nobody knows whether it arrived: after a restart, with one more that waits, the same is sent again.
  const kept = enqueue(JSON.parse(JSON.stringify(begun?.queue)) as Queue, message("8", 20), ["a"]);
  const { queue, sent } = send(kept, 30);
  expect(sent).toEqual([
    ["digest", ids],
    ["8", ["8"]],
  ]);
  expect(states(queue)).toEqual(new Array(9).fill("sent"));
  const { title, text } = digestOf(begun?.work.messages ?? [], (at) => `at ${at}`);
  expect(title).toBe("8 messages since at 0");
  expect(text.split("\n")).toEqual(ids.map((id) => `at ${id} title ${id}`));
});

test("what is held back is sent when its time comes, and what is snoozed nowhere", () => {
  const held = enqueue(EMPTY_QUEUE, message("1", 0, { heldUntil: HOUR }), ["a"]);
  expect(send(held, HOUR - 1).sent).toEqual([]);
  expect(nextAt(held, "a")).toBe(HOUR);
  expect(send(held, HOUR).sent).toHaveLength(1);
  const snoozed = enqueue(EMPTY_QUEUE, message("1", 0, { snoozed: true }), ["a"]);
  expect(nextAt(snoozed, "a")).toBeNull();
  expect(snoozed.messages).toHaveLength(1);
});

test("what is refused for good is a dead letter, and the next is sent; after three days all that is old is", () => {
  const refused = send(filled(["1", "2"]), 10, { ...DOWN, isFinal: true });
  expect(states(refused.queue)).toEqual(["dead", "dead"]);
  expect(refused.queue.channels.a?.failures).toBe(0);
  expect(states(send(filled(["1"]), 10, { ...DOWN, isGone: true }).queue)).toEqual(["dead"]);
  expect(states(send(filled(["1"]), 70 * HOUR, DOWN).queue)).toEqual(["waiting"]);
  expect(states(send(filled(["1"]), 77 * HOUR, DOWN).queue)).toEqual(["dead"]);
});

test("a changed channel is tried at once, and what waits for one that was removed is given up", () => {
  const { queue } = send(filled(["1"]), 0, DOWN);
  expect(nextAt(keepChannels(queue, ["a"], ["a"]), "a")).toBe(0);
  expect(nextAt(keepChannels(queue, ["a"], []), "a")).toBe(5_000);
  expect(states(keepChannels(queue, [], []))).toEqual(["dead"]);
});

test("the history is bounded, and so is what waits", () => {
  const ids = (count: number) => Array.from({ length: count }, (_, index) => String(index));
  expect(send(filled(ids(300)), 1_000).queue.messages).toHaveLength(200);
  const many = filled(ids(900));
  expect(many.messages.filter(({ deliveries }) => deliveries[0]?.state === "waiting")).toHaveLength(500);
  expect(many.messages.at(-1)?.id).toBe("899");
});

test("whatever fails and whenever, every message arrives at least once, in order, and nothing after it has", () => {
  const steps = fc.array(
    fc.record({ add: fc.nat(3), wait: fc.nat(10 * HOUR), up: fc.boolean(), isKnown: fc.boolean() }),
    { minLength: 1, maxLength: 30 },
  );
  fc.assert(
    fc.property(steps, (story) => {
      let [queue, now, count] = [EMPTY_QUEUE, 0, 0];
      const arrived: string[] = [];
      const said = new Map<string, string>();
      for (const { add, wait, up, isKnown } of [...story, { add: 0, wait: 2 * HOUR, up: true, isKnown: true }]) {
        for (let n = 0; n < add; n++) queue = enqueue(queue, message(String(count++), now), ["a"]);
        now += wait;
        for (let work = workFor(queue, "a", now, newId); work !== null; work = workFor(queue, "a", now, newId)) {
          queue = JSON.parse(JSON.stringify(work.queue)) as Queue;
          const ids = work.work.messages.map(({ id }) => id);
          // The same id is always the same message.
          if (up) {
            expect(said.get(work.work.id) ?? ids.join()).toBe(ids.join());
            said.set(work.work.id, ids.join());
            arrived.push(...ids.filter((id) => !arrived.includes(id)));
          }
          // It arrived, and the program was killed before it knew.
          if (up && !isKnown) break;
          queue = settleWork(queue, work.work, up ? OK : DOWN, { now, ...HOW });
          if (!up) break;
        }
      }
      const dead = queue.messages.filter(({ deliveries }) => deliveries[0]?.state === "dead").map(({ id }) => id);
      const expected = Array.from({ length: count }, (_, index) => String(index)).filter((id) => !dead.includes(id));
      expect(arrived.filter((id) => !dead.includes(id))).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

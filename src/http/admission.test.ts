import { expect, test } from "vitest";
import { type AdmissionLimits, createAdmission, type Turn } from "./admission.ts";

const LIMITS: AdmissionLimits = {
  making: 2,
  perClient: 3,
  waitingPerClient: 4,
  waitMs: 60_000,
  bytesPerClient: 100,
  bytes: 150,
};

/** An admission whose started requests are listed by name, in the order in which they started. */
function admission(more: Partial<AdmissionLimits> = {}) {
  const { enter } = createAdmission({ ...LIMITS, ...more });
  const started: string[] = [];
  const turns = new Map<string, Turn>();
  return {
    started,
    turn: (name: string): Turn => turns.get(name) ?? { made() {}, leave() {} },
    async ask(name: string, isGone = () => false): Promise<string> {
      try {
        turns.set(name, await enter({ client: name.slice(0, 1), isGone }));
        started.push(name);
        return "started";
      } catch (error) {
        return (error as { code: string }).code;
      }
    },
  };
}

/** Lets promises that are due settle. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("one client's responses are made one after the other, and another client's beside them", async () => {
  const { started, ask, turn } = admission();
  for (const name of ["a1", "a2", "b1", "c1"]) void ask(name);
  await settled();
  expect(started).toEqual(["a1", "b1"]);
  turn("a1").made(10);
  await settled();
  expect(started).toEqual(["a1", "b1", "c1"]);
  turn("b1").made(10);
  await settled();
  expect(started).toEqual(["a1", "b1", "c1", "a2"]);
});

test("clients take turns, however many requests one of them has waiting", async () => {
  const { started, ask, turn } = admission({ making: 1 });
  for (const name of ["a1", "a2", "a3", "b1"]) void ask(name);
  for (let n = 0; n < 4; n += 1) {
    await settled();
    turn(started.at(-1) ?? "").leave();
  }
  expect(started).toEqual(["a1", "b1", "a2", "a3"]);
});

test("a client that does not take its responses gets no more of them, and others still do", async () => {
  const { started, ask, turn } = admission();
  for (const name of ["a1", "a2"]) void ask(name);
  await settled();
  turn("a1").made(100);
  void ask("b1");
  await settled();
  expect(started).toEqual(["a1", "b1"]);
  turn("a1").leave();
  await settled();
  expect(started).toEqual(["a1", "b1", "a2"]);
});

test("a client has only so many responses in progress, however small", async () => {
  const { started, ask, turn } = admission();
  for (const name of ["a1", "a2", "a3", "a4"]) {
    void ask(name);
    await settled();
    turn(name).made(1);
  }
  expect(started).toEqual(["a1", "a2", "a3"]);
  turn("a2").leave();
  await settled();
  expect(started).toEqual(["a1", "a2", "a3", "a4"]);
});

test("nothing is made while all clients together hold too much", async () => {
  const { started, ask, turn } = admission();
  for (const name of ["a1", "b1"]) void ask(name);
  await settled();
  turn("a1").made(90);
  turn("b1").made(90);
  void ask("c1");
  await settled();
  expect(started).toEqual(["a1", "b1"]);
  turn("b1").leave();
  await settled();
  expect(started).toEqual(["a1", "b1", "c1"]);
});

test("a request too many is refused at once, and one that waited too long in the end", async () => {
  const { ask } = admission({ waitingPerClient: 1, waitMs: 5 });
  expect(await ask("a1")).toBe("started");
  const waiting = ask("a2");
  expect(await ask("a3")).toBe("busy");
  expect(await waiting).toBe("busy");
});

test("a client that went away while waiting is passed over", async () => {
  const { started, ask, turn } = admission({ making: 1 });
  void ask("a1");
  const gone = ask("b1", () => true);
  void ask("c1");
  await settled();
  turn("a1").leave();
  await settled();
  expect(started).toEqual(["a1", "c1"]);
  expect(await gone).toBe("busy");
});

test("leaving twice frees nothing twice", async () => {
  const { started, ask, turn } = admission({ making: 1 });
  for (const name of ["a1", "b1", "c1"]) void ask(name);
  await settled();
  turn("a1").leave();
  turn("a1").leave();
  turn("a1").made(1_000);
  await settled();
  expect(started).toEqual(["a1", "b1"]);
});

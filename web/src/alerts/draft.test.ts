import { expect, test } from "vitest";
import type { AlertsInput } from "../wire.ts";
import { draftOf, type RulesDraft, rulesOf } from "./draft.ts";

const RULES: AlertsInput["rules"] = {
  plan: { percents: [50, 80], forecast: true },
  usage: [{ device: "aa", bytes: 2_500_000_000, per: "cycle", counts: "upload" }],
  newDevice: { privateMacs: false, proposed: true },
  unusual: true,
  silent: { minutes: 45 },
  missed: { percent: 2.5 },
  books: false,
  store: true,
};
const OFF: AlertsInput["rules"] = {
  plan: null,
  usage: [],
  newDevice: null,
  unusual: false,
  silent: null,
  missed: null,
  books: false,
  store: false,
};

test("what isn't touched stays as it is", () => {
  for (const input of [
    { rules: RULES, quiet: { from: 23, to: 6 } },
    { rules: OFF, quiet: null },
    { rules: { ...OFF, plan: { percents: [], forecast: true } }, quiet: null },
  ]) {
    expect(rulesOf(draftOf(input))).toEqual(input);
  }
});

test("numbers are read as people write them, and what can't be so is said", () => {
  const draft = draftOf({ rules: RULES, quiet: null });
  const read = (some: Partial<RulesDraft>) => rulesOf({ ...draft, ...some });
  expect(read({ percents: "50 90;100", percent: "0,5" })).toMatchObject({
    rules: { plan: { percents: [50, 90, 100] }, missed: { percent: 0.5 } },
  });
  const [usage] = draft.usage;
  for (const [some, field] of [
    [{ percents: "" }, "percents"],
    [{ percents: "80, lots" }, "percents"],
    [{ percents: "0" }, "percents"],
    [{ minutes: "1" }, "minutes"],
    [{ minutes: "2.5" }, "minutes"],
    [{ percent: "" }, "missed"],
    [{ usage: usage === undefined ? [] : [{ ...usage, gigabytes: "0" }] }, "usage"],
  ] as const) {
    expect(read(some)).toMatchObject({ field });
  }
  // What is switched off may stand there as it likes.
  expect(read({ silent: false, minutes: "never" })).toMatchObject({ rules: { silent: null } });
});

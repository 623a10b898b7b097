import { expect, test } from "vitest";
import { createStateLog } from "../log/state-log.ts";
import { createProblems } from "./problems.ts";

test("tells of a beginning and of an end, not of what goes on", () => {
  const log = { info: () => {}, warn: () => {}, error: () => {}, trace: () => {} };
  const seen: string[][] = [];
  const onChange = () => void seen.push(problems.list().map(({ code }) => code));
  const problems = createProblems({ now: () => 7, stateLog: createStateLog(log), onChange });
  problems.clear("clock", "Nothing was wrong.");
  problems.raise("clock", "It is 1970.", "Set it.");
  problems.raise("clock", "It is still 1970.", "Set it.");
  problems.raise("store", "The disk is full.", "Make room.");
  problems.clear("clock", "It is set.");
  expect(seen).toEqual([["clock"], ["store", "clock"], ["store"]]);
});

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

test("what is wrong with one of several meters carries its name, and is another's no problem; the store is everybody's", () => {
  const lines: string[] = [];
  const log = { info: (line: string) => lines.push(line), warn: () => {}, error: () => {}, trace: () => {} };
  const problems = createProblems({ now: () => 7, stateLog: createStateLog(log) });
  const [lan, guest] = [problems.of("lan"), problems.of("guest")];
  guest.raise("meter-unreachable", "Can't reach it.", "Start it.");
  lan.raise("meter-unreachable", "Can't reach it.", "Start it.");
  lan.raise("store", "The disk is full.", "Make room.");
  lan.clear("meter-unreachable", "It answers.");
  expect(problems.list()).toEqual([
    { code: "store", since: 7, message: "The disk is full.", hint: "Make room." },
    { code: "meter-unreachable", since: 7, meter: "guest", message: "guest: Can't reach it.", hint: "Start it." },
  ]);
  guest.clear("store", "There is room.");
  expect(guest.list().map(({ code }) => code)).toEqual(["meter-unreachable"]);
  expect(lines).toEqual(["lan: It answers.", "There is room."]);
});

import { expect, test } from "vitest";
import { fuzzRequests } from "./requests.ts";

test("a thousand mutated requests are answered or refused, and none is a fault of ours", async () => {
  expect(await fuzzRequests({ seed: 1, first: 0, requests: 1_000 })).toEqual([]);
});

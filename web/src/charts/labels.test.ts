import { expect, test } from "vitest";
import { usageWith } from "../testing.ts";
import { nothingIn } from "./labels.ts";

const buckets = [{ label: "2026-11-22T00", day: "2026-11-22", from: 0, to: Date.UTC(2026, 10, 23) }];

test("an idle range that goes on doesn't say that nothing was ever recorded: it may be of one owner, or of the LAN", () => {
  for (const part of [{}, { traffic: "lan" }, { owner: 1 }] as const) {
    expect(nothingIn(usageWith([], { buckets, ...part }))).toBe("No traffic so far");
  }
  expect(nothingIn(usageWith([], { buckets, today: "2026-11-23" }))).toBe("No activity in this period");
});

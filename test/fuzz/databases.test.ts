import { expect, test } from "vitest";
import { fuzzDatabases } from "./databases.ts";

test("forty damaged files are imported and taken over, or refused in a sentence", { timeout: 180_000 }, async () => {
  expect(await fuzzDatabases({ seed: 1, first: 0, files: 40 })).toEqual([]);
});

import { writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { openSqliteStore } from "../sqlite-store.ts";
import { temporaryFolder } from "../testing/settlements.ts";
import { recogniseDatabase } from "./recognise.ts";

test.each([
  ["empty", null],
  ["empty", ""],
  ["empty", "PRAGMA user_version = 0; VACUUM"],
  ["legacy", "CREATE TABLE dailyusage (IP TEXT)"],
  ["legacy", "CREATE TABLE UsageHistory (IP TEXT); CREATE TABLE MName (MAC TEXT)"],
  ["foreign", "CREATE TABLE recipe (name TEXT)"],
  ["foreign", "PRAGMA application_id = 77; CREATE TABLE dailyusage2 (IP TEXT)"],
])("a file is recognised as %s: %s", (expected, sql) => {
  using folder = temporaryFolder();
  const path = folder.file("w.db");
  if (sql !== null) {
    const db = new DatabaseSync(path);
    db.exec(sql);
    db.close();
  }
  expect(recogniseDatabase(path)).toBe(expected);
});

test("a store of ours is recognised, open or closed", async () => {
  using folder = temporaryFolder();
  const path = folder.file("w.db");
  const store = openSqliteStore({ path });
  expect(recogniseDatabase(path)).toBe("ours");
  await store.close();
  expect(recogniseDatabase(path)).toBe("ours");
});

test("what is no database is corrupt, and a folder can't be opened", () => {
  using folder = temporaryFolder();
  writeFileSync(
    folder.file("w.db"),
    "this is a shopping list, and longer than the header of a database would be.".repeat(20),
  );
  expect(recogniseDatabase(folder.file("w.db"))).toBe("corrupt");
  expect(() => recogniseDatabase(folder.path)).toThrow(expect.objectContaining({ name: "StoreError" }));
});

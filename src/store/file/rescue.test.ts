import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openSqliteStore } from "../sqlite-store.ts";
import { charge, DAY, fact, settlement, temporaryFolder, viewOf } from "../testing/settlements.ts";

const first = settlement({ charges: [charge()], addresses: [fact()] });
const second = settlement({ charges: [charge({ in: 500 })], addresses: [fact({ in: 1500 })] }, first);

/** A store with figures on the disk, and what it said of rescues. */
async function storeWithFigures(path: string) {
  const said: string[] = [];
  const store = openSqliteStore({ path, view: viewOf(), onRescue: (message) => said.push(message) });
  await store.record(first);
  await store.checkpoint();
  return { store, said };
}

async function downloadIn(path: string): Promise<number | undefined> {
  const store = openSqliteStore({ path, view: viewOf() });
  try {
    return (await store.deviceDays(DAY, DAY))[0]?.in;
  } finally {
    await store.close();
  }
}

test.each([
  ["alone", [""]],
  ["with its log", ["", "-wal", "-shm"]],
])("a database that is deleted %s while it is open is written anew, whole, and it is said", async (_, suffixes) => {
  using folder = temporaryFolder();
  const path = folder.file("WhiteStat.db");
  const { store, said } = await storeWithFigures(path);
  for (const suffix of suffixes) rmSync(path + suffix);
  await store.record(second);
  await store.checkpoint();
  expect(said).toEqual([expect.stringContaining("was deleted")]);
  expect(existsSync(path)).toBe(true);
  expect(await downloadIn(path)).toBe(1500);
  await store.close();
  expect(await downloadIn(path)).toBe(1500);
});

test("a database that is replaced while it is open is written anew, and the other one is kept", async () => {
  using folder = temporaryFolder();
  const path = folder.file("WhiteStat.db");
  const { store, said } = await storeWithFigures(path);
  writeFileSync(folder.file("other.db"), "what somebody put there");
  renameSync(folder.file("other.db"), path);
  await store.record(second);
  await store.checkpoint();
  await store.close();
  expect(said).toEqual([expect.stringContaining("was replaced")]);
  expect(readdirSync(folder.path)).toContain("WhiteStat.db.replaced");
  expect(await downloadIn(path)).toBe(1500);
});

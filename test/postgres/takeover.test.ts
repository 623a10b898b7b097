import { existsSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { importInto } from "../../src/takeover/import.ts";
import { takeOver, takeOverInto } from "../../src/takeover/takeover.ts";
import { FIXTURES, factsOf, LATER, storeFolder, testDeps, testView } from "../takeover/taking.ts";
import { describeOnPostgres } from "./describe.ts";
import { postgresHarness } from "./harness.ts";

describeOnPostgres("an old store beside DATABASE_URL", (cluster) => {
  let database: string;
  beforeAll(async () => {
    database = await cluster().createDatabase();
  });

  test.each(["v2", "v5", "v11"] as const)("of %s is taken into PostgreSQL as into a file, once", async (version) => {
    using folder = storeFolder(version);
    using other = storeFolder(version);
    const deps = testDeps({ now: () => LATER });
    const harness = await postgresHarness(cluster(), database);
    const store = await harness.open(testView());
    const taken = await takeOverInto(store, folder.db, deps);
    expect(existsSync(folder.db)).toBe(false);
    expect(taken?.backup).toBe(`${folder.db}.${version}-backup`);
    expect(await takeOverInto(store, folder.db, deps)).toBeNull();

    await takeOver(other.db, deps);
    const file = openSqliteStore({ path: other.db, view: testView() });
    expect(await factsOf(store)).toEqual(await factsOf(file));
    expect(await store.notes(9)).toEqual(await file.notes(9));

    // The same history once more changes nothing.
    const options = { ...deps, from: `${FIXTURES}/${version}`, firstDay: null, lastDay: null, dryRun: false };
    expect((await importInto(store, folder.db, options)).merged).toMatchObject({ added: 0, raised: 0 });
    expect(await factsOf(store)).toEqual(await factsOf(file));
    await file.close();
    await harness.dispose();
  });
});

import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { openSqliteStore } from "./sqlite-store.ts";
import { charge, charging, DAY, fact, settlement, temporaryFolder, viewOf } from "./testing/settlements.ts";

/** More than a call has arguments for. */
const CROWD = 150_000;
/** Half of their numbers lie beyond 2^20, where those of an earlier form of the store ended. */
const FIRST = 2 ** 20 - CROWD / 2;

/** A store of a flood: so many devices with a day each, as a switch sees them under attack. */
async function flooded(path: string): Promise<void> {
  const store = openSqliteStore({ path, view: viewOf() });
  await store.record(charging(charge()));
  await store.close();
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  db.exec(`
    CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT ${FIRST} UNION ALL SELECT i + 1 FROM n WHERE i < ${FIRST + CROWD - 1})
      SELECT i, printf('02:aa:%02x:%02x:%02x:00', i >> 16, (i >> 8) & 255, i & 255) AS mac,
             printf('10.%d.%d.%d', i >> 16, (i >> 8) & 255, i & 255) AS ip FROM n;
    BEGIN;
    INSERT INTO device (id, site) SELECT i, 1 FROM n;
    INSERT INTO interface (id, site, mac, device) SELECT i, 1, mac, i FROM n;
    INSERT INTO address (id, site, ip) SELECT i, 1, ip FROM n;
    INSERT INTO endpoint (id, source, interface, address, first_day, last_day, role, device, reported)
      SELECT i, 1, i, i, '${DAY}', '${DAY}', 'device', i, 1 FROM n;
    INSERT INTO usage_day SELECT '${DAY}', i, 10, 1, 10, 1, NULL, 0, 0 FROM n;
    COMMIT`);
  db.close();
}

// Ten seconds of work, on a machine that may have others to do at the same time.
test("a store of 150,000 devices answers, takes other settings, and goes on measuring", {
  timeout: 300_000,
}, async () => {
  using folder = temporaryFolder();
  const path = folder.file("w.db");
  await flooded(path);
  const view = viewOf({ ipFilter: /^1/ });
  const store = openSqliteStore({ path, view });
  expect(await store.devices()).toHaveLength(CROWD + 1);
  expect(await store.deviceSums([{ from: DAY, to: DAY }])).toHaveLength(CROWD + 1);
  await store.record(
    settlement({
      charges: [charge({ ip: "10.16.2.3", mac: "02:bb:00:00:00:01", in: 7 })],
      addresses: [fact({ ip: "10.16.2.3", mac: "02:bb:00:00:00:01" })],
    }),
  );
  await store.applyView(viewOf({ ipFilter: /^10[.]/ }));
  const reported = (await store.deviceSums([{ from: DAY, to: DAY }])).filter((sum) => sum.reported);
  expect(reported).toHaveLength(CROWD + 1);
  await store.close();
});

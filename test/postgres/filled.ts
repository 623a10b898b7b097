import { DatabaseSync } from "node:sqlite";
import { SCHEMA } from "../../src/store/schema.ts";
import type { Store } from "../../src/store/store.ts";
import { historyOf, importedDay, importedHour } from "../../src/store/testing/imports.ts";
import {
  charge,
  counted,
  fact,
  LAPTOP,
  NOON,
  remoteCharge,
  remoteFact,
  settlement,
} from "../../src/store/testing/settlements.ts";
import { tablesOf } from "../../src/store/write/copy.ts";

/** Rows in every table, and more of them than are copied at a time. */
export async function fill(store: Store): Promise<void> {
  const days = Array.from({ length: 2_500 }, (_, n) => importedDay({ mac: macOf(n), ip: `10.1.${n >> 8}.${n & 255}` }));
  await store.importHistory(
    historyOf(days, {
      hours: [importedHour({ mac: macOf(0), ip: "10.1.0.0" })],
      note: { at: NOON, code: "taken-over", detail: { days: 2_500 } },
      rejected: [{ file: "old.db", place: "row 7", reason: "no number", content: '{"KBIn":"many"}' }],
    }),
  );
  for (const [source, hour] of [
    ["lan", 12],
    ["attic", 12],
    ["lan", 13],
  ] as const) {
    await store.record(
      settlement({
        charges: [charge({ hour }), charge({ hour, mac: LAPTOP, ip: "192.168.1.21" }), remoteCharge({ hour })],
        addresses: [fact({ hostname: "phone" }), fact({ mac: LAPTOP, ip: "192.168.1.21" }), remoteFact()],
        counted: [counted({ bytes: 3_000, captured: 4 })],
        books: { source },
      }),
    );
  }
  await store.remember("seen", { tours: 1 });
  const first = (await store.devices()).find(({ key }) => key === macOf(0))?.id ?? 0;
  await store.removeFigures({ id: 1, at: NOON, device: first, from: "1990-01-01", to: "2100-01-01" });
  const laptop = { name: "Anna's laptop", type: "laptop", note: "hers", hidden: false, archived: true };
  await store.keepHousehold({
    owners: [{ id: 1, name: "Anna", colour: 3 }],
    devices: new Map([[LAPTOP, { ...laptop, owners: [{ from: null, owner: 1 }] }]]),
  });
  await store.close();
}

function macOf(number: number): string {
  return `02:00:00:00:${(number >> 8).toString(16).padStart(2, "0")}:${(number & 255).toString(16).padStart(2, "0")}`;
}

/** Every row of every table, as SQLite has it. */
export function rowsIn(path: string): Record<string, unknown[]> {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return Object.fromEntries(
      tablesOf(SCHEMA).map(({ name, key }) => [name, db.prepare(`SELECT * FROM ${name} ORDER BY ${key.join()}`).all()]),
    );
  } finally {
    db.close();
  }
}

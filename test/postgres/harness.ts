import { expect } from "vitest";
import type { Settlement } from "../../src/accounting/types.ts";
import { openPostgresStore } from "../../src/store/postgres-store.ts";
import type { Store } from "../../src/store/store.ts";
import type { StoreHarness } from "../../src/store/testing/harness.ts";
import { charge, charging, counted, DAY, viewOf } from "../../src/store/testing/settlements.ts";
import { clock } from "../lib/clock.ts";
import type { Cluster } from "./cluster.ts";

let schemas = 0;

/** A schema of its own within a database: as good as a database, and made in a tenth of the time. */
export async function postgresHarness(cluster: Cluster, database: string): Promise<StoreHarness> {
  schemas += 1;
  const schema = `place_${schemas}`;
  await cluster.sql(database, `CREATE SCHEMA ${schema} AUTHORIZATION whitestat`);
  const url = `${cluster.url(database)}?options=-csearch_path%3D${schema}&application_name=${schema}`;
  const opened: Store[] = [];

  async function open(view = viewOf()): Promise<Store> {
    const store = await openPostgresStore({ url, view, clock, holder: "a test" });
    opened.push(store);
    return store;
  }

  return {
    open,
    async crash(view) {
      await cluster.cut(database, schema);
      return open(view);
    },
    query: (sql) => cluster.sql(database, `SET search_path TO ${schema}; ${sql}`),
    async dispose() {
      for (const store of opened) await closeAnyway(store);
    },
  };
}

/** Closes a store that may have lost its database to another one. */
export async function closeAnyway(store: Store): Promise<void> {
  await store.close().catch(() => {
    // Whatever it could not write, a test has looked at already.
  });
}

/** The settlement of a meter whose counter stands at `total`, for a store that knows it at `from`: bytes down. */
export function upTo(total: number, from: number): Settlement {
  const { charges, addresses, ...rest } = charging(charge({ in: total - from, out: 0 }));
  return {
    ...rest,
    books: { ...rest.books, counted: total },
    charges,
    addresses: addresses.map((fact) => ({ ...fact, in: total, out: 0 })),
    counted: [counted({ bytes: total - from })],
  };
}

/** Reads the books and settles up to `total`, as the collector does after whatever went wrong. */
export async function settleUpTo(store: Store, total: number): Promise<void> {
  const books = await store.books("lan");
  await store.record(upTo(total, books?.counted ?? 0));
}

/** Every byte is there, once: in the device's day, and in the balance. */
export async function expectTotal(store: Store, total: number): Promise<void> {
  expect(await store.deviceDays(DAY, DAY)).toMatchObject([{ in: total }]);
  expect(await store.balances(DAY, DAY)).toMatchObject([{ counted: total, devices: { in: total } }]);
}

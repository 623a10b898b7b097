import { createStore, type StoreOptions } from "./create-store.ts";
import { openPostgresEngine, openPostgresReader, type PostgresOptions } from "./engine/postgres.ts";
import { ClaimLostError } from "./engine/postgres-claim.ts";
import { createReopeningStore } from "./file/reopening.ts";
import type { Store, ViewOf } from "./store.ts";

/**
 * A store in a PostgreSQL database, for this process alone; it makes its tables when there are none.
 * @throws StoreError when the server can't be reached or used; `busy`, `foreign`, `newer` when the database can't
 */
export async function openPostgresStore({ view, ...options }: PostgresOptions & StoreOptions): Promise<Store> {
  return createStore(await openPostgresEngine(options), { view });
}

/**
 * The same, opened at its first use and again after another instance wrote meanwhile: while that one runs, or the server
 * is away, every call throws why, and the next one tries again.
 */
export function createPostgresStore(options: PostgresOptions & { readonly view: ViewOf }): Store {
  return createReopeningStore({
    open: async () => ({ store: await openPostgresStore(options), recovery: null }),
    isLost: (error) => error instanceof ClaimLostError,
    onRecovery: () => {},
  });
}

/**
 * The state of a PostgreSQL database at this moment, to be read, whoever writes meanwhile. What changes it is refused.
 * @throws StoreError when the server can't be reached or used; `foreign` where there is no history yet, `newer`
 */
export async function readPostgresStore(url: string): Promise<Store> {
  return createStore(await openPostgresReader(url));
}

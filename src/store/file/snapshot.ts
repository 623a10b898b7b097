import { openSqliteStore } from "../sqlite-store.ts";
import type { Store } from "../store.ts";
import { copyDatabase } from "./copy.ts";
import { removeDatabase } from "./files.ts";

/**
 * A store on a copy of a database as it was saved last. The copy goes when the store is closed. So it can be asked many
 * questions while another process goes on writing, and a database that is not in use stays as it is, whatever its version.
 * @param copy where the copy is made; what is there is removed
 * @throws StoreError
 */
export async function openSnapshot(path: string, copy: string): Promise<Store> {
  removeDatabase(copy);
  try {
    await copyDatabase(path, copy);
    const store = openSqliteStore({ path: copy });
    return {
      ...store,
      async close() {
        try {
          await store.close();
        } finally {
          removeDatabase(copy);
        }
      },
    };
  } catch (error) {
    removeDatabase(copy);
    throw error;
  }
}

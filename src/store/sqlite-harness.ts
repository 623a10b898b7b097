import { copyFileSync, existsSync } from "node:fs";
import type { StoreHarness } from "./contract.ts";
import { openSqliteStore } from "./sqlite.ts";
import type { Store } from "./store.ts";
import { temporaryFolder } from "./testing.ts";

/** SQLite files in a temporary folder. A crash leaves what lies on the disk at that moment: the file and its WAL. */
export function sqliteHarness(): StoreHarness & { readonly path: () => string } {
  const folder = temporaryFolder();
  const opened: Store[] = [];
  let generation = 0;
  const path = () => folder.file(`WhiteStat-${generation}.db`);
  const open = async () => {
    const store = openSqliteStore({ path: path() });
    opened.push(store);
    return store;
  };
  return {
    path,
    open,
    async crash() {
      const from = path();
      generation += 1;
      for (const suffix of ["", "-wal"]) if (existsSync(from + suffix)) copyFileSync(from + suffix, path() + suffix);
      return open();
    },
    async dispose() {
      for (const store of opened) await store.close();
      folder[Symbol.dispose]();
    },
  };
}

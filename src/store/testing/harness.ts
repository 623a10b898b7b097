import { copyFileSync, existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { View } from "../../accounting/view.ts";
import { openSqliteStore } from "../sqlite-store.ts";
import type { Store, ViewOf } from "../store.ts";
import { temporaryFolder, viewOf } from "./settlements.ts";

/** One place in which an engine keeps a store, for the length of a test. */
export interface StoreHarness {
  /** Opens the store of this place, with {@link viewOf}'s settings unless others are given. */
  open(view?: View | ViewOf): Promise<Store>;
  /** Ends the open store as a power cut would, and opens what is left of it. */
  crash(view?: View): Promise<Store>;
  /** Opens what `Store.backup` made; missing where an engine makes no backups. */
  readonly openBackup?: (path: string) => Promise<Store>;
  /** Asks the database itself, as a person's SQL tool would, for what the last checkpoint kept. */
  query(sql: string): Promise<unknown[]>;
  dispose(): Promise<void>;
}

/** SQLite files in a temporary folder. A crash leaves what lies on the disk at that moment: the file and its WAL. */
export function sqliteHarness(): StoreHarness & { readonly path: () => string } {
  const folder = temporaryFolder();
  const opened: Store[] = [];
  let generation = 0;
  const path = () => folder.file(`WhiteStat-${generation}.db`);
  const open = async (view: View | ViewOf = viewOf()) => {
    const store = openSqliteStore({ path: path(), view });
    opened.push(store);
    return store;
  };
  return {
    path,
    open,
    async crash(view) {
      const from = path();
      generation += 1;
      for (const suffix of ["", "-wal"]) if (existsSync(from + suffix)) copyFileSync(from + suffix, path() + suffix);
      return open(view);
    },
    openBackup: async (from) => openSqliteStore({ path: from, view: viewOf() }),
    async query(sql) {
      const db = new DatabaseSync(path(), { readOnly: true });
      try {
        return db
          .prepare(sql)
          .all()
          .map((row) => ({ ...row }));
      } finally {
        db.close();
      }
    },
    async dispose() {
      for (const store of opened) await store.close();
      folder[Symbol.dispose]();
    },
  };
}

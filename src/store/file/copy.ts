import { type DatabaseSync, sqlite } from "../engine/node-sqlite.ts";
import { openReadOnly } from "./open-read-only.ts";

/** All pages in one step, so that a checkpoint in between can't make it start over. */
export const ALL_PAGES = 2 ** 31 - 1;

/** Copies a database by a connection of its own, which sees what is committed. The copy is one file. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  const { DatabaseSync, backup } = sqlite();
  const reader = openReadOnly(from);
  try {
    await backup(reader, to, { rate: ALL_PAGES });
  } finally {
    reader.close();
  }
  leaveWal(new DatabaseSync(to));
}

/** Makes a copy one file that opens anywhere, a read-only disk included. */
function leaveWal(copy: DatabaseSync): void {
  try {
    copy.exec("PRAGMA journal_mode = DELETE");
  } finally {
    copy.close();
  }
}

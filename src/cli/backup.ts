import { rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { damageIn } from "../store/file/damage.ts";
import { moveIntoPlace, removeDatabase } from "../store/file/files.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { StoreError } from "../store/store.ts";
import { type Manual, readArguments } from "./arguments.ts";
import { CommandError, fileError } from "./errors.ts";
import { EXIT, type Io } from "./io.ts";
import { checkTarget } from "./output.ts";
import { refuseNoStore } from "./own-store.ts";
import { createProgress } from "./progress.ts";
import { settingsOrReport } from "./serve.ts";

export const BACKUP: Manual = {
  usage: "backup PATH [--force]",
  sentence: "copy the database while it is in use, and verify the copy",
  options: [
    ["PATH", "a file, or a folder: there it is named after the day"],
    ["--force", "replace the file if it exists"],
  ],
  example: "backup /mnt/usb/WhiteStat.db",
};

/** Copies the database, whole and consistent, while WhiteStat runs. Into a folder it goes under the day's name. @returns the exit code */
export async function backupCommand(io: Io, args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, { force: { type: "boolean" } }, BACKUP, ["PATH"]);
  const loaded = await settingsOrReport(io, { create: false });
  if (loaded === null) return EXIT.config;
  const { dbFile, databaseUrl } = loaded.settings;
  if (databaseUrl !== null) {
    throw new CommandError(
      EXIT.failed,
      "WhiteStat makes no backups of a PostgreSQL database.",
      "Use pg_dump (docs/postgresql.md), or `whitestat copy --to FILE`.",
    );
  }
  const named = resolve(io.cwd, positionals[0] ?? "");
  const day = new Date(io.clock.now()).toISOString().slice(0, 10);
  const path = isFolder(named) ? join(named, `WhiteStat-${day}.db`) : named;
  checkTarget(path, values.force === true, loaded.settings);
  refuseNoStore(dbFile);
  const store = openSqliteStore({ path: dbFile });
  const unfinished = `${path}.unfinished`;
  const progress = createProgress(io.stderr, () => io.clock.mono());
  try {
    removeDatabase(unfinished);
    await progress.during(
      "Copying the database",
      () => sizeOf(unfinished),
      sizeOf(dbFile),
      () => store.backup(unfinished),
    );
    const damage = await progress.during(
      "Verifying the copy",
      () => 0,
      null,
      () => damageIn(unfinished),
    );
    if (damage !== null) throw new StoreError("corrupt", `${dbFile} is damaged: ${damage}`, "Run whitestat doctor.");
    moveIntoPlace(unfinished, path);
    // SQLite would read what an earlier file of that name left beside it into this one.
    for (const suffix of ["-wal", "-shm", "-journal"]) rmSync(path + suffix, { force: true });
    io.stdout.write(`${path}: ${sizeOf(path)} bytes, verified.\n`);
    return EXIT.ok;
  } catch (error) {
    throw fileError(error, "write", path);
  } finally {
    removeDatabase(unfinished);
    await store.close();
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch (error) {
    throw fileError(error, "write", path);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

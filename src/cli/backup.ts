import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { damageIn } from "../store/file/check.ts";
import { moveIntoPlace, removeDatabase } from "../store/file/files.ts";
import { StoreError } from "../store/store.ts";
import { readArguments } from "./arguments.ts";
import { openToRead } from "./export.ts";
import { EXIT, type Io } from "./io.ts";
import { settingsOrReport } from "./serve.ts";

/**
 * Copies the database, whole and consistent, while WhiteStat runs. Into a folder it goes under the day's name; a file
 * that is there is never written over. @returns the exit code
 */
export async function backupCommand(io: Io, args: readonly string[]): Promise<number> {
  const { positionals } = readArguments(args, {}, "whitestat backup PATH", { least: 1, most: 1 });
  const loaded = await settingsOrReport(io);
  if (loaded === null) return EXIT.config;
  const named = resolve(io.cwd, positionals[0] ?? "");
  const day = new Date(io.clock.now()).toISOString().slice(0, 10);
  const isFolder = statSync(named, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const path = isFolder ? join(named, `WhiteStat-${day}.db`) : named;
  if (existsSync(path)) {
    throw new StoreError(
      "foreign",
      `${path} is there already, and was left as it is`,
      "Name another file, or a folder.",
    );
  }
  const store = openToRead(loaded.settings.dbFile);
  const unfinished = `${path}.unfinished`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    await store.backup(unfinished);
    const fault = await damageIn(unfinished);
    if (fault !== null) {
      throw new StoreError("corrupt", `${loaded.settings.dbFile} is damaged: ${fault}`, "Run whitestat doctor.");
    }
    moveIntoPlace(unfinished, path);
    io.stdout.write(`${path}: ${statSync(path).size} bytes, looked through and sound.\n`);
    return EXIT.ok;
  } finally {
    removeDatabase(unfinished);
    await store.close();
  }
}

import { realpathSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { Settings } from "../settings/table.ts";
import { CommandError, fileError } from "./errors.ts";
import { EXIT } from "./io.ts";

/**
 * Makes sure that a file may be written: its folder is there, it is none of WhiteStat's own, and it isn't replaced
 * unless that was asked for.
 * @throws CommandError
 */
export function checkTarget(path: string, force: boolean, settings: Settings): void {
  const folder = dirname(path);
  let there: ReturnType<typeof statSync>;
  try {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
      throw new CommandError(
        EXIT.cantCreate,
        `Can't write ${path}: there is no folder ${folder}.`,
        `Create it with \`mkdir -p ${folder}\`, or name another file.`,
      );
    }
    there = statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw fileError(error, "write", path);
  }
  if (there?.isDirectory()) {
    throw new CommandError(EXIT.cantCreate, `Can't write ${path}: it is a folder.`, "Name a file in it.");
  }
  if (ownFiles(settings).includes(realPath(path))) {
    throw new CommandError(EXIT.cantCreate, `Can't write ${path}: WhiteStat itself uses it.`, "Name another file.");
  }
  if (there?.isFile() && !force) {
    throw new CommandError(
      EXIT.cantCreate,
      `${path} exists already and was left as it is.`,
      "Name another file, or replace it with --force.",
    );
  }
}

function ownFiles({
  dbFile,
  logFile,
  traceFile,
  ipMacFile,
  macMacFile,
  macHostFile,
  archiveFile,
  dataStore,
}: Settings): string[] {
  const named = [dbFile, logFile, traceFile, ipMacFile, macMacFile, macHostFile, archiveFile];
  return [...named, `${dataStore}/WhiteStatConfig.json`].map(realPath);
}

/** The path without links, also of what isn't there. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    try {
      return `${realpathSync(dirname(path))}/${basename(path)}`;
    } catch {
      return path;
    }
  }
}

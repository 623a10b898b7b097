import { constants } from "node:fs";
import { access, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { SettingsError, type SettingsIssue } from "./settings-error.ts";

/** Who runs this program; null where the system knows no such thing. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Makes sure that the data store is a folder that can be read and written; creates it where it is missing.
 * @throws SettingsError with what to do
 */
export async function openDataStore(folder: string, identity: Identity | null): Promise<void> {
  try {
    await makeFolder(folder);
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new SettingsError([await folderIssue(error, folder, identity)], { cause: error });
  }
}

/**
 * Creates a folder with those above it, for this user alone. Node's own way to do so (`recursive`) never ends where the
 * system denies that a folder is missing and won't have it made, as in /proc.
 * @returns the folders that were missing
 * @throws the file system's error
 */
export async function makeFolder(folder: string): Promise<readonly string[]> {
  const missing: string[] = [];
  for (let path = folder; ; path = dirname(path)) {
    const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
      return null;
    });
    if (found?.isDirectory() === false) throw Object.assign(new Error(`${path} is a file`), { code: "ENOTDIR" });
    if (found !== null || dirname(path) === path) break;
    missing.push(path);
  }
  for (const path of missing.reverse()) {
    await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
  return missing;
}

/** A file system's error about the folder, or a file in it, as an issue with what to do. */
export async function folderIssue(error: unknown, path: string, identity: Identity | null): Promise<SettingsIssue> {
  const { code, message } = error as NodeJS.ErrnoException;
  const owner = await stat(path)
    .then(({ uid }) => uid)
    .catch(() => null);
  const issue = (problem: string, hint: string): SettingsIssue => ({
    key: "DATA_STORE",
    place: path,
    problem,
    hint,
    example: "",
  });
  switch (code) {
    case "EEXIST":
    case "ENOTDIR":
      return issue("is a file or below one, but must be a folder", "Set DATA_STORE to a folder.");
    case "ENOENT":
      return issue(
        "can't be created: the system keeps no files there, or it is a link to a disk that isn't mounted",
        "Set DATA_STORE to a folder on a disk, e.g. DATA_STORE=/var/lib/whitestat.",
      );
    case "EROFS":
      return issue(
        "is on a read-only file system",
        "Mount it for writing, or set DATA_STORE to another folder. An SD card that became read-only by itself is usually failing: look at dmesg.",
      );
    case "ENOSPC":
    case "EDQUOT":
      return issue("is on a full disk", "Free some space, or set DATA_STORE to another folder.");
    case "EISDIR":
      return issue(
        "is a folder, but must be a file (a container engine makes a folder where the file to mount doesn't exist)",
        "Delete the folder; the file is created at the next start.",
      );
    case "EACCES":
    case "EPERM":
      return issue(permission(identity, owner), permissionHint(path, identity));
    default:
      return issue(`can't be used (${code ?? message})`, "Set DATA_STORE to another folder.");
  }
}

function permission(identity: Identity | null, owner: number | null): string {
  if (!identity) return "can't be read and written by this program";
  const whose = owner !== null && owner !== identity.uid ? `; it belongs to user ${owner}` : "";
  return `can't be read and written by user ${identity.uid}, who runs this program${whose}`;
}

function permissionHint(path: string, identity: Identity | null): string {
  if (!identity) return "Give it the right to, or set DATA_STORE to another folder.";
  const command = `sudo chown -R ${identity.uid}:${identity.gid} ${quoted(path)}`;
  return `Run: ${command} (on the machine that holds the folder), or set DATA_STORE to another folder.`;
}

/** A path as a shell reads it back. */
function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

import { constants } from "node:fs";
import { access, mkdir, stat } from "node:fs/promises";
import { SettingsError, type SettingsIssue } from "./settings-error.ts";

/** Who runs this program; null where the system knows no such thing. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Makes sure that the data store is a folder that can be read and written; creates it where it is missing.
 * @throws SettingsError with the remedy
 */
export async function openDataStore(folder: string, identity: Identity | null): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new SettingsError([await folderIssue(error, folder, identity)], { cause: error });
  }
}

/** A file system's error about the folder, or a file in it, as an issue with its remedy. */
export async function folderIssue(error: unknown, path: string, identity: Identity | null): Promise<SettingsIssue> {
  const { code, message } = error as NodeJS.ErrnoException;
  const owner = await stat(path)
    .then(({ uid }) => uid)
    .catch(() => null);
  const issue = (problem: string, remedy: string): SettingsIssue => ({
    key: "DATA_STORE",
    place: path,
    problem,
    allowed: remedy,
    example: "",
  });
  switch (code) {
    case "EEXIST":
    case "ENOTDIR":
      return issue("is a file, or lies below one, and a folder is wanted", "Name a folder in DATA_STORE.");
    case "EROFS":
      return issue(
        "lies on a file system that is read-only",
        "Mount it for writing, or name another folder in DATA_STORE. An SD card that became read-only by itself is usually failing: look at dmesg.",
      );
    case "ENOSPC":
    case "EDQUOT":
      return issue("lies on a disk that is full", "Free some space, or name another folder in DATA_STORE.");
    case "EISDIR":
      return issue(
        "is a folder, and a file is wanted (a container engine makes one where it was to mount a file that isn't there)",
        "Delete the folder; the file is created at the next start.",
      );
    case "EACCES":
    case "EPERM":
      return issue(permission(identity, owner), permissionRemedy(path, identity));
    default:
      return issue(`can't be used (${code ?? message})`, "Name another folder in DATA_STORE.");
  }
}

function permission(identity: Identity | null, owner: number | null): string {
  if (!identity) return "must not be read or written by this program";
  const whose = owner !== null && owner !== identity.uid ? `; it belongs to user ${owner}` : "";
  return `must not be read or written by user ${identity.uid}, who runs this program${whose}`;
}

function permissionRemedy(path: string, identity: Identity | null): string {
  if (!identity) return "Give it the right to, or name another folder in DATA_STORE.";
  const command = `sudo chown -R ${identity.uid}:${identity.gid} ${quoted(path)}`;
  return `Run: ${command} (on the machine that holds the folder), or name another folder in DATA_STORE.`;
}

/** A path as a shell reads it back. */
function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

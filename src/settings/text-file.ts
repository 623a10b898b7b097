import { chmod, chown, lstat, open, realpath, rename, rm, stat } from "node:fs/promises";

/** A text as it was found on disk, with what is needed to write it back the same way. */
export interface DecodedText {
  readonly text: string;
  /** Whether a byte order mark stood before it; it is not part of the text. */
  readonly bom: boolean;
  /** What the bytes were. Windows-1252 is a guess, made when they are no UTF-8. */
  readonly encoding: "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";
}

/** Reads bytes as the text that an editor wrote: by its byte order mark, else UTF-8, else Windows-1252. */
export function decodeText(bytes: Uint8Array): DecodedText {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decoded(bytes, "utf-16le", true);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decoded(bytes, "utf-16be", true);
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), bom, encoding: "utf-8" };
  } catch {
    return decoded(bytes, "windows-1252", false);
  }
}

function decoded(bytes: Uint8Array, encoding: DecodedText["encoding"], bom: boolean): DecodedText {
  return { text: new TextDecoder(encoding).decode(bytes), bom, encoding };
}

/**
 * Replaces a file's content so that a crash leaves either the old or the new one, whole: a file beside it, synced,
 * renamed over it. Mode and owner stay; a symbolic link stays one. A file that is itself a mount (one file bound into
 * a container) can't be renamed over, and is written in place.
 * @throws the file system's own error (`code` EACCES, EROFS, ENOSPC, …); no half file is left behind
 */
export async function writeFileAtomically(path: string, text: string): Promise<void> {
  const target = await targetOf(path);
  const old = await stat(target).catch(() => null);
  const draft = `${target}.tmp`;
  try {
    // Made anew: a link that somebody put there would lead the writing to a file of his choice.
    await rm(draft, { force: true });
    await writeSynced(draft, text, "wx");
    if (old) await keepOwner(draft, old);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    if ((error as NodeJS.ErrnoException).code !== "EBUSY" || !old) throw error;
    await writeSynced(target, text, "r+");
  }
}

/** Where a link leads, as a person made it. Not where somebody else's leads, for root: it would write any file for him. */
async function targetOf(path: string): Promise<string> {
  const link = await lstat(path).catch(() => null);
  if (!link?.isSymbolicLink() || (process.getuid?.() === 0 && link.uid !== 0)) return path;
  return realpath(path).catch(() => path);
}

async function writeSynced(path: string, text: string, flags: "wx" | "r+"): Promise<void> {
  const file = await open(path, flags);
  try {
    await file.writeFile(text);
    await file.truncate(Buffer.byteLength(text));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The owner can only be kept by root; without that the new file is ours, which is no reason to fail. */
async function keepOwner(path: string, old: { mode: number; uid: number; gid: number }): Promise<void> {
  await chown(path, old.uid, old.gid).catch(() => undefined);
  await chmod(path, old.mode & 0o7777).catch(() => undefined);
}

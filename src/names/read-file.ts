import { constants } from "node:fs";
import { open, stat } from "node:fs/promises";

/** A larger file is no list of a household's devices: 25,000 lines fit. */
const MAX_BYTES = 2 * 1024 * 1024;

/** What a file said when it was read, and a stamp by which a change is seen. */
export interface ReadFile {
  readonly text: string;
  readonly stamp: string;
}

/**
 * Reads a file that other programs write, at any moment: a text, or what is left of one.
 * @param known the stamp of before: null is returned while it is still that
 * @throws an error in words for a person where there is no regular file, or a too large one, or no right to read it. A pipe,
 * a device or a ring of links is refused, never waited for.
 */
export async function readNameFile(path: string, known: string | null): Promise<ReadFile | null> {
  try {
    const found = await stat(path, { bigint: true });
    if (!found.isFile()) throw new Error("it is no regular file");
    const stamp = `${found.mtimeNs} ${found.size} ${found.ino}`;
    if (stamp === known) return null;
    // Something else may stand there by now: a pipe without a writer would be waited for.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await file.stat()).isFile()) throw new Error("it is no regular file");
      const buffer = Buffer.allocUnsafe(Math.min(Number(found.size), MAX_BYTES) + 1);
      let length = 0;
      // The file may grow meanwhile: what comes behind its length of before is read the next time.
      while (length < buffer.length) {
        const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      if (length > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES / 1024 / 1024} MB`);
      return { text: new TextDecoder().decode(buffer.subarray(0, length)), stamp };
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(REASONS[code ?? ""] ?? message, { cause: error });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "it doesn't exist",
  ENOTDIR: "it doesn't exist",
  EACCES: "this program has no right to read it",
  EPERM: "this program has no right to read it",
  ELOOP: "its links lead in a circle",
  EISDIR: "it is a folder",
};

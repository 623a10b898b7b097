import { type BigIntStats, constants } from "node:fs";
import { open, stat } from "node:fs/promises";

/** A larger file is no list of a household's devices: 25,000 lines fit. */
const MAX_BYTES = 2 * 1024 * 1024;

/** What a file said when it was read, and a stamp by which a change is seen. */
export interface ReadFile {
  readonly text: string;
  readonly stamp: string;
}

/**
 * Reads a file that other programs write, at any moment: a text, or what is left of one. Kea's comes with what Kea has moved
 * from it into others.
 * @param known the stamp of before: null is returned while it is still that
 * @throws an error in words for a person where there is no regular file, or a too large one, or no right to read it. A pipe,
 * a device or a ring of links is refused, never waited for.
 */
export async function readNameFile(path: string, known: string | null): Promise<ReadFile | null> {
  try {
    const moved = path.endsWith(".csv") ? await movedFrom(path) : [];
    const found = [...moved, { path, stats: await regularFile(path) }];
    const stamp = found.map(({ stats }) => `${stats.mtimeNs} ${stats.size} ${stats.ino}`).join(" ");
    if (stamp === known) return null;
    const texts: string[] = [];
    for (const one of found) {
      const text = textOf(one.path, Number(one.stats.size));
      // Kea may have moved it on by now: it is read the next time.
      texts.push(await (one.path === path ? text : text.catch(unlessGone)));
    }
    return { text: texts.join("\n"), stamp };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(REASONS[code ?? ""] ?? message, { cause: error });
  }
}

/** Where Kea has its leases besides, the oldest first: what it cleaned up each hour before, what it is at, and what came of that. */
const KEA_MOVES_TO = [".2", ".1", ".completed"] as const;

interface Found {
  readonly path: string;
  readonly stats: BigIntStats;
}

async function movedFrom(path: string): Promise<readonly Found[]> {
  const all = KEA_MOVES_TO.map(async (ending) => ({ path: path + ending, stats: await regularFile(path + ending) }));
  return (await Promise.allSettled(all)).flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}

function unlessGone(error: NodeJS.ErrnoException): string {
  if (error.code !== "ENOENT") throw error;
  return "";
}

async function regularFile(path: string): Promise<BigIntStats> {
  const stats = await stat(path, { bigint: true });
  if (!stats.isFile()) throw new Error("it is no regular file");
  return stats;
}

async function textOf(path: string, size: number): Promise<string> {
  // Something else may stand there by now: a pipe without a writer would be waited for.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new Error("it is no regular file");
    const buffer = Buffer.allocUnsafe(Math.min(size, MAX_BYTES) + 1);
    let length = 0;
    // The file may grow meanwhile: what comes behind its length of before is read the next time.
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    if (length > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES / 1024 / 1024} MB`);
    return new TextDecoder().decode(buffer.subarray(0, length));
  } finally {
    await file.close();
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

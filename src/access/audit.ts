/** Who changed something. */
export interface Author {
  readonly kind: "person" | "token" | "proxy" | "anybody" | "command";
  /** The session's, the token's or the user's name; of anybody the address; of the command line nothing. */
  readonly name: string;
}

/** One change. */
export interface AuditEntry {
  /** ms UTC */
  readonly at: number;
  readonly by: Author;
  /** A sentence without its full stop. May hold names from the network. */
  readonly what: string;
}

/** What the store remembers; see `Store.remember`. */
export interface Memory {
  recall<T>(name: string): Promise<T | null>;
  remember(name: string, value: unknown): Promise<void>;
}

export const MAX_ENTRIES = 500;
const MAX_AGE_MS = 400 * 86_400_000;
const MAX_TEXT = 300;
/** An SD card is not written for each of many changes. */
const WRITE_EVERY_MS = 10_000;
const MEMORY = "audit";

/** Who changed what, the latest changes. */
export interface Audit {
  /** Adds a change; what can't be written now is written by `keep`. Never rejects. */
  add(by: Author, what: string): Promise<void>;
  /** The latest first. @throws what the store throws */
  list(): Promise<readonly AuditEntry[]>;
  /** Writes what is not written yet. */
  keep(): Promise<void>;
}

/** @param now ms UTC */
export function createAudit(memory: Memory, now: () => number): Audit {
  /** The oldest first; null until they were read. */
  let entries: AuditEntry[] | null = null;
  let added: AuditEntry[] = [];
  let isDirty = false;
  let writtenAt = Number.NEGATIVE_INFINITY;

  async function loaded(): Promise<AuditEntry[]> {
    entries ??= (await memory.recall<AuditEntry[]>(MEMORY)) ?? [];
    if (added.length > 0) entries.push(...added.splice(0));
    const from = now() - MAX_AGE_MS;
    entries = entries.filter(({ at }) => at >= from).slice(-MAX_ENTRIES);
    return entries;
  }

  async function keep(): Promise<void> {
    if (!isDirty) return;
    const all = await loaded();
    isDirty = false;
    try {
      await memory.remember(MEMORY, all);
      writtenAt = now();
    } catch (error) {
      isDirty = true;
      throw error;
    }
  }

  return {
    async add(by, what) {
      added = [...added, { at: now(), by, what: [...what].slice(0, MAX_TEXT).join("") }].slice(-MAX_ENTRIES);
      isDirty = true;
      if (Math.abs(now() - writtenAt) < WRITE_EVERY_MS) return;
      // A full disk must not undo a change that was made.
      await keep().catch(() => {});
    },
    list: async () => [...(await loaded())].reverse(),
    keep,
  };
}

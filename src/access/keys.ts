import type { TokenScope } from "../shared/access-words.ts";
import { AccessError } from "./access-error.ts";
import type { Memory } from "./audit.ts";
import { digestOf, newSecret, type RandomBytes } from "./secret.ts";

/** What the three sorts of secrets have in common. Of the secret itself its digest is kept alone. */
interface Key {
  /** Public: to tell one from another in lists and addresses. */
  readonly id: string;
  readonly digest: string;
  /** Of a session what signed in, as it called itself: untrusted text; else as a person named it. */
  readonly name: string;
  /** ms UTC, like all instants here. */
  readonly createdAt: number;
  usedAt: number | null;
}

/** A browser in which somebody signed in with the password. */
export interface Session extends Key {
  /** Where it was used last. */
  address: string;
  usedAt: number;
  /** Salt of the password that it was made with: it ends with that. */
  readonly password: string;
}

/** What a program sends instead of a password. */
export interface Token extends Key {
  readonly scope: TokenScope;
}

/** An address that shows the dashboard to whoever opens it, and lets nothing be changed. */
export interface ViewLink extends Key {
  /** Whose devices are shown; null: everybody's. */
  readonly owner: number | null;
  /** Null: until it is revoked. */
  readonly expiresAt: number | null;
}

/** A browser in which the right password was entered once: guessing elsewhere must not lock it out. */
interface Known {
  readonly digest: string;
  at: number;
}

export interface Kept {
  /** Of the installation: cookies of two of them on one host must not replace each other. */
  readonly instance: string;
  sessions: Session[];
  known: Known[];
  tokens: Token[];
  links: ViewLink[];
}

/** A session ends when it wasn't used for as long. */
export const SESSION_DAYS = 90;
const DAY_MS = 86_400_000;
export const SESSION_MS = SESSION_DAYS * DAY_MS;
export const MAX_SESSIONS = 100;
export const MAX_TOKENS = 100;
export const MAX_LINKS = 100;
const MAX_KNOWN = 50;
/** How much later a use must be than the one that was written, to be written: an SD card wears out. */
const WRITE_TOKEN_USE_MS = 3_600_000;
const WRITE_SESSION_USE_MS = DAY_MS;
const ID_BYTES = 6;
const MEMORY = "access";

/** Begins every token, so that one which was pasted somewhere is recognised. */
export const TOKEN_PREFIX = "wst_";
export const LINK_PREFIX = "wsv_";

/** The sessions, tokens and view links, as the store keeps them. */
export type Keys = Awaited<ReturnType<typeof loadKeys>>;

/**
 * @param now ms UTC
 * @throws what the store throws
 */
export async function loadKeys(memory: Memory, random: RandomBytes, now: () => number) {
  const stored = await memory.recall<Kept>(MEMORY);
  const kept: Kept = stored ?? { instance: idOf(random), sessions: [], known: [], tokens: [], links: [] };
  /** Uses as they were written, by digest. */
  const written = new Map<string, number>();
  const everything = (): Key[] => [...kept.sessions, ...kept.tokens, ...kept.links];
  const byDigest = new Map<string, Key>();
  let isDirty = stored === null;
  reindex();
  noteWritten();

  function reindex(): void {
    byDigest.clear();
    for (const key of everything()) byDigest.set(key.digest, key);
  }

  function noteWritten(): void {
    written.clear();
    for (const { digest, usedAt } of everything()) written.set(digest, usedAt ?? 0);
  }

  async function write(): Promise<void> {
    isDirty = true;
    await memory.remember(MEMORY, kept);
    isDirty = false;
    noteWritten();
  }

  const isOver = (session: Session) => now() - session.usedAt >= SESSION_MS;

  /** Changes a list, durably: else it is as it was. */
  async function change<Name extends "tokens" | "links">(name: Name, list: Kept[Name]): Promise<void> {
    const before = kept[name];
    kept[name] = list;
    reindex();
    try {
      await write();
    } catch (error) {
      kept[name] = before;
      reindex();
      throw error;
    }
  }

  function without<One extends Key>(list: readonly One[], id: string): One[] {
    if (list.some((one) => one.id === id)) return list.filter((one) => one.id !== id);
    throw new AccessError(
      "unknown-access",
      "There is none of this id.",
      "Read the list again: it may be gone already.",
    );
  }

  return {
    instance: kept.instance,
    /** The session, token or link of a secret; null for none. */
    find(secret: string): Session | Token | ViewLink | null {
      const key = byDigest.get(digestOf(secret)) as Session | Token | ViewLink | undefined;
      if (key === undefined) return null;
      if ("password" in key && isOver(key)) return null;
      if ("owner" in key && key.expiresAt !== null && key.expiresAt <= now()) return null;
      return key;
    },
    sessions: (): readonly Session[] => kept.sessions.filter((session) => !isOver(session)),
    tokens: (): readonly Token[] => kept.tokens,
    links: (): readonly ViewLink[] => kept.links,

    /** A new session, which lasts this process at least where it can't be written now. @returns its secret */
    async addSession(some: Pick<Session, "name" | "address" | "password">): Promise<string> {
      const secret = newSecret(random);
      const session = { id: idOf(random), digest: digestOf(secret), createdAt: now(), usedAt: now(), ...some };
      const others = kept.sessions.filter((one) => !isOver(one)).sort((a, b) => b.usedAt - a.usedAt);
      kept.sessions = [session, ...others].slice(0, MAX_SESSIONS);
      reindex();
      await write().catch(() => {});
      return secret;
    },
    /** Ends sessions. They are over in this process whatever the store says. @returns their ids */
    async endSessions(which: (session: Session) => boolean): Promise<readonly string[]> {
      const ended = kept.sessions.filter(which).map(({ id }) => id);
      if (ended.length === 0) return [];
      kept.sessions = kept.sessions.filter((session) => !which(session));
      reindex();
      await write();
      return ended;
    },

    isKnown: (secret: string): boolean => kept.known.some(({ digest }) => digest === digestOf(secret)),
    /** Remembers a browser in which the password was right. @returns its secret, a new one for a new browser */
    addKnown(secret: string | null): string {
      const before = secret === null ? undefined : kept.known.find(({ digest }) => digest === digestOf(secret));
      const own = before === undefined || secret === null ? newSecret(random) : secret;
      const others = kept.known.filter((one) => one !== before);
      kept.known = [{ digest: digestOf(own), at: now() }, ...others].slice(0, MAX_KNOWN);
      isDirty = true;
      return own;
    },

    /** @returns the secret @throws AccessError `too-many-access`, what the store throws */
    async addToken(name: string, scope: TokenScope): Promise<string> {
      if (kept.tokens.length >= MAX_TOKENS) throw tooMany("tokens", MAX_TOKENS);
      const secret = TOKEN_PREFIX + newSecret(random);
      const key = { id: idOf(random), digest: digestOf(secret), name, createdAt: now(), usedAt: null, scope };
      await change("tokens", [...kept.tokens, key]);
      return secret;
    },
    /** @throws AccessError `unknown-access`, what the store throws */
    revokeToken: (id: string) => change("tokens", without(kept.tokens, id)),

    /** @returns the secret @throws AccessError `too-many-access`, what the store throws */
    async addLink(some: Pick<ViewLink, "name" | "owner" | "expiresAt">): Promise<string> {
      if (kept.links.length >= MAX_LINKS) throw tooMany("view links", MAX_LINKS);
      const secret = LINK_PREFIX + newSecret(random);
      const key = { id: idOf(random), digest: digestOf(secret), createdAt: now(), usedAt: null, ...some };
      await change("links", [...kept.links, key]);
      return secret;
    },
    /** @throws AccessError `unknown-access`, what the store throws */
    revokeLink: (id: string) => change("links", without(kept.links, id)),

    /** It is used now. Nothing is written for it before `keep`. */
    touch(key: Key, address: string): void {
      key.usedAt = now();
      if ("address" in key) (key as Session).address = address;
    },
    /** Writes what is worth it: what changed, and uses that are much later than those written. */
    async keep(): Promise<void> {
      const isLater = (key: Key) => {
        const least = "password" in key ? WRITE_SESSION_USE_MS : WRITE_TOKEN_USE_MS;
        return (key.usedAt ?? 0) - (written.get(key.digest) ?? 0) >= least;
      };
      const isEmpty = everything().length + kept.known.length === 0;
      if ((isDirty && !(isEmpty && stored === null)) || everything().some(isLater)) await write();
    },
  };
}

function tooMany(what: string, most: number): AccessError {
  return new AccessError("too-many-access", `There are ${most} ${what} already.`, "Revoke one that nobody uses.");
}

function idOf(random: RandomBytes): string {
  return Buffer.from(random(ID_BYTES)).toString("hex");
}

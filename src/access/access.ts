import type { AuthMode, TokenScope } from "../shared/access-words.ts";
import { cleanName } from "../shared/clean-name.ts";
import { AccessError } from "./access-error.ts";
import { type Audit, createAudit, type Memory } from "./audit.ts";
import { createGuesses, FREE_TRIES, type Guesses } from "./guesses.ts";
import { type Keys, loadKeys, type Session, type Token, type ViewLink } from "./keys.ts";
import { checkNewPassword, createHasher, type PasswordHash } from "./password.ts";
import type { RandomBytes } from "./secret.ts";

export interface AccessDeps {
  readonly mode: AuthMode;
  readonly memory: Memory;
  /** The password's hash, which the command line may replace at any time. */
  readonly passwords: {
    /** Null: none is set. @throws the file system's error */
    read(): Promise<PasswordHash | null>;
    /** Null removes it. @throws the file system's error */
    write(hash: PasswordHash | null): Promise<void>;
  };
  /** ms UTC, and a clock that nobody sets. */
  readonly clock: { now(): number; mono(): number };
  readonly random: RandomBytes;
  readonly log: { warn(message: string): void; info(message: string): void };
}

/** Who tries to sign in. */
export interface SignIn {
  readonly password: string;
  /** See `clientKey`. */
  readonly address: string;
  /** How its browser calls itself. Untrusted text. */
  readonly name: string;
  /** What the browser kept of an earlier time; null for nothing. */
  readonly known: string | null;
}

const NAME_LENGTH = 60;
/** The file of the password is looked at no more often. */
const LOOK_EVERY_MS = 1_000;
/** Lines in the log about guessing, in an hour. */
const MAX_LINES = 20;
const HOUR_MS = 3_600_000;

export type Access = ReturnType<typeof createAccess>;

/** Who may come in, and what was changed by whom. Nothing is read before somebody asks. */
export function createAccess(deps: AccessDeps) {
  const { mode, memory, passwords, clock, random, log } = deps;
  const hasher = createHasher(random);
  const audit: Audit = createAudit(memory, () => clock.now());
  let guesses: Guesses | null = null;
  let keys: Promise<Keys> | null = null;
  let looked: { at: number; found: Promise<PasswordHash | null> } | null = null;
  let lastSalt: string | null | undefined;
  /** Told when what they depend on is over, by the id of a session, token or link. */
  const watchers = new Map<string, Set<() => void>>();
  let lines = { from: Number.NEGATIVE_INFINITY, count: 0 };

  function keysNow(): Promise<Keys> {
    keys ??= loadKeys(memory, random, () => clock.now()).catch((error: unknown) => {
      keys = null;
      throw error;
    });
    return keys;
  }

  async function passwordNow(): Promise<PasswordHash | null> {
    const at = clock.mono();
    if (looked === null || at - looked.at >= LOOK_EVERY_MS) {
      const found = passwords.read();
      found.catch(() => {
        looked = null;
      });
      looked = { at, found };
    }
    const hash = await looked.found;
    const salt = hash?.salt ?? null;
    if (lastSalt !== undefined && lastSalt !== salt) {
      lastSalt = salt;
      const done = salt === null ? "The password was removed" : "The password was changed";
      log.info(`${done} on the command line: who was signed in must sign in again.`);
      await audit.add({ kind: "command", name: "" }, done);
      await endSessions(({ password }) => password !== salt).catch(() => {});
    }
    lastSalt = salt;
    return hash;
  }

  function over(ids: readonly string[]): void {
    for (const id of ids) for (const tell of [...(watchers.get(id) ?? [])]) tell();
  }

  async function endSessions(which: (session: Session) => boolean): Promise<number> {
    const held = await keysNow();
    const ending = held
      .sessions()
      .filter(which)
      .map(({ id }) => id);
    try {
      await held.endSessions(which);
    } finally {
      over(ending);
    }
    return ending.length;
  }

  function warn(message: string): void {
    if (clock.mono() - lines.from >= HOUR_MS) lines = { from: clock.mono(), count: 0 };
    lines.count += 1;
    if (lines.count < MAX_LINES) log.warn(message);
    if (lines.count === MAX_LINES) log.warn("More wrong passwords come in; no more lines about them for an hour.");
  }

  /** @throws AccessError unless it is the password */
  async function checkPassword({ password, address, known }: Omit<SignIn, "name">): Promise<PasswordHash> {
    const hash = await passwordNow();
    if (hash === null) {
      throw new AccessError(
        "no-password",
        "No password is set yet, so nobody can sign in.",
        "Run the command whitestat password on the machine that WhiteStat runs on.",
      );
    }
    guesses ??= createGuesses(() => clock.mono());
    const isKnown = known !== null && (await keysNow()).isKnown(known);
    const guesser = isKnown ? `known ${known}` : address;
    const waitMs = guesses.ask(guesser, isKnown);
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1000);
      throw new AccessError(
        "slow-down",
        "Too many wrong passwords.",
        `Try again in ${seconds === 1 ? "a second" : seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`}.`,
        waitMs,
      );
    }
    if (await hasher.isRight(password, hash)) {
      guesses.right(guesser);
      return hash;
    }
    if (guesses.count(guesser) === FREE_TRIES) {
      warn(`${FREE_TRIES} wrong passwords in a row from ${address}: it must wait longer and longer between tries.`);
    }
    throw new AccessError(
      "wrong-password",
      "This isn't the password.",
      "Forgotten? The command whitestat password, on the machine that runs WhiteStat, sets a new one.",
    );
  }

  return {
    mode,
    audit,
    keys: keysNow,
    /** Whether there is a password. */
    hasPassword: async () => (await passwordNow()) !== null,

    /** The session, token or link of a secret; null for one that is none, or is over. @throws StoreError */
    async find(secret: string): Promise<Session | Token | ViewLink | null> {
      const key = (await keysNow()).find(secret);
      if (key === null || !("password" in key)) return key;
      const hash = await passwordNow();
      return key.password === hash?.salt ? key : null;
    },

    /**
     * Starts a session. @returns its secret, and one by which the browser is known from now on
     * @throws AccessError `no-password`, `slow-down`, `busy`, `wrong-password`; StoreError
     */
    async signIn(who: SignIn): Promise<{ secret: string; known: string }> {
      const hash = await checkPassword(who);
      const held = await keysNow();
      const known = held.addKnown(who.known);
      const name = cleanName(who.name, NAME_LENGTH) || "Unknown browser";
      const secret = await held.addSession({ name, address: who.address, password: hash.salt });
      await audit.add({ kind: "person", name }, `Signed in from ${who.address}`);
      return { secret, known };
    },

    /** @returns how many ended @throws StoreError; then they are over until WhiteStat starts again */
    endSessions,

    /**
     * Sets the password; all sessions end but the one of who sets it.
     * @param current the password until now; not asked for where none is set
     * @param session of who sets it; null for none
     * @returns the secret of a session that takes the place of that one; null without one
     * @throws AccessError; the file system's error
     */
    async setPassword(
      { next, ...who }: SignIn & { readonly next: string },
      session: Session | null,
    ): Promise<string | null> {
      checkNewPassword(next);
      if ((await passwordNow()) !== null) await checkPassword(who);
      const hash = await hasher.hash(next);
      await passwords.write(hash);
      looked = { at: clock.mono(), found: Promise.resolve(hash) };
      lastSalt = hash.salt;
      await endSessions(() => true);
      if (session === null) return null;
      return (await keysNow()).addSession({ name: session.name, address: who.address, password: hash.salt });
    },

    /** @returns the secret @throws AccessError, StoreError */
    addToken: async (name: string, scope: TokenScope) => (await keysNow()).addToken(nameOf(name), scope),
    async revokeToken(id: string): Promise<void> {
      await (await keysNow()).revokeToken(id);
      over([id]);
    },
    /** @returns the secret @throws AccessError, StoreError */
    async addLink({ name, owner, expiresAt }: Pick<ViewLink, "name" | "owner" | "expiresAt">): Promise<string> {
      if (expiresAt !== null && expiresAt <= clock.now()) {
        throw new AccessError("bad-access", "The link would be over already.", "Choose a later day.");
      }
      return (await keysNow()).addLink({ name: nameOf(name), owner, expiresAt });
    },
    async revokeLink(id: string): Promise<void> {
      await (await keysNow()).revokeLink(id);
      over([id]);
    },

    /** Calls back once when a session, token or link is ended by somebody. @returns the way to stop that */
    watch(id: string, tell: () => void): () => void {
      const some = watchers.get(id) ?? new Set();
      watchers.set(id, some.add(tell));
      return () => {
        some.delete(tell);
        if (some.size === 0) watchers.delete(id);
      };
    },

    /** To be called now and then, and at the end: writes last uses and changes that are not written yet. Never rejects. */
    async keep(): Promise<void> {
      if (mode !== "open") await passwordNow().catch(() => {});
      if (keys !== null) await keys.then((held) => held.keep()).catch(() => {});
      await audit.keep().catch(() => {});
    },
  };
}

/** A name that a person gave, fit to be kept. @throws AccessError `bad-access` */
function nameOf(text: string): string {
  const name = cleanName(text, NAME_LENGTH);
  if (name !== "") return name;
  throw new AccessError("bad-access", "The name is empty.", "Call it after who uses it, for example Excel at work.");
}

import { nodeCrypto } from "../builtin.ts";
import { AccessError } from "./access-error.ts";
import type { RandomBytes } from "./secret.ts";

/** What is kept of a password: nothing that it can be read from. */
export interface PasswordHash {
  readonly algorithm: "scrypt";
  readonly N: number;
  readonly r: number;
  readonly p: number;
  /** Both in base64. The salt is another one for each password, and tells it from the one before. */
  readonly salt: string;
  readonly hash: string;
}

export const PASSWORD_LENGTH = [8, 200] as const;

/** What OWASP advises where 16 MB is what one try may cost. */
const COST = { N: 2 ** 14, r: 8, p: 5 } as const;
const [SALT_BYTES, HASH_BYTES] = [16, 32];
/** Tries that wait for the one that is being made. */
const MAX_WAITING = 4;

/** Makes and checks hashes of passwords, off the event loop. */
export interface Hasher {
  /** @throws AccessError `busy` */
  hash(password: string): Promise<PasswordHash>;
  /** @throws AccessError `busy` */
  isRight(password: string, kept: PasswordHash): Promise<boolean>;
}

/**
 * One hash at a time: each takes 16 MB, and one of the four threads that the whole process has for files and names. Few
 * may wait, the others are told to come again.
 */
export function createHasher(random: RandomBytes): Hasher {
  let last: Promise<unknown> = Promise.resolve();
  let pending = 0;

  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (pending > MAX_WAITING) {
      const error = new AccessError("busy", "Too many are signing in at this moment.", "Try again in a few seconds.");
      return Promise.reject(error);
    }
    pending += 1;
    const turn = last.then(work).finally(() => {
      pending -= 1;
    });
    last = turn.catch(() => undefined);
    return turn;
  }

  return {
    hash: (password) =>
      inTurn(async () => {
        const salt = Buffer.from(random(SALT_BYTES));
        const hash = await scrypt(password, salt, HASH_BYTES, COST);
        return { algorithm: "scrypt", ...COST, salt: salt.toString("base64"), hash: hash.toString("base64") };
      }),
    isRight: (password, { N, r, p, salt, hash }) =>
      inTurn(async () => {
        const wanted = Buffer.from(hash, "base64");
        const found = await scrypt(password, Buffer.from(salt, "base64"), wanted.length, { N, r, p });
        return nodeCrypto().timingSafeEqual(found, wanted);
      }),
  };
}

/** @throws AccessError `bad-access` for a password that is too short or too long */
export function checkNewPassword(password: string): void {
  const [least, most] = PASSWORD_LENGTH;
  const length = [...normalised(password)].length;
  if (length >= least && length <= most) return;
  throw new AccessError(
    "bad-access",
    `The password has ${length} characters.`,
    `Choose one of ${least} to ${most} characters, for example four words.`,
  );
}

function scrypt(
  password: string,
  salt: Uint8Array,
  length: number,
  { N, r, p }: Pick<PasswordHash, "N" | "r" | "p">,
): Promise<Buffer> {
  // As much as it takes, and some more: Node's own limit is just below.
  const options = { N, r, p, maxmem: 128 * r * (N + p) * 2 };
  return new Promise((resolve, reject) => {
    nodeCrypto().scrypt(normalised(password), salt, length, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

/** The same letters, however a keyboard puts them together. */
function normalised(password: string): string {
  return password.normalize("NFKC");
}

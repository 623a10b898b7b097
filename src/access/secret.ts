import { nodeCrypto } from "../builtin.ts";

/** So many random bytes, which nobody can foresee. */
export type RandomBytes = (count: number) => Uint8Array;

const SECRET_BYTES = 32;

/** A secret that can't be guessed: 256 bits, as 43 letters, digits, `-` and `_`. */
export function newSecret(random: RandomBytes): string {
  return Buffer.from(random(SECRET_BYTES)).toString("base64url");
}

/**
 * What is kept of a secret, and what it is found by. One round is enough: there are too many secrets to try, and none
 * repeats.
 */
export function digestOf(secret: string): string {
  return nodeCrypto().createHash("sha256").update(secret).digest("base64url");
}

import { readFile } from "node:fs/promises";
import type { Access } from "../access/access.ts";
import type { PasswordHash } from "../access/password.ts";
import type { Log } from "../log/log.ts";
import { writeFileAtomically } from "../settings/text-file.ts";

/**
 * PASSWORD.json: the hash of the household's password, in a file beside the settings. So the command line can set another
 * one while WhiteStat runs and has the database for itself, and a backup of the database holds none.
 */
const ABOUT = "The hash of WhiteStat's password. The command whitestat password sets another one.";
/** Beyond these a file that somebody wrote would take all of the memory. */
const [MOST_N, MOST_R, MOST_P] = [2 ** 17, 16, 16];

/**
 * The hash that a file holds; null where there is no file, or it says that there is no password.
 * @throws Error when it can't be read, or is none: then nobody signs in
 */
export async function readPasswordFile(path: string): Promise<PasswordHash | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  const hash = hashIn(text);
  if (hash !== undefined) return hash;
  throw new Error(`${path} holds no password. Run the command whitestat password, which writes it anew.`);
}

/** Replaces the hash of a file; null removes it. @throws the file system's error */
export async function writePasswordFile(path: string, hash: PasswordHash | null): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify({ about: ABOUT, password: hash }, null, 2)}\n`);
}

/** Undefined: it is no such file. */
function hashIn(text: string): PasswordHash | null | undefined {
  try {
    const { password } = JSON.parse(text) as { password: PasswordHash | null };
    if (password === null) return null;
    const { algorithm, N, r, p, salt, hash } = password;
    const isWhole = (value: unknown, most: number) =>
      Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most;
    const isKnown = algorithm === "scrypt" && isWhole(N, MOST_N) && isWhole(r, MOST_R) && isWhole(p, MOST_P);
    if (!isKnown || !isBase64(salt) || !isBase64(hash) || Buffer.from(hash, "base64").length < 16) return undefined;
    return { algorithm, N, r, p, salt, hash };
  } catch {
    return undefined;
  }
}

function isBase64(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z0-9+/]{8,200}={0,2}$/.test(value);
}

/** Says in the log what is missing before anybody can sign in. */
export async function sayHowToSignIn(
  { mode, hasPassword }: Pick<Access, "mode" | "hasPassword">,
  log: Pick<Log, "warn" | "error">,
): Promise<void> {
  if (mode !== "password" && mode !== "read-only") return;
  try {
    if (await hasPassword()) return;
    const what = mode === "password" ? "nobody can look" : "nobody can change anything";
    log.warn(`AUTH is ${mode}, but no password is set: ${what}. Set one with the command whitestat password.`);
  } catch (error) {
    log.error(`Nobody can sign in: ${error instanceof Error ? error.message : String(error)}`);
  }
}

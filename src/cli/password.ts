import { AccessError } from "../access/access-error.ts";
import { checkNewPassword, createHasher } from "../access/password.ts";
import { nodeCrypto } from "../builtin.ts";
import { type Manual, readArguments } from "./arguments.ts";
import { CommandError, fileError } from "./errors.ts";
import { EXIT, type Input, type Io, type Output } from "./io.ts";
import { writePasswordFile } from "./password-file.ts";
import { giveBack } from "./root.ts";
import { settingsOrReport } from "./serve.ts";

export const PASSWORD: Manual = {
  usage: "password [--remove]",
  sentence: "set the password of the dashboard (AUTH); whoever is signed in must sign in again",
  options: [
    ["--remove", "have no password: nobody can sign in until one is set"],
    ["", "Without a terminal the password is read from the input, its first line."],
  ],
  example: "password",
};

/** Longer input is no password. */
const MAX_INPUT = 4_096;

/** Writes PASSWORD.json in the data store, which a running WhiteStat looks at with the next request. @returns the exit code */
export async function passwordCommand(io: Io, args: readonly string[]): Promise<number> {
  const { values } = readArguments(args, { remove: { type: "boolean" } }, PASSWORD, []);
  const loaded = await settingsOrReport(io);
  if (loaded === null) return EXIT.config;
  const { auth, passwordFile } = loaded.settings;
  try {
    if (values.remove === true) {
      await writePasswordFile(passwordFile, null);
      io.stdout.write("The password is removed: nobody can sign in until one is set.\n");
      return EXIT.ok;
    }
    const password = await askPassword(io);
    const hasher = createHasher((count) => nodeCrypto().randomBytes(count));
    await writePasswordFile(passwordFile, await hasher.hash(password));
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw fileError(error, "write", passwordFile);
  } finally {
    giveBack(io, loaded);
  }
  io.stdout.write("The password is set. Whoever was signed in must sign in again.\n");
  if (auth === "open" || auth === "proxy") {
    io.stdout.write(
      `It isn't asked for yet: AUTH is ${auth}. Set AUTH to password or read-only in ${loaded.file}, and start WhiteStat again.\n`,
    );
  }
  return EXIT.ok;
}

/** @throws CommandError for a password that isn't one, or isn't the same twice */
async function askPassword({ stdin, stderr }: Io): Promise<string> {
  const typist = createTypist(stdin);
  try {
    if (stdin.isTTY !== true) return checked(await typist.line());
    const password = checked(await hidden(typist, stdin, stderr, "New password: "));
    if ((await hidden(typist, stdin, stderr, "Again: ")) === password) return password;
    throw new CommandError(EXIT.usage, "The two passwords differ.", "Nothing was changed. Try again.");
  } finally {
    await typist.end();
  }
}

function checked(password: string): string {
  try {
    checkNewPassword(password);
    return password;
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
    throw new CommandError(EXIT.usage, error.message, error.hint);
  }
}

type Typist = ReturnType<typeof createTypist>;

/** Hands over an input line by line. What comes after a line is there for the next: people paste. */
function createTypist(stdin: Input) {
  const chunks = stdin[Symbol.asyncIterator]();
  const decoder = new TextDecoder();
  let rest: string[] = [];

  async function key(): Promise<string | null> {
    while (rest.length === 0) {
      const { done, value } = await chunks.next();
      if (done === true) return null;
      rest = [...(typeof value === "string" ? value : decoder.decode(value, { stream: true }))];
    }
    return rest.shift() ?? null;
  }

  return {
    async line(): Promise<string> {
      const letters: string[] = [];
      for (let letter = await key(); letter !== null; letter = await key()) {
        if (letter === "\r" || letter === "\n") {
          if (letter === "\r" && rest[0] === "\n") rest.shift();
          break;
        }
        if (letter === "\u0003" || letter === "\u0004") {
          throw new CommandError(EXIT.interrupted, "Interrupted.", "Nothing was changed.");
        }
        if (letter === "\u007f" || letter === "\b") letters.pop();
        else if (letters.length < MAX_INPUT && letter >= " ") letters.push(letter);
      }
      return letters.join("");
    },
    end: async () => void (await chunks.return?.()),
  };
}

/** A line of which nothing is shown, not even how long it is. */
async function hidden(typist: Typist, stdin: Input, stderr: Output, prompt: string): Promise<string> {
  stderr.write(prompt);
  stdin.setRawMode?.(true);
  try {
    return await typist.line();
  } finally {
    stdin.setRawMode?.(false);
    stderr.write("\n");
  }
}

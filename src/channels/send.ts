import { spawn } from "node:child_process";
import type { Message } from "./channel.ts";
import type { Errand } from "./child.ts";
import type { Verdict } from "./request.ts";

/** Sends one message to a channel, by its URL. Never rejects. */
export type Send = (url: string, message: Message) => Promise<Verdict>;

/** Longer than everything that the child waits for. */
const LONGEST_MS = 60_000;
/** Each takes some 50 MB, and the service may take 384 MB in all. */
const AT_A_TIME = 2;
const OUTPUT_BYTES = 65_536;
/** What the child needs of the environment: which certificates are trusted, and nothing else of ours. */
const PASSED_ON = ["PATH", "NODE_EXTRA_CA_CERTS", "NODE_USE_SYSTEM_CA", "SSL_CERT_FILE", "SSL_CERT_DIR"];

/**
 * Sends by a process that ends when it is done: see child.ts.
 * @param file the program, built or as it is
 */
export function createSend(options: {
  readonly file: string;
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}): Send {
  const { file, version } = options;
  const env = Object.fromEntries(PASSED_ON.map((name) => [name, options.env[name]]));
  let running = 0;
  const waiting: (() => void)[] = [];

  async function inTurn(url: string, message: Message): Promise<Verdict> {
    if (running < AT_A_TIME) running += 1;
    else await new Promise<void>((go) => waiting.push(go));
    try {
      return await run(url, message);
    } finally {
      // Its place is the next one's, or free.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  }

  function run(url: string, message: Message): Promise<Verdict> {
    return new Promise((resolve) => {
      const child = spawn(process.execPath, [file], { env, stdio: ["pipe", "pipe", "ignore"] });
      const timer = setTimeout(() => child.kill("SIGKILL"), LONGEST_MS);
      let output = "";
      const end = (verdict: Verdict) => {
        clearTimeout(timer);
        resolve(verdict);
      };
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        if (output.length < OUTPUT_BYTES) output += text;
        // Not waited for until it has ended: were we killed in between, the message would be sent again.
        const verdict = verdictIn(output);
        if (verdict !== null) end(verdict);
      });
      child.on("error", (error) => end(unsent(`the program that sends can't be started (${error.message})`)));
      child.on("close", (code) =>
        end(verdictIn(output) ?? unsent(`the program that sends ended (${code ?? "killed"})`)),
      );
      // A child that is gone closes its input; what became of it, "close" tells.
      child.stdin.on("error", () => {});
      const errand: Errand = { url, message, version };
      // Left open: its end tells the child that we are gone.
      child.stdin.write(`${JSON.stringify(errand)}\n`);
    });
  }

  return inTurn;
}

function verdictIn(output: string): Verdict | null {
  try {
    return JSON.parse(output) as Verdict;
  } catch {
    return null;
  }
}

function unsent(answer: string): Verdict {
  return { ok: false, answer, isFinal: false, isGone: false, retryAfterMs: null };
}

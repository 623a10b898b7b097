import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";

/** Runs a program to its end. Rejects with what it said on stderr when it fails. */
export function run(program: string, args: readonly string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { encoding: "utf8", timeout: 50_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} ${args.join(" ")}: ${stderr.trim() || error.message}`));
      else resolve(stdout);
    });
    // A program that reads nothing may be gone before we close its input: its exit code tells all there is to tell.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}

/** A program that keeps running, with all it said so far. */
export interface Running {
  readonly child: ChildProcess;
  /** Everything on stdout and stderr until now. */
  said(): string;
  /** Sends a signal and waits for the end. Does nothing to one that has ended. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** Waits until it has said what matches; rejects when it ends before, or after the time limit. */
  says(pattern: RegExp, limitMs?: number): Promise<RegExpMatchArray>;
}

/** Starts a program. */
export function start(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Running {
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  child.stdout.on("data", (data) => {
    text += data;
  });
  child.stderr.on("data", (data) => {
    text += data;
  });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    child,
    said: () => text,
    async end(signal) {
      if (hasEnded() || child.pid === undefined) return;
      const ended = once(child, "exit");
      child.kill(signal);
      await ended;
    },
    says(pattern, limitMs = 10_000) {
      const { promise, resolve, reject } = Promise.withResolvers<RegExpMatchArray>();
      const fail = (why: string) => reject(new Error(`${program} ${why} before it said ${pattern}. It said: ${text}`));
      const look = () => {
        const match = text.match(pattern);
        if (match) resolve(match);
      };
      const onExit = () => fail("ended");
      const onError = (error: Error) => fail(`failed (${error.message})`);
      const timer = setTimeout(() => fail(`ran ${limitMs} ms`), limitMs);
      child.stdout.on("data", look);
      child.stderr.on("data", look);
      child.on("close", onExit);
      child.on("error", onError);
      look();
      if (hasEnded()) onExit();
      return promise.finally(() => {
        clearTimeout(timer);
        child.stdout.off("data", look);
        child.stderr.off("data", look);
        child.off("close", onExit);
        child.off("error", onError);
      });
    },
  };
}

/** Asks again and again, a tenth of a second apart, until the answer is one; rejects with the last reason it was not. */
export async function eventually<T>(ask: () => T | Promise<T>, limitMs = 20_000): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

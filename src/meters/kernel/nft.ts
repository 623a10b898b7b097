import { spawn } from "node:child_process";
import { KernelError } from "./error.ts";

/** Runs `nft` with arguments and a text on its standard input; its output. Throws KernelError, or the signal's reason. */
export type Nft = (args: readonly string[], input?: string, signal?: AbortSignal) => Promise<string>;

const TIMEOUT_MS = 20_000;
const CRASHED =
  "Debian 12's nft crashes over tables that a newer one made, such as a container's. See whether sudo nft list ruleset ends so, too, and update nftables; METER=darkstat does without.";
/** 100,000 elements take some 20 MB. */
const MOST_OUTPUT = 64 * 1024 * 1024;

/** @param program path of nft */
export function createNft(program: string, timeoutMs = TIMEOUT_MS): Nft {
  return (args, input = "", signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const child = spawn(program, args, {
        stdio: ["pipe", "pipe", "pipe"],
        env: { PATH: process.env.PATH, LC_ALL: "C" },
      });
      const output: Buffer[] = [];
      const errors: Buffer[] = [];
      let size = 0;
      let cause: unknown = null;
      const end = (reason: unknown) => {
        cause ??= reason;
        child.kill("SIGKILL");
      };
      const timer = setTimeout(
        () => end(new KernelError("timeout", `nft ${args.join(" ")} took more than ${timeoutMs / 1000} seconds`)),
        timeoutMs,
      );
      const abort = () => end(signal?.reason);
      signal?.addEventListener("abort", abort, { once: true });
      const settle = (act: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        act();
      };
      child.once("error", (error: NodeJS.ErrnoException) => {
        // A program whose file has rights that this process may not get, as in a container, isn't started at all.
        const code = error.code === "EPERM" || error.code === "EACCES" ? "refused" : "missing";
        settle(() => reject(new KernelError(code, `${program} can't be run: ${error.message}`)));
      });
      child.stdout.on("data", (data: Buffer) => {
        size += data.length;
        if (size > MOST_OUTPUT) end(new KernelError("garbled", "nft's output is too long"));
        else output.push(data);
      });
      child.stderr.on("data", (data: Buffer) => {
        if (errors.length < 16) errors.push(data);
      });
      // What it says of an input that it won't read is what counts.
      child.stdin.on("error", () => {});
      child.stdin.end(input);
      child.once("close", (code, killedBy) =>
        settle(() => {
          if (cause !== null) reject(cause);
          else if (killedBy !== null) reject(new KernelError("failed", `nft ended by ${killedBy}`, CRASHED));
          else if (code === 0) resolve(Buffer.concat(output).toString());
          else reject(errorOf(Buffer.concat(errors).toString()));
        }),
      );
    });
}

/** What nft's complaint means. */
export function errorOf(complaint: string): KernelError {
  const [line = ""] = complaint.trim().split("\n");
  const text = `nft says: ${line.replace(/^\S+:\d+:[\d-]+: /, "").slice(0, 200)}`;
  if (/Operation not permitted|you must be root/i.test(complaint)) return new KernelError("refused", text);
  if (
    /Operation not supported|Protocol not supported|not supported|syntax error|Could not process rule: No such file/i.test(
      complaint,
    )
  ) {
    return new KernelError("unsupported", text);
  }
  return new KernelError("failed", text);
}

/** Whether a listing failed because the table isn't there. */
export function isNoTable(error: unknown): boolean {
  return error instanceof KernelError && /No such file or directory/.test(error.message);
}

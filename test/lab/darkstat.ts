import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Running } from "../lib/commands.ts";
import { eventually } from "../lib/commands.ts";

/** The darkstat of a lab: one at a time, always at the same address. */
export interface DarkstatRunner {
  readonly url: string;
  /**
   * Starts it and waits until it answers. `importing` starts it with what `stop()` (or, if named, that copy) left.
   * Writes its counters to a file when it is stopped in good order, as the recommended set-up does.
   */
  start(options?: { flags?: readonly string[]; importing?: boolean | string }): Promise<void>;
  /** Ends it in good order: it exports its counters. */
  stop(): Promise<void>;
  /** Kills it: the export stays as old as it was. */
  crash(): Promise<void>;
  /** Has it write its export and begin anew, as `SIGUSR1` does. */
  reset(): void;
  /** Keeps a copy of the latest export, to be imported later as a stale one. Returns its name. */
  keepExport(): Promise<string>;
  /** What it counts for an address now; null when it has no row for it. */
  counted(ip: string): Promise<{ in: number; out: number } | null>;
  /** darkstat's own total, and the packets it missed. */
  totals(): Promise<{ bytes: number; dropped: number }>;
  /** Everything it said on stderr since its start. */
  said(): string;
}

const PORT = 667;
const EXPORT = "darkstat.db";

/** Runs darkstat by way of `start` (in the gateway). `scratch` becomes its root: its exports lie there. */
export function createDarkstatRunner(deps: {
  address: string;
  scratch: string;
  start: (command: readonly string[]) => Running;
}): DarkstatRunner {
  const { address, scratch } = deps;
  const url = `http://${address}:${PORT}`;
  let running: Running | undefined;

  const page = async (path: string): Promise<string> => {
    const answer = await fetch(`${url}${path}`, {
      headers: { connection: "close" },
      signal: AbortSignal.timeout(5000),
    });
    return await answer.text();
  };
  const current = (): Running => {
    if (!running) throw new Error("darkstat is not running: call start() first");
    return running;
  };
  async function end(signal: NodeJS.Signals): Promise<void> {
    await current().end(signal);
    running = undefined;
  }

  return {
    url,
    async start({ flags = [], importing = false } = {}) {
      if (running) throw new Error("darkstat is running: call stop() or crash() first");
      // It gives up root before it writes there.
      await mkdir(scratch, { recursive: true });
      await chmod(scratch, 0o777);
      const imported = typeof importing === "string" ? importing : EXPORT;
      const started = deps.start([
        ...["darkstat", "-i", "br0", "--no-daemon", "--no-dns", "-b", address, "-p", String(PORT)],
        ...["-l", "192.168.77.0/255.255.255.0", "--chroot", scratch, "--export", EXPORT],
        ...(importing ? ["--import", imported] : []),
        ...flags,
      ]);
      running = started;
      await eventually(async () => {
        if (started.child.exitCode !== null) throw new Error(`darkstat ended: ${started.said()}`);
        if (!(await page("/")).includes("Measuring for")) throw new Error("darkstat gives another page");
      }, 10_000);
    },
    stop: () => end("SIGTERM"),
    crash: () => end("SIGKILL"),
    reset() {
      current().child.kill("SIGUSR1");
    },
    async keepExport() {
      if (!existsSync(join(scratch, EXPORT))) throw new Error("darkstat has exported nothing yet: call stop() first");
      const name = `kept-${Date.now()}.db`;
      await copyFile(join(scratch, EXPORT), join(scratch, name));
      await chmod(join(scratch, name), 0o666);
      return name;
    },
    async counted(ip) {
      const rows = (await page("/hosts/?full=yes&sort=in")).split("<tr");
      const row = rows.find((candidate) => candidate.includes(`>${ip}</a>`));
      if (!row) return null;
      const [bytesIn = 0, bytesOut = 0] = [...row.matchAll(/class="num">([\d,]+)</g)].map(([, text]) => amount(text));
      return { in: bytesIn, out: bytesOut };
    },
    async totals() {
      const xml = await page("/graphs.xml");
      const attribute = (name: string) => amount(new RegExp(`\\b${name}="([\\d,]+)"`).exec(xml)?.[1]);
      return { bytes: attribute("tb"), dropped: attribute("pd") };
    },
    said: () => running?.said() ?? "",
  };
}

const amount = (text: string | undefined) => Number((text ?? "NaN").replaceAll(",", ""));

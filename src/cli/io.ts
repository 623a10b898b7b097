import type { Zone } from "../accounting/calendar.ts";
import type { Clock } from "../collector/clock.ts";

/** Where text goes: a stream of the process, or a test's list. */
export interface Output {
  /** False where no more should be written before `drain`, as Node's streams have it. */
  write(text: string): unknown;
  /** Somebody watches: a terminal. */
  readonly isTTY?: boolean | undefined;
  once?(event: "drain" | "close", listener: () => void): unknown;
}

/** Where text comes from: the process's own input, or a test's. */
export interface Input extends AsyncIterable<Uint8Array | string> {
  /** Somebody types. */
  readonly isTTY?: boolean | undefined;
  /** Hands over each key as it is pressed, and shows none. */
  setRawMode?(on: boolean): unknown;
}

/** All that the product has from outside. `main.ts` fills it from the process; tests from whatever they like. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
  /** The time zone of the settings; for null the system's. The process goes by the one that was opened last. */
  zone(configured: string | null): Zone;
  /** Aborted when the product is asked to end; its reason is the name of the process signal. */
  readonly signal: AbortSignal;
  readonly version: string;
  /** When this program was built, ms UTC: no clock that is earlier can be right. */
  readonly builtAt: number;
  /** Folder of the built dashboard. */
  readonly webRoot: string;
  /** File of the vendors of network cards. */
  readonly vendorsFile: string;
  /** The program that sends messages, see src/channels/child.ts. */
  readonly senderFile: string;
  /** What this process has used until now. */
  processUsage(): { cpuSeconds: number; residentBytes: number };
  /** From 0 up to 1. */
  random(): number;
  readonly uid: number;
  readonly gid: number;
  /** Becomes another program, with this process's number and streams; does not return. Null where that can't be. */
  readonly become: ((program: string, args: readonly string[]) => void) | null;
  /** What the person's own umask leaves of a file's mode: for files that are made for him, e.g. 0o644. */
  readonly fileMode: number;
}

/** Exit codes, by sysexits.h where it has one. `--help` lists them. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 64,
  noInput: 66,
  unavailable: 69,
  cantCreate: 73,
  config: 78,
  interrupted: 130,
} as const;

/** Writes text and waits until there is room for more. @returns false when the other side is gone */
export async function print(out: Output, text: string): Promise<boolean> {
  if (out.write(text) !== false || out.once === undefined) return true;
  return new Promise((resolve) => {
    out.once?.("drain", () => resolve(true));
    out.once?.("close", () => resolve(false));
  });
}

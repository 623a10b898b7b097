import type { Zone } from "../accounting/calendar.ts";
import type { Clock } from "../collector/clock.ts";

/** All that the product has from outside. `main.ts` fills it from the process; tests from whatever they like. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  readonly clock: Clock;
  /** The time zone of the settings; for null the system's. The process goes by the one that was opened last. */
  zone(configured: string | null): Zone;
  /** Aborted when the product is asked to end. */
  readonly signal: AbortSignal;
  readonly version: string;
  /** When this program was built, ms UTC: no clock that is earlier can be right. */
  readonly builtAt: number;
  /** Folder of the built dashboard. */
  readonly webRoot: string;
  /** File of the vendors of network cards. */
  readonly vendorsFile: string;
  readonly uid: number;
  readonly gid: number;
}

/** Exit codes: sysexits.h where it has one. */
export const EXIT = { ok: 0, failed: 1, usage: 64, unavailable: 69, config: 78 } as const;

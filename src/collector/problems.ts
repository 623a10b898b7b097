import type { StateLog } from "../log/state-log.ts";
import type { Problem, ProblemCode } from "../shared/status.ts";

/** What is wrong now. Begins and ends are logged once each; what a person reads is always the latest message. */
export interface Problems {
  /** A problem exists (again): `since` stays that of its beginning. */
  raise(code: ProblemCode, message: string, hint: string): void;
  /** It is over; `line` is logged if it was there. */
  clear(code: ProblemCode, line: string): void;
  /** The most severe first. */
  list(): Problem[];
}

/** The most severe first: what stops figures from being kept, from being read, from being dated, and what makes them wrong. */
const ORDER: readonly ProblemCode[] = [
  "store",
  "database-restored",
  "darkstat-missing",
  "capture-refused",
  "meter-unreachable",
  "meter-unreadable",
  "clock",
  "books",
  "many-new-devices",
  "bytes-missed",
  "packets-missed",
  "several-interfaces",
  "seen-twice",
  "internet-side",
];

export interface ProblemsDeps {
  readonly now: () => number;
  readonly stateLog: StateLog;
  /** Told when a problem began or ended. */
  readonly onChange?: () => void;
}

export function createProblems({ now, stateLog, onChange = () => {} }: ProblemsDeps): Problems {
  const current = new Map<ProblemCode, Problem>();
  return {
    raise(code, message, hint) {
      const known = current.get(code);
      current.set(code, { code, since: known?.since ?? now(), message, hint });
      stateLog.change(code, "wrong", `${message} ${hint}`, "warn");
      if (known === undefined) onChange();
    },
    clear(code, line) {
      if (!current.delete(code)) return;
      stateLog.change(code, "well", line, "info");
      onChange();
    },
    list: () => ORDER.flatMap((code) => current.get(code) ?? []),
  };
}

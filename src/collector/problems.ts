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
  /** The same for one of several meters: what is wrong with it carries its name, and is another's no problem. */
  of(meter: string | null): Problems;
}

/** What concerns the store or this machine is the same for every meter. */
const COMMON: ReadonlySet<ProblemCode> = new Set([
  "store",
  "database-restored",
  "clock",
  "many-new-devices",
  "same-traffic",
]);

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
  "same-traffic",
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
  const current = new Map<string, Problem>();
  function list(): Problem[] {
    const all = [...current.values()];
    return ORDER.flatMap((code) => all.filter((problem) => problem.code === code));
  }
  function problemsOf(meter: string | null): Problems {
    const keyOf = (code: ProblemCode) => (meter === null || COMMON.has(code) ? code : `${code} ${meter}`);
    const named = (code: ProblemCode, text: string) => (keyOf(code) === code ? text : `${meter}: ${text}`);
    return {
      raise(code, text, hint) {
        const key = keyOf(code);
        const known = current.get(key);
        const message = named(code, text);
        const whose = meter === null || key === code ? {} : { meter };
        current.set(key, { code, since: known?.since ?? now(), ...whose, message, hint });
        stateLog.change(key, "wrong", `${message} ${hint}`, "warn");
        if (known === undefined) onChange();
      },
      clear(code, line) {
        const key = keyOf(code);
        if (!current.delete(key)) return;
        stateLog.change(key, "well", named(code, line), "info");
        onChange();
      },
      list,
      of: problemsOf,
    };
  }
  return problemsOf(null);
}

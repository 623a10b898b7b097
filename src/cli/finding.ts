import type { MeasuringProblem } from "./measuring-problems.ts";

/** One thing that `doctor` looked at. A `problem` needs doing something; a `note` is only worth knowing. */
export interface Finding {
  readonly grade: "ok" | "note" | "problem";
  readonly text: string;
  /** One sentence; empty where there is nothing to do. */
  readonly hint: string;
}

export function ok(text: string): Finding {
  return { grade: "ok", text, hint: "" };
}

export function note(text: string, hint: string): Finding {
  return { grade: "note", text, hint };
}

export function problem(text: string, hint: string): Finding {
  return { grade: "problem", text, hint };
}

/** What is wrong with the measuring is a problem. */
export function problemFindings(found: MeasuringProblem | null): Finding[] {
  return found === null ? [] : [problem(found.message, found.hint)];
}

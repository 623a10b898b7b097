import type { OnProgress } from "../shared/progress.ts";
import type { Output } from "./io.ts";

/** One line on a terminal that tells how far a command has come. Nothing where nobody watches: a pipe, a log, cron. */
export interface Progress {
  readonly report: OnProgress;
  /** Reports every now and then while work goes on that doesn't report itself; then clears the line. */
  during<T>(step: string, measure: () => number, total: number | null, work: () => Promise<T>): Promise<T>;
  /** Clears the line, so that what is printed next stands alone. */
  end(): void;
}

/** Often enough to look alive, rarely enough for a serial console. */
const REPORT_MS = 200;

/** @param mono a monotonic clock, ms */
export function createProgress(out: Output, mono: () => number): Progress {
  if (out.isTTY !== true) return { report() {}, during: (_step, _measure, _total, work) => work(), end() {} };
  let lastAt = Number.NEGATIVE_INFINITY;
  let lastStep = "";

  function report(step: string, done: number, total: number | null): void {
    if (step === lastStep && mono() - lastAt < REPORT_MS) return;
    lastAt = mono();
    lastStep = step;
    const share = total === null || total <= 0 ? "" : ` ${Math.floor(Math.min(1, done / total) * 100)} %`;
    out.write(`\r${step}…${share}\x1b[K`);
  }

  function end(): void {
    if (lastStep !== "") out.write("\r\x1b[K");
    lastStep = "";
    lastAt = Number.NEGATIVE_INFINITY;
  }

  return {
    report,
    async during(step, measure, total, work) {
      report(step, 0, total);
      const timer = setInterval(() => report(step, measure(), total), REPORT_MS);
      try {
        return await work();
      } finally {
        clearInterval(timer);
        end();
      }
    },
    end,
  };
}

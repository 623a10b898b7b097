import type { Day } from "../../accounting/types.ts";
import type { OpenHour } from "../open-hour.ts";

/** Answers kept at once: an overview asks for a handful of ranges. */
const KEPT = 32;

/**
 * Sums over months that are over, kept until a row of theirs may have changed: ten years of internet hosts are 430,000
 * rows, and every look at the overview adds them up.
 */
export interface Finished {
  /**
   * What `ask` answers about days up to `to`; remembered when none of them is open.
   * @param question what tells it from all others
   */
  of<Answer>(open: OpenHour, question: string, to: Day, ask: () => Promise<Answer>): Promise<Answer>;
  /** To be called when rows of a day or later ones may have changed. */
  forgetFrom(day: Day): void;
  forget(): void;
}

export function createFinished(): Finished {
  const known = new Map<string, { readonly to: Day; readonly answer: unknown }>();
  return {
    async of<Answer>(open: OpenHour, question: string, to: Day, ask: () => Promise<Answer>): Promise<Answer> {
      const found = known.get(question);
      if (found !== undefined) return found.answer as Answer;
      const answer = await ask();
      if (open.counts("", "9999-12-31").some(({ day }) => day <= to)) return answer;
      if (known.size >= KEPT) known.delete(known.keys().next().value ?? "");
      known.set(question, { to, answer });
      return answer;
    },
    forgetFrom(day) {
      for (const [question, { to }] of known) if (day <= to) known.delete(question);
    },
    forget: () => known.clear(),
  };
}

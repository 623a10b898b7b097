import type { Day } from "../../accounting/types.ts";
import type { OpenHour } from "../open-hour.ts";

/**
 * Rows kept at once, of some 100 bytes each: ten years by month of 50 devices are 6,000, of internet hosts 5,000; of 300
 * devices they are 36,000, and to ask for more than is kept in the same order would find nothing kept at all.
 */
const MOST_ROWS = 60_000;

/**
 * Figures of days that are over, kept until a row of theirs may have changed: every look at a long range adds up the same
 * past again, ten years of which are 430,000 rows where internet hosts are kept for ever.
 */
export interface Finished {
  /**
   * What `ask` answers about days up to `to`; remembered when none of them is open, and it is not too much. Nobody may
   * change an answer.
   * @param question what tells it from all others
   * @param rowsOf how many rows an answer is worth; without it, its length
   */
  of<Answer extends readonly unknown[]>(
    open: OpenHour,
    question: string,
    to: Day,
    ask: () => Promise<Answer>,
    rowsOf?: (answer: Answer) => number,
  ): Promise<Answer>;
  /** To be called when rows of a day or later ones may have changed. */
  forgetFrom(day: Day): void;
  forget(): void;
}

interface Known {
  readonly to: Day;
  readonly answer: unknown;
  readonly rows: number;
}

export function createFinished(mostRows = MOST_ROWS): Finished {
  const known = new Map<string, Known>();
  let rows = 0;
  const drop = (question: string, one: Known) => {
    known.delete(question);
    rows -= one.rows;
  };
  return {
    async of<Answer extends readonly unknown[]>(
      open: OpenHour,
      question: string,
      to: Day,
      ask: () => Promise<Answer>,
      rowsOf: (answer: Answer) => number = (answer) => answer.length,
    ): Promise<Answer> {
      const found = known.get(question);
      if (found !== undefined) return found.answer as Answer;
      const answer = await ask();
      if (open.counts("", "9999-12-31").some(({ day }) => day <= to)) return answer;
      // An empty answer takes room, too.
      const one: Known = { to, answer, rows: 1 + rowsOf(answer) };
      if (one.rows > mostRows / 2) return answer;
      known.set(question, one);
      rows += one.rows;
      for (const [oldest, other] of known) {
        if (rows <= mostRows) break;
        drop(oldest, other);
      }
      return answer;
    },
    forgetFrom(day) {
      for (const [question, one] of known) if (day <= one.to) drop(question, one);
    },
    forget() {
      known.clear();
      rows = 0;
    },
  };
}

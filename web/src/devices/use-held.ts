import { useRef } from "preact/hooks";
import { holdOrder } from "./hold.ts";
import type { Row } from "./row.ts";

/**
 * The rows to show: as sorted, or, while `held`, in the order shown before. A new `question` (another order, filter,
 * view or range) is answered at once.
 */
export function useHeld(
  sorted: readonly Row[],
  question: string,
  held: boolean,
  kept: (id: string) => boolean,
): readonly Row[] {
  const last = useRef<{ question: string; from: readonly Row[]; shown: readonly Row[] }>({
    question,
    from: sorted,
    shown: sorted,
  });
  const before = last.current;
  const holds = held && before.question === question;
  if (!holds) last.current = { question, from: sorted, shown: sorted };
  else if (before.from !== sorted) {
    last.current = { question, from: sorted, shown: holdOrder(before.shown, sorted, kept) };
  }
  return last.current.shown;
}

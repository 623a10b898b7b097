import { planText } from "../texts/plan.ts";
import type { NotCounted } from "../wire.ts";

/** The sentence that says who doesn't count; nothing where everybody does. */
export function NotCountedText({ notCounted }: { readonly notCounted: NotCounted }) {
  if (notCounted.length === 0) return null;
  const names = notCounted.map(({ of, name }) => name ?? planText.nobody(of));
  return <p class="plan-remarks">{planText.notCounted(names)}</p>;
}

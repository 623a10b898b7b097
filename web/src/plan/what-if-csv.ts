import { guarded } from "../../../src/shared/csv.ts";
import { csvOf, decimalText } from "../csv.ts";
import { whatIfText } from "../texts/what-if.ts";
import type { WhatIf } from "../wire.ts";

/** Whether a plan names any price: of one that doesn't, costs say nothing. */
export function isPriced({ plan, fee }: WhatIf["other"]): boolean {
  return plan.overPrice !== null || fee > 0;
}

/** The currency of a plan's costs: its own, else the one that was typed beside the fee. */
export function currencyOf({ plan }: WhatIf["other"], typed: string): string {
  return plan.overPrice?.currency ?? typed;
}

/**
 * The cycles of both plans as CSV, one line each: whole bytes, and costs with the reader's decimal sign.
 * @param currency of a plan that has a fee alone
 */
export function whatIfCsv({ own, other }: WhatIf, currency: string, language: string): string {
  const linesOf = (name: string, offered: WhatIf["other"]) =>
    offered.cycles.map(({ from, to, used, free, over, cost, estimatedDays, isComplete }) => [
      guarded(offered.plan.name ?? name),
      from,
      to,
      ...[used, free, over].map(String),
      ...(isPriced(offered) ? [decimalText(cost, language), currencyOf(offered, currency)] : ["", ""]),
      [isComplete ? "" : whatIfText.incomplete, estimatedDays === 0 ? "" : whatIfText.estimated(estimatedDays)]
        .filter((text) => text !== "")
        .join("; "),
    ]);
  return csvOf(
    [whatIfText.csvColumns, ...(own === null ? [] : linesOf(whatIfText.own, own)), ...linesOf(whatIfText.other, other)],
    language,
  );
}

import { guarded } from "../../../src/shared/csv.ts";
import { csvOf, decimalText } from "../csv.ts";
import { whatIfText } from "../texts/what-if.ts";
import type { WhatIf } from "../wire.ts";

/** The cycles of both plans as CSV, one line each: whole bytes, and costs with the reader's decimal sign. */
export function whatIfCsv({ own, other }: WhatIf, language: string): string {
  const linesOf = (name: string, offered: WhatIf["other"], beside: WhatIf["own"]) =>
    offered.cycles.map(({ from, to, used, free, over, cost, estimatedDays, isComplete }) => [
      guarded(offered.plan.name ?? name),
      from,
      to,
      ...[used, free, over].map(String),
      decimalText(cost, language),
      // A plan without a price of its own has a fee in the currency of the other.
      offered.plan.overPrice?.currency ?? beside?.plan.overPrice?.currency ?? "",
      [isComplete ? "" : whatIfText.incomplete, estimatedDays === 0 ? "" : whatIfText.estimated(estimatedDays)]
        .filter((text) => text !== "")
        .join("; "),
    ]);
  return csvOf(
    [
      whatIfText.csvColumns,
      ...(own === null ? [] : linesOf(whatIfText.own, own, other)),
      ...linesOf(whatIfText.other, other, own),
    ],
    language,
  );
}

import type { PlanReport } from "../wire.ts";

/** How a cycle will end, as plain words say it. */
export type Verdict = "over" | "certain" | "likely" | "possible" | "fine" | "none";

/** What a forecast means for an allowance: none without either. */
export function verdictOf({ plan, cycle, forecast }: Pick<PlanReport, "plan" | "cycle" | "forecast">): Verdict {
  const allowance = plan?.allowance ?? null;
  if (allowance === null || cycle === null) return "none";
  if (cycle.used > allowance) return "over";
  if (forecast === null) return "none";
  if (forecast.low > allowance) return "certain";
  if (forecast.expected === null ? forecast.low + forecast.high > 2 * allowance : forecast.expected > allowance)
    return "likely";
  return forecast.high > allowance ? "possible" : "fine";
}

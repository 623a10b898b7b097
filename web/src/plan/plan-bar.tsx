import { countDays } from "../../../src/shared/calendar-days.ts";
import { formatShare } from "../format.ts";
import { planText } from "../texts/plan.ts";
import type { PlanCycle, PlanReport } from "../wire.ts";

interface Props {
  readonly cycle: PlanCycle;
  readonly allowance: number;
  readonly forecast: PlanReport["forecast"];
  readonly today: string;
}

/** What is used of an allowance, where an even pace would be, and where the cycle will probably end. */
export function PlanBar({ cycle, allowance, forecast, today }: Props) {
  const whole = Math.max(allowance, cycle.used, forecast?.high ?? 0);
  const at = (amount: number) => `${(amount / whole) * 100}%`;
  const over = (countDays(cycle.from, today) - 0.5) / countDays(cycle.from, cycle.to);
  const band =
    forecast === null
      ? ""
      : planText.barForecast(formatShare(forecast.low / allowance), formatShare(forecast.high / allowance));
  return (
    <div
      class="plan-bar"
      role="img"
      aria-label={planText.bar(formatShare(cycle.used / allowance), formatShare(over)) + band}
    >
      <span class="plan-fill" style={{ width: at(cycle.used) }} />
      {forecast !== null && (
        <span
          class="plan-band"
          style={{
            insetInlineStart: at(forecast.low),
            width: at(Math.max(forecast.high - forecast.low, whole * 0.004)),
          }}
        />
      )}
      {whole > allowance && <span class="plan-limit" style={{ insetInlineStart: at(allowance) }} />}
      {/* Where an even pace would be. */}
      <span class="plan-today" style={{ insetInlineStart: at(allowance * over) }} title={planText.today} />
    </div>
  );
}

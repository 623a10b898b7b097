import { countDays } from "../../../src/shared/calendar-days.ts";
import { formatPlanBytes, formatShare } from "../format.ts";
import { mayWrite } from "../state/access.ts";
import { editedPlan } from "../state/plan.ts";
import { otherPlans, plansReport } from "../state/plan-report.ts";
import { planCards } from "../state/preferences.ts";
import { followLink, hrefFor } from "../state/url.ts";
import { planText } from "../texts/plan.ts";
import type { PlansReport } from "../wire.ts";
import { NotCountedText } from "./not-counted.tsx";
import { PlanBar } from "./plan-bar.tsx";
import { verdictOf } from "./verdict.ts";

/** The plans of owners, devices and meters, below the line's: each in three lines. Nothing where there are none. */
export function PlanCards() {
  const report = plansReport.value;
  if (report === null) {
    if (planCards.value === 0) return null;
    // Their places are kept while they are on their way, so that nothing below jumps.
    return (
      <div class="plan-cards" aria-hidden="true">
        {Array.from({ length: planCards.value }, (_, index) => (
          <div class="panel plan-card plan-card-waiting" key={index} />
        ))}
      </div>
    );
  }
  if (otherPlans.value.length === 0) return null;
  return (
    <section class="plan-cards" aria-label={planText.others}>
      {otherPlans.value.map((one) => (
        <PlanCard key={one.of} one={one} today={report.today} />
      ))}
    </section>
  );
}

function PlanCard({ one, today }: { one: PlansReport["plans"][number]; today: string }) {
  const { of, name, plan, notCounted, cycle, forecast } = one;
  const verdict = verdictOf(one);
  const { allowance } = plan;
  const bytes = (amount: number) => formatPlanBytes(amount, plan.unit);
  const link = linkOf(of);
  return (
    <article class={`panel plan plan-card plan-${verdict}`} aria-label={planText.planOf(name ?? "")}>
      <div class="plan-head">
        <h2>
          <a href={hrefFor(link)} onClick={(event) => followLink(event, link, { top: true })}>
            <bdi>{name}</bdi>
          </a>
        </h2>
        <p class="plan-days">{planText.daysLeft(countDays(today, cycle.to))}</p>
        {mayWrite.value && (
          <button
            type="button"
            class="button plan-edit"
            aria-label={planText.editOf(name ?? "")}
            onClick={() => {
              editedPlan.value = of;
            }}
          >
            {planText.edit}
          </button>
        )}
      </div>
      <p class="plan-used">
        <strong>{allowance === null ? planText.used(bytes(cycle.used)) : bytes(cycle.used)}</strong>{" "}
        {allowance !== null && planText.of(bytes(allowance), formatShare(cycle.used / allowance))}
      </p>
      {allowance !== null && <PlanBar cycle={cycle} allowance={allowance} forecast={forecast} today={today} />}
      {verdict !== "none" && (
        <p class="plan-outlook">
          <strong>
            {verdict === "over" ? `${planText.overBy(bytes(cycle.over ?? 0))}.` : planText.short[verdict]}
          </strong>
        </p>
      )}
      <NotCountedText notCounted={notCounted} />
    </article>
  );
}

/** Where the figures of a plan's subject are. */
function linkOf(of: string): Record<string, string | null> {
  const [kind, id] = [of.slice(0, of.indexOf(":")), of.slice(of.indexOf(":") + 1)];
  const none = { open: null, device: null, owner: null, source: null };
  return kind === "device"
    ? { ...none, device: id }
    : kind === "owner"
      ? { ...none, owner: id }
      : { ...none, source: id };
}

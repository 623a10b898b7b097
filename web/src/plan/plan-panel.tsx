import { countDays } from "../../../src/shared/calendar-days.ts";
import { formatDay, formatDayRange, formatInstant, formatMoney, formatPlanBytes, formatShare } from "../format.ts";
import { mayWrite } from "../state/access.ts";
import {
  editedPlan,
  pastShown,
  planBefore,
  savePlan,
  showAllCycles,
  shownSubject,
  subjectReport,
} from "../state/plan.ts";
import { LINE, planReport } from "../state/plan-report.ts";
import { hadPlan } from "../state/preferences.ts";
import { changesFor, changesForCycle } from "../state/ranges.ts";
import { followLink, hrefFor } from "../state/url.ts";
import { status, usage } from "../state/usage.ts";
import { planText } from "../texts/plan.ts";
import type { Plan, PlanCycle, PlanReport } from "../wire.ts";
import { NotCountedText } from "./not-counted.tsx";
import { PlanBar } from "./plan-bar.tsx";
import { PlanCards } from "./plan-cards.tsx";
import { verdictOf } from "./verdict.ts";

const TO_BILL = { open: "bill" };
const TO_WHAT_IF = { open: "what-if" };

/**
 * Plans at the top of the page: the line's, and smaller the others'; where the figures of an owner or a meter are looked at
 * that has one, its own. Nothing without a plan.
 */
export function Plans() {
  if (shownSubject.value !== LINE && subjectReport.value?.plan != null) return <SubjectPlan />;
  return (
    <>
      <LinePlan />
      {shownSubject.value === LINE && <PlanCards />}
    </>
  );
}

/** The plan of the owner, the device or the meter whose figures are looked at. Nothing without one. */
export function SubjectPlan() {
  const report = subjectReport.value;
  const { plan = null, cycle = null } = report ?? {};
  return report === null || plan === null || cycle === null ? null : (
    <Panel report={report} plan={plan} cycle={cycle} />
  );
}

/** The line's: used, of what, days left, and whether it will last. */
function LinePlan() {
  const report = planReport.value;
  const { plan = null, cycle = null } = report ?? {};
  if (report !== null && plan !== null && cycle !== null) return <Panel report={report} plan={plan} cycle={cycle} />;
  // Its place is kept while it is on its way, so that nothing below jumps.
  if (report === null && hadPlan.value) return <div class="panel plan plan-waiting" aria-hidden="true" />;
  return planBefore.value === null ? null : <Changed text={planText.removed} />;
}

function Panel({ report, plan, cycle }: { report: PlanReport; plan: Plan; cycle: PlanCycle }) {
  const bytes = (amount: number) => formatPlanBytes(amount, plan.unit);
  const { allowance } = plan;
  const daysLeft = countDays(report.today, cycle.to);
  const isLine = report.of === LINE;
  const title = report.name === null ? planText.plan : planText.planOf(report.name);
  return (
    <section class={`panel plan plan-${verdictOf(report)}`} aria-label={title}>
      <div class="plan-head">
        <h2>{plan.name ?? title}</h2>
        <p class="plan-days">
          <strong>{planText.daysLeft(daysLeft)}</strong> <span>{formatDayRange(cycle.from, cycle.to)}</span>
        </p>
        {mayWrite.value && (
          <button
            type="button"
            class="button plan-edit"
            onClick={() => {
              editedPlan.value = report.of;
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
      {allowance !== null && (
        <PlanBar cycle={cycle} allowance={allowance} forecast={report.forecast} today={report.today} />
      )}
      <Outlook report={report} plan={plan} cycle={cycle} daysLeft={daysLeft} />
      <Remarks cycle={cycle} bytes={bytes} isRunning={isLine} />
      <NotCountedText notCounted={report.notCounted} />
      <MoreThanBelow />
      {isLine && planBefore.value !== null && <Changed text={planText.saved} />}
      <Past report={report} plan={plan} />
      {isLine && (
        <p class="plan-ways">
          <a href={hrefFor(TO_BILL)} onClick={(event) => followLink(event, TO_BILL, { top: true })}>
            {planText.billLink}
          </a>
          <a href={hrefFor(TO_WHAT_IF)} onClick={(event) => followLink(event, TO_WHAT_IF, { top: true })}>
            {planText.whatIfLink}
          </a>
        </p>
      )}
    </section>
  );
}

function Outlook(props: { report: PlanReport; plan: Plan; cycle: PlanCycle; daysLeft: number }) {
  const { report, plan, cycle, daysLeft } = props;
  const { forecast } = report;
  const bytes = (amount: number) => formatPlanBytes(amount, plan.unit);
  const verdict = verdictOf(report);
  const [over, cost] = [cycle.over ?? 0, cycle.cost];
  const left = (plan.allowance ?? 0) - cycle.used;
  return (
    <p class="plan-outlook">
      <strong>
        {verdict === "over" && plan.overPrice !== null && cost !== null
          ? `${planText.overCost(bytes(over), formatMoney(cost, plan.overPrice.currency))}.`
          : verdict === "over"
            ? `${planText.overBy(bytes(over))}.`
            : forecast !== null && planText.verdicts[verdict]}
      </strong>{" "}
      {forecast === null ? (
        planText.noForecast
      ) : (
        <span title={planText.band}>{forecastText(verdict === "over", forecast, cycle, bytes)}</span>
      )}
      {left > 0 && verdict !== "fine" && verdict !== "none" && <> {planText.perDay(bytes(left / daysLeft))}</>}
    </p>
  );
}

function forecastText(
  isOver: boolean,
  { low, high }: NonNullable<PlanReport["forecast"]>,
  { to }: PlanCycle,
  bytes: (amount: number) => string,
): string {
  const range = bytes(low) === bytes(high) ? bytes(low) : planText.range(bytes(low), bytes(high));
  return (isOver ? planText.forecastOver : planText.forecast)(range, formatDay(to, "short"));
}

/** What the figures of a cycle leave out, take in, or can't know. */
function Remarks(props: { cycle: PlanCycle; bytes: (amount: number) => string; isRunning?: boolean }) {
  const { cycle, bytes, isRunning = false } = props;
  const { correction, measuredFrom, unmeasuredDays, wholeDays, free } = cycle;
  const remarks = [
    correction === null ? null : planText.corrected(bytes(correction.bytes), formatInstant(correction.at)),
    measuredFrom === null || correction !== null
      ? null
      : (isRunning ? planText.measuredFrom : planText.measuredFromThen)(formatDay(measuredFrom)),
    unmeasuredDays === 0 ? null : planText.unmeasured(unmeasuredDays),
    wholeDays === 0 ? null : planText.whole(wholeDays),
    free === 0 ? null : planText.freeUsed(bytes(free)),
  ].filter((text) => text !== null);
  return remarks.length === 0 ? null : <p class="plan-remarks">{remarks.join(" ")}</p>;
}

/** A line carries all addresses: where figures of devices leave some out, the plan has more than they add up to. */
function MoreThanBelow() {
  const ipv6 = status.value?.ipv6 ?? "included";
  if (ipv6 === "included" || (usage.value?.hiddenShare ?? 0) === 0) return null;
  return <p class="plan-remarks">{ipv6 === "excluded" ? planText.withIpv6 : planText.withFiltered}</p>;
}

function Past({ report, plan }: { report: PlanReport; plan: Plan }) {
  const { past, pastCycles, today } = report;
  const { allowance, overPrice } = plan;
  const bytes = (amount: number) => formatPlanBytes(amount, plan.unit);
  return (
    <details class="plan-past">
      <summary>{planText.past}</summary>
      {past.length === 0 ? (
        <p>{planText.noPast}</p>
      ) : (
        <div class="plan-scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">{planText.columns.cycle}</th>
                <th scope="col">{planText.columns.used}</th>
                {allowance !== null && <th scope="col">{planText.columns.share}</th>}
                {allowance !== null && <th scope="col">{planText.columns.over}</th>}
                {allowance !== null && overPrice !== null && <th scope="col">{planText.columns.cost}</th>}
              </tr>
            </thead>
            <tbody>
              {past.map((cycle) => (
                <tr key={cycle.from}>
                  <th scope="row">
                    <CycleLink cycle={cycle} today={today} rule={report.of === LINE ? plan.cycle : null} />
                    <Remarks cycle={cycle} bytes={bytes} />
                  </th>
                  <td>{bytes(cycle.used)}</td>
                  {allowance !== null && <td>{formatShare(cycle.used / allowance)}</td>}
                  {allowance !== null && <td>{cycle.over ? bytes(cycle.over) : "–"}</td>}
                  {allowance !== null && overPrice !== null && (
                    <td>{cycle.cost ? formatMoney(cycle.cost, overPrice.currency) : "–"}</td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {pastCycles > past.length && pastShown.value !== "all" && (
        <button type="button" class="button" onClick={showAllCycles}>
          {planText.showAll(pastCycles)}
        </button>
      )}
    </details>
  );
}

function CycleLink({ cycle, today, rule }: { cycle: PlanCycle; today: string; rule: Plan["cycle"] | null }) {
  const last = cycle.to < today ? cycle.to : today;
  // "This cycle" in an address is the line's.
  const changes = rule === null ? changesFor(cycle.from, last, today) : changesForCycle(cycle.from, today, rule);
  return (
    <a href={hrefFor(changes)} onClick={(event) => followLink(event, changes)}>
      {formatDayRange(cycle.from, cycle.to)}
    </a>
  );
}

/** Says what was done, and takes it back. */
function Changed({ text }: { text: string }) {
  const before = planBefore.value;
  const undo = async () => {
    if (before === null) return;
    try {
      await savePlan(LINE, before.plan);
      planBefore.value = null;
    } catch {
      // It stays, and can be tried again; the frame says that there is no connection.
    }
  };
  return (
    <p class="plan-changed">
      <span role="status">{text}</span>
      <button type="button" class="button" onClick={() => void undo()}>
        {planText.undo}
      </button>
      <button
        type="button"
        class="button"
        onClick={() => {
          planBefore.value = null;
        }}
      >
        {planText.dismiss}
      </button>
    </p>
  );
}

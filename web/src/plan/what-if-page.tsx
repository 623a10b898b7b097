import { useId, useRef, useState } from "preact/hooks";
import { ApiFailure, postJson } from "../api.ts";
import { saveFile } from "../devices/copy.ts";
import { formatDayRange, formatMoney, formatPlanBytes } from "../format.ts";
import { planReport } from "../state/plan-report.ts";
import { now, today } from "../state/today.ts";
import { followLink, hrefFor } from "../state/url.ts";
import { planText } from "../texts/plan.ts";
import { whatIfText } from "../texts/what-if.ts";
import type { Plan, WhatIf, WhatIfInput } from "../wire.ts";
import { currencyIn, type Draft, draftOf, mistakeInCurrency, planOf } from "./draft.ts";
import { ExceptField } from "./except-field.tsx";
import { NotCountedText } from "./not-counted.tsx";
import { Field, FreeHours, type Problem, Terms } from "./plan-fields.tsx";
import { currencyOf, isPriced, whatIfCsv } from "./what-if-csv.ts";

const BACK = { open: null };
/** Before anybody measured anything. */
const EVER = "1970-01-01";

/** What was asked and found: with the currency that was typed, for prices of a plan that names none itself. */
interface Found {
  readonly answer: WhatIf;
  readonly currency: string;
}

/** The past under another plan, beside the plan that is set. */
export function WhatIfPage() {
  const [found, setFound] = useState<Found | null>(null);
  const report = planReport.value;
  return (
    <article class="settings-page bill-page">
      <p class="bill-back">
        <a class="device-back" href={hrefFor(BACK)} onClick={(event) => followLink(event, BACK)}>
          <span aria-hidden="true">←</span> {whatIfText.back}
        </a>
      </p>
      <h1>{planText.whatIfTitle}</h1>
      <Question key={report === null ? "unknown" : "known"} own={report?.plan ?? null} onFound={setFound} />
      {found !== null && <Result found={found} />}
      {found !== null && found.answer.own !== null && (
        <Offered heading={whatIfText.own} offered={found.answer.own} currency={found.currency} />
      )}
      {found !== null && <Offered heading={whatIfText.other} offered={found.answer.other} currency={found.currency} />}
    </article>
  );
}

function Question({ own, onFound }: { own: Plan | null; onFound: (found: Found) => void }) {
  const [draft, setDraft] = useState<Draft>(() => ({ ...draftOf(own, today.peek()), name: "", corrections: [] }));
  const [fees, setFees] = useState({ other: "", own: "" });
  const [range, setRange] = useState<keyof typeof whatIfText.ranges>("year");
  const [problem, setProblem] = useState<Problem | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const id = useId();
  const hasFee = fees.other.trim() !== "" || fees.own.trim() !== "";
  const change = (some: Partial<Draft>) => {
    setDraft({ ...draft, ...some });
    setProblem(null);
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    const read = planOf(draft, own, Math.round(now.peek()), () => today.peek());
    const plan = !("message" in read) && hasFee ? (mistakeInCurrency(draft) ?? read) : read;
    if ("message" in plan) {
      setProblem(plan);
      form.current?.querySelector<HTMLElement>(`[name="${plan.field}"]`)?.focus();
      return;
    }
    const [fee, ownFee] = [Number(fees.other), Number(fees.own)];
    if (![fee, ownFee].every((price) => price >= 0 && price <= 1e6)) {
      setProblem({ field: null, message: whatIfText.wrongFee });
      return;
    }
    try {
      const input: WhatIfInput = { plan, fee, ownFee, from: range === "all" ? EVER : null };
      const answer = await postJson<WhatIf>("api/v1/plan/what-if", input);
      onFound({ answer, currency: currencyIn(draft) });
    } catch (error) {
      const message = error instanceof ApiFailure ? `${error.message} ${error.hint ?? ""}`.trim() : whatIfText.failed;
      setProblem({ field: null, message });
    }
  };
  const price = (which: "other" | "own") => (
    <input
      type="number"
      inputMode="decimal"
      min="0"
      step="any"
      value={fees[which]}
      onInput={(event) => {
        setFees({ ...fees, [which]: event.currentTarget.value });
        setProblem(null);
      }}
    />
  );
  return (
    <section class="panel bill-form">
      <form class="plan-form" noValidate onSubmit={(event) => void submit(event)} ref={form}>
        <p class="plan-intro">{whatIfText.intro}</p>
        <Terms draft={draft} change={change} before={own} problem={problem} problemId={`${id}problem`} hasFee={hasFee}>
          <Field label={whatIfText.fee}>{price("other")}</Field>
          {own !== null && <Field label={whatIfText.ownFee}>{price("own")}</Field>}
          <Field label={whatIfText.from}>
            <select value={range} onChange={(event) => setRange(event.currentTarget.value === "all" ? "all" : "year")}>
              <option value="year">{whatIfText.ranges.year}</option>
              <option value="all">{whatIfText.ranges.all}</option>
            </select>
          </Field>
        </Terms>
        <FreeHours draft={draft} change={change} />
        <ExceptField draft={draft} change={change} notCounted={planReport.value?.notCounted ?? []} />
        {problem !== null && (
          <p class="plan-problem" id={`${id}problem`} role="alert">
            {problem.message}
          </p>
        )}
        <div class="plan-buttons">
          <button type="submit" class="button button-primary">
            {whatIfText.compare}
          </button>
        </div>
      </form>
    </section>
  );
}

type OfferedPlan = WhatIf["other"];

function Result({ found: { answer, currency } }: { found: Found }) {
  const { own, other, from, today: to } = answer;
  const save = () =>
    saveFile(whatIfText.csvFile(from, to), "text/csv;charset=utf-8", whatIfCsv(answer, currency, navigator.language));
  return (
    <section class="panel bill-result" aria-label={whatIfText.perMonth}>
      <div class="panel-head">
        <h2>{formatDayRange(from, to)}</h2>
        <span class="bill-buttons">
          <button type="button" class="button" onClick={() => print()}>
            {whatIfText.print}
          </button>
          <button type="button" class="button" onClick={save}>
            {whatIfText.csv}
          </button>
        </span>
      </div>
      <dl>
        {own !== null && <PerMonth title={whatIfText.own} offered={own} currency={currency} />}
        <PerMonth title={whatIfText.other} offered={other} currency={currency} />
      </dl>
      {own !== null && (
        <p role="status">
          <strong>{verdictOf(own, other, currency)}</strong>
        </p>
      )}
    </section>
  );
}

interface PerMonthProps {
  readonly title: string;
  readonly offered: OfferedPlan;
  readonly currency: string;
}

function PerMonth({ title, offered, currency }: PerMonthProps) {
  const { plan, sum, cycles } = offered;
  const over = cycles.filter((cycle) => cycle.isComplete && cycle.over > 0).length;
  return (
    <div>
      <dt>
        {title}, {whatIfText.perMonth.toLowerCase()}
      </dt>
      <dd>
        {sum.perMonth === null ? "–" : moneyText(sum.perMonth, offered, currency)}
        {plan.allowance !== null && <small>{whatIfText.overs(over, sum.cycles)}</small>}
      </dd>
    </div>
  );
}

interface OfferedProps {
  readonly heading: string;
  readonly offered: OfferedPlan;
  readonly currency: string;
}

function Offered({ heading, offered, currency }: OfferedProps) {
  const { plan, cycles, sum } = offered;
  const bytes = (amount: number) => formatPlanBytes(amount, plan.unit);
  const hasFree = plan.free.length > 0;
  return (
    <section class="panel">
      <h2>{heading}</h2>
      <p class="settings-about">{termsOf(offered, currency)}</p>
      <NotCountedText notCounted={offered.notCounted} />
      <div class="plan-scroll">
        <table class="bill-days">
          <thead>
            <tr>
              <th scope="col">{whatIfText.columns.cycle}</th>
              <th scope="col">{whatIfText.columns.used}</th>
              {hasFree && (
                <th scope="col" class="bill-detail">
                  {whatIfText.columns.free}
                </th>
              )}
              {plan.allowance !== null && (
                <th scope="col" class="bill-detail">
                  {whatIfText.columns.over}
                </th>
              )}
              <th scope="col">{whatIfText.columns.cost}</th>
            </tr>
          </thead>
          <tbody>
            {cycles.map(({ from, to, used, free, over, cost, estimatedDays, isComplete }) => (
              <tr key={from}>
                <th scope="row">
                  {formatDayRange(from, to)}
                  {!isComplete && <span class="plan-remarks"> {whatIfText.incomplete}</span>}
                  {estimatedDays > 0 && <p class="plan-remarks">{whatIfText.estimated(estimatedDays)}</p>}
                </th>
                <td>{bytes(used)}</td>
                {hasFree && <td class="bill-detail">{bytes(free)}</td>}
                {plan.allowance !== null && <td class="bill-detail">{over > 0 ? bytes(over) : "–"}</td>}
                <td>{isComplete ? moneyText(cost, offered, currency) : "–"}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">
                {whatIfText.total} ({sum.cycles})
              </th>
              <td>{bytes(sum.used)}</td>
              {hasFree && <td class="bill-detail">{bytes(sum.free)}</td>}
              {plan.allowance !== null && <td class="bill-detail">{sum.over > 0 ? bytes(sum.over) : "–"}</td>}
              <td>{moneyText(sum.cost, offered, currency)}</td>
            </tr>
          </tfoot>
        </table>
      </div>
    </section>
  );
}

function termsOf(offered: OfferedPlan, currency: string): string {
  const { plan, fee } = offered;
  const { terms } = whatIfText;
  return [
    plan.name,
    plan.allowance === null ? terms.unlimited : formatPlanBytes(plan.allowance, plan.unit),
    plan.counts === "both" ? null : planText.countChoices[plan.counts],
    fee > 0 ? terms.fee(moneyText(fee, offered, currency)) : null,
    plan.overPrice === null
      ? null
      : terms.over(moneyText(plan.overPrice.perGb, offered, currency), planText.units[plan.unit]),
  ]
    .filter((text) => text !== null)
    .join(", ");
}

function verdictOf(own: OfferedPlan, other: OfferedPlan, currency: string): string {
  const { verdicts } = whatIfText;
  const [ours, theirs] = [own.sum.perMonth, other.sum.perMonth];
  if (ours === null || theirs === null) return verdicts.unknown;
  if (!isPriced(own) || !isPriced(other)) return verdicts.unpriced;
  const one = currencyOf(own, currency);
  if (one !== currencyOf(other, currency)) return verdicts.currencies;
  const less = ours - theirs;
  if (Math.abs(less) < 0.005) return verdicts.same;
  const amount = formatMoney(Math.abs(less), one);
  return less > 0 ? verdicts.cheaper(amount) : verdicts.dearer(amount);
}

/**
 * An amount in a plan's currency. Of a plan that names no price at all, nothing can be said.
 * @param currency what was typed
 */
function moneyText(amount: number, offered: OfferedPlan, currency: string): string {
  return isPriced(offered) ? formatMoney(amount, currencyOf(offered, currency)) : "–";
}

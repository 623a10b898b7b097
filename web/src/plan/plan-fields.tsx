import type { ComponentChildren } from "preact";
import { cycleBeside, cycleOf } from "../../../src/plan/cycle.ts";
import { formatDay, formatDayRange, formatHour, formatWeekday } from "../format.ts";
import { today } from "../state/today.ts";
import { planText } from "../texts/plan.ts";
import type { Plan } from "../wire.ts";
import { cycleIn, type Draft, type Kind, type Mistake } from "./draft.ts";

/** What can't be so: in a field, or elsewhere. */
export type Problem = Mistake | { readonly field: null; readonly message: string };

export interface PartProps {
  readonly draft: Draft;
  readonly change: (some: Partial<Draft>) => void;
}

/** What binds fields to a draft, and says of each what is wrong in it. */
export function bindings(draft: Draft, change: PartProps["change"], problem: Problem | null, problemId: string) {
  return {
    /** What every field says of a mistake in it. */
    marks: (field: Mistake["field"]) => ({
      name: field,
      "aria-invalid": problem?.field === field,
      "aria-describedby": problem?.field === field ? problemId : undefined,
    }),
    text: (field: "name" | "allowance" | "price" | "currency" | "provider" | "days" | "billingDay" | "from") => ({
      value: draft[field],
      onInput: (event: { currentTarget: HTMLInputElement }) => change({ [field]: event.currentTarget.value }),
    }),
  };
}

interface TermsProps extends PartProps {
  /** The plan that is being changed. */
  readonly before: Plan | null;
  readonly problem: Problem | null;
  readonly problemId: string;
  /** Whether it has a price: what people agree on among themselves costs nothing. */
  readonly isPriced?: boolean;
  /** Whether another price than that beyond the allowance asks for the currency as well. */
  readonly hasFee?: boolean;
  /** Further fields. */
  readonly children: ComponentChildren;
}

/** What a plan says of cycles, limit and price. */
export function Terms({
  draft,
  change,
  before,
  problem,
  problemId,
  isPriced = true,
  hasFee = false,
  children,
}: TermsProps) {
  const { marks, text } = bindings(draft, change, problem, problemId);
  return (
    <>
      <div class="plan-fields">
        <Field label={planText.repeats}>
          <select
            name="kind"
            value={draft.kind}
            onChange={(event) => change({ kind: event.currentTarget.value as Kind })}
          >
            {(Object.keys(planText.kinds) as Kind[]).map((kind) => (
              <option key={kind} value={kind}>
                {planText.kinds[kind]}
              </option>
            ))}
          </select>
        </Field>
        {draft.kind === "month" ? (
          <Field label={planText.billingDay}>
            <input
              type="number"
              inputMode="numeric"
              min="1"
              max="31"
              {...marks("billingDay")}
              {...text("billingDay")}
            />
          </Field>
        ) : (
          <Field label={planText.from}>
            <input type="date" min="1970-01-01" max="2199-12-31" {...marks("from")} {...text("from")} />
          </Field>
        )}
        {draft.kind === "days" && (
          <Field label={planText.everyDays}>
            <input type="number" inputMode="numeric" min="1" max="366" {...marks("days")} {...text("days")} />
          </Field>
        )}
      </div>
      <Preview draft={draft} plan={before} />
      <div class="plan-fields">
        <Field label={planText.allowance}>
          <input
            type="number"
            inputMode="decimal"
            min="0"
            step="any"
            placeholder={planText.noLimit}
            {...marks("allowance")}
            {...text("allowance")}
          />
        </Field>
        <Field label={planText.unit}>
          <select
            name="unit"
            value={String(draft.unit)}
            onChange={(event) => change({ unit: event.currentTarget.value === "1024" ? 1024 : 1000 })}
          >
            <option value="1000">{planText.units[1000]}</option>
            <option value="1024">{planText.units[1024]}</option>
          </select>
        </Field>
        <Field label={planText.counts}>
          <select
            name="counts"
            value={draft.counts}
            onChange={(event) => change({ counts: event.currentTarget.value as Plan["counts"] })}
          >
            {(["both", "download", "upload"] as const).map((counts) => (
              <option key={counts} value={counts}>
                {planText.countChoices[counts]}
              </option>
            ))}
          </select>
        </Field>
        {isPriced && (
          <>
            <Field label={planText.price}>
              <input type="number" inputMode="decimal" min="0" step="any" {...marks("price")} {...text("price")} />
            </Field>
            {(hasFee || draft.price.trim() !== "") && (
              <Field label={planText.currency}>
                <input type="text" maxLength={3} autocomplete="off" {...marks("currency")} {...text("currency")} />
              </Field>
            )}
          </>
        )}
        {children}
      </div>
    </>
  );
}

export function Field({ label, hint, children }: { label: string; hint?: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children
    <label class="plan-field">
      <span>{label}</span>
      {children}
      {hint !== undefined && <small>{hint}</small>}
    </label>
  );
}

/** The running cycle as the draft has it: what one compares with the bill. */
function Preview({ draft, plan }: { draft: Draft; plan: Plan | null }) {
  const rule = cycleIn(draft, plan);
  if (rule === null) return null;
  const { from, to } = cycleOf(rule, today.value);
  const next = formatDay(cycleBeside(rule, today.value, 1).from);
  const isClamped = draft.kind === "month" && Number(draft.billingDay) > 28;
  return (
    <p class="plan-preview" role="status">
      {planText.preview(formatDayRange(from, to), next)} {isClamped && planText.billingHint}
    </p>
  );
}

/** A Monday: weekdays are called by days after it. */
const MONDAY = "2024-01-0";
const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7];
const HOURS = Array.from({ length: 25 }, (_, hour) => hour);

export function FreeHours({ draft: { free }, change }: PartProps) {
  const put = (index: number, some: Partial<Draft["free"][number]>) =>
    change({ free: free.map((window, at) => (at === index ? { ...window, ...some } : window)) });
  return (
    <>
      {free.map(({ weekdays, from, to }, index) => (
        <fieldset class="plan-free" key={index}>
          <legend>{planText.free}</legend>
          <div class="plan-weekdays">
            {WEEKDAYS.map((weekday) => (
              <label key={weekday}>
                <input
                  type="checkbox"
                  name="weekdays"
                  checked={weekdays.includes(weekday)}
                  onChange={(event) =>
                    put(index, {
                      weekdays: event.currentTarget.checked
                        ? [...weekdays, weekday].sort()
                        : weekdays.filter((other) => other !== weekday),
                    })
                  }
                />
                {formatWeekday(`${MONDAY}${weekday}`)}
              </label>
            ))}
          </div>
          <div class="plan-fields">
            <Field label={planText.freeFrom}>
              <select
                value={String(from)}
                onChange={(event) => put(index, { from: Number(event.currentTarget.value) })}
              >
                {HOURS.slice(0, 24).map((hour) => (
                  <option key={hour} value={String(hour)}>
                    {hourText(hour)}
                  </option>
                ))}
              </select>
            </Field>
            <Field label={planText.freeTo}>
              <select value={String(to)} onChange={(event) => put(index, { to: Number(event.currentTarget.value) })}>
                {HOURS.slice(1).map((hour) => (
                  <option key={hour} value={String(hour)}>
                    {hour > from ? hourText(hour) : planText.nextDay(hourText(hour))}
                  </option>
                ))}
              </select>
            </Field>
            <button
              type="button"
              class="button"
              aria-label={planText.removeFree(index + 1)}
              onClick={() => change({ free: free.filter((_, at) => at !== index) })}
            >
              ×
            </button>
          </div>
        </fieldset>
      ))}
      {free.length < 20 && (
        <p>
          <button
            type="button"
            class="button"
            onClick={() => change({ free: [...free, { weekdays: [1, 2, 3, 4, 5], from: 1, to: 7 }] })}
          >
            {planText.addFree}
          </button>
        </p>
      )}
    </>
  );
}

function hourText(hour: number): string {
  return hour === 24 ? "24:00" : formatHour(`2024-01-01T${String(hour).padStart(2, "0")}`);
}

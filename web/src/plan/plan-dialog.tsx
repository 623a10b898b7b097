import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { cycleBeside, cycleOf } from "../../../src/plan/cycle.ts";
import { ApiFailure } from "../api.ts";
import { formatDay, formatDayRange, formatHour, formatInstant, formatPlanBytes, formatWeekday } from "../format.ts";
import { planIsEdited, refreshPlan, savePlan } from "../state/plan.ts";
import { planReport } from "../state/plan-report.ts";
import { now, today } from "../state/today.ts";
import { planText } from "../texts/plan.ts";
import type { Plan } from "../wire.ts";
import { cycleIn, type Draft, draftOf, type Kind, type Mistake, planOf } from "./draft.ts";

/** The dialog that sets the data plan. Rendered only while it is open, so that each opening begins with the plan there is. */
export function PlanDialog() {
  return planIsEdited.value ? <Dialog /> : null;
}

function close(): void {
  planIsEdited.value = false;
}

function Dialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    if (planReport.peek() === null) void refreshPlan();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog class="plan-dialog" aria-labelledby={title} ref={dialog} onClose={close}>
      <h2 id={title}>{planText.title}</h2>
      <Form key={planReport.value === null ? "unknown" : "known"} />
    </dialog>
  );
}

type Problem = Mistake | { readonly field: null; readonly message: string };

function Form() {
  const plan = planReport.value?.plan ?? null;
  const [draft, setDraft] = useState<Draft>(() => draftOf(plan, today.peek()));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSaving, setIsSaving] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const id = useId();
  const change = (some: Partial<Draft>) => {
    setDraft({ ...draft, ...some });
    setProblem(null);
  };
  const save = async (next: Plan | null) => {
    setIsSaving(true);
    try {
      await savePlan(next);
      close();
    } catch (error) {
      const message = error instanceof ApiFailure ? `${error.message} ${error.hint ?? ""}`.trim() : planText.notSaved;
      setProblem({ field: null, message });
      setIsSaving(false);
    }
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (isSaving) return;
    const next = planOf(draft, plan, Math.round(now.peek()), (cycle) => cycleOf(cycle, today.peek()).from);
    if (!("message" in next)) {
      void save(next);
      return;
    }
    setProblem(next);
    form.current?.querySelector<HTMLElement>(`[name="${next.field}"]`)?.focus();
  };
  /** What every field says of a mistake in it. */
  const marks = (field: Mistake["field"]) => ({
    name: field,
    "aria-invalid": problem?.field === field,
    "aria-describedby": problem?.field === field ? `${id}problem` : undefined,
  });
  const text = (field: "name" | "allowance" | "price" | "currency" | "provider" | "days" | "billingDay" | "from") => ({
    value: draft[field],
    onInput: (event: { currentTarget: HTMLInputElement }) => change({ [field]: event.currentTarget.value }),
  });
  const unitName = planText.units[draft.unit];
  return (
    <form class="plan-form" noValidate aria-busy={isSaving} onSubmit={submit} ref={form}>
      <p class="plan-intro">{planText.intro}</p>
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
      <Preview draft={draft} plan={plan} />
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
        <Field label={planText.price}>
          <input type="number" inputMode="decimal" min="0" step="any" {...marks("price")} {...text("price")} />
        </Field>
        <Field label={planText.currency}>
          <input type="text" maxLength={3} autocomplete="off" {...marks("currency")} {...text("currency")} />
        </Field>
        <Field label={planText.name}>
          <input type="text" name="name" maxLength={60} placeholder={planText.namePlaceholder} {...text("name")} />
        </Field>
        <Field label={`${planText.provider} (${unitName})`} hint={planText.providerHint}>
          <input type="number" inputMode="decimal" min="0" step="any" {...marks("provider")} {...text("provider")} />
        </Field>
      </div>
      <Corrections draft={draft} change={change} />
      <FreeHours draft={draft} change={change} />
      {problem !== null && (
        <p class="plan-problem" id={`${id}problem`} role="alert">
          {problem.message}
        </p>
      )}
      <div class="plan-buttons">
        <button type="submit" class="button button-primary" disabled={isSaving}>
          {planText.save}
        </button>
        <button type="button" class="button" disabled={isSaving} onClick={close}>
          {planText.cancel}
        </button>
        {plan !== null && (
          <button type="button" class="button plan-remove" disabled={isSaving} onClick={() => void save(null)}>
            {planText.remove}
          </button>
        )}
      </div>
    </form>
  );
}

function Field({ label, hint, children }: { label: string; hint?: string; children: ComponentChildren }) {
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

interface PartProps {
  readonly draft: Draft;
  readonly change: (some: Partial<Draft>) => void;
}

/** What the provider said before, to be taken back. */
function Corrections({ draft: { corrections, unit }, change }: PartProps) {
  if (corrections.length === 0) return null;
  return (
    <ul class="plan-list">
      {corrections.map((one) => (
        <li key={one.at}>
          <button
            type="button"
            class="button"
            onClick={() => change({ corrections: corrections.filter((other) => other !== one) })}
          >
            {planText.forget(formatPlanBytes(one.bytes, unit), formatInstant(one.at))}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** A Monday: weekdays are called by days after it. */
const MONDAY = "2024-01-0";
const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7];
const HOURS = Array.from({ length: 25 }, (_, hour) => hour);

function FreeHours({ draft: { free }, change }: PartProps) {
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

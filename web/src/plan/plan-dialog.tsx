import { useEffect, useId, useRef, useState } from "preact/hooks";
import { cycleOf } from "../../../src/plan/cycle.ts";
import { ApiFailure } from "../api.ts";
import { formatInstant, formatPlanBytes } from "../format.ts";
import { displayName } from "../names.ts";
import { detail } from "../state/device.ts";
import { owners } from "../state/household.ts";
import { editedPlan, refreshPlan, savePlan } from "../state/plan.ts";
import { LINE, otherPlans, planReport } from "../state/plan-report.ts";
import { now, today } from "../state/today.ts";
import { status } from "../state/usage.ts";
import { planText } from "../texts/plan.ts";
import type { Plan } from "../wire.ts";
import { type Draft, draftOf, planOf } from "./draft.ts";
import { ExceptField } from "./except-field.tsx";
import { bindings, Field, FreeHours, type PartProps, type Problem, Terms } from "./plan-fields.tsx";

/** The dialog that sets the data plan. Rendered only while it is open, so that each opening begins with the plan there is. */
export function PlanDialog() {
  return editedPlan.value === null ? null : <Dialog of={editedPlan.value} />;
}

function close(): void {
  editedPlan.value = null;
}

function Dialog({ of }: { of: string }) {
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
      <Whose of={of} />
      <Form key={`${of} ${planReport.value === null}`} of={of} />
    </dialog>
  );
}

/** Whose plan it is: the line's, one of several meters', an owner's, or that of the device whose page is open. */
function Whose({ of }: { of: string }) {
  const meters = status.value?.meters ?? [];
  const known = otherPlans.value
    .filter((one) => one.of.startsWith("device:"))
    .map((one) => [one.of, one.name ?? one.of]);
  const opened = detail.value === null ? [] : [[`device:${detail.value.device.key}`, displayName(detail.value.device)]];
  const choices = new Map([
    [LINE, planText.line],
    ...(meters.length < 2 ? [] : meters).map(({ name }): [string, string] => [
      `meter:${name}`,
      planText.meter(name ?? ""),
    ]),
    ...owners.value.map(({ id, name }): [string, string] => [`owner:${id}`, name]),
    ...([...known, ...opened] as [string, string][]),
  ]);
  // Its name may come with the figures.
  if (!choices.has(of)) choices.set(of, of.slice(of.indexOf(":") + 1));
  if (choices.size === 1) return null;
  return (
    <label class="plan-field plan-whose">
      <span>{planText.whose}</span>
      <select
        value={of}
        onChange={(event) => {
          editedPlan.value = event.currentTarget.value;
        }}
      >
        {[...choices].map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function Form({ of }: { of: string }) {
  const isLine = of === LINE || of.startsWith("meter:");
  const report = of === LINE ? planReport.value : otherPlans.value.find((one) => one.of === of);
  const plan = report?.plan ?? null;
  const [draft, setDraft] = useState<Draft>(() => draftOf(plan, today.peek(), isLine));
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
      await savePlan(of, next);
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
  const { marks, text } = bindings(draft, change, problem, `${id}problem`);
  const unitName = planText.units[draft.unit];
  return (
    <form class="plan-form" noValidate aria-busy={isSaving} onSubmit={submit} ref={form}>
      <p class="plan-intro">{planText.intro}</p>
      <Terms draft={draft} change={change} before={plan} problem={problem} problemId={`${id}problem`} isPriced={isLine}>
        <Field label={planText.name}>
          <input type="text" name="name" maxLength={60} placeholder={planText.namePlaceholder} {...text("name")} />
        </Field>
        {isLine && (
          <Field label={`${planText.provider} (${unitName})`} hint={planText.providerHint}>
            <input type="number" inputMode="decimal" min="0" step="any" {...marks("provider")} {...text("provider")} />
          </Field>
        )}
      </Terms>
      <Corrections draft={draft} change={change} />
      <FreeHours draft={draft} change={change} />
      {isLine && <ExceptField draft={draft} change={change} notCounted={report?.notCounted ?? []} />}
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

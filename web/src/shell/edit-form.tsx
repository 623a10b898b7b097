import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { householdText } from "../texts/household.ts";
import { useOpened } from "./use-opened.ts";

interface EditFormProps {
  readonly class: string;
  /** What the button says that saves, and says meanwhile; "Save" without it. */
  readonly saveText?: string;
  readonly savingText?: string;
  /** The server says what is wrong, not the browser. */
  readonly noValidate?: boolean;
  /** Nothing is chosen yet that could be saved. */
  readonly isEmpty?: boolean;
  /** @returns whether it was saved: then the form is left; or why not, which is said above the buttons */
  readonly onSave: () => Promise<boolean | string>;
  readonly onLeave: () => void;
  /** The fields; a function is told the id of what is wrong, to describe a field by. */
  readonly children: ComponentChildren | ((problem: string | undefined) => ComponentChildren);
}

/**
 * A form that opens in its button's place: its first field takes the focus, Escape and Cancel leave it, and while it is
 * saved it can't be sent again. What could not be saved stays as it was typed.
 */
export function EditForm({
  saveText = householdText.save,
  savingText = saveText,
  isEmpty = false,
  ...props
}: EditFormProps) {
  const { onSave, onLeave, children } = props;
  const [isSaving, setSaving] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const form = useOpened();
  const id = useId();
  const submit = async (event: Event) => {
    event.preventDefault();
    // Enter in a field submits a form even while its button is disabled by nothing but us.
    if (isSaving || isEmpty) return;
    setSaving(true);
    setProblem(null);
    const outcome = await onSave();
    if (outcome === true) return onLeave();
    if (outcome !== false) setProblem(outcome);
    setSaving(false);
  };
  return (
    <form
      class={props.class}
      noValidate={props.noValidate}
      aria-busy={isSaving}
      ref={form}
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.isComposing && !isSaving) onLeave();
      }}
    >
      {typeof children === "function" ? children(problem === null ? undefined : id) : children}
      {problem !== null && (
        <p class="settings-problem" id={id} role="alert">
          {problem}
        </p>
      )}
      <div class="settings-buttons">
        <button type="submit" class="button button-primary" disabled={isSaving || isEmpty}>
          {isSaving ? savingText : saveText}
        </button>
        <button type="button" class="button" disabled={isSaving} onClick={onLeave}>
          {householdText.cancel}
        </button>
      </div>
    </form>
  );
}

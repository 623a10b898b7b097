import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { householdText } from "../texts/household.ts";
import { useOpened } from "./use-opened.ts";

interface EditFormProps {
  readonly class: string;
  /** What the button says that saves; "Save" without it. */
  readonly saveText?: string;
  /** Nothing is chosen yet that could be saved. */
  readonly isEmpty?: boolean;
  /** @returns whether it was saved: then the form is left */
  readonly onSave: () => Promise<boolean>;
  readonly onLeave: () => void;
  readonly children: ComponentChildren;
}

/**
 * A form that opens in its button's place: its first field takes the focus, Escape and Cancel leave it, and while it is
 * saved it can't be sent again. What could not be saved stays as it was typed.
 */
export function EditForm({ saveText = householdText.save, isEmpty = false, ...props }: EditFormProps) {
  const { onSave, onLeave, children } = props;
  const [isSaving, setSaving] = useState(false);
  const form = useOpened();
  const submit = async (event: Event) => {
    event.preventDefault();
    // Enter in a field submits a form even while its button is disabled by nothing but us.
    if (isSaving || isEmpty) return;
    setSaving(true);
    if (await onSave()) onLeave();
    else setSaving(false);
  };
  return (
    <form
      class={props.class}
      aria-busy={isSaving}
      ref={form}
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.isComposing && !isSaving) onLeave();
      }}
    >
      {children}
      <div class="settings-buttons">
        <button type="submit" class="button button-primary" disabled={isSaving || isEmpty}>
          {saveText}
        </button>
        <button type="button" class="button" disabled={isSaving} onClick={onLeave}>
          {householdText.cancel}
        </button>
      </div>
    </form>
  );
}

import { useState } from "preact/hooks";
import { dismissToast, toast } from "../state/toast.ts";
import { frameText } from "../texts/frame.ts";
import { Cross } from "./icons.tsx";

/** What was done a moment ago, with the way back. It stays until it is read: nobody has to hurry. */
export function ToastLine() {
  const [isUndoing, setUndoing] = useState(false);
  const shown = toast.value;
  const undo = async () => {
    setUndoing(true);
    await shown?.undo?.();
    setUndoing(false);
  };
  return (
    <>
      {/* Always there: a region that comes with its text is not read aloud. */}
      <p class="visually-hidden" role="status">
        {shown?.text ?? ""}
      </p>
      {shown !== null && (
        <section class={`shell-toast shell-toast-${shown.tone}`} aria-label={frameText.lastChange}>
          <p>
            <bdi>{shown.text}</bdi>
          </p>
          {shown.undo !== null && (
            <button type="button" class="button" disabled={isUndoing} onClick={() => void undo()}>
              {frameText.undo}
            </button>
          )}
          <button type="button" class="shell-dismiss" aria-label={frameText.dismiss} onClick={dismissToast}>
            <Cross />
          </button>
        </section>
      )}
    </>
  );
}

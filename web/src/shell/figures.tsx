import type { ComponentChildren } from "preact";
import { formatDayRange } from "../format.ts";
import { selection } from "../state/url.ts";
import { failure, isCurrent, loading, usage } from "../state/usage.ts";
import { overviewText } from "../texts/overview.ts";

/**
 * Figures of the selected range. While they are on their way, those of the range before are dimmed; when they can't be
 * had, nothing is shown in their place: no figure stands under a heading that is not its own.
 */
export function Figures({ children }: { children: ComponentChildren }) {
  if (failure.value !== null && !isCurrent.value) {
    // It isn't for the moment: above it says that this owner doesn't exist any more.
    if (failure.value.code === "unknown-owner") return null;
    const { from, to } = selection.value;
    return (
      <section class="panel shell-unavailable">
        <p>{overviewText.unavailable(formatDayRange(from, to))}</p>
      </section>
    );
  }
  const isStale = usage.value !== null && (loading.value || !isCurrent.value);
  return <div class={isStale ? "shell-figures shell-waiting" : "shell-figures"}>{children}</div>;
}

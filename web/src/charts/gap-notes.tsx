import { formatInstant } from "../format.ts";
import { chartText } from "../texts/charts.ts";
import type { Bar } from "./bars.tsx";
import { type Gap, isWhole } from "./gaps.ts";

/** What a screen reader says of a bar's gaps; empty where there are none. */
export function gapWords(gaps: readonly Gap[]): string {
  const [first] = gaps;
  if (first === undefined) return "";
  if (first.kind === "absent") return chartText.absent;
  return isWhole(gaps) ? chartText.unmeasured : chartText.partlyUnmeasured;
}

/** The gaps of a bar in its tip: from when to when. */
export function GapTip({ gaps }: { gaps: readonly Gap[] }) {
  return (
    <>
      {gaps.map(({ kind, fromTime, toTime }) => (
        <p key={fromTime} class="chart-tip-note">
          {kind === "absent"
            ? chartText.absent
            : chartText.unmeasuredFrom(formatInstant(fromTime), formatInstant(toTime))}
        </p>
      ))}
    </>
  );
}

/** What the marks of gaps mean, below a chart that has any. */
export function GapNotes({ bars }: { bars: readonly Bar[] }) {
  const kinds = new Set(bars.flatMap(({ gaps }) => gaps.map(({ kind }) => kind)));
  return (
    <>
      {kinds.has("unmeasured") && (
        <p class="chart-note">
          <span class="chart-gap-key chart-gap-key-unmeasured" aria-hidden="true" /> {chartText.unmeasuredNote}
        </p>
      )}
      {kinds.has("absent") && (
        <p class="chart-note">
          <span class="chart-gap-key chart-gap-key-absent" aria-hidden="true" /> {chartText.absentNote}
        </p>
      )}
    </>
  );
}

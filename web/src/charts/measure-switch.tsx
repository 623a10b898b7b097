import { useId } from "preact/hooks";
import { rankBy } from "../state/preferences.ts";
import type { Direction } from "../wire.ts";

const MEASURES: readonly (readonly [Direction, string])[] = [
  ["download", "Download"],
  ["upload", "Upload"],
  ["total", "Total"],
];

/** What the charts show: one choice for all of them. */
export function MeasureSwitch() {
  const name = useId();
  return (
    <fieldset class="segmented chart-switch">
      <legend class="visually-hidden">Charts show</legend>
      {MEASURES.map(([measure, label]) => (
        <label key={measure}>
          <input
            class="visually-hidden"
            type="radio"
            name={name}
            value={measure}
            checked={rankBy.value === measure}
            onChange={() => {
              rankBy.value = measure;
            }}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}

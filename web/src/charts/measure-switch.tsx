import { useId } from "preact/hooks";
import { rankBy } from "../state/preferences.ts";
import { chartText } from "../texts/charts.ts";
import type { Direction } from "../wire.ts";

const MEASURES: readonly Direction[] = ["download", "upload", "total"];

/** What the charts show: one choice for all of them. */
export function MeasureSwitch() {
  const name = useId();
  return (
    <fieldset class="segmented chart-switch">
      <legend class="visually-hidden">{chartText.switch}</legend>
      {MEASURES.map((measure) => (
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
          {chartText.measures[measure]}
        </label>
      ))}
    </fieldset>
  );
}

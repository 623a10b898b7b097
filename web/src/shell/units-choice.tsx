import { useId } from "preact/hooks";
import { chooseUnits, units } from "../state/preferences.ts";
import { frameText } from "../texts/frame.ts";

const UNITS = [1000, 1024, "bits"] as const;

/** Units of all amounts, kept in this browser. */
export function UnitsChoice() {
  const name = useId();
  return (
    <div class="segmented">
      {UNITS.map((value) => (
        <label key={value}>
          <input
            class="visually-hidden"
            type="radio"
            name={name}
            checked={units.value === value}
            onChange={() => chooseUnits(value)}
          />
          {frameText.unitChoices[value]}
        </label>
      ))}
    </div>
  );
}

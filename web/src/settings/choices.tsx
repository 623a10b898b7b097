import { DEVICE_TYPES } from "../../../src/shared/household-words.ts";
import { owners } from "../state/household.ts";
import { householdText } from "../texts/household.ts";
import type { DeviceType } from "../wire.ts";

interface OwnerSelectProps {
  readonly label: string;
  /** Null for nobody's. */
  readonly owner: number | null;
  readonly onChoose: (owner: number | null) => void;
}

/** Whose a device is. */
export function OwnerSelect({ label, owner, onChoose }: OwnerSelectProps) {
  return (
    <select
      class="settings-select"
      aria-label={label}
      value={owner === null ? "" : String(owner)}
      onChange={(event) => {
        const { value } = event.currentTarget;
        onChoose(value === "" ? null : Number(value));
      }}
    >
      <option value="">{householdText.nobody}</option>
      {owners.value.map(({ id, name }) => (
        <option key={id} value={String(id)}>
          {name}
        </option>
      ))}
    </select>
  );
}

interface TypeSelectProps {
  readonly label: string;
  /** Null where nobody chose one. */
  readonly type: DeviceType | null;
  readonly guess: DeviceType;
  readonly onChoose: (type: DeviceType | null) => void;
}

/** What a device is: as guessed, or as a person says. */
export function TypeSelect({ label, type, guess, onChoose }: TypeSelectProps) {
  return (
    <select
      class="settings-select"
      aria-label={label}
      value={type ?? ""}
      onChange={(event) => {
        const { value } = event.currentTarget;
        onChoose(DEVICE_TYPES.find((known) => known === value) ?? null);
      }}
    >
      <option value="">{householdText.guessed(householdText.types[guess])}</option>
      {DEVICE_TYPES.map((known) => (
        <option key={known} value={known}>
          {householdText.types[known]}
        </option>
      ))}
    </select>
  );
}

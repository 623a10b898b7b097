import { useId, useState } from "preact/hooks";
import { UnitsChoice } from "../shell/units-choice.tsx";
import { change, household } from "../state/household.ts";
import { switchIpv6 } from "../state/settings.ts";
import { status } from "../state/usage.ts";
import { frameText } from "../texts/frame.ts";
import { settingsText } from "../texts/settings.ts";
import { Section } from "./section.tsx";

/** What figures are of, and how they are written. */
export function FiguresSection() {
  return (
    <Section title={settingsText.figures}>
      <Ipv6 />
      <fieldset class="settings-units">
        <legend>{settingsText.units}</legend>
        <UnitsChoice />
        <p class="settings-about">{settingsText.unitsAbout}</p>
      </fieldset>
      <HouseUnits />
    </Section>
  );
}

/** Units for browsers in which nobody chose any. */
function HouseUnits() {
  if (household.value === null) return null;
  return (
    <label class="settings-house-units">
      <span>{settingsText.houseUnits}</span>
      <select
        class="settings-select"
        value={String(household.value.units ?? "")}
        onChange={(event) => {
          const { value } = event.currentTarget;
          void change({ do: "units", units: value === "1000" ? 1000 : value === "1024" ? 1024 : null });
        }}
      >
        <option value="">{settingsText.houseUnitsNone}</option>
        <option value="1000">{frameText.unitChoices[1000]}</option>
        <option value="1024">{frameText.unitChoices[1024]}</option>
      </select>
    </label>
  );
}

function Ipv6() {
  const id = useId();
  const [isSaving, setSaving] = useState(false);
  const ipv6 = status.value?.ipv6 ?? null;
  const change = async (included: boolean) => {
    setSaving(true);
    await switchIpv6(included);
    setSaving(false);
  };
  return (
    <div class="settings-switch">
      <label>
        <input
          type="checkbox"
          role="switch"
          checked={ipv6 === "included"}
          aria-checked={ipv6 === "included"}
          disabled={ipv6 === null || ipv6 === "filtered" || isSaving}
          aria-describedby={id}
          onChange={(event) => void change(event.currentTarget.checked)}
        />
        <span>{settingsText.ipv6}</span>
      </label>
      <p class="settings-about" id={id}>
        {ipv6 === "filtered" ? settingsText.ipv6Filtered : settingsText.ipv6About}
      </p>
    </div>
  );
}

import { useState } from "preact/hooks";
import { formatDay } from "../format.ts";
import { displayName } from "../names.ts";
import { useOpened, useOpener } from "../shell/use-opened.ts";
import { change, household } from "../state/household.ts";
import { aboutText } from "../texts/about.ts";
import { householdText } from "../texts/household.ts";
import type { DeviceDetail, HouseholdDevice } from "../wire.ts";
import { vendorText } from "./labels.ts";

/** The network cards and addresses that a device is made of: merged with others, and split again. */
export function Interfaces({ detail: { device, about } }: { detail: DeviceDetail }) {
  const { interfaces } = about;
  return (
    <div class="about-interfaces">
      <h3>{aboutText.interfaces}</h3>
      <ul>
        {interfaces.map(({ key, vendor, privateMac, merged }, at) => (
          <li key={key}>
            <code>{key}</code>
            <bdi class="settings-about">
              {vendorText({ mac: key.includes(":") ? key : null, vendor, privateMac })}
              {merged === "file" && ` · ${aboutText.byFile}`}
            </bdi>
            {at > 0 && (
              <button
                type="button"
                class="button"
                aria-label={aboutText.splitOff(key)}
                onClick={() => void change({ do: "split", device: device.key, interfaces: [key] })}
              >
                {aboutText.split}
              </button>
            )}
          </li>
        ))}
      </ul>
      <Merge deviceKey={device.key} />
    </div>
  );
}

/** Takes another device into this one. */
function Merge({ deviceKey }: { deviceKey: string }) {
  const [isOpen, setOpen] = useState(false);
  const opener = useOpener(isOpen);
  const others = (household.value?.devices ?? []).filter(({ key, router }) => key !== deviceKey && !router);
  if (others.length === 0) return null;
  if (isOpen) return <MergeForm deviceKey={deviceKey} others={others} onLeave={() => setOpen(false)} />;
  return (
    <button type="button" class="button" ref={opener} onClick={() => setOpen(true)}>
      {aboutText.merge}
    </button>
  );
}

interface MergeFormProps {
  readonly deviceKey: string;
  readonly others: readonly HouseholdDevice[];
  readonly onLeave: () => void;
}

function MergeForm({ deviceKey, others, onLeave }: MergeFormProps) {
  const [chosen, choose] = useState("");
  const [isSaving, setSaving] = useState(false);
  const form = useOpened();
  const submit = async (event: Event) => {
    event.preventDefault();
    setSaving(true);
    const answer = await change({ do: "merge", device: deviceKey, with: [chosen] });
    setSaving(false);
    if (answer !== null) onLeave();
  };
  return (
    <form class="about-form" aria-busy={isSaving} ref={form} onSubmit={(event) => void submit(event)}>
      <label class="about-note">
        <span>{aboutText.mergeWith}</span>
        <select class="settings-select" required value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
          <option value="">{aboutText.choose}</option>
          {others.map((other) => (
            <option key={other.key} value={other.key}>
              {aboutText.option(displayName(other), other.key, formatDay(other.lastDay))}
            </option>
          ))}
        </select>
      </label>
      <p class="settings-about">{aboutText.mergeAbout}</p>
      <div class="settings-buttons">
        <button type="submit" class="button button-primary" disabled={isSaving}>
          {aboutText.mergeNow}
        </button>
        <button type="button" class="button" disabled={isSaving} onClick={onLeave}>
          {householdText.cancel}
        </button>
      </div>
    </form>
  );
}

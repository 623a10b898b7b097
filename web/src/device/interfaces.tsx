import { useRef, useState } from "preact/hooks";
import { formatDay } from "../format.ts";
import { displayName } from "../names.ts";
import { DeviceSearch, devicesFound, MOST_UNSEARCHED } from "../settings/device-search.tsx";
import { EditForm } from "../shell/edit-form.tsx";
import { keepFocus, useOpener } from "../shell/use-opened.ts";
import { change, household } from "../state/household.ts";
import { aboutText } from "../texts/about.ts";
import { householdText } from "../texts/household.ts";
import type { DeviceDetail, HouseholdDevice } from "../wire.ts";
import { vendorText } from "./labels.ts";

/** The network cards and addresses that a device is made of: merged with others, and split again. */
export function Interfaces({ detail: { device, about } }: { detail: DeviceDetail }) {
  const { interfaces } = about;
  const card = useRef<HTMLDivElement>(null);
  const split = async (key: string) => {
    await change({ do: "split", device: device.key, interfaces: [key] });
    keepFocus(() => card.current?.querySelector("button"));
  };
  return (
    <div class="about-interfaces" ref={card}>
      <h3>{aboutText.interfaces}</h3>
      <ul class="about-interface-list">
        {interfaces.map(({ key, vendor, privateMac, merged }, at) => (
          <li key={key}>
            <code>{key}</code>
            <bdi class="settings-about">
              {vendorText({ mac: key.includes(":") ? key : null, vendor, privateMac })}
              {merged === "file" && ` · ${aboutText.byFile}`}
            </bdi>
            {at > 0 && (
              <button type="button" class="button" aria-label={aboutText.splitOff(key)} onClick={() => void split(key)}>
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
  const [search, setSearch] = useState("");
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const isSearched = others.length > MOST_UNSEARCHED;
  const matching = devicesFound(others, search);
  const toggle = (key: string, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) next.add(key);
    else next.delete(key);
    choose(next);
  };
  // What is chosen and was taken away meanwhile by somebody else is not sent.
  const keys = others.map(({ key }) => key).filter((key) => chosen.has(key));
  const save = async () => (await change({ do: "merge", device: deviceKey, with: keys })) !== null;
  return (
    <EditForm
      class="about-form about-merge"
      saveText={aboutText.mergeNow(keys.length)}
      isEmpty={keys.length === 0}
      onSave={save}
      onLeave={onLeave}
    >
      <fieldset>
        <legend>{aboutText.mergeWith}</legend>
        {isSearched && <DeviceSearch search={search} onSearch={setSearch} />}
        <ul class="about-merge-list">
          {matching.map((other) => (
            <li key={other.key}>
              <label class="about-check">
                <input
                  type="checkbox"
                  checked={chosen.has(other.key)}
                  onChange={(event) => toggle(other.key, event.currentTarget.checked)}
                />
                <span>
                  <bdi>{displayName(other)}</bdi>{" "}
                  <span class="settings-about">{aboutText.seen(other.key, formatDay(other.lastDay))}</span>
                </span>
              </label>
            </li>
          ))}
        </ul>
      </fieldset>
      {isSearched && (
        <p class="settings-about" role="status">
          {matching.length === 0 ? householdText.noMatch : aboutText.found(matching.length, others.length)}
        </p>
      )}
      <p class="settings-about">{aboutText.mergeAbout}</p>
    </EditForm>
  );
}

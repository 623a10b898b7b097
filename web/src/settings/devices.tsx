import { useState } from "preact/hooks";
import { formatDay } from "../format.ts";
import { displayName } from "../names.ts";
import { TypeIcon } from "../shell/type-icon.tsx";
import { change, household } from "../state/household.ts";
import { followLink, hrefFor } from "../state/url.ts";
import { householdText } from "../texts/household.ts";
import type { HouseholdDevice } from "../wire.ts";
import { OwnerSelect, TypeSelect } from "./choices.tsx";
import { DeviceSearch, devicesFound, MOST_UNSEARCHED } from "./device-search.tsx";
import { Section } from "./section.tsx";

/** A list that is longer is shown when it is asked for. */
const SHOWN = 40;

/** Every device with its owner and type, to be set one after the other. */
export function DevicesSection() {
  const [search, setSearch] = useState("");
  const [isWhole, setWhole] = useState(false);
  const devices = household.value?.devices;
  if (devices === undefined) return null;
  const matching = devicesFound(devices, search);
  const shown = isWhole ? matching : matching.slice(0, SHOWN);
  return (
    <Section title={householdText.allDevices}>
      {devices.length > MOST_UNSEARCHED && <DeviceSearch search={search} onSearch={setSearch} />}
      {shown.length === 0 ? (
        <p>{devices.length === 0 ? householdText.noDevices : householdText.noMatch}</p>
      ) : (
        <ul class="settings-devices">
          {shown.map((device) => (
            <Device key={device.key} device={device} />
          ))}
        </ul>
      )}
      {matching.length > shown.length && (
        <p>
          <button type="button" class="button" onClick={() => setWhole(true)}>
            {householdText.showAll(matching.length)}
          </button>
        </p>
      )}
    </Section>
  );
}

function Device({ device }: { device: HouseholdDevice }) {
  const name = displayName(device);
  const open = { open: null, device: device.key };
  const marks = [device.hidden ? householdText.hidden : "", device.archived ? householdText.archived : ""];
  return (
    <li>
      <TypeIcon type={device.type} />
      <span class="settings-device-name">
        <a href={hrefFor(open)} onClick={(event) => followLink(event, open, { top: true })}>
          <bdi>{name}</bdi>
        </a>{" "}
        <span class="settings-about">
          {[...marks.filter((mark) => mark !== ""), formatDay(device.lastDay)].join(", ")}
        </span>
      </span>
      <OwnerSelect
        label={householdText.ownerOfDevice(name)}
        owner={device.owner}
        onChoose={(owner) =>
          void change({ do: "hand-over", devices: [device.key], owner, from: device.owners.at(-1)?.from ?? null })
        }
      />
      <TypeSelect
        label={householdText.typeOfDevice(name)}
        type={device.typeGuessed ? null : device.type}
        guess={device.guess}
        onChoose={(type) => void change({ do: "describe", devices: [device.key], type })}
      />
    </li>
  );
}

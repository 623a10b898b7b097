import { fold } from "../devices/row.ts";
import { displayName } from "../names.ts";
import { householdText } from "../texts/household.ts";
import type { HouseholdDevice } from "../wire.ts";

/** A longer list of devices has a search box. */
export const MOST_UNSEARCHED = 6;

/** The devices that a search finds, in their order: by name, hostname, vendor, MAC or address. All where nothing is typed. */
export function devicesFound(devices: readonly HouseholdDevice[], search: string): readonly HouseholdDevice[] {
  const wanted = fold(search.trim());
  return wanted === "" ? devices : devices.filter((device) => textOf(device).includes(wanted));
}

function textOf(device: HouseholdDevice): string {
  return fold([displayName(device), device.hostname, device.vendor, device.key].join("\n"));
}

/** The box that is typed into. Enter sends no form: somebody who searches has not chosen yet. */
export function DeviceSearch({ search, onSearch }: { search: string; onSearch: (search: string) => void }) {
  return (
    <input
      type="search"
      class="settings-search"
      aria-label={householdText.searchDevices}
      placeholder={householdText.searchDevices}
      autocomplete="off"
      spellcheck={false}
      value={search}
      onInput={(event) => onSearch(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.preventDefault();
      }}
    />
  );
}

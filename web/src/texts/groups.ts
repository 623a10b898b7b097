/** Texts of what figures are put together by, and of whose they are. */
import type { By } from "../wire.ts";
import { householdText } from "./household.ts";

const BY: Readonly<Record<By, string>> = {
  device: "Devices",
  owner: "Owners",
  type: "Types",
  network: "Networks",
  source: "Meters",
};
const TITLES: Readonly<Record<By, string>> = {
  device: "Devices",
  owner: "Usage by owner",
  type: "Usage by type",
  network: "Usage by network",
  source: "Usage by meter",
};
const TOP: Readonly<Record<By, string>> = {
  device: "Top devices",
  owner: "Top owners",
  type: "Top types",
  network: "Top networks",
  source: "Top meters",
};
const NOUN: Readonly<Record<By, string>> = {
  device: "Device",
  owner: "Owner",
  type: "Type",
  network: "Network",
  source: "Meter",
};
const COLUMN: Readonly<Record<By, string>> = {
  device: "Name",
  owner: "Owner",
  type: "Type",
  network: "Network",
  source: "Meter",
};
/** What a group is that isn't called by its key, by the key. */
const NETWORKS: Readonly<Record<string, string>> = { ipv6: "IPv6 only", none: "No address" };
const SOURCES: Readonly<Record<string, string>> = { import: "Imported" };

export const groupsText = {
  label: "People",
  whose: "Whose devices",
  by: "Group by",
  bys: BY,
  titles: TITLES,
  top: TOP,
  column: COLUMN,
  noun: NOUN,
  of: "Owner",
  everyone: "Everyone",
  nobody: "Nobody",
  types: householdText.types,
  networks: NETWORKS,
  sources: SOURCES,
  /** How figures are put together where that isn't plain. */
  notes: {
    network: "A device that was in several networks counts in the one that it used last.",
    source: "What a device used is with the meter that counted it.",
  } as Partial<Record<By, string>>,

  members: (count: string, by: By, isOne: boolean) => `${count} ${(isOne ? NOUN : BY)[by].toLowerCase()}`,

  showing: (owner: string) => `Showing the devices of ${owner}`,
  showingNobody: "Showing devices that are nobody's",
  showingUnknown: "This owner doesn't exist any more",
  showEveryone: "Show everyone",
} as const;

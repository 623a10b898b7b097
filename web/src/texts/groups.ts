/** Texts of what figures are put together by, and of whose they are. */
import type { By } from "../wire.ts";
import { householdText } from "./household.ts";

const BY: Readonly<Record<By, string>> = { device: "Devices", owner: "Owners", type: "Types" };
const TITLES: Readonly<Record<By, string>> = {
  device: "Devices",
  owner: "Usage by owner",
  type: "Usage by type",
};
const TOP: Readonly<Record<By, string>> = {
  device: "Top devices",
  owner: "Top owners",
  type: "Top types",
};
const NOUN: Readonly<Record<By, string>> = { device: "Device", owner: "Owner", type: "Type" };
const COLUMN: Readonly<Record<By, string>> = { device: "Name", owner: "Owner", type: "Type" };

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

  members: (count: string, by: By) => `${count} ${BY[by].toLowerCase()}`,

  showing: (owner: string) => `Showing the devices of ${owner}`,
  showingNobody: "Showing devices that are nobody's",
  showingUnknown: "This owner doesn't exist any more",
  showEveryone: "Show everyone",
} as const;

import type { HouseholdRows } from "../store.ts";

/** What people say, for `Store.keepHousehold`, where they say no more than names. @param names by device key */
export function onlyNames(names: Iterable<readonly [key: string, name: string]>): HouseholdRows {
  const nothing = { type: null, note: null, hidden: false, archived: false, owners: [] };
  return { owners: [], devices: new Map([...names].map(([key, name]) => [key, { ...nothing, name }])) };
}

/** Figures by owner, type, network or meter, in the shape of figures by device: whatever shows these shows those. Pure. */
import { groupsText } from "../texts/groups.ts";
import type { By, Usage, UsageDevice, UsageGroup } from "../wire.ts";

/** The key of a group among devices' keys. No MAC and no address has a space. */
export function groupKey(by: By, key: string): string {
  return `${by} ${key}`;
}

/** The kind and the key of a group, from what `groupKey` made; null for a device's key. */
export function groupIn(key: string): { readonly by: string; readonly key: string } | null {
  const at = key.indexOf(" ");
  return at === -1 ? null : { by: key.slice(0, at), key: key.slice(at + 1) };
}

/** The usage with a device for each of its groups; itself where it is by device. */
export function inGroups(usage: Usage): Usage {
  const { by, groups, previous } = usage;
  if (groups === null) return usage;
  return {
    ...usage,
    devices: groups.map((group) => deviceOf(by, group, usage)),
    others: null,
    previous: previous === null ? null : { ...previous, gone: [] },
  };
}

function deviceOf(by: By, group: UsageGroup, { from, to }: Usage): UsageDevice {
  const { key, download, upload, lastSeen, lastActiveDay, previous, series, reconstructed, implausible } = group;
  return {
    key: groupKey(by, key),
    mac: null,
    name: groupName(by, group),
    hostname: null,
    learnt: null,
    vendor: null,
    privateMac: false,
    firstDay: from,
    lastDay: to,
    router: false,
    type: "unknown",
    typeGuessed: false,
    owner: null,
    hidden: false,
    archived: false,
    addresses: [],
    download,
    upload,
    lastSeen,
    lastActiveDay,
    reconstructed,
    implausible,
    previous,
    series,
  };
}

/** What a group is called. Untrusted text. */
export function groupName(by: By, { key, name }: Pick<UsageGroup, "key" | "name">): string {
  if (by === "type") return groupsText.types[key as keyof typeof groupsText.types] ?? key;
  if (by === "network") return groupsText.networks[key] ?? key;
  if (by === "source") return groupsText.sources[key] ?? key;
  return name ?? groupsText.nobody;
}

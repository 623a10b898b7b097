import { computed, effect, type ReadonlySignal } from "@preact/signals";
import type { UsageDevice, UsageGroup } from "../wire.ts";
import { assignColours, COLOURS, PLAIN, rememberColours } from "./colours.ts";
import { shownUsage } from "./filters.ts";
import { groupIn, groupKey } from "./groups.ts";
import { colourMemory, rankBy } from "./preferences.ts";
import { steady } from "./steady.ts";
import { amountOf, usage } from "./usage.ts";

/** The devices that have a colour, the largest first by what is ranked by. */
const topDevices: ReadonlySignal<readonly UsageDevice[]> = computed(() => {
  const by = rankBy.value;
  return (
    [...(shownUsage.value?.devices ?? [])]
      // Those that are left out of lists are among the others.
      .filter((device) => amountOf(device, by) > 0 && !device.hidden && !device.archived)
      .sort((a, b) => amountOf(b, by) - amountOf(a, by) || (a.key < b.key ? -1 : 1))
      .slice(0, COLOURS)
  );
});

const colours: ReadonlySignal<ReadonlyMap<string, number>> = steady<ReadonlyMap<string, number>>((previous) => {
  const keys = topDevices.value.map((device) => device.key);
  const groups = usage.value?.by === "owner" ? usage.value.groups : null;
  if (groups !== null) return coloursOfOwners(groups, keys);
  return assignColours(keys, previous ?? new Map(), colourMemory.peek());
});

/** Owners have their own. Those who have none share that of the others, and are told from them all the same. */
function coloursOfOwners(groups: readonly UsageGroup[], top: readonly string[]): ReadonlyMap<string, number> {
  const known = groups.map(({ key, colour }) => [groupKey("owner", key), colour ?? PLAIN] as const);
  return new Map(known.filter(([key]) => top.includes(key)));
}

/** The colour of a top device, 1 to 7 as in `--series-1`, or `PLAIN`; null for the others. */
export function colourOf(key: string): number | null {
  return colours.value.get(key) ?? null;
}

/** Remembers who had which colour, so that it is the same when the page is opened again. */
export function startColours(): void {
  effect(() => {
    // Owners have theirs, and types are few.
    const ofDevices = new Map([...colours.value].filter(([key]) => groupIn(key) === null));
    colourMemory.value = rememberColours(colourMemory.peek(), ofDevices);
  });
}

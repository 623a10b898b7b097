import { computed, effect, type ReadonlySignal } from "@preact/signals";
import type { UsageDevice } from "../wire.ts";
import { assignColours, COLOURS, rememberColours } from "./colours.ts";
import { shownUsage } from "./filters.ts";
import { colourMemory, rankBy } from "./preferences.ts";
import { steady } from "./steady.ts";
import { amountOf } from "./usage.ts";

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
  return assignColours(keys, previous ?? new Map(), colourMemory.peek());
});

/** The colour of a top device, 1 to 7 as in `--series-1`; null for the others. */
export function colourOf(key: string): number | null {
  return colours.value.get(key) ?? null;
}

/** Remembers who had which colour, so that it is the same when the page is opened again. */
export function startColours(): void {
  effect(() => {
    colourMemory.value = rememberColours(colourMemory.peek(), colours.value);
  });
}

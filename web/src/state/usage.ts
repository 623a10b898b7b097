import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { ApiFailure, getJson } from "../api.ts";
import { failureText } from "../texts/failures.ts";
import type { ApiStatus, Direction, Usage, UsageDevice } from "../wire.ts";
import { assignColours, COLOURS } from "./colours.ts";
import { rankBy } from "./preferences.ts";
import type { Selection } from "./ranges.ts";
import { steady } from "./steady.ts";
import { hearClock } from "./today.ts";
import { selection } from "./url.ts";

/** Figures of the selected range. While another range is on its way, those of the one before. */
export const usage = signal<Usage | null>(null);
/** How the product is doing. */
export const status = signal<ApiStatus | null>(null);
/** A range that was asked for is on its way (a quiet refresh of the same range is not told). */
export const loading = signal(false);
/** Why the figures couldn't be read; null while they can. */
export const failure = signal<ApiFailure | null>(null);

/** Bytes of a device in one direction or both. */
export function amountOf(device: { download: number; upload: number }, by: Direction): number {
  return by === "total" ? device.download + device.upload : device[by];
}

/** The devices that have a colour, the biggest first by what is ranked by. */
export const topDevices: ReadonlySignal<readonly UsageDevice[]> = computed(() => {
  const by = rankBy.value;
  return [...(usage.value?.devices ?? [])]
    .filter((device) => amountOf(device, by) > 0)
    .sort((a, b) => amountOf(b, by) - amountOf(a, by) || (a.key < b.key ? -1 : 1))
    .slice(0, COLOURS);
});

const colours: ReadonlySignal<ReadonlyMap<string, number>> = steady<ReadonlyMap<string, number>>((previous) =>
  assignColours(
    previous ?? new Map(),
    topDevices.value.map((device) => device.key),
  ),
);

/** The colour of a top device, 1 to 7 as in `--series-1`; null for the others. */
export function colourOf(key: string): number | null {
  return colours.value.get(key) ?? null;
}

let asked: AbortController | null = null;

/** Reads the figures whenever another range is selected. */
export function startUsage(): void {
  effect(() => {
    void load(selection.value);
  });
}

/** Reads the selected range again, e.g. after a rename or a reading. What is seen stays until the answer is there. */
export function refresh(): Promise<void> {
  return load(selection.peek());
}

async function load({ from, to, group, remote }: Selection): Promise<void> {
  asked?.abort();
  const mine = new AbortController();
  asked = mine;
  const shown = usage.peek();
  loading.value = shown?.from !== from || shown.to !== to || (group !== null && shown.group !== group);
  try {
    const query = { from, to, group, remote: remote ? "yes" : null };
    const answer = await getJson<Usage>("api/v1/usage", query, mine.signal);
    if (mine.signal.aborted) return;
    failure.value = null;
    loading.value = false;
    usage.value = answer;
    // Last: at midnight this selects the new day, which asks again.
    hearClock(answer);
  } catch (error) {
    if (mine.signal.aborted) return;
    loading.value = false;
    failure.value = error instanceof ApiFailure ? error : new ApiFailure("unknown", failureText.noUsage, null);
  }
}

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { applyPatch } from "../../../src/shared/patch.ts";
import { ApiFailure, getJson } from "../api.ts";
import { failureText } from "../texts/failures.ts";
import type { ApiStatus, Direction, Usage, UsageUpdate } from "../wire.ts";
import { onlyOwner } from "./access.ts";
import { lost } from "./connection.ts";
import { isMonthly, type Selection } from "./ranges.ts";
import { hearClock, today } from "./today.ts";
import { partQuery, selection } from "./url.ts";

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

let asked: AbortController | null = null;
/** The last answer as it came, and its question: what a patch is of. */
let answered: { readonly question: string; readonly tag: string; readonly usage: Usage } | null = null;

/** Reads the figures whenever another range is selected. */
export function startUsage(): void {
  effect(() => {
    partQuery.value;
    void load(selection.value);
  });
}

/** Reads the selected range again, e.g. after a rename or a reading. What is seen stays until the answer is there. */
export function refresh(): Promise<void> {
  return load(selection.peek());
}

/**
 * Whether figures are those of what is selected, and not of a range before.
 * @param only whose figures alone a view link shows: the answer is of these, whatever was asked
 */
function fits(
  figures: Usage | null,
  { from, to, group, by, owner }: Selection,
  { source, traffic }: typeof partQuery.value,
  only: { readonly id: number } | null,
): boolean {
  if (figures?.from !== from || figures.to !== to || (group !== null && figures.group !== group)) return false;
  const whose = only === null ? (owner ?? "") : String(only.id);
  return figures.by === by && String(figures.owner ?? "") === whose && isOfPart(figures, source, traffic);
}

function isOfPart(figures: Usage, source: string | null, traffic: string | null): boolean {
  return figures.source === source && figures.traffic === (traffic ?? "all");
}

/** Whether the figures that are there are those of the selected range. */
export const isCurrent: ReadonlySignal<boolean> = computed(() =>
  fits(usage.value, selection.value, partQuery.value, onlyOwner.value),
);

async function load(selected: Selection): Promise<void> {
  asked?.abort();
  const mine = new AbortController();
  asked = mine;
  loading.value = !fits(usage.peek(), selected, partQuery.peek(), onlyOwner.peek());
  try {
    const { from, to, group, remote, by, owner } = selected;
    // On the first of a month only this tells the month from the day.
    const compare = isMonthly(selected, today.peek()) ? "month" : "days";
    const of = { ...partQuery.peek(), by: by === "device" ? null : by, owner };
    const query = { from, to, group, remote: remote ? "yes" : null, compare, ...of };
    const answer = await ask(query, mine.signal);
    if (mine.signal.aborted) return;
    failure.value = null;
    loading.value = false;
    usage.value = answer;
    // Last: at midnight this selects the new day, which asks again.
    hearClock(answer);
  } catch (error) {
    if (mine.signal.aborted) return;
    loading.value = false;
    if (error instanceof ApiFailure && error.code === "unreachable") lost(true);
    failure.value = error instanceof ApiFailure ? error : new ApiFailure("unknown", failureText.noUsage, null);
  }
}

/** Asks for the figures: for what changed, where the last answer was to the same question. */
async function ask(query: Readonly<Record<string, string | null>>, signal: AbortSignal): Promise<Usage> {
  const question = JSON.stringify(query);
  const known = answered?.question === question ? answered : null;
  const since = known?.tag ?? null;
  const update = await getJson<UsageUpdate>("api/v1/usage/changes", { ...query, since }, signal);
  const usage = "patch" in update ? (applyPatch(known?.usage, update.patch) as Usage) : update;
  answered = { question, tag: update.tag, usage };
  return usage;
}

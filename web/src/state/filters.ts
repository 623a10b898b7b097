import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { type Filter, type FilterTexts, readFilter, textFiltersOf } from "../devices/filter.ts";
import { sameTexts, textChanges, textsOf, viewOf } from "../devices/question.ts";
import type { Row } from "../devices/row.ts";
import { rowsByDevice, rowsOfGone } from "../devices/rows.ts";
import type { Usage } from "../wire.ts";
import { inGroups } from "./groups.ts";
import { ownerNames } from "./owner-names.ts";
import { units } from "./preferences.ts";
import { steady } from "./steady.ts";
import { navigate, query } from "./url.ts";
import { usage } from "./usage.ts";

/** Browsers refuse an address that changes with every letter. */
const WRITE_AFTER_MS = 250;
const NOTHING: FilterTexts = { search: "", columns: {} };

const typed = signal<FilterTexts>(NOTHING);

/** Search and filters as they are being typed, kept in step with the address in both directions. */
export const filterTexts: ReadonlySignal<FilterTexts> = typed;

let written: FilterTexts = NOTHING;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Follows the address. */
export function startFilters(): void {
  effect(() => {
    const said = textsOf(query.value);
    // Our own doing, or a change of something else while letters wait to be written: what is typed stands.
    if (sameTexts(said, written)) return;
    clearTimeout(timer);
    written = said;
    typed.value = said;
  });
}

/** Takes what was typed: at once for the page, a moment later for the address. */
export function typeFilters(texts: FilterTexts): void {
  typed.value = texts;
  clearTimeout(timer);
  timer = setTimeout(writeFilters, WRITE_AFTER_MS);
}

/** Takes all filters away. */
export function clearFilters(): void {
  typeFilters(NOTHING);
  writeFilters();
}

function writeFilters(): void {
  clearTimeout(timer);
  written = typed.peek();
  navigate(textChanges(written), { replace: true });
}

/** The figures by what they are put together by: a group is shown as a device is. */
export const figures: ReadonlySignal<Usage | null> = computed(() =>
  usage.value === null ? null : inGroups(usage.value),
);

/** Whether hidden and archived devices are listed, too. */
export const isHiddenShown: ReadonlySignal<boolean> = computed(() => query.value.get("hidden") === "show");

/** One row for each device (or group) of the range, hidden ones too. */
const allRows: ReadonlySignal<readonly Row[]> = computed(() =>
  figures.value === null ? [] : rowsByDevice(figures.value, ownerName),
);

const ownerName = (id: number) => ownerNames.value.get(id) ?? null;

/** One row for each device (or group) of the range that is listed, whatever is filtered. */
export const deviceRows: ReadonlySignal<readonly Row[]> = computed(() =>
  isHiddenShown.value ? allRows.value : allRows.value.filter(({ who }) => !who.isFolded),
);

/** Those that are hidden or archived, whether they are listed or not. */
export const foldedRows: ReadonlySignal<readonly Row[]> = computed(() =>
  allRows.value.filter(({ who }) => who.isFolded),
);

const goneRows = computed(() => (figures.value === null ? [] : rowsOfGone(figures.value)));

/** The filters as the table goes by them. */
export const tableFilter: ReadonlySignal<Filter | null> = computed(() => read(typed.value));

/**
 * The filters as totals and charts go by them. In the view by day a row is a day of a device: what is said of its
 * figures and dates does not choose devices, and is left to the table.
 */
const pageFilter: ReadonlySignal<Filter | null> = computed(() =>
  read(isByDay.value ? textFiltersOf(typed.value) : typed.value),
);
const isByDay = computed(() => viewOf(query.value) === "day");

function read(texts: FilterTexts): Filter | null {
  const known = usage.value;
  if (known === null) return null;
  return readFilter(texts, { zone: known.zone, today: known.today, now: known.now, units: units.value });
}

/** Keys of the devices that pass the filters; null while nothing is filtered. The same set while it holds the same. */
export const passing: ReadonlySignal<ReadonlySet<string> | null> = steady<ReadonlySet<string> | null>((previous) => {
  const filter = pageFilter.value;
  if (filter === null || !filter.active) return null;
  const rows = [...deviceRows.value, ...goneRows.value];
  const keys = new Set(rows.filter(filter.test).map(({ who }) => who.key));
  const isSame = previous?.size === keys.size && [...keys].every((key) => previous.has(key));
  return isSame ? previous : keys;
});

/** Whether some filters are for the table alone. */
export const isTableOnly: ReadonlySignal<boolean> = computed(
  () => isByDay.value && !sameTexts(textFiltersOf(typed.value), typed.value),
);

/** The figures of the devices that pass the filters: what totals and charts show. */
export const shownUsage: ReadonlySignal<Usage | null> = computed(() => {
  const known = figures.value;
  const keys = passing.value;
  return known === null || keys === null ? known : usageOf(known, (key) => keys.has(key));
});

/** The figures of some of the devices alone: their totals, and those of the range before. */
export function usageOf(whole: Usage, isShown: (key: string) => boolean): Usage {
  const devices = whole.devices.filter(({ key }) => isShown(key));
  const { previous } = whole;
  if (previous === null) return { ...whole, devices, others: null, totals: totalsOf(devices) };
  const gone = previous.gone.filter(({ key }) => isShown(key));
  const before = totalsOf([...devices.flatMap((device) => device.previous ?? []), ...gone]);
  return { ...whole, devices, others: null, totals: totalsOf(devices), previous: { ...previous, ...before, gone } };
}

function totalsOf(some: readonly { download: number; upload: number }[]): Usage["totals"] {
  const totals = { download: 0, upload: 0, devices: 0 };
  for (const { download, upload } of some) {
    totals.download += download;
    totals.upload += upload;
    if (download + upload > 0) totals.devices += 1;
  }
  return totals;
}

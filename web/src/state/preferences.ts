import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Units } from "../intl.ts";
import type { Direction } from "../wire.ts";
import { readColours, writeColours } from "./colours.ts";

/** What a person chose on this device; kept in the browser, shared by its tabs. */
export type Theme = "auto" | "light" | "dark";

/** What a person chose in this browser; null for what the household has. */
const chosenUnits = signal<Units | null>(null);
/** The household's units, for who has chosen none; null where none are set. */
export const houseUnits = signal<1000 | 1024 | null>(null);
export const units: ReadonlySignal<Units> = computed(() => chosenUnits.value ?? houseUnits.value ?? 1000);

export function chooseUnits(chosen: Units): void {
  chosenUnits.value = chosen;
}

export const theme = signal<Theme>("auto");
export const rankBy = signal<Direction>("total");
/** The colour that each device has had since it was first among the largest. */
export const colourMemory = signal<ReadonlyMap<string, number>>(new Map());
/** Whether there was a plan when the page was last open: its place is kept free then. */
export const hadPlan = signal(false);
/** How many plans of owners, devices and meters there were then. */
export const planCards = signal(0);
/** Hints that were read and need not be shown again. */
export const dismissed = signal<ReadonlySet<string>>(new Set());

export function dismiss(hint: string): void {
  dismissed.value = new Set([...dismissed.value, hint]);
}

const KEYS = {
  units: "whitestat.units",
  houseUnits: "whitestat.house-units",
  theme: "whitestat.theme",
  rankBy: "whitestat.rank",
  colours: "whitestat.colours",
  dismissed: "whitestat.read",
  hadPlan: "whitestat.plan",
  planCards: "whitestat.plans",
} as const;

/** Reads what was chosen before and keeps what will be. Without storage, choices last as long as the page. */
export function startPreferences(root: HTMLElement): void {
  read();
  addEventListener("storage", (event) => {
    if (event.key === null || Object.values<string>(KEYS).includes(event.key)) read();
  });
  effect(() => write(KEYS.units, String(chosenUnits.value ?? ""), ""));
  effect(() => write(KEYS.houseUnits, String(houseUnits.value ?? ""), ""));
  effect(() => write(KEYS.colours, writeColours(colourMemory.value), ""));
  effect(() => write(KEYS.planCards, String(planCards.value || ""), ""));
  effect(() => write(KEYS.hadPlan, hadPlan.value ? "yes" : "", ""));
  effect(() => write(KEYS.rankBy, rankBy.value, "total"));
  effect(() => write(KEYS.dismissed, [...dismissed.value].join(" "), ""));
  effect(() => {
    write(KEYS.theme, theme.value, "auto");
    if (theme.value === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme.value;
  });
}

function read(): void {
  const unit = stored(KEYS.units);
  chosenUnits.value = unit === "bits" ? unit : unitsIn(unit);
  houseUnits.value = unitsIn(stored(KEYS.houseUnits));
  const colours = stored(KEYS.colours) ?? "";
  if (colours !== writeColours(colourMemory.peek())) colourMemory.value = readColours(colours);
  const chosen = stored(KEYS.theme);
  theme.value = chosen === "light" || chosen === "dark" ? chosen : "auto";
  const rank = stored(KEYS.rankBy);
  hadPlan.value = stored(KEYS.hadPlan) === "yes";
  planCards.value = Math.min(50, Math.max(0, Math.floor(Number(stored(KEYS.planCards)) || 0)));
  dismissed.value = new Set(stored(KEYS.dismissed)?.split(" "));
  rankBy.value = rank === "download" || rank === "upload" ? rank : "total";
}

function unitsIn(text: string | null): 1000 | 1024 | null {
  return text === "1000" ? 1000 : text === "1024" ? 1024 : null;
}

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string, ordinary: string): void {
  try {
    if (value === ordinary) localStorage.removeItem(key);
    else if (localStorage.getItem(key) !== value) localStorage.setItem(key, value);
  } catch {
    // A browser that keeps nothing still shows everything.
  }
}

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { TRAFFICS, type TrafficChoice } from "../../../src/shared/groups.ts";
import { cycleRule } from "./plan-report.ts";
import { type QueryChanges, type Selection, selectionOf } from "./ranges.ts";
import { steady } from "./steady.ts";
import { today } from "./today.ts";

/** The address is the state of the page: a link opens what one saw, back and forward go between what one looked at. */
const address = signal({ path: "/", search: "", query: new URLSearchParams() });

/** The query of the address. Read any key of yours from it; change it by `navigate`. */
export const query: ReadonlySignal<URLSearchParams> = computed(() => address.value.query);

/** What the range bar and the switch for remote hosts say. */
export const selection: ReadonlySignal<Selection> = steady<Selection>((previous) => {
  const next = selectionOf(address.value.path, address.value.query, today.value, cycleRule.value);
  return previous !== undefined && JSON.stringify(previous) === JSON.stringify(next) ? previous : next;
});

/** Key of the device whose page is open, or null. */
export const openDevice: ReadonlySignal<string | null> = computed(() => address.value.query.get("device"));

const VIEWS = ["settings", "alerts", "bill", "what-if"] as const;
type View = (typeof VIEWS)[number];

/** What is looked at instead of figures, or null. It is over a device's page, which is there again when it is left. */
export const openView: ReadonlySignal<View | null> = computed(() => {
  const open = address.value.query.get("open");
  return VIEWS.find((view) => view === open) ?? null;
});

/** The one of several meters whose figures are looked at; null for all together. */
export const source: ReadonlySignal<string | null> = computed(() => address.value.query.get("source") || null);

/** Which traffic is looked at: all, or that with the internet or within the LAN alone. */
export const traffic: ReadonlySignal<TrafficChoice> = computed(() => {
  const asked = address.value.query.get("traffic");
  return TRAFFICS.find((choice) => choice === asked) ?? "all";
});

/** Which part of all figures is looked at, as the API is asked for it. */
export const partQuery: ReadonlySignal<{ source: string | null; traffic: TrafficChoice | null }> = computed(() => ({
  source: source.value,
  traffic: traffic.value === "all" ? null : traffic.value,
}));

/** Follows the address bar. */
export function startUrl(): void {
  read();
  addEventListener("popstate", (event) => {
    const { path, search } = address.peek();
    // A mere fragment: the browser scrolls to it.
    if (location.pathname === path && location.search === search) return;
    read();
    scrollWhenDrawn(scrollOf(event.state) ?? 0);
  });
  if ("scrollRestoration" in history) history.scrollRestoration = "manual";
  scrollBefore = scrollOf(history.state);
  let resting: ReturnType<typeof setTimeout> | undefined;
  // While it lasts: what is noted when the page is left comes too late for a reload.
  addEventListener(
    "scroll",
    () => {
      clearTimeout(resting);
      resting = setTimeout(rememberScroll, RESTING_MS);
    },
    { passive: true },
  );
}

/** A page that has not moved for this long is read, and is where a reload comes back to. */
const RESTING_MS = 150;

/** Where the page was before it was reloaded; null when there is nowhere to go back to. */
let scrollBefore: number | null = null;

/** To be called when the first page is there whole: after a reload it comes back to where it was. */
export function comeBack(): void {
  if (scrollBefore !== null && scrollY === 0) scrollWhenDrawn(scrollBefore);
  scrollBefore = null;
}

/** Before it is drawn, a page may be too short to scroll there. */
function scrollWhenDrawn(to: number): void {
  requestAnimationFrame(() => requestAnimationFrame(() => scrollTo(0, to)));
}

function scrollOf(state: unknown): number | null {
  const scroll = (state as { scroll?: unknown } | null)?.scroll;
  return typeof scroll === "number" ? scroll : null;
}

/**
 * Changes the address, for example `navigate({ sort: "upload", dir: "asc" })`; null removes a key. `replace` leaves no
 * step to go back to: for what is typed letter by letter.
 */
export function navigate(changes: QueryChanges, { replace = false, top = false } = {}): void {
  const href = hrefFor(changes);
  if (href === location.pathname + location.search) return;
  if (replace) history.replaceState(history.state, "", href);
  else {
    rememberScroll();
    history.pushState(null, "", href);
  }
  read();
  if (top) requestAnimationFrame(() => scrollTo(0, 0));
}

/** The address that `navigate` would go to, for a real link. */
export function hrefFor(changes: QueryChanges): string {
  const { path, query } = address.value;
  const next = new URLSearchParams(query);
  // The old address of a range is said in the new way as soon as anything changes.
  const legacy = /\/history\/?$/.test(path);
  if (legacy && !next.has("range") && !("range" in changes)) {
    const { from, to } = selection.peek();
    next.set("range", "custom");
    next.set("from", from);
    next.set("to", to);
  }
  next.delete("start");
  next.delete("end");
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  const root = path.replace(/history\/?$/, "");
  return text === "" ? root : `${root}?${text}`;
}

/** Lets an ordinary click on a link stay within the page; one that asks for a new tab or window gets it. */
export function followLink(event: MouseEvent, changes: QueryChanges, options?: { top?: boolean }): void {
  if (!isPlainClick(event)) return;
  event.preventDefault();
  navigate(changes, options);
}

/** Whether a click on a link asks for no other tab or window. */
export function isPlainClick({ button, metaKey, ctrlKey, shiftKey, altKey }: MouseEvent): boolean {
  return button === 0 && !metaKey && !ctrlKey && !shiftKey && !altKey;
}

function rememberScroll(): void {
  history.replaceState({ scroll: scrollY }, "");
}

function read(): void {
  const { pathname: path, search } = location;
  address.value = { path, search, query: new URLSearchParams(search) };
}

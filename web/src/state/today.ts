import { computed, signal } from "@preact/signals";

/** The server's present and zone, as it said last: its days are what is counted by, whatever this device's clock says. */
export const serverClock = signal<{ today: string; zone: string; aheadMs: number } | null>(null);

/** The server's day. Before its first answer this device's, which is nearly always the same. */
export const today = computed(() => serverClock.value?.today ?? localDay(new Date()));

/** The server's time zone; undefined, which `Intl` takes for this device's, before its first answer. */
export const zone = computed(() => serverClock.value?.zone);

/** Ticks every second while the page is seen; by the server's clock. For texts such as "12 s ago" only. */
export const now = signal(0);

/** Takes note of an answer's clock. */
export function hearClock(answer: { today: string; zone: string; now: number }): void {
  const aheadMs = answer.now - Date.now();
  const known = serverClock.peek();
  if (known?.today !== answer.today || known.zone !== answer.zone || Math.abs(known.aheadMs - aheadMs) > 1500) {
    serverClock.value = { today: answer.today, zone: answer.zone, aheadMs };
  }
  tick();
}

/** Starts the ticking. */
export function startClock(): void {
  tick();
  setInterval(() => {
    if (document.visibilityState === "visible") tick();
  }, 1000);
  document.addEventListener("visibilitychange", tick);
}

function tick(): void {
  now.value = Date.now() + (serverClock.peek()?.aheadMs ?? 0);
}

function localDay(date: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

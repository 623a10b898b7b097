import { effect, signal } from "@preact/signals";
import { getJson } from "../api.ts";
import type { UnusualReport } from "../wire.ts";
import { readings } from "./live.ts";
import { today } from "./today.ts";

/** What is unusual today; null until it is read. */
export const unusual = signal<UnusualReport | null>(null);

/** Readings come every few seconds, and hardly one of them makes a day unusual. */
const REFRESH_AFTER_MS = 60_000;

let askedAt = 0;

/** Reads it, and again with readings and days that come. */
export function startUnusual(): void {
  let day = "";
  effect(() => {
    const isNewDay = day !== today.value;
    day = today.value;
    // Looked at for being told of each.
    const isDue = readings.value > 0 && Date.now() - askedAt >= REFRESH_AFTER_MS;
    if (isNewDay || isDue) void refresh();
  });
}

async function refresh(): Promise<void> {
  askedAt = Date.now();
  try {
    unusual.value = await getJson<UnusualReport>("api/v1/unusual");
  } catch {
    // What is seen stays: the frame says that there is no connection.
  }
}

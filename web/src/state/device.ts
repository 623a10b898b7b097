import { effect, signal } from "@preact/signals";
import { ApiFailure, getJson } from "../api.ts";
import { failureText } from "../texts/failures.ts";
import type { DeviceDetail } from "../wire.ts";
import { seesAll } from "./access.ts";
import { readings } from "./live.ts";
import { openDevice, partQuery } from "./url.ts";

/** Everything about the device whose page is open; null while there is none, or until it is read. */
export const detail = signal<DeviceDetail | null>(null);
/** Why it couldn't be read. */
export const detailFailure = signal<ApiFailure | null>(null);

let asked: AbortController | null = null;

/** Reads the open device, again with each reading: its today moves too. */
export function startDevice(): void {
  effect(() => {
    readings.value;
    partQuery.value;
    void load(seesAll.value ? openDevice.value : null);
  });
}

/** Reads the open device again, e.g. after a rename. */
export function refreshDevice(): Promise<void> {
  return load(openDevice.peek());
}

async function load(key: string | null): Promise<void> {
  asked?.abort();
  if (detail.peek()?.device.key !== key) {
    detail.value = null;
    detailFailure.value = null;
  }
  if (key === null) return;
  const mine = new AbortController();
  asked = mine;
  try {
    const answer = await getJson<DeviceDetail>(
      `api/v1/devices/${encodeURIComponent(key)}`,
      partQuery.peek(),
      mine.signal,
    );
    if (mine.signal.aborted) return;
    detailFailure.value = null;
    detail.value = answer;
  } catch (error) {
    if (mine.signal.aborted) return;
    detailFailure.value = error instanceof ApiFailure ? error : new ApiFailure("unknown", failureText.noDevice, null);
  }
}

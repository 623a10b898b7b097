import { effect, signal } from "@preact/signals";
import type { DevicePage } from "../device/device-page.tsx";
import { openDevice } from "./url.ts";

/** The code of the device page: fetched when the first device is opened, since most visits never open one. */
export const devicePage = signal<typeof DevicePage | null>(null);
/** It could not be fetched, most often because WhiteStat was updated since this page was opened. */
export const devicePageMissing = signal(false);

export function startDevicePart(): void {
  effect(() => {
    if (openDevice.value === null || devicePage.peek() !== null) return;
    import("../device/device-page.tsx").then(
      (part) => {
        devicePageMissing.value = false;
        devicePage.value = part.DevicePage;
      },
      () => {
        devicePageMissing.value = true;
      },
    );
  });
}

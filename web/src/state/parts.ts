import { partOf } from "./part.ts";
import { openDevice, openView } from "./url.ts";

export const devicePart = partOf(
  () => openView.value === null && openDevice.value !== null,
  () => import("../device/device-page.tsx"),
);

export const settingsPart = partOf(
  () => openView.value === "settings",
  () => import("../settings/settings-page.tsx"),
);

export const alertsPart = partOf(
  () => openView.value === "alerts",
  () => import("../alerts/alerts-page.tsx"),
);

export function startParts(): void {
  devicePart.start();
  settingsPart.start();
  alertsPart.start();
}

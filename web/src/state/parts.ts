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

export const billPart = partOf(
  () => openView.value === "bill",
  () => import("../plan/bill-page.tsx"),
);

export const whatIfPart = partOf(
  () => openView.value === "what-if",
  () => import("../plan/what-if-page.tsx"),
);

export function startParts(): void {
  devicePart.start();
  settingsPart.start();
  alertsPart.start();
  billPart.start();
  whatIfPart.start();
}

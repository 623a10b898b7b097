/** How the page of a device names what it shows. */
import type { Missing } from "../charts/heat.tsx";
import { formatBytes, formatDay, formatWeekday } from "../format.ts";
import { chartText } from "../texts/charts.ts";
import { deviceText } from "../texts/device.ts";
import type { ApiDevice } from "../wire.ts";
import type { DayFigures } from "./day-figures.ts";

/** Who made the network card, or why that isn't known. */
export function vendorText(device: Pick<ApiDevice, "mac" | "vendor" | "privateMac">): string {
  if (device.mac === null) return deviceText.noMac;
  if (device.privateMac) return deviceText.privateMac;
  return device.vendor ?? deviceText.unknownManufacturer;
}

export function dayName(day: string): string {
  return deviceText.dayName(formatWeekday(day), formatDay(day));
}

/** A day with its figures, for screen readers. */
export function dayLabel(figures: DayFigures, running: boolean, missing: Missing | null, hint: string): string {
  const { day, download, upload } = figures;
  const total = download + upload;
  if (total === 0) {
    return `${deviceText.dayNone(dayName(day), missing === null ? chartText.none : chartText.missing[missing])} ${hint}`;
  }
  const notes = [
    running ? deviceText.soFar : "",
    figures.reconstructed ? deviceText.partlyEstimated : "",
    figures.implausible ? deviceText.implausible : "",
  ].filter((note) => note !== "");
  const text = deviceText.dayFigures(
    dayName(day),
    formatBytes(total),
    notes,
    formatBytes(download),
    formatBytes(upload),
  );
  return `${text} ${hint}`;
}

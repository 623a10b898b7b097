/** Sentences of the device page. */
import { formatBytes, formatDay, formatWeekday } from "../format.ts";
import type { ApiDevice } from "../wire.ts";
import type { DayFigures } from "./days.ts";

/** Who made the network card, or why that isn't known. */
export function vendorText(device: Pick<ApiDevice, "mac" | "vendor" | "privateMac">): string {
  if (device.mac === null) return "Unknown: darkstat shows no MAC, so the device is known by its address";
  if (device.privateMac) return "Private address (random), vendor unknown";
  return device.vendor ?? "Not in the registry of vendors";
}

export function dayName(day: string): string {
  return `${formatWeekday(day)}, ${formatDay(day)}`;
}

/** A day with its figures, for screen readers. */
export function dayLabel(figures: DayFigures, running: boolean, hint: string): string {
  const { day, download, upload } = figures;
  const total = download + upload;
  if (total === 0) return `${dayName(day)}: nothing. ${hint}`;
  const notes = [
    running ? "so far" : "",
    figures.reconstructed ? "partly reconstructed" : "",
    figures.implausible ? "implausible" : "",
  ];
  const said = notes.filter((note) => note !== "").map((note) => `, ${note}`);
  return `${dayName(day)}: ${formatBytes(total)}${said.join("")}. Download ${formatBytes(download)}, upload ${formatBytes(upload)}. ${hint}`;
}

/** Words that several charts use. */
import { formatDay, formatHour, formatMonth, formatWeekday } from "../format.ts";
import { displayName } from "../names.ts";
import type { Direction, Group, Usage } from "../wire.ts";
import type { Layer } from "./layers.ts";

export const MEASURE_NAMES: Readonly<Record<Direction, string>> = {
  download: "Download",
  upload: "Upload",
  total: "Download and upload",
};

export const GROUP_NAMES: Readonly<Record<Group, string>> = { hour: "by hour", day: "by day", month: "by month" };

export const RECONSTRUCTED =
  "Partly reconstructed: readings were missing, so what was counted meanwhile was spread over the hours between.";

/** "5 others", or the name of the only one. Hostile text: show it within `<bdi>`. */
export function nameOf(layer: Layer): string {
  if (layer.device !== null) return displayName(layer.device);
  return layer.count === 1 ? "1 other" : `${layer.count} others`;
}

/** What a tip says of picking its mark, e.g. "Click for its hours". A finger's first tap only shows the tip. */
export function pickHint(what: string): string {
  return `${matchMedia("(hover: none)").matches ? "Tap again" : "Click"} for ${what}`;
}

/** The class that gives a layer its colour. */
export function fillOf(layer: Layer): string {
  return layer.colour === null ? "chart-fill-other" : `chart-fill-${layer.colour}`;
}

type Bucket = Usage["buckets"][number];

/** A bucket in full: "Sun, 22 Nov 2026, 13:00", "Sun, 22 Nov 2026", "November 2026". */
export function bucketName(bucket: Bucket, group: Group): string {
  if (group === "month") return formatMonth(bucket.day);
  const day = `${formatWeekday(bucket.day)}, ${formatDay(bucket.day)}`;
  return group === "day" ? day : `${day}, ${formatHour(bucket.label)}`;
}

/** A bucket as short as it may be below its bar. */
export function bucketTick(bucket: Bucket, group: Group, many: boolean): string {
  if (group === "month") return formatMonth(bucket.day, "short");
  if (group === "day") return formatDay(bucket.day, "short");
  return many && bucket.label.endsWith("T00") ? formatDay(bucket.day, "short") : formatHour(bucket.label);
}

/** Says that a range holds nothing. */
export function nothingIn({ to, today }: Pick<Usage, "to" | "today">): string {
  return to < today ? "Nothing was used in this time." : "Nothing was used yet.";
}

/** What marks are called in several charts. */
import { formatDay, formatHour, formatMonth, formatWeekday } from "../format.ts";
import { displayName } from "../names.ts";
import { PLAIN } from "../state/colours.ts";
import { isMeasured } from "../state/measured.ts";
import { chartText } from "../texts/charts.ts";
import type { Group, Usage } from "../wire.ts";
import type { Layer } from "./layers.ts";

/** "5 others", or the name of the only one. Untrusted text: show it within `<bdi>`. */
export function nameOf(layer: Layer): string {
  if (layer.device !== null) return displayName(layer.device);
  return chartText.others(layer.count);
}

/** What a tip says of picking its mark, e.g. "Click to show hours". A finger's first tap only shows the tip. */
export function pickHint(what: string): string {
  return matchMedia("(hover: none)").matches ? chartText.tap(what) : chartText.click(what);
}

/** The class that gives a layer its colour. */
export function fillOf(layer: Layer): string {
  return layer.colour === null || layer.colour === PLAIN ? "chart-fill-other" : `chart-fill-${layer.colour}`;
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

/** Says why a range has nothing to draw. */
export function nothingIn(usage: Usage): string {
  if (!isMeasured(usage)) return chartText.noData;
  // Totals are kept for longer than hours.
  if (usage.group === "hour" && usage.totals.download + usage.totals.upload > 0 && !hasSeries(usage)) {
    return chartText.noHours;
  }
  return usage.to < usage.today ? chartText.noActivity : chartText.noTraffic;
}

function hasSeries({ devices }: Usage): boolean {
  return devices.some(({ series }) => [...series.download, ...series.upload].some((bytes) => bytes > 0));
}

import { useSignalEffect } from "@preact/signals";
import { formatBytes, formatDayRange } from "../format.ts";
import { displayName } from "../names.ts";
import { onlyOwner } from "../state/access.ts";
import { detail, detailFailure } from "../state/device.ts";
import { passing, shownUsage } from "../state/filters.ts";
import { isMeasured } from "../state/measured.ts";
import { ownerNames } from "../state/owner-names.ts";
import { openDevice, openView, selection } from "../state/url.ts";
import { accessText } from "../texts/access.ts";
import { alertsText } from "../texts/alerts.ts";
import { deviceText } from "../texts/device.ts";
import { frameText } from "../texts/frame.ts";
import { planText } from "../texts/plan.ts";
import type { Usage } from "../wire.ts";

/** The tab's title: today's total while the range holds today, so that it can be read without opening the tab. */
export function Title() {
  useSignalEffect(() => {
    document.title = [titleText(), "WhiteStat"].filter(Boolean).join(" · ");
  });
  return null;
}

function titleText(): string {
  const only = onlyOwner.value;
  if (only !== null && (openView.value !== null || openDevice.value !== null)) return accessText.notInView;
  if (openView.value === "settings") return frameText.settings;
  if (openView.value === "alerts") return alertsText.title;
  if (openView.value === "bill") return planText.billTitle;
  if (openView.value === "what-if") return planText.whatIfTitle;
  if (openDevice.value !== null) {
    if (detailFailure.value?.code === "unknown-device") return deviceText.unknown;
    return detail.value === null ? "" : displayName(detail.value.device);
  }
  const shown = shownUsage.value;
  if (shown === null) return "";
  if (!isMeasured(shown)) return frameText.titleNoData;
  const { owner } = selection.value;
  const named = owner === null || owner === "none" ? null : ownerNames.value.get(Number(owner));
  const whose = only === null ? named : only.name;
  const total = whose ? frameText.titleOf(whose, totalText(shown)) : totalText(shown);
  return passing.value === null ? total : frameText.titleFiltered(total);
}

function totalText(shown: Usage): string {
  const { from, to, today, totals } = shown;
  if (from > today || to < today || shown.group === "month") {
    return frameText.title(formatBytes(totals.download + totals.upload), formatDayRange(from, to));
  }
  const ofToday = shown.buckets.flatMap((bucket, index) => (bucket.day === today ? [index] : []));
  let bytes = 0;
  for (const { series } of shown.devices) {
    for (const index of ofToday) bytes += (series.download[index] ?? 0) + (series.upload[index] ?? 0);
  }
  return frameText.titleToday(formatBytes(bytes));
}

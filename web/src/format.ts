/**
 * Figures and times as this reader wants them: in the browser's language, in the units chosen, days and times in the
 * server's zone. Within a component these follow the choice as it changes.
 */
import * as intl from "./intl.ts";
import { units } from "./state/preferences.ts";
import { now, zone } from "./state/today.ts";

const language = () => (typeof navigator === "undefined" ? "en" : navigator.language);

/** "12.4 GB" */
export const formatBytes = (bytes: number): string => intl.bytesText(bytes, units.value, language());
/** "12.4 GB" in the units of a plan, whatever this reader chose: as the bill has it. */
export const formatPlanBytes = (bytes: number, unit: 1000 | 1024): string => intl.bytesText(bytes, unit, language());
/** 12.5 of EUR as "€12.50" */
export const formatMoney = (amount: number, currency: string): string => intl.moneyText(amount, currency, language());
/** "12.4" and "GB" apart. */
export const formatBytesParts = (bytes: number): intl.Amount => intl.bytesParts(bytes, units.value, language());
/** 0.372 as "37 %" */
export const formatShare = (share: number): string => intl.shareText(share, language());
/** "+12 %"; null when there is nothing to compare with. */
export const formatChange = (is: number, was: number): string | null => intl.changeText(is, was, language());
export const formatCount = (count: number): string => intl.countText(count, language());
/** `2026-11-22` as "22 Nov 2026" */
export const formatDay = (day: string, style: intl.DayStyle = "medium"): string => intl.dayText(day, style, language());
export const formatMonth = (day: string, style: "short" | "long" = "long"): string =>
  intl.monthText(day, style, language());
export const formatWeekday = (day: string, style: "short" | "long" = "short"): string =>
  intl.weekdayText(day, style, language());
export const formatDayRange = (from: string, to: string): string =>
  from === to ? intl.dayText(from, "long", language()) : intl.dayRangeText(from, to, language());
/** An hour bucket's label as "13:00" */
export const formatHour = (label: string): string => intl.hourText(label, language());
/** An instant as "10:42" */
export const formatTime = (at: number): string => intl.timeText(at, zone.value, language());
/** An instant as "22 Nov 2026, 10:42" */
export const formatInstant = (at: number): string => intl.instantText(at, zone.value, language());
/** "12 seconds ago". Reads the ticking clock: keep it in a small component of its own. */
export const formatAgo = (at: number, style: "long" | "narrow" = "long"): string =>
  intl.agoText(at, now.value, language(), style);
export const formatDuration = (ms: number): string => intl.durationText(ms, language());

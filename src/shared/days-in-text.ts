/** Days within sentences: written as `2026-12-05`, read as whoever reads them writes days. */
import type { AlertKind } from "./alerts-api.ts";
import { isDay } from "./calendar-days.ts";

/** The kinds of alerts whose sentences hold days, and no names: a device may be called like a day. */
const DATED: ReadonlySet<AlertKind> = new Set(["plan"]);

/** Without Intl: its first use costs the server 8 MB. */
const MONTHS = "January February March April May June July August September October November December".split(" ");

/**
 * A sentence with each of its days as `format` has it. What stands in quotes is somebody's name for something, and stays
 * as it is.
 * @param format of a day, `YYYY-MM-DD`
 */
export function daysInText(sentence: string, format: (day: string) => string): string {
  return sentence.replace(/"[^"]*"|\b\d{4}-\d\d-\d\d\b/g, (found) => (isDay(found) ? format(found) : found));
}

/**
 * What a change of the household says, with the day of a handover as `format` has it. Names stand in it without quotes, and one
 * may be like a day: only the one at the end is meant.
 */
export function changeText(text: string, format: (day: string) => string): string {
  return text.replace(/(?<= from )\d{4}-\d\d-\d\d(?= on$)/, (day) => (isDay(day) ? format(day) : day));
}

/** The sentence of an alert with its days as `format` has them: "5 December" without it, for messages in English. */
export function alertText(
  { rule, text }: { readonly rule: AlertKind | "digest" | "test"; readonly text: string },
  format: (day: string) => string = englishDay,
): string {
  return (DATED as ReadonlySet<string>).has(rule) ? daysInText(text, format) : text;
}

function englishDay(day: string): string {
  return `${Number(day.slice(8))} ${MONTHS[Number(day.slice(5, 7)) - 1]}`;
}

import type { Day } from "../../accounting/types.ts";
import { dayNumber, dayText, monthOf } from "../day-text.ts";

/** Rows that add up to a part of a span of days: those of its whole months, or of days before and after them. */
export interface TableSpan {
  readonly table: "usage_month" | "usage_day";
  /** The column with the last day of a row. */
  readonly lastDay: "last_day" | "day";
  /** A condition on the table, with two parameters. */
  readonly within: string;
  readonly parameters: readonly [string, string];
}

/** The rows that add up to a span of days, table by table, none of them empty. */
export function tableSpansOf(from: Day, to: Day): TableSpan[] {
  const first = from.endsWith("-01") ? monthOf(from) : monthAfter(from);
  const last = monthOf(dayText(dayNumber(to) + 1)) > monthOf(to) ? monthOf(to) : monthBefore(to);
  if (first > last) return days(from, to);
  return [
    { table: "usage_month", lastDay: "last_day", within: "u.month BETWEEN ? AND ?", parameters: [first, last] },
    ...days(from, dayText(dayNumber(`${first}-01`) - 1)),
    ...days(`${monthAfter(`${last}-01`)}-01`, to),
  ];
}

/** The last day that a part may have figures of; of a month the 31st, also where it has none. */
export function lastDayOf({ table, parameters: [, last] }: TableSpan): Day {
  return table === "usage_month" ? `${last}-31` : last;
}

function days(from: Day, to: Day): TableSpan[] {
  if (from > to) return [];
  return [{ table: "usage_day", lastDay: "day", within: "u.day BETWEEN ? AND ?", parameters: [from, to] }];
}

function monthAfter(day: Day): string {
  return monthOf(dayText(dayNumber(`${monthOf(day)}-01`) + 31));
}

function monthBefore(day: Day): string {
  return monthOf(dayText(dayNumber(`${monthOf(day)}-01`) - 1));
}

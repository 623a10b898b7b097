import type { Day } from "../../accounting/types.ts";
import { dayNumber, dayText, monthOf } from "../day-text.ts";
import type { Value } from "../engine/engine.ts";

/** Rows of usage by endpoint within a span of days, to be added up. */
export interface UsageRows {
  /** A query with the columns endpoint, bytes_in, bytes_out, last_seen, last_day, estimated, implausible. */
  readonly sql: string;
  readonly parameters: readonly Value[];
}

const COLUMNS = "endpoint, bytes_in, bytes_out, last_seen";
const DAYS = `SELECT ${COLUMNS}, day AS last_day, estimated, implausible FROM usage_day WHERE day BETWEEN ? AND ?`;
const MONTHS = `SELECT ${COLUMNS}, last_day, estimated, implausible FROM usage_month WHERE month BETWEEN ? AND ?`;

/** Whole months from their own rows, the days before and after them from theirs. */
export function usageBetween(from: Day, to: Day): UsageRows {
  const first = from.endsWith("-01") ? monthOf(from) : monthAfter(from);
  const last = monthOf(dayText(dayNumber(to) + 1)) > monthOf(to) ? monthOf(to) : monthBefore(to);
  if (from > to || first > last) return { sql: DAYS, parameters: [from, to] };
  return {
    sql: `${MONTHS} UNION ALL ${DAYS} UNION ALL ${DAYS}`,
    parameters: [first, last, from, dayText(dayNumber(`${first}-01`) - 1), `${monthAfter(`${last}-01`)}-01`, to],
  };
}

function monthAfter(day: Day): string {
  return monthOf(dayText(dayNumber(`${monthOf(day)}-01`) + 31));
}

function monthBefore(day: Day): string {
  return monthOf(dayText(dayNumber(`${monthOf(day)}-01`) - 1));
}

import { type Calendar, clockHourOf } from "../accounting/calendar.ts";

/** Hours by the clock on the wall: from the first until the second begins, over midnight where that is earlier. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
}

/**
 * When the quiet hours end that an instant lies in, ms UTC; null where it lies in none. Hours go by what the clock shows:
 * where it is set, a night is an hour longer or shorter. `from` and `to` alike are none.
 */
export function quietUntil(
  quiet: QuietHours | null,
  calendar: Pick<Calendar, "slotOf" | "offsetAt">,
  at: number,
): number | null {
  if (quiet === null || quiet.from === quiet.to) return null;
  const isQuiet = (instant: number) => {
    const hour = clockHourOf(calendar, instant);
    return quiet.from < quiet.to ? hour >= quiet.from && hour < quiet.to : hour >= quiet.from || hour < quiet.to;
  };
  if (!isQuiet(at)) return null;
  let end = at;
  // A day has at most 25 hours, and a clock that is set cuts one.
  for (let steps = 0; steps < 30 && isQuiet(end); steps += 1) end = calendar.slotOf(end).to;
  return end;
}

import { DAY_OF, DEVICE_OF, IN_DAYS } from "./day-key.ts";
import { dayNumber, dayText } from "./days.ts";
import { IMPLAUSIBLE, RECONSTRUCTED } from "./flags.ts";
import { laterOf, type OpenDevice, openByDevice, remember } from "./open-hour.ts";
import type { Rollup, RollupShape } from "./rollup.ts";
import type { SourceState } from "./state.ts";
import type { Day, DaySpan, DeviceSum } from "./store.ts";

/** What is added up of devices' days. Of the instant (s since 1970) and of the day one more, so that 0 says "none". */
export const DEVICE_SUMS: RollupShape = {
  days: "usage_day",
  rows: `usage_day LEFT JOIN usage_flag USING (id) WHERE ${IN_DAYS}`,
  id: DEVICE_OF,
  span: "(SELECT min(id) FROM usage_day) >> 20, (SELECT max(id) FROM usage_day) >> 20",
  // Sixteen days after their end they have been written anew for the last time, see fold.ts.
  lateDays: 17,
  months: [1, 12],
  figures: [
    ["bytes_in", "sum"],
    ["bytes_out", "sum"],
    ["hidden_in", "sum"],
    ["hidden_out", "sum"],
    [`coalesce(${DAY_OF} * 86400 + seen + 1, 0)`, "max"],
    [`CASE WHEN address IS NULL THEN 0 ELSE ${DAY_OF} + 1 END`, "max"],
    [`coalesce(flags, 0) & ${RECONSTRUCTED}`, "max"],
    [`coalesce(flags, 0) & ${IMPLAUSIBLE}`, "max"],
  ],
};
const MS_PER_DAY = 86_400_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The question for sums over long ranges. The open hour, which is in no row, is added at each question. */
export function createDeviceSums(states: () => ReadonlyMap<string, SourceState>, rollup: Rollup) {
  function sumSpan(span: number, { from, to }: DaySpan, dayTextOf: (day: number) => Day): Mutable<DeviceSum>[] {
    const columns = rollup.sums(dayNumber(from), dayNumber(to));
    const [ids = [], downs = [], ups = [], hiddenDowns = [], hiddenUps = []] = columns;
    const [instants = [], days = [], reconstructed = [], implausible = []] = columns.slice(5);
    const sums: Mutable<DeviceSum>[] = [];
    for (let row = 0; row < ids.length; row += 1) {
      const [seen, lastDay] = [instants[row] as number, days[row] as number];
      sums.push({
        span,
        device: ids[row] as number,
        in: downs[row] as number,
        out: ups[row] as number,
        hiddenIn: hiddenDowns[row] as number,
        hiddenOut: hiddenUps[row] as number,
        reported: lastDay !== 0,
        lastDay: lastDay === 0 ? null : dayTextOf(lastDay - 1),
        seenAt: seen === 0 ? null : (seen - 1) * 1000,
        reconstructed: reconstructed[row] !== 0,
        implausible: implausible[row] !== 0,
      });
    }
    return sums;
  }

  return function deviceSums(spans: readonly DaySpan[]): DeviceSum[] {
    const open = [...states().values()].map((state) => ({ day: state.slotDay, devices: openByDevice(state) }));
    const dayTextOf = remember(dayText);
    return spans.flatMap((span, index) => {
      const sums = sumSpan(index, span, dayTextOf);
      for (const { day, devices } of open) {
        if (day < dayNumber(span.from) || day > dayNumber(span.to)) continue;
        for (const sum of sums) addOpen(sum, day, devices.get(sum.device));
      }
      return sums;
    });
  };
}

function addOpen(sum: Mutable<DeviceSum>, day: number, open: OpenDevice | undefined): void {
  if (!open) return;
  sum.in += open.in;
  sum.out += open.out;
  sum.hiddenIn += open.hiddenIn;
  sum.hiddenOut += open.hiddenOut;
  sum.seenAt = laterOf(sum.seenAt, open.seen === null ? null : day * MS_PER_DAY + open.seen * 1000);
}

import type { Day } from "../../accounting/types.ts";
import { dayNumber, dayText } from "../day-text.ts";
import type { LineDay, LineHour } from "../store.ts";
import type { Context } from "./context.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const ofDevices = ({ ofSources }: Context) =>
  `endpoint IN (SELECT id FROM endpoint WHERE role = 'device' AND ${ofSources})`;

/** See `Store.lineDays`. Days that are over are remembered: ten years of them take 100 ms to be added up, and change seldom. */
export interface LineDays {
  between(context: Context, from: Day, to: Day): Promise<LineDay[]>;
  /** To be called when rows of a day or later ones may have changed. */
  forgetFrom(day: Day): void;
  forget(): void;
}

export function createLineDays(): LineDays {
  /** The days of a range without a gap, those without usage left out. */
  let known: { readonly from: Day; to: Day; readonly days: Map<Day, LineDay> } | null = null;

  return {
    async between(context, from, to) {
      const { open, engine } = context;
      const [firstOpen = "\uffff"] = open
        .counts("", "9999-12-31")
        .map(({ day }) => day)
        .sort();
      if (known === null || from < known.from || from > dayAfter(known.to))
        known = { from, to: dayBefore(from), days: new Map() };
      const missing = { from: dayAfter(known.to), to };
      const rows =
        missing.from > missing.to
          ? []
          : await engine.tuples<[day: Day, bytesIn: number, bytesOut: number]>(
              `SELECT day, sum(bytes_in), sum(bytes_out) FROM usage_day WHERE day BETWEEN ? AND ? AND ${ofDevices(context)}
               GROUP BY day ORDER BY day`,
              missing.from,
              missing.to,
            );
      const last = to < firstOpen ? to : dayBefore(firstOpen);
      const fresh = new Map<Day, Mutable<LineDay>>();
      for (const [day, down, out] of rows) fresh.set(day, { day, in: down, out });
      for (const [day, row] of fresh) if (day <= last) known.days.set(day, { ...row });
      if (last > known.to) known.to = last;
      for (const { day, role, in: down, out } of open.usage(from, to)) {
        if (role !== "device") continue;
        const row = fresh.get(day) ?? { day, in: 0, out: 0 };
        row.in += down;
        row.out += out;
        fresh.set(day, row);
      }
      const found = [...fresh.values()];
      for (const [day, row] of known.days) if (day >= from && day <= to && !fresh.has(day)) found.push(row);
      return found.filter(isUsed).sort((one, other) => (one.day < other.day ? -1 : 1));
    },
    forgetFrom(day) {
      if (known === null || day > known.to) return;
      if (day <= known.from) known = null;
      else {
        known.to = dayBefore(day);
        for (const one of [...known.days.keys()]) if (one >= day) known.days.delete(one);
      }
    },
    forget() {
      known = null;
    },
  };
}

/** See `Store.lineHours`. */
export async function lineHours(context: Context, from: Day, to: Day): Promise<LineHour[]> {
  const { engine, open } = context;
  const rows = await engine.tuples<[day: Day, hour: number, bytesIn: number, bytesOut: number]>(
    `SELECT day, hour, sum(bytes_in), sum(bytes_out) FROM usage_hour WHERE day BETWEEN ? AND ? AND ${ofDevices(context)}
     GROUP BY day, hour ORDER BY day, hour`,
    from,
    to,
  );
  const hours = new Map<string, Mutable<LineHour>>();
  for (const [day, hour, down, out] of rows) hours.set(`${day} ${hour}`, { day, hour, in: down, out });
  for (const { day, hour, role, in: down, out } of open.usage(from, to)) {
    if (role !== "device") continue;
    const row = hours.get(`${day} ${hour}`) ?? { day, hour, in: 0, out: 0 };
    row.in += down;
    row.out += out;
    hours.set(`${day} ${hour}`, row);
  }
  return [...hours.values()]
    .filter(isUsed)
    .sort((one, other) => (one.day === other.day ? one.hour - other.hour : one.day < other.day ? -1 : 1));
}

function isUsed(amount: LineDay): boolean {
  return amount.in + amount.out > 0;
}

function dayAfter(day: Day): Day {
  return dayText(dayNumber(day) + 1);
}

function dayBefore(day: Day): Day {
  return dayText(dayNumber(day) - 1);
}

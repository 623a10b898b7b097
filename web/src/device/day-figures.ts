/** A device's days, as its page needs them. Pure. */
import { addDays } from "../../../src/shared/calendar-days.ts";
import type { DeviceDetail, Direction } from "../wire.ts";

export interface DayFigures {
  readonly day: string;
  readonly download: number;
  readonly upload: number;
  readonly reconstructed: boolean;
  /** More than the line can carry: taken over from an older version. */
  readonly implausible: boolean;
}

/** The figures of each day that has any. */
export function figuresByDay(detail: Pick<DeviceDetail, "days">): ReadonlyMap<string, DayFigures> {
  return new Map(
    detail.days.map(([day, download, upload, flags]) => [
      day,
      { day, download, upload, reconstructed: (flags & 1) !== 0, implausible: (flags & 2) !== 0 },
    ]),
  );
}

/** The figures of `count` days up to `last`, the earliest first; days without figures are zero. */
export function lastDays(days: ReadonlyMap<string, DayFigures>, last: string, count: number): DayFigures[] {
  return Array.from({ length: count }, (_, i) => figuresOf(days, addDays(last, i - count + 1)));
}

export function figuresOf(days: ReadonlyMap<string, DayFigures>, day: string): DayFigures {
  return days.get(day) ?? { day, download: 0, upload: 0, reconstructed: false, implausible: false };
}

export function amountOn(figures: DayFigures, by: Direction): number {
  return by === "total" ? figures.download + figures.upload : figures[by];
}

/** One line of the sums: what a stretch of days up to today comes to. */
export interface Sum {
  /** Days in it; null for all there are. */
  readonly days: number | null;
  readonly download: number;
  readonly upload: number;
}

/** Today, the last 7 and 30 days with today, and everything. */
export function sumsOf(days: ReadonlyMap<string, DayFigures>, today: string): Sum[] {
  return [1, 7, 30, null].map((count) => {
    const from = count === null ? "" : addDays(today, 1 - count);
    let download = 0;
    let upload = 0;
    for (const figures of days.values()) {
      if (figures.day < from || (count !== null && figures.day > today)) continue;
      download += figures.download;
      upload += figures.upload;
    }
    return { days: count, download, upload };
  });
}

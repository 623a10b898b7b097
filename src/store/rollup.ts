import { type DatabaseSync, prepareArrays, prepareColumns, rowsOf } from "./engine.ts";
import { createUnpacker, pack } from "./packed.ts";
import { type AddUp, type Columns, createTally } from "./tally.ts";

/** What is added up of a table of days. */
export interface RollupShape {
  /** The table of the days. */
  readonly days: "usage_day" | "remote_day";
  /** What is read of it and of what belongs to it: SQL behind `FROM`, up to and with the range of days from ?1 to ?2. */
  readonly rows: string;
  /** SQL: the number of the thing that a row is about. */
  readonly id: string;
  /** SQL: the first and the last day of the table, two columns. */
  readonly span: string;
  /** A period is over when so many days of the next have begun: until then its rows are still written now and then. */
  readonly lateDays: number;
  /** Calendar months of the periods whose sums are kept, the shortest first; each has room for whole ones of the one before. */
  readonly months: readonly number[];
  /** SQL expressions over a day's row, never null, and how the figures of several days become one. */
  readonly figures: readonly (readonly [sql: string, AddUp])[];
}

/** Whole calendar months; its first and last day. */
export interface Period {
  readonly first: number;
  readonly last: number;
}

/**
 * Sums over any range of days. Ten years are 900,000 rows, two thirds of a second of SQLite's time, so the sums of months,
 * quarters and years that are over are kept in the file.
 *
 * What is kept is never needed and never wrong. Triggers in the schema drop the sums of a period as soon as one of its
 * days is written, whoever writes it, and in the same transaction; what is not kept is added up from the days. Questions
 * write nothing: what `next` names is kept between two transactions of the readings.
 */
export interface Rollup {
  /** Each thing's sums over the days of a range, those with a row in it: their numbers, then a column for each figure. */
  sums(first: number, last: number): Columns;
  /**
   * The latest period that is over and should be kept, short ones before the long ones that they make up; null when there
   * is none. Each is named until it is tried, which is once: a period that is written again and again (a clock that went
   * wrong) shall not be kept as often.
   */
  next(): Period | null;
  /** Adds up a period and keeps the sums, in the caller's transaction. */
  keep(period: Period): void;
}

export function createRollup(db: DatabaseSync, shape: RollupShape): Rollup {
  const { days, rows, id, span, lateDays, months, figures } = shape;
  const columns = [id, ...figures.map(([sql]) => sql)];
  const selectRows = prepareColumns(db, columns, rows);
  const ofDays = `days = '${days}'`;
  const selectKept = prepareArrays(
    db,
    `SELECT content FROM kept_sum WHERE ${ofDays} AND first_day = ? AND last_day = ?`,
  );
  const selectAllKept = prepareArrays(db, `SELECT first_day, last_day FROM kept_sum WHERE ${ofDays}`);
  const insertKept = db.prepare(
    `INSERT INTO kept_sum (days, first_day, last_day, content) VALUES ('${days}', ?, ?, ?)`,
  );
  const selectSpan = prepareArrays(db, `SELECT ${span}`);
  const kinds = figures.map(([, how]) => how);
  const unpack = createUnpacker(columns.length);
  const tried = new Set<string>();
  const [shortest = 1] = months;
  const longestFirst = [...months].reverse();

  /** The longest period from a day on that lies within the range and whose sums are kept. */
  function keptFrom(at: number, last: number): { period: Period; rows: readonly Float64Array[] } | null {
    for (const length of longestFirst) {
      const period = periodOf(at, length);
      if (period.first !== at || period.last > last) continue;
      const [kept] = rowsOf<[Uint8Array]>(selectKept, period.first, period.last);
      const rows = kept ? unpack(kept[0]) : null;
      if (rows) return { period, rows };
    }
    return null;
  }

  function sums(first: number, last: number): Columns {
    const whole = keptFrom(first, last);
    if (whole?.period.last === last) return whole.rows.map((column) => column.slice());
    const tally = createTally(kinds);
    for (let at = first; at <= last; ) {
      const kept = keptFrom(at, last);
      const to = kept?.period.last ?? Math.min(periodOf(at, shortest).last, last);
      tally.add(kept?.rows ?? selectRows(at, to));
      at = to + 1;
    }
    return [tally.ids, ...tally.figures];
  }

  return {
    sums,
    next() {
      const [[oldest, latest] = [null, null]] = rowsOf<[number | null, number | null]>(selectSpan);
      if (oldest === null || latest === null) return null;
      const known = new Set(rowsOf<[number, number]>(selectAllKept).map(([first, last]) => nameOf({ first, last })));
      for (const [index, length] of months.entries()) {
        const parts = months[index - 1];
        // A period in which the history begins may be one that is being pruned away, day by day.
        for (let period = before(periodOf(latest - lateDays, length), length); period.first > oldest; ) {
          const isNew = !known.has(nameOf(period)) && !tried.has(nameOf(period));
          if (isNew && (parts === undefined || partsOf(period, parts).every((part) => known.has(nameOf(part))))) {
            return period;
          }
          period = before(period, length);
        }
      }
      return null;
    },
    keep(period) {
      tried.add(nameOf(period));
      let content: Uint8Array;
      try {
        content = pack(sorted(sums(period.first, period.last)));
      } catch (error) {
        // A figure that can't be packed: every question adds up the days.
        if (error instanceof RangeError) return;
        throw error;
      }
      insertKept.run(period.first, period.last, content);
    },
  };
}

function nameOf({ first, last }: Period): string {
  return `${first} ${last}`;
}

/** Columns in the order of the things. */
function sorted(columns: Columns): Columns {
  const ids = columns[0] ?? [];
  const order = Array.from(ids, (_, row) => row).sort((a, b) => (ids[a] as number) - (ids[b] as number));
  return columns.map((column) => Float64Array.from(order, (row) => column[row] as number));
}

/** The calendar months, counted from January on in groups of so many, that a day lies in. */
function periodOf(day: number, months: number): Period {
  const at = new Date(day * MS_PER_DAY);
  const month = at.getUTCMonth() - (at.getUTCMonth() % months);
  const startOf = (month: number) => Date.UTC(at.getUTCFullYear(), month) / MS_PER_DAY;
  return { first: startOf(month), last: startOf(month + months) - 1 };
}

function before({ first }: Period, months: number): Period {
  return periodOf(first - 1, months);
}

/** The shorter periods that make up a longer one. */
function partsOf({ first, last }: Period, months: number): Period[] {
  const parts: Period[] = [];
  for (let part = periodOf(first, months); part.first <= last; part = periodOf(part.last + 1, months)) parts.push(part);
  return parts;
}

const MS_PER_DAY = 86_400_000;

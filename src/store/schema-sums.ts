/**
 * Drops the sums of every period that a day lies in, after every write of a row of that day. Mostly that is today, after
 * every period, which the index of `kept_sum` knows at once.
 * @param table whose rows make up the sums of `days`
 * @param column that says the day
 * @param dayOf its day, of the row OLD or NEW
 */
function dropSums(table: string, days: string, column: string, dayOf: (row: string) => string): string {
  const events = [
    ["insert", "INSERT", "NEW"],
    ["update", "UPDATE", "NEW"],
    ["move", `UPDATE OF ${column}`, "OLD"],
    ["delete", "DELETE", "OLD"],
  ] as const;
  return events
    .map(
      ([name, event, row]) => `
CREATE TRIGGER ${table}_${name} AFTER ${event} ON ${table} BEGIN
  DELETE FROM kept_sum WHERE days = '${days}' AND last_day >= ${dayOf(row)} AND first_day <= ${dayOf(row)};
END;`,
    )
    .join("");
}

const dayOfKey = (row: string) => `(${row}.id >> 20)`;

/**
 * Sums of calendar months, quarters and years that are over, for questions about long ranges: made from the days of the
 * table that `days` names, and dropped in the same transaction as one of these changes. See rollup.ts, and packed.ts for `content`.
 * The index lies beside the table, since a search in one without rowid would read the contents on its way.
 * A migration that makes one of the three tables anew must make its triggers anew.
 */
export const KEPT_SUMS = `
CREATE TABLE kept_sum (
  id INTEGER PRIMARY KEY,
  days TEXT NOT NULL,
  last_day INTEGER NOT NULL,
  first_day INTEGER NOT NULL,
  content BLOB NOT NULL,
  UNIQUE (days, last_day, first_day)
) STRICT;
${dropSums("usage_day", "usage_day", "id", dayOfKey)}
${dropSums("usage_flag", "usage_day", "id", dayOfKey)}
${dropSums("remote_day", "remote_day", "day", (row) => `${row}.day`)}
`;

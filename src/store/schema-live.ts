/** The digit at a place of the 14 that `digits` has. */
const digitAt = (place: number) => `(instr('123456789ABCDEF', substr(digits, ${place}, 1)) << ${4 * (14 - place)})`;
const NUMBER = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14].map(digitAt).join(" + ");
/** How many digits follow the one that `head` begins with. */
const count = (head: string) => `instr('123456789ABCDE', substr(${head}, 1, 1))`;
/** The digits of a part from a place on, of which the first number there has at most 15. */
const window = "substr(hex(substr(hosts, next / 2 + 1, 9)), next % 2 + 1)";

/**
 * The open bytes move from a row for each address into parts (live.ts): a checkpoint of a thousand hosts writes a quarter
 * of the pages. `live` shows them as the table of that name did, in words that SQLite 3.37 knows, for whoever reads the
 * file; the store itself reads them without SQL.
 *
 * What was open is moved to the days first, which changes no answer. From now on the bytes of remote hosts stay open
 * for the day, and so does the balance (balance.ts), whose days `booked_day` lists.
 */
export const LIVE_PARTS = `
INSERT INTO usage_hour
  SELECT s.slot_day, s.slot_hour, b.holder, sum(l.bytes_in), sum(l.bytes_out), 0
  FROM live l JOIN baseline b ON b.address = l.address JOIN source s ON s.id = b.source
  WHERE b.holder IS NOT NULL AND b.hidden = 0 GROUP BY s.id, b.holder
  ON CONFLICT DO UPDATE SET bytes_in = bytes_in + excluded.bytes_in, bytes_out = bytes_out + excluded.bytes_out;

INSERT INTO usage_day (day, device, bytes_in, bytes_out, hidden_in, hidden_out, seen)
  SELECT s.slot_day, b.holder,
         sum(CASE b.hidden WHEN 0 THEN l.bytes_in ELSE 0 END), sum(CASE b.hidden WHEN 0 THEN l.bytes_out ELSE 0 END),
         sum(CASE b.hidden WHEN 0 THEN 0 ELSE l.bytes_in END), sum(CASE b.hidden WHEN 0 THEN 0 ELSE l.bytes_out END),
         max(l.seen)
  FROM live l JOIN baseline b ON b.address = l.address JOIN source s ON s.id = b.source
  WHERE b.holder IS NOT NULL GROUP BY s.id, b.holder
  ON CONFLICT DO UPDATE SET bytes_in = bytes_in + excluded.bytes_in, bytes_out = bytes_out + excluded.bytes_out,
    hidden_in = hidden_in + excluded.hidden_in, hidden_out = hidden_out + excluded.hidden_out,
    seen = max(coalesce(seen, excluded.seen), coalesce(excluded.seen, seen));

INSERT INTO remote_day (day, address, bytes_in, bytes_out, seen, flags)
  SELECT s.slot_day, l.address, l.bytes_in, l.bytes_out, l.seen, b.hidden
  FROM live l JOIN baseline b ON b.address = l.address JOIN source s ON s.id = b.source WHERE b.holder IS NULL
  ON CONFLICT DO UPDATE SET bytes_in = bytes_in + excluded.bytes_in, bytes_out = bytes_out + excluded.bytes_out,
    seen = max(coalesce(seen, excluded.seen), coalesce(excluded.seen, seen)), flags = (flags & ~1) | excluded.flags;

UPDATE baseline SET base_in = base_in + l.bytes_in, base_out = base_out + l.bytes_out
  FROM live l WHERE l.address = baseline.address;
DROP TABLE live;

ALTER TABLE source ADD COLUMN balance BLOB NOT NULL DEFAULT x'';
ALTER TABLE source ADD COLUMN hosts BLOB NOT NULL DEFAULT x'';
CREATE TABLE live_part (
  part INTEGER PRIMARY KEY,
  source INTEGER NOT NULL REFERENCES source,
  hosts BLOB NOT NULL
) STRICT;

CREATE VIEW live AS
WITH RECURSIVE
  number(part, hosts, n, next, head) AS (
    SELECT part, hosts, 0, 1 + ${count("hex(hosts)")}, substr(hex(substr(hosts, 1, 9)), 1)
    FROM (SELECT -id AS part, hosts FROM source UNION ALL SELECT part, hosts FROM live_part) WHERE length(hosts) > 0
    UNION ALL
    SELECT part, hosts, n + 1, next + 1 + ${count(window)}, ${window}
    FROM number WHERE n % 4 <> 0 OR ${window} GLOB '[1-9A-E]*'
  ),
  value(part, n, value) AS (
    SELECT part, n, CASE digit WHEN 'F' THEN NULL ELSE ${NUMBER} END
    FROM (SELECT part, n, substr(head, 1, 1) AS digit,
                 substr('00000000000000' || substr(head, 2, ${count("head")}), -14) AS digits FROM number)
  ),
  entry(part, n, step, bytes_in, bytes_out, back) AS (
    SELECT part, (n - 1) / 4, max(CASE n % 4 WHEN 1 THEN value END), max(CASE n % 4 WHEN 2 THEN value END),
           max(CASE n % 4 WHEN 3 THEN value END), max(CASE n % 4 WHEN 0 THEN value END)
    FROM value WHERE n > 0 GROUP BY part, (n - 1) / 4
  )
SELECT sum(e.step) OVER (PARTITION BY e.part ORDER BY e.n) AS address, e.bytes_in, e.bytes_out,
       (CASE v.value % 2 WHEN 0 THEN v.value / 2 ELSE -(v.value + 1) / 2 END) - e.back AS seen
FROM entry e JOIN value v ON v.part = e.part AND v.n = 0;

CREATE VIEW booked_day AS
  SELECT day, source FROM balance_day UNION ALL SELECT slot_day, id FROM source WHERE length(balance) > 0;

DROP VIEW latest_day;
CREATE VIEW latest_day AS
  SELECT max(day) AS day FROM (SELECT max(day) AS day FROM usage_day UNION ALL SELECT max(day) FROM booked_day
                               UNION ALL SELECT max(day) FROM remote_day);
`;

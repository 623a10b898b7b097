/** Rows of a device's days go back to the first of their block of 32 days. */
const BACK = Array.from({ length: 32 }, (_, days) => `(${days})`).join(",");

/** What a row's counter is: see counters.ts. */
const counter = (direction: "in" | "out") => `
  (SELECT sum(x.bytes_${direction} + coalesce(t.step_${direction}, 0))
   FROM day_back CROSS JOIN usage_day x ON x.id = u.id - days * 1048576 LEFT JOIN usage_step t ON t.id = x.id
   WHERE days <= ((u.id >> 20) & 31))`;

/** What the counters of a device or address are now. */
const now = (direction: "in" | "out", where: string) => `coalesce(
  (SELECT sum(b.base_${direction} + coalesce(l.bytes_${direction}, 0))
   FROM baseline b LEFT JOIN live l ON l.address = b.address WHERE ${where}), 0)`;

/** The days of devices of which `days` (about `u.id`) is true. Those that are over don't look at the open hour. */
const devices = (days: string) => `
  SELECT u.id >> 20 AS day, u.id & 1048575 AS device, u.address, u.bytes_in, u.bytes_out, u.hidden_in, u.hidden_out, u.seen,
         ${counter("in")} AS counter_in, ${counter("out")} AS counter_out, coalesce(f.flags, 0) AS flags
  FROM usage_day u LEFT JOIN usage_flag f ON f.id = u.id
  WHERE ${days} AND NOT EXISTS (SELECT 1 FROM source s JOIN device d ON d.source = s.id
                    WHERE s.slot_day = u.id >> 20 AND d.id = u.id & 1048575)
  UNION ALL
  SELECT s.slot_day, d.id, u.address,
         u.bytes_in + coalesce(o.bytes_in, 0), u.bytes_out + coalesce(o.bytes_out, 0),
         u.hidden_in + coalesce(o.hidden_in, 0), u.hidden_out + coalesce(o.hidden_out, 0),
         max(coalesce(u.seen, o.seen), coalesce(o.seen, u.seen)),
         ${now("in", "b.holder = d.id AND b.hidden = 0")}, ${now("out", "b.holder = d.id AND b.hidden = 0")},
         coalesce(f.flags, 0)
  FROM source s JOIN device d ON d.source = s.id JOIN usage_day u ON u.id = s.slot_day * 1048576 + d.id
  LEFT JOIN usage_flag f ON f.id = u.id
  LEFT JOIN (SELECT device, max(seen) AS seen,
                    sum(CASE hidden WHEN 0 THEN bytes_in ELSE 0 END) AS bytes_in,
                    sum(CASE hidden WHEN 0 THEN bytes_out ELSE 0 END) AS bytes_out,
                    sum(CASE hidden WHEN 0 THEN 0 ELSE bytes_in END) AS hidden_in,
                    sum(CASE hidden WHEN 0 THEN 0 ELSE bytes_out END) AS hidden_out
             FROM open_hour WHERE device IS NOT NULL GROUP BY device) o ON o.device = d.id
  WHERE ${days}`;

/** The days of remote hosts of which `days` (about `r.day`) and `openDays` (about `o.day`) are true. */
const hosts = (days: string, openDays: string) => `
  SELECT r.day, r.address, r.bytes_in, r.bytes_out, r.seen, r.before_in + r.bytes_in AS counter_in,
         r.before_out + r.bytes_out AS counter_out, r.flags & 1 AS hidden
  FROM remote_day r JOIN address a ON a.id = r.address
  WHERE ${days} AND NOT EXISTS (SELECT 1 FROM source s WHERE s.id = a.source AND s.slot_day = r.day)
  UNION ALL
  SELECT r.day, r.address, r.bytes_in + coalesce(o.bytes_in, 0), r.bytes_out + coalesce(o.bytes_out, 0),
         max(coalesce(r.seen, o.seen), coalesce(o.seen, r.seen)),
         ${now("in", "b.address = r.address")}, ${now("out", "b.address = r.address")},
         CASE WHEN o.hidden IS NULL THEN r.flags & 1 ELSE o.hidden END
  FROM source s JOIN remote_day r ON r.day = s.slot_day JOIN address a ON a.id = r.address AND a.source = s.id
  LEFT JOIN open_hour o ON o.address = r.address AND o.device IS NULL
  WHERE ${days}
  UNION ALL
  SELECT o.day, o.address, o.bytes_in, o.bytes_out, o.seen,
         b.base_in + o.bytes_in, b.base_out + o.bytes_out, o.hidden
  FROM open_hour o JOIN baseline b ON b.address = o.address
  WHERE ${openDays} AND o.device IS NULL
    AND NOT EXISTS (SELECT 1 FROM remote_day r WHERE r.day = o.day AND r.address = o.address)`;

const LATEST = "(SELECT day FROM latest_day)";
const oldOfDevices = (days: string) => `
  SELECT a.ip AS IP, d.key AS MAC, coalesce(d.hostname, '(none)') AS Hostname,
         datetime(u.day * 86400 + u.seen, 'unixepoch', 'localtime') AS LastSeen,
         round(u.bytes_in / 1024.0, 2) AS KBIn, round(u.bytes_out / 1024.0, 2) AS KBOut,
         date(u.day * 86400, 'unixepoch') || ' 00:00:00' AS DATE,
         round(u.counter_in / 1024.0, 2) AS LSTDAY_KBIn, round(u.counter_out / 1024.0, 2) AS LSTDAY_KBOut
  FROM (${devices(days)}) u JOIN device d ON d.id = u.device JOIN address a ON a.id = u.address
  WHERE d.router = 0`;
const oldOfHosts = (days: string, openDays: string) => `
  SELECT a.ip, coalesce(m.key, ''), coalesce(a.hostname, '(none)'),
         datetime(r.day * 86400 + r.seen, 'unixepoch', 'localtime'),
         round(r.bytes_in / 1024.0, 2), round(r.bytes_out / 1024.0, 2),
         date(r.day * 86400, 'unixepoch') || ' 00:00:00',
         round(r.counter_in / 1024.0, 2), round(r.counter_out / 1024.0, 2)
  FROM (${hosts(days, openDays)}) r JOIN address a ON a.id = r.address LEFT JOIN device m ON m.id = a.mac
  WHERE r.hidden = 0`;

/**
 * A device's day in 32 bytes instead of 47. Its key is one number (day-key.ts); what is seldom other than zero stands in
 * tables of its own: flags (2 reconstructed, 4 implausible), and what darkstat's counters did beside the bytes of the days
 * (counters.ts). A remote host's counter is what it was before the day, mostly zero, plus the bytes of the day.
 * The views show it as before.
 */
export const DENSE_DAYS = `
DROP VIEW dailyusage;
DROP VIEW usagehistory;
DROP VIEW old_columns;
DROP VIEW remote_host_day;
DROP VIEW device_day;
DROP VIEW latest_day;

ALTER TABLE usage_day RENAME TO usage_day_before;
CREATE TABLE usage_day (
  id INTEGER PRIMARY KEY,
  address INTEGER REFERENCES address,
  bytes_in INTEGER NOT NULL DEFAULT 0,
  bytes_out INTEGER NOT NULL DEFAULT 0,
  hidden_in INTEGER NOT NULL DEFAULT 0,
  hidden_out INTEGER NOT NULL DEFAULT 0,
  seen INTEGER
) STRICT;
CREATE TABLE usage_flag (id INTEGER PRIMARY KEY REFERENCES usage_day, flags INTEGER NOT NULL) STRICT;
CREATE TABLE usage_step (
  id INTEGER PRIMARY KEY REFERENCES usage_day,
  step_in INTEGER NOT NULL,
  step_out INTEGER NOT NULL
) STRICT;
INSERT INTO usage_day
  SELECT day * 1048576 + device, address, bytes_in, bytes_out, hidden_in, hidden_out, seen FROM usage_day_before
  ORDER BY day, device;
INSERT INTO usage_flag SELECT day * 1048576 + device, flags FROM usage_day_before WHERE flags <> 0 ORDER BY day, device;
INSERT INTO usage_step
  SELECT day * 1048576 + device, step_in, step_out FROM (
    SELECT day, device, counter_in - bytes_in - lag(counter_in, 1, 0) OVER block AS step_in,
           counter_out - bytes_out - lag(counter_out, 1, 0) OVER block AS step_out
    FROM usage_day_before WINDOW block AS (PARTITION BY day >> 5, device ORDER BY day))
  WHERE step_in <> 0 OR step_out <> 0 ORDER BY day, device;
DROP TABLE usage_day_before;

ALTER TABLE remote_day RENAME COLUMN counter_in TO before_in;
ALTER TABLE remote_day RENAME COLUMN counter_out TO before_out;
UPDATE remote_day SET before_in = before_in - bytes_in, before_out = before_out - bytes_out;

CREATE VIEW day_back(days) AS VALUES ${BACK};

CREATE VIEW device_day AS ${devices("true")};

CREATE VIEW remote_host_day AS ${hosts("true", "true")};

CREATE VIEW latest_day AS
  SELECT max(day) AS day FROM (SELECT max(id) >> 20 AS day FROM usage_day UNION ALL SELECT max(day) FROM booked_day
                               UNION ALL SELECT max(day) FROM remote_day);

CREATE VIEW dailyusage AS
  ${oldOfDevices(`u.id BETWEEN ${LATEST} * 1048576 AND ${LATEST} * 1048576 + 1048575`)}
  UNION ALL ${oldOfHosts(`r.day = ${LATEST}`, `o.day = ${LATEST}`)};

CREATE VIEW usagehistory AS
  ${oldOfDevices(`u.id < ${LATEST} * 1048576`)}
  UNION ALL ${oldOfHosts(`r.day < ${LATEST}`, `o.day < ${LATEST}`)};
`;

import { DENSE_DAYS } from "./schema-days.ts";
import { LIVE_PARTS } from "./schema-live.ts";
import { KEPT_SUMS } from "./schema-sums.ts";

/** Marks a SQLite file as ours (`PRAGMA application_id`): the letters "WhSt". */
export const APPLICATION_ID = 0x57685374;

/**
 * The days of devices and remote hosts with the clock hour that is still open, and the two tables that people queried
 * in the original. `localtime` is the reader's zone: a file can't know ours. Names given in the dashboard live in
 * MAC_HOST.txt, so `Hostname` here is what reverse DNS said.
 */
const VIEWS = `
CREATE VIEW open_hour AS
  SELECT s.id AS source, s.slot_day AS day, s.slot_hour AS hour, b.holder AS device, b.address, b.hidden,
         l.bytes_in, l.bytes_out, l.seen
  FROM live l JOIN baseline b ON b.address = l.address JOIN source s ON s.id = b.source;

CREATE VIEW device_day AS
  SELECT u.day, u.device, u.address,
         u.bytes_in + coalesce(o.bytes_in, 0) AS bytes_in, u.bytes_out + coalesce(o.bytes_out, 0) AS bytes_out,
         u.hidden_in + coalesce(o.hidden_in, 0) AS hidden_in, u.hidden_out + coalesce(o.hidden_out, 0) AS hidden_out,
         max(coalesce(u.seen, o.seen), coalesce(o.seen, u.seen)) AS seen,
         CASE WHEN u.day = s.slot_day THEN coalesce(
           (SELECT sum(b.base_in + coalesce(l.bytes_in, 0)) FROM baseline b LEFT JOIN live l ON l.address = b.address
            WHERE b.holder = u.device AND b.hidden = 0), 0) ELSE u.counter_in END AS counter_in,
         CASE WHEN u.day = s.slot_day THEN coalesce(
           (SELECT sum(b.base_out + coalesce(l.bytes_out, 0)) FROM baseline b LEFT JOIN live l ON l.address = b.address
            WHERE b.holder = u.device AND b.hidden = 0), 0) ELSE u.counter_out END AS counter_out,
         u.flags
  FROM usage_day u JOIN device d ON d.id = u.device JOIN source s ON s.id = d.source
  LEFT JOIN (SELECT day, device, max(seen) AS seen,
                    sum(CASE hidden WHEN 0 THEN bytes_in ELSE 0 END) AS bytes_in,
                    sum(CASE hidden WHEN 0 THEN bytes_out ELSE 0 END) AS bytes_out,
                    sum(CASE hidden WHEN 0 THEN 0 ELSE bytes_in END) AS hidden_in,
                    sum(CASE hidden WHEN 0 THEN 0 ELSE bytes_out END) AS hidden_out
             FROM open_hour WHERE device IS NOT NULL GROUP BY day, device) o
         ON o.day = u.day AND o.device = u.device;

CREATE VIEW remote_host_day AS
  SELECT r.day, r.address, r.bytes_in + coalesce(o.bytes_in, 0) AS bytes_in,
         r.bytes_out + coalesce(o.bytes_out, 0) AS bytes_out,
         max(coalesce(r.seen, o.seen), coalesce(o.seen, r.seen)) AS seen,
         CASE WHEN r.day = s.slot_day
           THEN coalesce(b.base_in + coalesce(l.bytes_in, 0), 0) ELSE r.counter_in END AS counter_in,
         CASE WHEN r.day = s.slot_day
           THEN coalesce(b.base_out + coalesce(l.bytes_out, 0), 0) ELSE r.counter_out END AS counter_out,
         CASE WHEN o.hidden IS NULL THEN r.flags & 1 ELSE o.hidden END AS hidden
  FROM remote_day r JOIN address a ON a.id = r.address JOIN source s ON s.id = a.source
  LEFT JOIN baseline b ON b.address = r.address LEFT JOIN live l ON l.address = r.address
  LEFT JOIN open_hour o ON o.address = r.address AND o.day = r.day AND o.device IS NULL
  UNION ALL
  SELECT o.day, o.address, o.bytes_in, o.bytes_out, o.seen,
         b.base_in + o.bytes_in, b.base_out + o.bytes_out, o.hidden
  FROM open_hour o JOIN baseline b ON b.address = o.address
  WHERE o.device IS NULL AND NOT EXISTS (SELECT 1 FROM remote_day r WHERE r.day = o.day AND r.address = o.address);

CREATE VIEW old_columns AS
  SELECT u.day, a.ip AS IP, d.key AS MAC, coalesce(d.hostname, '(none)') AS Hostname,
         datetime(u.day * 86400 + u.seen, 'unixepoch', 'localtime') AS LastSeen,
         round(u.bytes_in / 1024.0, 2) AS KBIn, round(u.bytes_out / 1024.0, 2) AS KBOut,
         date(u.day * 86400, 'unixepoch') || ' 00:00:00' AS DATE,
         round(u.counter_in / 1024.0, 2) AS LSTDAY_KBIn, round(u.counter_out / 1024.0, 2) AS LSTDAY_KBOut
  FROM device_day u JOIN device d ON d.id = u.device JOIN address a ON a.id = u.address
  WHERE d.router = 0
  UNION ALL
  SELECT r.day, a.ip, coalesce(m.key, ''), coalesce(a.hostname, '(none)'),
         datetime(r.day * 86400 + r.seen, 'unixepoch', 'localtime'),
         round(r.bytes_in / 1024.0, 2), round(r.bytes_out / 1024.0, 2),
         date(r.day * 86400, 'unixepoch') || ' 00:00:00',
         round(r.counter_in / 1024.0, 2), round(r.counter_out / 1024.0, 2)
  FROM remote_host_day r JOIN address a ON a.id = r.address LEFT JOIN device m ON m.id = a.mac
  WHERE r.hidden = 0;

CREATE VIEW latest_day AS
  SELECT max(day) AS day FROM (SELECT max(day) AS day FROM usage_day UNION ALL SELECT max(day) FROM balance_day);

CREATE VIEW dailyusage AS
  SELECT IP, MAC, Hostname, LastSeen, KBIn, KBOut, DATE, LSTDAY_KBIn, LSTDAY_KBOut FROM old_columns
  WHERE day = (SELECT day FROM latest_day);

CREATE VIEW usagehistory AS
  SELECT IP, MAC, Hostname, LastSeen, KBIn, KBOut, DATE, LSTDAY_KBIn, LSTDAY_KBOut FROM old_columns
  WHERE day < (SELECT day FROM latest_day);
`;

/**
 * Days are whole days since 1970-01-01, `seen` is in seconds from the start (in UTC) of its day, amounts are bytes, texts stand in
 * `source`, `device` and `address` only.
 *
 * What a poll changes is kept apart from what it does not: `live` holds the bytes of the open clock hour of each
 * address (a source's `slot`), and an address's counter is `baseline.base_* + live.bytes_*`. A poll therefore writes one
 * small row per host that moved; hours, days and baselines are written once an hour, when the slot is folded.
 */
const TABLES = `
CREATE TABLE source (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  first_at INTEGER NOT NULL,
  epoch TEXT NOT NULL,
  at INTEGER NOT NULL,
  uptime INTEGER NOT NULL,
  total_before INTEGER NOT NULL,
  counted INTEGER NOT NULL,
  captured INTEGER NOT NULL,
  dropped INTEGER NOT NULL,
  slot_day INTEGER NOT NULL,
  slot_hour INTEGER NOT NULL
) STRICT;

-- Every MAC (or address standing in for one) that was named. It is a device once it has days.
CREATE TABLE device (
  id INTEGER PRIMARY KEY,
  source INTEGER NOT NULL REFERENCES source,
  key TEXT NOT NULL,
  router INTEGER NOT NULL DEFAULT 0,
  hostname TEXT,
  first_day INTEGER,
  last_day INTEGER,
  UNIQUE (source, key)
) STRICT;

CREATE TABLE address (
  id INTEGER PRIMARY KEY,
  source INTEGER NOT NULL REFERENCES source,
  ip TEXT NOT NULL,
  hostname TEXT,
  mac INTEGER REFERENCES device,
  UNIQUE (source, ip)
) STRICT;

-- hidden: 0 reported, 1 outside IPFilter or not charged yet. base_*: darkstat's counter less live.bytes_*.
CREATE TABLE baseline (
  address INTEGER PRIMARY KEY REFERENCES address,
  source INTEGER NOT NULL REFERENCES source,
  holder INTEGER REFERENCES device,
  hidden INTEGER NOT NULL,
  base_in INTEGER NOT NULL,
  base_out INTEGER NOT NULL
) STRICT;

CREATE TABLE live (
  address INTEGER PRIMARY KEY REFERENCES baseline,
  bytes_in INTEGER NOT NULL,
  bytes_out INTEGER NOT NULL,
  seen INTEGER
) STRICT;

-- flags: 2 reconstructed, 4 implausible.
CREATE TABLE usage_day (
  day INTEGER NOT NULL,
  device INTEGER NOT NULL REFERENCES device,
  address INTEGER REFERENCES address,
  bytes_in INTEGER NOT NULL DEFAULT 0,
  bytes_out INTEGER NOT NULL DEFAULT 0,
  hidden_in INTEGER NOT NULL DEFAULT 0,
  hidden_out INTEGER NOT NULL DEFAULT 0,
  seen INTEGER,
  counter_in INTEGER NOT NULL DEFAULT 0,
  counter_out INTEGER NOT NULL DEFAULT 0,
  flags INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (day, device)
) STRICT, WITHOUT ROWID;

CREATE TABLE usage_hour (
  day INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  device INTEGER NOT NULL REFERENCES device,
  bytes_in INTEGER NOT NULL,
  bytes_out INTEGER NOT NULL,
  flags INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (day, hour, device)
) STRICT, WITHOUT ROWID;

-- flags: 1 outside IPFilter, 2 reconstructed.
CREATE TABLE remote_day (
  day INTEGER NOT NULL,
  address INTEGER NOT NULL REFERENCES address,
  bytes_in INTEGER NOT NULL,
  bytes_out INTEGER NOT NULL,
  seen INTEGER,
  counter_in INTEGER NOT NULL DEFAULT 0,
  counter_out INTEGER NOT NULL DEFAULT 0,
  flags INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (day, address)
) STRICT, WITHOUT ROWID;

CREATE TABLE device_address (
  device INTEGER NOT NULL REFERENCES device,
  address INTEGER NOT NULL REFERENCES address,
  first_day INTEGER NOT NULL,
  last_day INTEGER NOT NULL,
  PRIMARY KEY (device, address)
) STRICT, WITHOUT ROWID;

-- What is in no device's day, and what darkstat counted.
CREATE TABLE balance_day (
  day INTEGER NOT NULL,
  source INTEGER NOT NULL REFERENCES source,
  remote_in INTEGER NOT NULL,
  remote_out INTEGER NOT NULL,
  group_in INTEGER NOT NULL,
  group_out INTEGER NOT NULL,
  unattributed_in INTEGER NOT NULL,
  unattributed_out INTEGER NOT NULL,
  counted INTEGER NOT NULL,
  captured INTEGER NOT NULL,
  dropped INTEGER NOT NULL,
  PRIMARY KEY (day, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE note (
  id INTEGER PRIMARY KEY,
  source INTEGER NOT NULL REFERENCES source,
  at INTEGER NOT NULL,
  code TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
`;

/**
 * What came from elsewhere: rows of an old store that made no sense as usage, kept as they were (`content` is JSON), and
 * the bytes of device-days that no darkstat of ours counted, where they stand on a day that has books or may get some.
 */
const HISTORY_FROM_ELSEWHERE = `
CREATE TABLE takeover_reject (
  id INTEGER PRIMARY KEY,
  file TEXT NOT NULL,
  place TEXT NOT NULL,
  reason TEXT NOT NULL,
  content TEXT NOT NULL
) STRICT;

CREATE TABLE unbooked_day (
  day INTEGER NOT NULL,
  device INTEGER NOT NULL REFERENCES device,
  bytes_in INTEGER NOT NULL,
  bytes_out INTEGER NOT NULL,
  PRIMARY KEY (day, device)
) STRICT, WITHOUT ROWID;
`;

/** A day on which only hosts beyond the router are left (the devices' were pruned) is a day, too. */
const REMOTE_DAYS_COUNT = `
DROP VIEW latest_day;
CREATE VIEW latest_day AS
  SELECT max(day) AS day FROM (SELECT max(day) AS day FROM usage_day UNION ALL SELECT max(day) FROM balance_day
                               UNION ALL SELECT max(day) FROM remote_day);
`;

/**
 * The way from an empty file to today's schema: the migration at index n leads from `PRAGMA user_version` n to n + 1.
 * A migration that was released is never changed; the next one is appended.
 */
export const MIGRATIONS: readonly string[] = [
  TABLES + VIEWS,
  HISTORY_FROM_ELSEWHERE,
  REMOTE_DAYS_COUNT,
  LIVE_PARTS,
  DENSE_DAYS,
  KEPT_SUMS,
];

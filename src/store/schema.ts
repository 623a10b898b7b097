/**
 * Today's schema. Migrations begin with the first release (see `MIGRATIONS`).
 *
 * Figures are stored as they were seen and are never rewritten: bytes of an *endpoint*, which is an address at a network
 * interface. Whose they are is joined: `endpoint.device` says it, and changes with the settings. Days are local calendar
 * days `YYYY-MM-DD`, amounts are bytes, instants are seconds since 1970 in UTC unless the column says `_ms`.
 *
 * What a device used yesterday:
 *
 *   SELECT d.name, u.mac, u.bytes_in, u.bytes_out FROM device_day u JOIN device d ON d.id = u.device
 *   WHERE u.day = date('now', 'localtime', '-1 day');
 */
export const SCHEMA = `
-- A household or an office. One, until a hub keeps many.
CREATE TABLE site (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  -- The settings by which endpoint.role, device and reported were worked out, as one text: another one, and they are again.
  view TEXT NOT NULL DEFAULT ''
) STRICT;

-- A meter that is read, with its books; of kind 'view' one whose figures are not added to those of the others (METER_VIEWS);
-- or, of kind 'import', a history that was measured elsewhere.
CREATE TABLE source (
  id INTEGER PRIMARY KEY,
  site INTEGER NOT NULL REFERENCES site,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  first_at_ms INTEGER NOT NULL,
  -- The books but for the baselines, and the clock hour that is not over yet: a JSON document each.
  -- A checkpoint writes this row, and seldom anything else.
  books TEXT NOT NULL,
  open_hour TEXT NOT NULL,
  UNIQUE (site, name)
) STRICT;

-- What a person calls one thing. It has one or more interfaces; its id is that of the first.
CREATE TABLE device (
  id INTEGER PRIMARY KEY REFERENCES interface,
  site INTEGER NOT NULL REFERENCES site,
  -- By a person (MAC_HOST.txt).
  name TEXT,
  -- What reverse DNS called the address that it used last.
  hostname TEXT,
  -- What a person chose that it is (phone, tv, …) and noted of it. hidden, archived: 1 where lists leave it out.
  type TEXT,
  note TEXT,
  hidden INTEGER NOT NULL DEFAULT 0,
  archived INTEGER NOT NULL DEFAULT 0
) STRICT;

-- A network interface: its MAC, or the address standing in for one where no MAC is known.
CREATE TABLE interface (
  id INTEGER PRIMARY KEY,
  site INTEGER NOT NULL REFERENCES site,
  mac TEXT NOT NULL,
  -- The device that it belongs to: one of its own, unless it was merged.
  device INTEGER NOT NULL REFERENCES device,
  -- The day on which it was found to be a router, and how many foreign networks it carried.
  router_since TEXT,
  router_networks INTEGER NOT NULL DEFAULT 0,
  UNIQUE (site, mac)
) STRICT;

-- An IP address that was seen, whoever used it.
CREATE TABLE address (
  id INTEGER PRIMARY KEY,
  site INTEGER NOT NULL REFERENCES site,
  ip TEXT NOT NULL,
  -- What reverse DNS said last.
  hostname TEXT,
  UNIQUE (site, ip)
) STRICT;

-- An address at an interface, as a source saw it, in each kind of traffic for itself where the meter tells them apart. held_by: the interface, no router's, that held the address before:
-- whose the bytes are where a router's MAC stands for the address; 0 for none. The last three columns are what the settings make of it (src/accounting/view.ts).
CREATE TABLE endpoint (
  id INTEGER PRIMARY KEY,
  source INTEGER NOT NULL REFERENCES source,
  interface INTEGER NOT NULL REFERENCES interface,
  address INTEGER NOT NULL REFERENCES address,
  held_by INTEGER NOT NULL DEFAULT 0,
  -- With whom: 'internet', 'lan' (the other end is on the LAN as well), or 'unknown' where the meter can't tell.
  traffic TEXT NOT NULL DEFAULT 'unknown',
  first_day TEXT,
  last_day TEXT,
  -- 'device', 'router', 'internet' or 'group' (multicast, broadcast).
  role TEXT NOT NULL,
  -- Whose bytes they are; null for internet hosts and groups.
  device INTEGER REFERENCES device,
  -- 1 when IPFilter reports the address.
  reported INTEGER NOT NULL,
  UNIQUE (source, interface, address, held_by, traffic)
) STRICT;
CREATE INDEX endpoint_address ON endpoint (address);
CREATE INDEX endpoint_device ON endpoint (device);

-- The meter's own counters of an endpoint when the open hour began: what the next charge starts from.
CREATE TABLE baseline (
  endpoint INTEGER PRIMARY KEY REFERENCES endpoint,
  counter_in INTEGER NOT NULL,
  counter_out INTEGER NOT NULL,
  last_seen_ms INTEGER
) STRICT;

-- Bytes in one clock hour (0 to 24) of a day. estimated: how many of them (both directions) may belong to another hour.
CREATE TABLE usage_hour (
  day TEXT NOT NULL,
  hour INTEGER NOT NULL,
  endpoint INTEGER NOT NULL REFERENCES endpoint,
  bytes_in INTEGER NOT NULL,
  bytes_out INTEGER NOT NULL,
  estimated INTEGER NOT NULL,
  PRIMARY KEY (day, hour, endpoint)
) STRICT, WITHOUT ROWID;

-- Bytes of a day, but for the open hour. counter_*: the meter's counters at the last reading. estimated: how many of them
-- (both directions) may belong to another day. implausible: 1 when it came from elsewhere and is beyond what a line can carry.
CREATE TABLE usage_day (
  day TEXT NOT NULL,
  endpoint INTEGER NOT NULL REFERENCES endpoint,
  bytes_in INTEGER NOT NULL,
  bytes_out INTEGER NOT NULL,
  counter_in INTEGER NOT NULL,
  counter_out INTEGER NOT NULL,
  last_seen INTEGER,
  estimated INTEGER NOT NULL,
  implausible INTEGER NOT NULL,
  PRIMARY KEY (day, endpoint)
) STRICT, WITHOUT ROWID;

-- The days of a month (YYYY-MM) added up: always what its rows in usage_day give. By endpoint first: a device's ten years
-- lie together, apart from those of the many internet hosts.
CREATE TABLE usage_month (
  endpoint INTEGER NOT NULL REFERENCES endpoint,
  month TEXT NOT NULL,
  bytes_in INTEGER NOT NULL,
  bytes_out INTEGER NOT NULL,
  last_seen INTEGER,
  last_day TEXT NOT NULL,
  estimated INTEGER NOT NULL,
  implausible INTEGER NOT NULL,
  PRIMARY KEY (endpoint, month)
) STRICT, WITHOUT ROWID;

-- Figures that a person took out, such as a day that can't be true: kept, in no answer but the balance's "removed", until
-- they are restored. device: its MAC at that time.
CREATE TABLE removal (
  id INTEGER PRIMARY KEY,
  site INTEGER NOT NULL REFERENCES site,
  at_ms INTEGER NOT NULL,
  device TEXT NOT NULL,
  from_day TEXT NOT NULL,
  to_day TEXT NOT NULL
) STRICT;

-- Rows of usage_hour that were removed.
CREATE TABLE removed_hour (
  removal INTEGER NOT NULL REFERENCES removal,
  day TEXT NOT NULL,
  hour INTEGER NOT NULL,
  endpoint INTEGER NOT NULL REFERENCES endpoint,
  bytes_in INTEGER NOT NULL,
  bytes_out INTEGER NOT NULL,
  estimated INTEGER NOT NULL,
  PRIMARY KEY (removal, day, hour, endpoint)
) STRICT, WITHOUT ROWID;

-- Rows of usage_day that were removed.
CREATE TABLE removed_day (
  removal INTEGER NOT NULL REFERENCES removal,
  day TEXT NOT NULL,
  endpoint INTEGER NOT NULL REFERENCES endpoint,
  bytes_in INTEGER NOT NULL,
  bytes_out INTEGER NOT NULL,
  counter_in INTEGER NOT NULL,
  counter_out INTEGER NOT NULL,
  last_seen INTEGER,
  estimated INTEGER NOT NULL,
  implausible INTEGER NOT NULL,
  PRIMARY KEY (removal, day, endpoint)
) STRICT, WITHOUT ROWID;

-- The other side of a day's balance: what the meter itself counted, and what it could give to no endpoint
-- (unlisted_*: of hosts that it does not list; unattributed_*: of nobody knows whom).
-- pruned_*: bytes of internet hosts whose rows were too old to be kept.
-- carried: what the interface that the meter stands on carried by its own counters, and compared: what the meter counted of
-- that (both without headers); zero where that isn't known.
CREATE TABLE balance_day (
  day TEXT NOT NULL,
  source INTEGER NOT NULL REFERENCES source,
  counted INTEGER NOT NULL,
  captured INTEGER NOT NULL,
  dropped INTEGER NOT NULL,
  unattributed_in INTEGER NOT NULL,
  unattributed_out INTEGER NOT NULL,
  unlisted_in INTEGER NOT NULL,
  unlisted_out INTEGER NOT NULL,
  carried INTEGER NOT NULL,
  compared INTEGER NOT NULL,
  pruned_in INTEGER NOT NULL,
  pruned_out INTEGER NOT NULL,
  PRIMARY KEY (day, source)
) STRICT, WITHOUT ROWID;

-- What the program remembers over restarts besides figures, as JSON.
CREATE TABLE memory (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

-- What a person should know of: a code, and its figures as JSON.
CREATE TABLE note (
  id INTEGER PRIMARY KEY,
  source INTEGER NOT NULL REFERENCES source,
  at_ms INTEGER NOT NULL,
  code TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;

-- Rows of an imported history that made no sense as usage, kept as they were.
CREATE TABLE rejected (
  id INTEGER PRIMARY KEY,
  file TEXT NOT NULL,
  place TEXT NOT NULL,
  reason TEXT NOT NULL,
  content TEXT NOT NULL
) STRICT;

-- Who or what devices belong to: a person, "Kids", "Guests". This table, the next one and what a person says in device are
-- copies, for whoever queries the database, of the document "household" in memory: a change of them changes no answer.
CREATE TABLE owner (
  id INTEGER PRIMARY KEY,
  site INTEGER NOT NULL REFERENCES site,
  name TEXT NOT NULL,
  -- Which colour of the charts, from 1.
  colour INTEGER NOT NULL,
  UNIQUE (site, name)
) STRICT;
-- Whose a device is from a day on (from 0001-01-01: from the beginning); nobody's where owner is null.
CREATE TABLE device_owner (
  device INTEGER NOT NULL REFERENCES device,
  from_day TEXT NOT NULL,
  owner INTEGER REFERENCES owner,
  PRIMARY KEY (device, from_day)
) STRICT, WITHOUT ROWID;

INSERT INTO site (id, name) VALUES (1, 'home');
-- Which addresses are reported while the settings have no IPFilter: see DefaultAddresses. Files of before say nothing.
INSERT INTO memory (name, value) VALUES ('default-addresses', '"all"');
`;

/** What each device used on each day, with the open hour in it: a view for people, in both engines. */
export const DEVICE_DAY = `
CREATE VIEW device_day AS
  SELECT u.day, e.device, i.mac, CAST(sum(u.bytes_in) AS BIGINT) AS bytes_in, CAST(sum(u.bytes_out) AS BIGINT) AS bytes_out
  FROM (SELECT day, endpoint, bytes_in, bytes_out FROM usage_day
        UNION ALL SELECT day, endpoint, bytes_in, bytes_out FROM open_usage) u
  JOIN endpoint e ON e.id = u.endpoint JOIN interface i ON i.id = e.device
  WHERE e.role = 'device' AND e.reported = 1 AND e.source NOT IN (SELECT id FROM source WHERE kind = 'view')
  GROUP BY u.day, e.device, i.mac;
`;

/**
 * Views for people who query the SQLite file: the open hour, {@link DEVICE_DAY}, and the two tables that people queried
 * in the original. `localtime` is the reader's zone, since a file can't know ours. Of several addresses of a device
 * the old tables show the one seen last.
 */
export const SQLITE_VIEWS = `
CREATE VIEW open_usage AS
  SELECT s.id AS source, s.open_hour ->> '$.day' AS day, s.open_hour ->> '$.hour' AS hour,
         e.value ->> 0 AS endpoint, e.value ->> 1 AS bytes_in, e.value ->> 2 AS bytes_out, e.value ->> 3 AS last_seen,
         e.value ->> 4 AS counter_in, e.value ->> 5 AS counter_out
  FROM source s, json_each(s.open_hour, '$.endpoints') e
  WHERE e.value ->> 1 > 0 OR e.value ->> 2 > 0;

CREATE VIEW endpoint_day AS
  SELECT u.day, u.endpoint, sum(u.bytes_in) AS bytes_in, sum(u.bytes_out) AS bytes_out, max(u.last_seen) AS last_seen,
         coalesce(max(u.open_in), max(u.counter_in)) AS counter_in, coalesce(max(u.open_out), max(u.counter_out)) AS counter_out
  FROM (SELECT day, endpoint, bytes_in, bytes_out, last_seen, counter_in, counter_out, NULL AS open_in, NULL AS open_out
        FROM usage_day
        UNION ALL
        SELECT day, endpoint, bytes_in, bytes_out, last_seen, NULL, NULL, counter_in, counter_out FROM open_usage) u
  GROUP BY u.day, u.endpoint;
${DEVICE_DAY}
CREATE VIEW old_columns AS
  SELECT day, ip AS IP, mac AS MAC, coalesce(hostname, '(none)') AS Hostname,
         datetime(last_seen, 'unixepoch', 'localtime') AS LastSeen,
         round(bytes_in / 1024.0, 2) AS KBIn, round(bytes_out / 1024.0, 2) AS KBOut, day || ' 00:00:00' AS DATE,
         round(counter_in / 1024.0, 2) AS LSTDAY_KBIn, round(counter_out / 1024.0, 2) AS LSTDAY_KBOut
  FROM (SELECT u.day, a.ip, i.mac,
               CASE e.role WHEN 'internet' THEN a.hostname ELSE coalesce(d.name, d.hostname) END AS hostname,
               max(u.last_seen) OVER whose AS last_seen,
               sum(u.bytes_in) OVER whose AS bytes_in, sum(u.bytes_out) OVER whose AS bytes_out,
               sum(u.counter_in) OVER whose AS counter_in, sum(u.counter_out) OVER whose AS counter_out,
               row_number() OVER (whose ORDER BY coalesce(u.last_seen, 0) DESC, u.bytes_in + u.bytes_out DESC, e.id) AS place
        FROM endpoint_day u JOIN endpoint e ON e.id = u.endpoint JOIN address a ON a.id = e.address
        JOIN interface i ON i.id = coalesce(e.device, e.interface) LEFT JOIN device d ON d.id = e.device
        WHERE e.role IN ('device', 'internet') AND e.reported = 1
          AND e.source NOT IN (SELECT id FROM source WHERE kind = 'view')
        WINDOW whose AS (PARTITION BY u.day, e.role, e.device, CASE e.role WHEN 'internet' THEN e.address END))
  WHERE place = 1;

CREATE VIEW latest_day AS
  SELECT max(day) AS day FROM (SELECT max(day) AS day FROM usage_day UNION ALL SELECT max(day) FROM balance_day
                               UNION ALL SELECT max(day) FROM open_usage
                               UNION ALL SELECT max(open_hour ->> '$.day') FROM source
                               WHERE (SELECT sum(value) FROM json_each(open_hour, '$.counts')) > 0);

CREATE VIEW dailyusage AS
  SELECT IP, MAC, Hostname, LastSeen, KBIn, KBOut, DATE, LSTDAY_KBIn, LSTDAY_KBOut FROM old_columns
  WHERE day = (SELECT day FROM latest_day);

CREATE VIEW usagehistory AS
  SELECT IP, MAC, Hostname, LastSeen, KBIn, KBOut, DATE, LSTDAY_KBIn, LSTDAY_KBOut FROM old_columns
  WHERE day < (SELECT day FROM latest_day);
`;

/**
 * The way from one released schema to the next: the migration at index n leads from version n + 1 to n + 2. A new file is
 * made by {@link SCHEMA} alone. A migration that was released is never changed; the next one is appended.
 */
export const MIGRATIONS: readonly string[] = [];

/** The version of {@link SCHEMA}: `PRAGMA user_version` in SQLite, the table `schema_version` in PostgreSQL. */
export const SCHEMA_VERSION = MIGRATIONS.length + 1;

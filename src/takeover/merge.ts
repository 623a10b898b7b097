import { keyOf } from "../store/day-key.ts";
import { type DatabaseSync, prepareArrays, rowsOf } from "../store/engine.ts";
import { IMPLAUSIBLE } from "../store/flags.ts";
import { isImplausible, usualDays } from "./implausible.ts";

/** What a merge did to the history that it went into. */
export interface Merged {
  /** Device-days and remote host-days that are new, and those that were raised to a greater figure. */
  readonly added: number;
  readonly raised: number;
  /** Device-days and remote host-days that stay as they were measured here. */
  readonly kept: number;
  readonly devices: number;
  readonly deviceDays: number;
  readonly remoteDays: number;
  /** Device-days that can't be true, and are marked so. */
  readonly implausible: number;
}

interface Where {
  /** Row of the source in the target. */
  readonly source: number;
  /** The local day of now, as stored: on it and after it, books of ours may come. */
  readonly today: number;
}

type Cells = [number, number, number | null, number, number, number, number, number | null, number, number, number];

/** The later of two instants of which either may be unknown. */
const LATER = "max(coalesce(seen, excluded.seen), coalesce(excluded.seen, seen))";
/** The newest address, or, where no row says when it sent, the one with the most bytes. */
const LATEST = "max(CASE WHEN s.seen IS NULL THEN (s.bytes_in + s.bytes_out) * 1e-9 - 1e9 ELSE s.seen END)";

/**
 * Puts what was staged into the tables of a store, on the same connection and in the caller's transaction.
 *
 * What is there is never added to: of two figures for one device and day the greater stays, by direction, so that doing
 * it twice changes nothing. From the second day of our own books on, what was measured here stays whatever comes.
 */
export function mergeStage(db: DatabaseSync, { source, today }: Where): Merged {
  const firstBooked = db.prepare("SELECT min(day) AS day FROM booked_day WHERE source = ?").get(source)?.day ?? null;
  const booked = firstBooked === null ? null : Number(firstBooked);
  // A day early: the clock of a Pi may be behind until its first time sync.
  const from = Math.min(booked ?? today - 1, today - 1);
  mapNames(db, source);
  gatherDays(db);
  const implausible = flagImplausible(db);

  unfoldDays(db);
  const before = counts(db);
  let raised = 0;
  let kept = 0;
  const { changes: dayChanges } = db
    .prepare(
      `INSERT INTO work.usage SELECT * FROM work.device_day WHERE day < ? AND true
       ON CONFLICT DO UPDATE SET
         bytes_in = max(bytes_in, excluded.bytes_in), bytes_out = max(bytes_out, excluded.bytes_out),
         hidden_in = max(hidden_in, excluded.hidden_in), hidden_out = max(hidden_out, excluded.hidden_out),
         address = coalesce(address, excluded.address), seen = ${LATER},
         counter_in = max(counter_in, excluded.counter_in), counter_out = max(counter_out, excluded.counter_out),
         flags = flags | excluded.flags
       WHERE excluded.bytes_in > bytes_in OR excluded.bytes_out > bytes_out
          OR excluded.hidden_in > hidden_in OR excluded.hidden_out > hidden_out`,
    )
    .run(from);
  raised += Number(dayChanges);
  const late = mergeLateDays(db, from, booked);
  kept += late.kept;
  raised += late.changed;

  const { changes: remoteChanges } = db
    .prepare(
      `INSERT INTO remote_day
       SELECT day, address, bytes_in, bytes_out, seen, counter_in - bytes_in, counter_out - bytes_out, flags
       FROM work.host_day WHERE true
       ON CONFLICT DO UPDATE SET
         bytes_in = max(bytes_in, excluded.bytes_in), bytes_out = max(bytes_out, excluded.bytes_out), seen = ${LATER},
         before_in = max(before_in + bytes_in, excluded.before_in + excluded.bytes_in) - max(bytes_in, excluded.bytes_in),
         before_out =
           max(before_out + bytes_out, excluded.before_out + excluded.bytes_out) - max(bytes_out, excluded.bytes_out)
       WHERE (excluded.bytes_in > bytes_in OR excluded.bytes_out > bytes_out) AND excluded.day <= ?`,
    )
    .run(booked ?? Number.MAX_SAFE_INTEGER);
  raised += Number(remoteChanges);
  mergeHours(db);
  nameDevices(db);
  foldDays(db);

  const after = counts(db);
  const added = after.days - before.days + (after.hosts - before.hosts);
  const count = (sql: string) => Number(db.prepare(sql).get()?.n ?? 0);
  return {
    added,
    raised: raised - added,
    kept,
    devices: count(
      "SELECT count(DISTINCT device) AS n FROM work.device_day d JOIN device x ON x.id = d.device WHERE x.router = 0",
    ),
    deviceDays: count("SELECT count(*) AS n FROM work.device_day"),
    remoteDays: count("SELECT count(*) AS n FROM work.host_day"),
    implausible,
  };
}

function counts(db: DatabaseSync): { days: number; hosts: number } {
  const row = db
    .prepare("SELECT (SELECT count(*) FROM work.usage) AS days, (SELECT count(*) FROM remote_day) AS hosts")
    .get();
  return { days: Number(row?.days ?? 0), hosts: Number(row?.hosts ?? 0) };
}

/** The target's own numbers for devices and addresses. */
function mapNames(db: DatabaseSync, source: number): void {
  db.exec(`
    INSERT OR IGNORE INTO device (source, key) SELECT ${source}, key FROM work.mac WHERE key <> '';
    INSERT OR IGNORE INTO address (source, ip) SELECT ${source}, ip FROM work.ip WHERE ip <> '';
    UPDATE device SET router = 1 WHERE source = ${source} AND router = 0
      AND key IN (SELECT key FROM work.mac WHERE router = 1);
    CREATE TABLE work.device (mac INTEGER PRIMARY KEY, id INTEGER NOT NULL);
    INSERT INTO work.device SELECT m.id, d.id FROM work.mac m JOIN main.device d ON d.source = ${source} AND d.key = m.key;
    CREATE TABLE work.address (ip INTEGER PRIMARY KEY, id INTEGER NOT NULL);
    INSERT INTO work.address SELECT i.id, a.id FROM work.ip i JOIN main.address a ON a.source = ${source} AND a.ip = i.ip;
  `);
  // Throws where it has become one too many.
  keyOf(0, Number(db.prepare("SELECT max(id) AS id FROM main.device").get()?.id ?? 0));
}

/** The blocks of 32 days (see store/counters.ts) in which something may change. */
const TOUCHED = "(SELECT DISTINCT day >> 5 FROM work.device_day)";

/** The target's days in the blocks that something comes to, each with its counters and flags in its own row. */
function unfoldDays(db: DatabaseSync): void {
  db.exec(`
    CREATE TABLE work.usage (
      day INTEGER, device INTEGER, address INTEGER, bytes_in INTEGER, bytes_out INTEGER, hidden_in INTEGER,
      hidden_out INTEGER, seen INTEGER, counter_in INTEGER, counter_out INTEGER, flags INTEGER,
      PRIMARY KEY (day, device)) WITHOUT ROWID;
    INSERT INTO work.usage
      SELECT u.id >> 20, u.id & 1048575, u.address, u.bytes_in, u.bytes_out, u.hidden_in, u.hidden_out, u.seen,
             sum(u.bytes_in + coalesce(s.step_in, 0)) OVER block, sum(u.bytes_out + coalesce(s.step_out, 0)) OVER block,
             coalesce(f.flags, 0)
      FROM main.usage_day u LEFT JOIN main.usage_step s ON s.id = u.id LEFT JOIN main.usage_flag f ON f.id = u.id
      WHERE u.id >> 25 IN ${TOUCHED}
      WINDOW block AS (PARTITION BY u.id >> 25, u.id & 1048575 ORDER BY u.id);
  `);
}

/** Puts the days back in the form in which they are stored. */
function foldDays(db: DatabaseSync): void {
  db.exec(`
    DELETE FROM main.usage_day WHERE id >> 25 IN ${TOUCHED};
    DELETE FROM main.usage_step WHERE id >> 25 IN ${TOUCHED};
    DELETE FROM main.usage_flag WHERE id >> 25 IN ${TOUCHED};
    INSERT INTO main.usage_day
      SELECT day * 1048576 + device, address, bytes_in, bytes_out, hidden_in, hidden_out, seen FROM work.usage
      ORDER BY day, device;
    INSERT INTO main.usage_flag
      SELECT day * 1048576 + device, flags FROM work.usage WHERE flags <> 0 ORDER BY day, device;
    INSERT INTO main.usage_step
      SELECT day * 1048576 + device, step_in, step_out FROM (
        SELECT day, device, counter_in - bytes_in - lag(counter_in, 1, 0) OVER block AS step_in,
               counter_out - bytes_out - lag(counter_out, 1, 0) OVER block AS step_out
        FROM work.usage WINDOW block AS (PARTITION BY day >> 5, device ORDER BY day))
      WHERE step_in <> 0 OR step_out <> 0 ORDER BY day, device;
  `);
}

/** One row per device and day, whatever its addresses, and one per remote host and day, whatever MAC it came through. */
function gatherDays(db: DatabaseSync): void {
  const local = "coalesce(s.local, p.local)";
  const staged = "work.stage s JOIN work.pair p ON p.mac = s.mac AND p.ip = s.ip";
  db.exec(`
    CREATE TABLE work.device_day (
      day INTEGER, device INTEGER, address INTEGER, bytes_in INTEGER, bytes_out INTEGER, hidden_in INTEGER,
      hidden_out INTEGER, seen INTEGER, counter_in INTEGER, counter_out INTEGER, flags INTEGER,
      PRIMARY KEY (day, device)) WITHOUT ROWID;
    CREATE TABLE work.host_day (
      day INTEGER, address INTEGER, bytes_in INTEGER, bytes_out INTEGER, seen INTEGER, counter_in INTEGER,
      counter_out INTEGER, flags INTEGER, mac INTEGER, PRIMARY KEY (day, address)) WITHOUT ROWID;
  `);
  db.exec(`
    INSERT INTO work.device_day
      SELECT day, device, address, bytes_in, bytes_out, hidden_in, hidden_out, seen_max, counter_in, counter_out, flags
      FROM (
        SELECT s.day AS day, d.id AS device, a.id AS address, sum(s.bytes_in) AS bytes_in, sum(s.bytes_out) AS bytes_out,
               sum(s.hidden_in) AS hidden_in, sum(s.hidden_out) AS hidden_out,
               ${LATEST} AS latest, s.seen AS seen_max,
               sum(s.counter_in) AS counter_in, sum(s.counter_out) AS counter_out,
               CASE WHEN total(s.flags & 2) > 0 THEN 2 ELSE 0 END | CASE WHEN total(s.flags & 4) > 0 THEN 4 ELSE 0 END AS flags
        FROM ${staged} JOIN work.device d ON d.mac = s.mac LEFT JOIN work.address a ON a.ip = s.ip
        WHERE ${local} = 1 GROUP BY s.day, s.mac);
    INSERT INTO work.host_day
      SELECT day, address, bytes_in, bytes_out, seen, counter_in, counter_out, flags, mac FROM (
        SELECT s.day AS day, a.id AS address, sum(s.bytes_in) AS bytes_in, sum(s.bytes_out) AS bytes_out,
               s.seen AS seen, sum(s.counter_in) AS counter_in, sum(s.counter_out) AS counter_out,
               s.flags AS flags, s.mac AS mac, ${LATEST} AS latest
        FROM ${staged} JOIN work.address a ON a.ip = s.ip
        WHERE ${local} = 0 GROUP BY s.day, s.ip);
  `);
}

/** Marks the days of devices (not of routers) that can't be true. */
function flagImplausible(db: DatabaseSync): number {
  const select = prepareArrays(
    db,
    `SELECT u.day, u.device, u.bytes_in, u.bytes_out FROM work.device_day u JOIN device d ON d.id = u.device
     WHERE d.router = 0`,
  );
  const days = new Map<number, number[]>();
  for (const row of select.iterate() as Iterable<unknown>) {
    const [, device, bytesIn, bytesOut] = row as [number, number, number, number];
    const list = days.get(device);
    if (list) list.push(bytesIn + bytesOut);
    else days.set(device, [bytesIn + bytesOut]);
  }
  const usual = usualDays(days);
  const mark = db.prepare(`UPDATE work.device_day SET flags = flags | ${IMPLAUSIBLE} WHERE day = ? AND device = ?`);
  const found: [number, number][] = [];
  for (const row of select.iterate() as Iterable<unknown>) {
    const [day, device, bytesIn, bytesOut] = row as [number, number, number, number];
    if (isImplausible(device, bytesIn, bytesOut, usual)) found.push([day, device]);
  }
  for (const [day, device] of found) mark.run(day, device);
  return found.length;
}

/**
 * The days that have books of ours, or may get some: what was not counted by our darkstat is also kept apart, so that the
 * balance compares like with like.
 */
function mergeLateDays(db: DatabaseSync, from: number, booked: number | null): { changed: number; kept: number } {
  const select = prepareArrays(db, "SELECT * FROM work.device_day WHERE day >= ? ORDER BY day, device");
  const existing = db.prepare(
    "SELECT bytes_in, bytes_out, hidden_in, hidden_out FROM device_day WHERE day = ? AND device = ?",
  );
  const unbooked = db.prepare("SELECT bytes_in, bytes_out FROM unbooked_day WHERE day = ? AND device = ?");
  const insert = db.prepare("INSERT INTO work.usage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const raise = db.prepare(
    `UPDATE work.usage SET bytes_in = bytes_in + ?, bytes_out = bytes_out + ?, address = coalesce(address, ?),
       seen = max(coalesce(seen, ?), coalesce(?, seen)), flags = flags | ? WHERE day = ? AND device = ?`,
  );
  const note = db.prepare(
    `INSERT INTO unbooked_day VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET
       bytes_in = bytes_in + excluded.bytes_in, bytes_out = bytes_out + excluded.bytes_out`,
  );
  let changed = 0;
  let kept = 0;
  for (const cells of rowsOf<Cells>(select, from)) {
    const [day, device, address, bytesIn, bytesOut, , , seen, , , flags] = cells;
    const there = existing.get(day, device);
    if (!there) {
      insert.run(...cells);
      note.run(day, device, bytesIn, bytesOut);
      changed += 1;
      continue;
    }
    const other = unbooked.get(day, device);
    const [isIn, isOut] = [Number(there.bytes_in), Number(there.bytes_out)];
    const isOurs = isIn > Number(other?.bytes_in ?? 0) || isOut > Number(other?.bytes_out ?? 0);
    if (isOurs && booked !== null && day > booked) {
      if (bytesIn > isIn || bytesOut > isOut) kept += 1;
      continue;
    }
    const more = { in: Math.max(0, bytesIn - isIn), out: Math.max(0, bytesOut - isOut) };
    if (more.in === 0 && more.out === 0) continue;
    raise.run(more.in, more.out, address, seen, seen, flags, day, device);
    note.run(day, device, more.in, more.out);
    changed += 1;
  }
  return { changed, kept };
}

/** Hours come from stores of our own only. They stay within the days: where a day was kept, so are its hours. */
function mergeHours(db: DatabaseSync): void {
  if (!db.prepare("SELECT 1 FROM work.hour LIMIT 1").get()) return;
  db.exec(`
    INSERT OR IGNORE INTO usage_hour
      SELECT h.day, h.hour, d.id, h.bytes_in, h.bytes_out, h.flags
      FROM work.hour h JOIN work.device d ON d.mac = h.mac
      JOIN work.device_day w ON w.day = h.day AND w.device = d.id
      JOIN work.usage u ON u.day = h.day AND u.device = d.id AND u.bytes_in = w.bytes_in AND u.bytes_out = w.bytes_out
      WHERE NOT EXISTS (SELECT 1 FROM usage_hour x WHERE x.day = h.day AND x.device = d.id);
  `);
}

/** The span of days, the addresses and the latest names of every device and host that came. */
function nameDevices(db: DatabaseSync): void {
  db.exec(`
    INSERT INTO device_address
      SELECT d.id, a.id, p.first, p.last
      FROM work.pair p JOIN work.device d ON d.mac = p.mac JOIN work.address a ON a.ip = p.ip WHERE p.here
      ON CONFLICT DO UPDATE SET first_day = min(first_day, excluded.first_day), last_day = max(last_day, excluded.last_day);
    UPDATE device SET hostname = m.hostname FROM work.device w JOIN work.mac m ON m.id = w.mac
      WHERE device.id = w.id AND m.hostname IS NOT NULL
        AND (device.hostname IS NULL OR m.named > coalesce(device.last_day, m.named));
    UPDATE device SET first_day = min(coalesce(device.first_day, s.first), s.first),
                      last_day = max(coalesce(device.last_day, s.last), s.last)
      FROM (SELECT d.id AS device, min(p.first) AS first, max(p.last) AS last
            FROM work.pair p JOIN work.device d ON d.mac = p.mac WHERE p.here GROUP BY d.id) s
      WHERE device.id = s.device;
    UPDATE address SET hostname = i.hostname FROM work.address w JOIN work.ip i ON i.id = w.ip
      WHERE address.id = w.id AND i.hostname IS NOT NULL AND address.hostname IS NULL;
    UPDATE address SET mac = d.id
      FROM (SELECT address, mac, max(day) FROM work.host_day GROUP BY address) h JOIN work.device d ON d.mac = h.mac
      WHERE address.id = h.address AND address.mac IS NULL;
  `);
}

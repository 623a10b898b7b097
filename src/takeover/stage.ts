import { isGroupMac } from "../accounting/address.ts";
import type { Policy } from "../accounting/policy.ts";
import type { DatabaseSync, StatementSync } from "../store/engine.ts";

/**
 * The rows of a history that is coming in, cleaned, in a database of their own (attached as `work`): so a history of any
 * size costs no memory, and SQL can sum and compare. It goes when the work is done.
 */
const TABLES = `
CREATE TABLE work.mac (id INTEGER PRIMARY KEY, key TEXT NOT NULL, router INTEGER NOT NULL DEFAULT 0, hostname TEXT, named INTEGER);
CREATE TABLE work.ip (id INTEGER PRIMARY KEY, ip TEXT NOT NULL, place TEXT NOT NULL, hostname TEXT, named INTEGER);
CREATE TABLE work.stage (
  day INTEGER NOT NULL, mac INTEGER NOT NULL, ip INTEGER NOT NULL, rank INTEGER NOT NULL,
  bytes_in INTEGER NOT NULL, bytes_out INTEGER NOT NULL, hidden_in INTEGER NOT NULL, hidden_out INTEGER NOT NULL,
  seen INTEGER, counter_in INTEGER NOT NULL, counter_out INTEGER NOT NULL, local INTEGER, flags INTEGER NOT NULL,
  PRIMARY KEY (day, mac, ip)
) WITHOUT ROWID;
CREATE TABLE work.hour (
  day INTEGER NOT NULL, hour INTEGER NOT NULL, mac INTEGER NOT NULL, bytes_in INTEGER NOT NULL,
  bytes_out INTEGER NOT NULL, flags INTEGER NOT NULL, PRIMARY KEY (day, hour, mac)
) WITHOUT ROWID;
CREATE TABLE work.pair (
  mac INTEGER NOT NULL, ip INTEGER NOT NULL, here INTEGER NOT NULL, away INTEGER NOT NULL, count INTEGER NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL, local INTEGER, PRIMARY KEY (mac, ip)
) WITHOUT ROWID;
`;

/** One row of usage as it comes in: a device's, or a remote host's, on one address and one day. */
export interface IncomingRow {
  /** As stored: days since 1970-01-01. */
  readonly day: number;
  /** Normalised MAC, or the IP standing in for one; empty for a remote host without one. */
  readonly key: string;
  /** Canonical; empty for a device whose reported addresses had no share. */
  readonly ip: string;
  readonly in: number;
  readonly out: number;
  readonly hiddenIn: number;
  readonly hiddenOut: number;
  /** ms UTC. */
  readonly seenAt: number | null;
  readonly counterIn: number;
  readonly counterOut: number;
  /** Whether it is the LAN's (1) or beyond (0); null lets the address decide. */
  readonly local: 0 | 1 | null;
  readonly hostname: string | null;
  /** Whether the name is the device's own, not that of a host beyond the router that shows the router's MAC. */
  readonly namesDevice: boolean;
  /** As in `usage_day` and `remote_day`. */
  readonly flags: number;
  /** Of two rows of one device, address and day the one of higher rank counts. */
  readonly rank: number;
}

/** A device's clock hour, from another store of ours. */
export interface IncomingHour {
  readonly day: number;
  readonly hour: number;
  readonly key: string;
  readonly in: number;
  readonly out: number;
  readonly flags: number;
}

/** What became of a row. */
export type Staged = "taken" | "superseded" | { readonly duplicate: IncomingFigures };

export interface IncomingFigures {
  readonly in: number;
  readonly out: number;
}

export interface Stage {
  add(row: IncomingRow): Staged;
  markRouter(key: string): void;
  /** An hour of a device that has been added; of one that has not, nothing is kept. */
  addHour(hour: IncomingHour): void;
  /** A name for an address or a device that came without usage; kept where a row gave none. */
  name(what: "mac" | "ip", key: string, hostname: string): void;
  /** Says which rows are the LAN's, and finds the routers. Call once, when every row is in. */
  classify(policy: Policy): void;
}

interface Known {
  readonly id: number;
  hostname: string | null;
  named: number;
}

/** A name without a day: any row's name goes before it. */
const NEVER = -1_000_000;

/** Makes the tables in the attached database `work` of a connection. */
export function createStage(db: DatabaseSync): Stage {
  db.exec(TABLES);
  const insertMac = db.prepare("INSERT INTO work.mac (id, key) VALUES (?, ?)");
  const insertIp = db.prepare("INSERT INTO work.ip (id, ip, place) VALUES (?, ?, '')");
  const insert = db.prepare("INSERT OR IGNORE INTO work.stage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const find = db.prepare("SELECT rank, bytes_in, bytes_out FROM work.stage WHERE day = ? AND mac = ? AND ip = ?");
  const remove = db.prepare("DELETE FROM work.stage WHERE day = ? AND mac = ? AND ip = ?");
  const insertHour = db.prepare("INSERT OR IGNORE INTO work.hour VALUES (?, ?, ?, ?, ?, ?)");
  const macs = new Map<string, Known>();
  const ips = new Map<string, Known>();
  const routers = new Set<string>();

  function known(map: Map<string, Known>, statement: StatementSync, key: string): Known {
    let entry = map.get(key);
    if (!entry) {
      entry = { id: map.size, hostname: null, named: NEVER - 1 };
      statement.run(entry.id, key);
      map.set(key, entry);
    }
    return entry;
  }

  function put(row: IncomingRow, mac: number, ip: number): boolean {
    const seen = row.seenAt === null ? null : Math.floor(row.seenAt / 1000) - row.day * 86_400;
    const { day, rank, hiddenIn, hiddenOut, counterIn, counterOut, local, flags } = row;
    return (
      insert.run(day, mac, ip, rank, row.in, row.out, hiddenIn, hiddenOut, seen, counterIn, counterOut, local, flags)
        .changes === 1
    );
  }

  function name(entry: Known, hostname: string | null, day: number): void {
    if (hostname === null || day < entry.named) return;
    entry.hostname = hostname;
    entry.named = day;
  }

  return {
    add(row) {
      const mac = known(macs, insertMac, row.key);
      const ip = known(ips, insertIp, row.ip);
      if (row.namesDevice) name(mac, row.hostname, row.day);
      name(ip, row.hostname, row.day);
      if (put(row, mac.id, ip.id)) return "taken";
      const other = find.get(row.day, mac.id, ip.id);
      if (!other || Number(other.rank) > row.rank) return "superseded";
      const earlier = { in: Number(other.bytes_in), out: Number(other.bytes_out) };
      if (earlier.in + earlier.out >= row.in + row.out) return { duplicate: row };
      remove.run(row.day, mac.id, ip.id);
      put(row, mac.id, ip.id);
      return { duplicate: earlier };
    },
    markRouter: (key) => void routers.add(key),
    addHour({ day, hour, key, in: down, out, flags }) {
      const mac = macs.get(key);
      if (mac) insertHour.run(day, hour, mac.id, down, out, flags);
    },
    name(what, key, hostname) {
      const entry = (what === "mac" ? macs : ips).get(key);
      if (entry) name(entry, hostname, NEVER);
    },
    classify(policy) {
      const updateMac = db.prepare("UPDATE work.mac SET hostname = ?, named = ? WHERE id = ?");
      for (const { id, hostname, named } of macs.values()) if (hostname !== null) updateMac.run(hostname, named, id);
      const updateIp = db.prepare("UPDATE work.ip SET hostname = ?, named = ?, place = ? WHERE id = ?");
      for (const [ip, { id, hostname, named }] of ips) {
        updateIp.run(hostname, named, policy.isMapped(ip) ? "lan" : policy.placeOf(ip), id);
      }
      db.exec(`
        INSERT INTO work.pair
        SELECT mac, ip, total(local = 1) > 0, total(local = 0), count(*), min(day), max(day), NULL
        FROM work.stage GROUP BY mac, ip`);
      findRouters(db, policy, routers, macs);
      db.exec(`
        UPDATE work.pair SET local = CASE i.place WHEN 'remote' THEN 0 WHEN 'global' THEN 1 - m.router ELSE 1 END
        FROM work.ip i, work.mac m WHERE i.id = pair.ip AND m.id = pair.mac;
        UPDATE work.pair SET here = 1 WHERE local = 1 AND away < count`);
    },
  };
}

/**
 * Routers are those that the settings name, and, unless that list is fixed, every MAC most of whose rows are of hosts
 * beyond the LAN. (Live, one such row will do; in a history of years a device may have had a public address for an hour,
 * and must not vanish for it.)
 */
function findRouters(
  db: DatabaseSync,
  policy: Policy,
  marked: ReadonlySet<string>,
  macs: ReadonlyMap<string, Known>,
): void {
  const routers = new Set([...policy.routers, ...marked]);
  if (policy.discoversRouters) {
    const rows = db.prepare(
      `SELECT m.key, sum(away) AS beyond, sum(count - away) AS here, sum(sure) AS sure FROM (
         SELECT p.mac, p.count, CASE WHEN p.here OR p.away THEN p.away WHEN i.place IN ('remote', 'global') THEN p.count ELSE 0 END AS away,
                p.away > 0 OR (NOT p.here AND i.place = 'remote') AS sure
         FROM work.pair p JOIN work.ip i ON i.id = p.ip) x
       JOIN work.mac m ON m.id = x.mac GROUP BY x.mac`,
    );
    for (const { key, beyond: away, here, sure } of rows.all()) {
      const mac = String(key);
      if (Number(sure) > 0 && Number(away) >= Number(here) && mac !== "" && !isGroupMac(mac)) routers.add(mac);
    }
  }
  const mark = db.prepare("UPDATE work.mac SET router = 1 WHERE id = ?");
  for (const router of routers) {
    const entry = macs.get(router);
    if (entry) mark.run(entry.id);
  }
}

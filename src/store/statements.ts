import type { SQLInputValue } from "node:sqlite";
import type { Counters } from "./counters.ts";
import { begin, type DatabaseSync, prepareArrays } from "./engine.ts";
import { createNumberWriter } from "./numbers.ts";

/** The later of two instants of which either may be unknown. */
const LATER_SEEN = "max(coalesce(seen, excluded.seen), coalesce(excluded.seen, seen))";

/**
 * Every statement that a settlement needs, prepared once for the life of a connection. The first one after a checkpoint
 * begins the transaction that the next one commits.
 */
export function prepareWrites(db: DatabaseSync, counters: Counters) {
  const write = (sql: string) => {
    const statement = db.prepare(sql);
    return {
      run(...parameters: SQLInputValue[]) {
        begin(db);
        return statement.run(...parameters);
      },
    };
  };
  return {
    /** For what is written as rows of numbers. */
    numbers: createNumberWriter(),
    counters,
    insertSource: write(
      `INSERT INTO source (name, first_at, epoch, at, uptime, total_before, counted, captured, dropped, slot_day, slot_hour)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)`,
    ),
    updateSource: write(
      `UPDATE source SET epoch = ?, at = ?, uptime = ?, total_before = ?, counted = ?, captured = ?, dropped = ?,
                         slot_day = ?, slot_hour = ?, balance = ?, hosts = ? WHERE id = ?`,
    ),
    insertPart: write("INSERT INTO live_part (source, hosts) VALUES (?, ?)"),
    updatePart: write("UPDATE live_part SET hosts = ? WHERE part = ?"),
    dropPart: write("DELETE FROM live_part WHERE part = ?"),
    insertDevice: write("INSERT INTO device (source, key) VALUES (?, ?)"),
    updateDevice: write("UPDATE device SET router = ?, hostname = ?, first_day = ?, last_day = ? WHERE id = ?"),
    findAddress: db.prepare("SELECT id, hostname, mac FROM address WHERE source = ? AND ip = ?"),
    insertAddress: write("INSERT INTO address (source, ip) VALUES (?, ?)"),
    updateAddress: write("UPDATE address SET hostname = ?, mac = ? WHERE id = ?"),

    putBaseline: write("REPLACE INTO baseline VALUES (?, ?, ?, ?, ?, ?)"),
    dropBaseline: write("DELETE FROM baseline WHERE address = ?"),

    touchDay: write(
      `INSERT INTO usage_day (id, address) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET address = coalesce(excluded.address, address)`,
    ),
    addDay: write(
      `INSERT INTO usage_day (id, address, bytes_in, bytes_out, hidden_in, hidden_out, seen) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET address = coalesce(excluded.address, address),
         bytes_in = bytes_in + excluded.bytes_in, bytes_out = bytes_out + excluded.bytes_out,
         hidden_in = hidden_in + excluded.hidden_in, hidden_out = hidden_out + excluded.hidden_out,
         seen = ${LATER_SEEN}`,
    ),
    addFlags: write("INSERT INTO usage_flag VALUES (?, ?) ON CONFLICT DO UPDATE SET flags = flags | excluded.flags"),
    addHour: write(
      `INSERT INTO usage_hour VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET bytes_in = bytes_in + excluded.bytes_in,
         bytes_out = bytes_out + excluded.bytes_out, flags = flags | excluded.flags`,
    ),
    /** The counters of the day stay as they are. */
    addRemote: write(
      `INSERT INTO remote_day (day, address, bytes_in, bytes_out, before_in, before_out, seen, flags)
       VALUES (?1, ?2, ?3, ?4, -?3, -?4, ?5, ?6)
       ON CONFLICT DO UPDATE SET bytes_in = bytes_in + excluded.bytes_in, bytes_out = bytes_out + excluded.bytes_out,
         before_in = before_in + excluded.before_in, before_out = before_out + excluded.before_out,
         seen = ${LATER_SEEN},
         flags = (flags & ~1) | excluded.flags`,
    ),
    addDeviceAddress: write(
      `INSERT INTO device_address VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET first_day = min(first_day, excluded.first_day),
         last_day = max(last_day, excluded.last_day)`,
    ),
    addBalance: write(
      `INSERT INTO balance_day VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET remote_in = remote_in + excluded.remote_in,
         remote_out = remote_out + excluded.remote_out,
         group_in = group_in + excluded.group_in, group_out = group_out + excluded.group_out,
         unattributed_in = unattributed_in + excluded.unattributed_in,
         unattributed_out = unattributed_out + excluded.unattributed_out,
         counted = counted + excluded.counted, captured = captured + excluded.captured,
         dropped = dropped + excluded.dropped`,
    ),
    insertNote: write("INSERT INTO note (source, at, code, detail) VALUES (?, ?, ?, ?)"),

    /** A remote host's day as it ends, with the counters of its last reading. */
    closeRemote: write(
      `INSERT INTO remote_day (day, address, bytes_in, bytes_out, seen, flags, before_in, before_out)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7 - ?3, ?8 - ?4)
       ON CONFLICT DO UPDATE SET bytes_in = bytes_in + excluded.bytes_in, bytes_out = bytes_out + excluded.bytes_out,
         seen = ${LATER_SEEN}, flags = (flags & ~1) | excluded.flags,
         before_in = excluded.before_in - bytes_in, before_out = excluded.before_out - bytes_out`,
    ),
    selectRemotes: prepareArrays(
      db,
      "SELECT r.address, a.ip FROM remote_day r JOIN address a ON a.id = r.address WHERE r.day = ? AND a.source = ?",
    ),
    freezeRemote: write(
      "UPDATE remote_day SET before_in = ? - bytes_in, before_out = ? - bytes_out WHERE day = ? AND address = ?",
    ),
    selectWholeDays: prepareArrays(db, "SELECT * FROM usage_day WHERE id BETWEEN ? AND ? ORDER BY id"),
    dropDays: write("DELETE FROM usage_day WHERE id BETWEEN ? AND ?"),
    insertDay: write("INSERT INTO usage_day VALUES (?, ?, ?, ?, ?, ?, ?)"),
    selectDays: prepareArrays(db, "SELECT id, bytes_in, bytes_out FROM usage_day WHERE id BETWEEN ? AND ?"),
  };
}

export type Writes = ReturnType<typeof prepareWrites>;

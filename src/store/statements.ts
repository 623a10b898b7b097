import type { DatabaseSync } from "./engine.ts";

/** The later of two instants of which either may be unknown. */
const LATER_SEEN = "max(coalesce(seen, excluded.seen), coalesce(excluded.seen, seen))";

/** Every statement that a settlement needs, prepared once for the life of a connection. */
export function prepareWrites(db: DatabaseSync) {
  const folded = "FROM live l JOIN baseline b ON b.address = l.address WHERE b.source = $source";
  return {
    insertSource: db.prepare(`INSERT INTO source VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)`),
    updateSource: db.prepare(
      `UPDATE source SET epoch = ?, at = ?, uptime = ?, total_before = ?, counted = ?, captured = ?, dropped = ?,
                         slot_day = ?, slot_hour = ? WHERE id = ?`,
    ),
    insertDevice: db.prepare("INSERT INTO device (source, key) VALUES (?, ?)"),
    updateDevice: db.prepare("UPDATE device SET router = ?, hostname = ?, first_day = ?, last_day = ? WHERE id = ?"),
    findAddress: db.prepare("SELECT id, hostname, mac FROM address WHERE source = ? AND ip = ?"),
    insertAddress: db.prepare("INSERT INTO address (source, ip) VALUES (?, ?)"),
    updateAddress: db.prepare("UPDATE address SET hostname = ?, mac = ? WHERE id = ?"),

    putBaseline: db.prepare("REPLACE INTO baseline VALUES (?, ?, ?, ?, ?, ?)"),
    dropBaseline: db.prepare("DELETE FROM baseline WHERE address = ?"),
    putLive: db.prepare("REPLACE INTO live VALUES (?, ?, ?, ?)"),
    dropLive: db.prepare("DELETE FROM live WHERE address = ?"),

    touchDay: db.prepare(
      `INSERT INTO usage_day (day, device, address) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET address = coalesce(excluded.address, address)`,
    ),
    addDay: db.prepare(
      `INSERT INTO usage_day (day, device, address, bytes_in, bytes_out, hidden_in, hidden_out, seen, flags)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET address = coalesce(excluded.address, address),
         bytes_in = bytes_in + excluded.bytes_in, bytes_out = bytes_out + excluded.bytes_out,
         hidden_in = hidden_in + excluded.hidden_in, hidden_out = hidden_out + excluded.hidden_out,
         seen = ${LATER_SEEN},
         flags = flags | excluded.flags`,
    ),
    addHour: db.prepare(
      `INSERT INTO usage_hour VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET bytes_in = bytes_in + excluded.bytes_in,
         bytes_out = bytes_out + excluded.bytes_out, flags = flags | excluded.flags`,
    ),
    addRemote: db.prepare(
      `INSERT INTO remote_day (day, address, bytes_in, bytes_out, seen, flags) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET bytes_in = bytes_in + excluded.bytes_in, bytes_out = bytes_out + excluded.bytes_out,
         seen = ${LATER_SEEN},
         flags = (flags & ~1) | excluded.flags`,
    ),
    addDeviceAddress: db.prepare(
      `INSERT INTO device_address VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET first_day = min(first_day, excluded.first_day),
         last_day = max(last_day, excluded.last_day)`,
    ),
    addBalance: db.prepare(
      `INSERT INTO balance_day VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET remote_in = remote_in + excluded.remote_in,
         remote_out = remote_out + excluded.remote_out,
         group_in = group_in + excluded.group_in, group_out = group_out + excluded.group_out,
         unattributed_in = unattributed_in + excluded.unattributed_in,
         unattributed_out = unattributed_out + excluded.unattributed_out,
         counted = counted + excluded.counted, captured = captured + excluded.captured,
         dropped = dropped + excluded.dropped`,
    ),
    insertNote: db.prepare("INSERT INTO note (source, at, code, detail) VALUES (?, ?, ?, ?)"),

    foldHours: db.prepare(
      `INSERT INTO usage_hour SELECT $day, $hour, b.holder, sum(l.bytes_in), sum(l.bytes_out), 0
       ${folded} AND b.holder IS NOT NULL AND b.hidden = 0 GROUP BY b.holder
       ON CONFLICT DO UPDATE SET bytes_in = bytes_in + excluded.bytes_in, bytes_out = bytes_out + excluded.bytes_out`,
    ),
    foldDays: db.prepare(
      `INSERT INTO usage_day (day, device, bytes_in, bytes_out, hidden_in, hidden_out, seen)
       SELECT $day, b.holder,
              sum(CASE b.hidden WHEN 0 THEN l.bytes_in ELSE 0 END), sum(CASE b.hidden WHEN 0 THEN l.bytes_out ELSE 0 END),
              sum(CASE b.hidden WHEN 0 THEN 0 ELSE l.bytes_in END), sum(CASE b.hidden WHEN 0 THEN 0 ELSE l.bytes_out END),
              max(l.seen)
       ${folded} AND b.holder IS NOT NULL GROUP BY b.holder
       ON CONFLICT DO UPDATE SET bytes_in = bytes_in + excluded.bytes_in, bytes_out = bytes_out + excluded.bytes_out,
         hidden_in = hidden_in + excluded.hidden_in, hidden_out = hidden_out + excluded.hidden_out,
         seen = ${LATER_SEEN}`,
    ),
    foldRemote: db.prepare(
      `INSERT INTO remote_day (day, address, bytes_in, bytes_out, seen, flags)
       SELECT $day, l.address, l.bytes_in, l.bytes_out, l.seen, b.hidden ${folded} AND b.holder IS NULL
       ON CONFLICT DO UPDATE SET bytes_in = bytes_in + excluded.bytes_in, bytes_out = bytes_out + excluded.bytes_out,
         seen = ${LATER_SEEN},
         flags = (flags & ~1) | excluded.flags`,
    ),
    foldBaselines: db.prepare(
      `UPDATE baseline SET base_in = base_in + l.bytes_in, base_out = base_out + l.bytes_out
       FROM live l WHERE l.address = baseline.address AND baseline.source = ?`,
    ),
    clearLive: db.prepare("DELETE FROM live WHERE address IN (SELECT address FROM baseline WHERE source = ?)"),
    /** The counters as they stood at the last reading of a day: the baselines, once `live` is folded. */
    freezeDevices: db.prepare(
      `UPDATE usage_day SET counter_in = c.i, counter_out = c.o
       FROM (SELECT holder, sum(base_in) AS i, sum(base_out) AS o FROM baseline
             WHERE source = $source AND holder IS NOT NULL AND hidden = 0 GROUP BY holder) c
       WHERE usage_day.day = $day AND usage_day.device = c.holder`,
    ),
    freezeRemote: db.prepare(
      `UPDATE remote_day SET counter_in = b.base_in, counter_out = b.base_out FROM baseline b
       WHERE b.address = remote_day.address AND b.source = $source AND remote_day.day = $day`,
    ),
  };
}

export type Writes = ReturnType<typeof prepareWrites>;

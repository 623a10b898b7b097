import type { DatabaseSync } from "../store/engine.ts";
import type { Stage } from "./stage.ts";

interface Span {
  readonly from: number | null;
  readonly to: number | null;
}

const MS_PER_DAY = 86_400_000;

/** What was read from a store of ours or an export of one. */
export interface DaysReading {
  readonly rows: number;
  readonly first: number | null;
  readonly last: number | null;
}

/** Stages the days, the hosts and the hours of another store of ours. Its open hour counts as it stood when it was saved. */
export function readOurs(db: DatabaseSync, stage: Stage, span: Span): DaysReading {
  const within = "day BETWEEN coalesce($from, -1e9) AND coalesce($to, 1e9)";
  const bounds = { $from: span.from, $to: span.to };
  let rows = 0;
  let first: number | null = null;
  let last: number | null = null;
  const count = (day: number) => {
    rows += 1;
    first = first === null ? day : Math.min(first, day);
    last = last === null ? day : Math.max(last, day);
  };

  for (const row of db.prepare("SELECT key FROM device WHERE router = 1").iterate()) stage.markRouter(String(row.key));
  const days = db.prepare(
    `SELECT u.*, d.key, d.hostname, a.ip FROM (SELECT * FROM device_day WHERE ${within}) u
     JOIN device d ON d.id = u.device LEFT JOIN address a ON a.id = u.address`,
  );
  for (const row of days.iterate(bounds)) {
    const day = Number(row.day);
    count(day);
    stage.add({
      day,
      key: String(row.key),
      ip: row.ip === null ? "" : String(row.ip),
      in: Number(row.bytes_in),
      out: Number(row.bytes_out),
      hiddenIn: Number(row.hidden_in),
      hiddenOut: Number(row.hidden_out),
      seenAt: instantOf(day, row.seen),
      counterIn: Number(row.counter_in),
      counterOut: Number(row.counter_out),
      local: 1,
      hostname: row.hostname === null ? null : String(row.hostname),
      namesDevice: true,
      flags: Number(row.flags),
      rank: 1,
    });
  }
  const hosts = db.prepare(
    `SELECT r.*, a.ip, a.hostname, m.key, t.flags FROM (SELECT * FROM remote_host_day WHERE ${within}) r
     JOIN address a ON a.id = r.address LEFT JOIN device m ON m.id = a.mac
     LEFT JOIN remote_day t ON t.day = r.day AND t.address = r.address`,
  );
  for (const row of hosts.iterate(bounds)) {
    const day = Number(row.day);
    count(day);
    stage.add({
      day,
      key: row.key === null ? "" : String(row.key),
      ip: String(row.ip),
      in: Number(row.bytes_in),
      out: Number(row.bytes_out),
      hiddenIn: 0,
      hiddenOut: 0,
      seenAt: instantOf(day, row.seen),
      counterIn: Number(row.counter_in),
      counterOut: Number(row.counter_out),
      local: 0,
      hostname: row.hostname === null ? null : String(row.hostname),
      namesDevice: false,
      flags: (Number(row.flags ?? 0) & ~1) | Number(row.hidden),
      rank: 1,
    });
  }
  const hours = db.prepare(
    `SELECT h.*, d.key FROM (SELECT * FROM usage_hour WHERE ${within}) h JOIN device d ON d.id = h.device`,
  );
  for (const row of hours.iterate(bounds)) {
    stage.addHour({
      day: Number(row.day),
      hour: Number(row.hour),
      key: String(row.key),
      in: Number(row.bytes_in),
      out: Number(row.bytes_out),
      flags: Number(row.flags),
    });
  }
  return { rows, first, last };
}

function instantOf(day: number, seen: unknown): number | null {
  return seen === null || seen === undefined ? null : day * MS_PER_DAY + Number(seen) * 1000;
}

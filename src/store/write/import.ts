import type { Day } from "../../accounting/types.ts";
import { findRouters, type RouterFinding, type View } from "../../accounting/view.ts";
import { isStoredDay } from "../day-text.ts";
import type { Engine, Value } from "../engine/engine.ts";
import { type ImportedDay, type ImportedHistory, type ImportResult, StoreError } from "../store.ts";
import { checkBytes } from "./check.ts";
import { classifyAll } from "./classify.ts";
import { createImportNames, IMPORT, type ImportNames } from "./import-names.ts";
import { createPostings, INSERT_DAY, INSERT_HOUR, INSERT_MONTH } from "./postings.ts";
import { INSERT_NOTE } from "./save.ts";

/** What stands in the store for one interface (or one internet host) on one day. */
interface Standing {
  in: number;
  out: number;
  /** Whether a meter of ours counted some of it. */
  measured: boolean;
}

/**
 * Puts a history into the rows: see `Store.importHistory`. Within a transaction of the caller's, with nothing held in
 * memory. A LAN address is compared by its interface, for an export may have put all of a device's addresses into one row;
 * an internet host by itself.
 */
export async function importRows(engine: Engine, history: ImportedHistory, view: View): Promise<ImportResult> {
  await ensureMeter(engine, history);
  const names = await createImportNames(engine, view);
  const carried = new Map<string, RouterFinding & { day: Day }>();
  const booked = await firstBookedDay(engine);
  const isEmpty = (await engine.all("SELECT 1 AS one FROM usage_day LIMIT 1")).length === 0;
  const result = { added: 0, raised: 0, kept: 0 };
  const accepted = new Set<string>();

  for (const [day, rows] of byDay(history.days)) {
    const standing = isEmpty ? new Map<string, Standing>() : await standingOn(engine, day, view);
    const postings = createPostings();
    for (const [key, group] of groupsOf(rows, view)) {
      const there = standing.get(key);
      if (!there) {
        for (const row of group) postings.add(postingOf(row, names.endpointOf(row), row));
        for (const row of group) accepted.add(`${row.day} ${row.mac} ${row.ip}`);
        result.added += group.length;
      } else {
        const more = {
          in: Math.max(0, total(group, "in") - there.in),
          out: Math.max(0, total(group, "out") - there.out),
        };
        if (more.in === 0 && more.out === 0) continue;
        if (there.measured && booked !== null && day > booked) {
          result.kept += 1;
          continue;
        }
        const biggest = group.reduce((one, other) => (other.in + other.out > one.in + one.out ? other : one));
        postings.add(postingOf(biggest, names.endpointOf(biggest), more));
        result.raised += 1;
      }
    }
    for (const finding of findRouters(rows, view))
      if (!carried.has(finding.mac)) carried.set(finding.mac, { ...finding, day });
    const { days, months } = postings.rows();
    await names.save();
    await engine.insert(INSERT_DAY, days);
    await engine.insert(INSERT_MONTH, months);
  }
  await importHours(engine, history, names, accepted);
  for (const { mac, day, addresses } of carried.values()) names.markRouter(mac, day, addresses);
  for (const mac of history.routers ?? []) names.markRouter(mac, history.today, 0);
  await names.finish(history.hostnames ?? new Map());
  await classifyAll(engine, view);
  await importRest(engine, history);
  return result;
}

/** Rows come sorted by day. @throws StoreError for one that can't be kept */
function* byDay(rows: Iterable<ImportedDay>): Generator<[Day, ImportedDay[]]> {
  let day: Day | null = null;
  let some: ImportedDay[] = [];
  for (const row of rows) {
    checkRow(row);
    if (day !== null && row.day !== day) {
      if (row.day < day) throw unfit(`its days are not sorted: ${row.day} comes after ${day}`);
      yield [day, some];
      some = [];
    }
    day = row.day;
    some.push(row);
  }
  if (day !== null) yield [day, some];
}

function checkRow(row: ImportedDay): void {
  checkBytes(row, `an imported figure of ${row.ip} on ${row.day}`);
  checkBytes({ in: row.counterIn, out: row.counterOut }, `the imported counters of ${row.ip} on ${row.day}`);
  if (isStoredDay(row.day) && row.ip !== "") return;
  throw unfit(`a row has the day ${JSON.stringify(row.day)} and the address ${JSON.stringify(row.ip)}`);
}

function unfit(what: string): StoreError {
  return new StoreError("other", `A history can't be imported: ${what}.`, "Please report this with the log.");
}

function keyOf({ mac, ip }: Pick<ImportedDay, "mac" | "ip">, view: View): string {
  return mac === null || view.placeOf(ip) !== "lan" ? ip : mac;
}

function groupsOf(rows: readonly ImportedDay[], view: View): Map<string, ImportedDay[]> {
  const groups = new Map<string, ImportedDay[]>();
  for (const row of rows) {
    const key = keyOf(row, view);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

async function standingOn(engine: Engine, day: Day, view: View): Promise<Map<string, Standing>> {
  const rows = await engine.all<{ mac: string; ip: string; kind: string; bytes_in: number; bytes_out: number }>(
    `SELECT i.mac, a.ip, s.kind, u.bytes_in, u.bytes_out
     FROM usage_day u JOIN endpoint e ON e.id = u.endpoint JOIN interface i ON i.id = e.interface
     JOIN address a ON a.id = e.address JOIN source s ON s.id = e.source WHERE u.day = ?`,
    day,
  );
  const standing = new Map<string, Standing>();
  for (const { mac, ip, kind, bytes_in, bytes_out } of rows) {
    const key = keyOf({ mac: mac === "" ? null : mac, ip }, view);
    const there = standing.get(key) ?? { in: 0, out: 0, measured: false };
    there.in += bytes_in;
    there.out += bytes_out;
    there.measured ||= kind !== IMPORT;
    standing.set(key, there);
  }
  return standing;
}

function postingOf(row: ImportedDay, endpoint: number, bytes: { in: number; out: number }) {
  return {
    endpoint,
    day: row.day,
    hour: null,
    in: bytes.in,
    out: bytes.out,
    lastSeen: row.seenAt === null ? null : Math.floor(row.seenAt / 1000),
    counterIn: row.counterIn,
    counterOut: row.counterOut,
    estimated: row.reconstructed ? ("day" as const) : ("no" as const),
    implausible: row.implausible,
  };
}

function total(rows: readonly ImportedDay[], direction: "in" | "out"): number {
  return rows.reduce((sum, row) => sum + row[direction], 0);
}

/** Hours of the days that were taken as they came: they stay within their days. */
async function importHours(
  engine: Engine,
  history: ImportedHistory,
  names: ImportNames,
  accepted: ReadonlySet<string>,
): Promise<void> {
  const hours = new Map<string, Value[]>();
  for (const { day, hour, mac, ip, reconstructed, in: down, out } of history.hours ?? []) {
    if (!accepted.has(`${day} ${mac} ${ip}`)) continue;
    checkBytes({ in: down, out }, `an imported hour of ${ip} on ${day}`);
    if (!Number.isInteger(hour) || hour < 0 || hour > 24) {
      throw unfit(`${ip} has the clock hour ${hour} on ${day}, where 0 to 24 is allowed`);
    }
    hours.set(`${day} ${hour} ${mac} ${ip}`, [
      day,
      hour,
      names.endpointOf({ mac, ip, day }),
      down,
      out,
      reconstructed ? down + out : 0,
    ]);
  }
  await engine.insert(INSERT_HOUR, [...hours.values()]);
}

/** The first day that a meter of ours counted; null when none did. */
async function firstBookedDay(engine: Engine): Promise<Day | null> {
  const [row] = await engine.all<{ day: Day | null }>("SELECT min(day) AS day FROM balance_day WHERE counted > 0");
  return row?.day ?? null;
}

/**
 * The source of the meter that will be read, with books that know nothing, read last when the history was written last. What
 * the meter counted until then, the old program charged already.
 */
async function ensureMeter(engine: Engine, { source, firstAt, writtenAt }: ImportedHistory): Promise<void> {
  const sources = await engine.all<{ id: number; name: string }>("SELECT id, name FROM source ORDER BY id");
  let next = Math.max(0, ...sources.map(({ id }) => id)) + 1;
  const insert = (name: string, kind: string, books: object) =>
    engine.run(
      "INSERT INTO source (id, site, name, kind, first_at_ms, books, open_hour) VALUES (?, 1, ?, ?, ?, ?, 'null')",
      next++,
      name,
      kind,
      Math.round(firstAt),
      JSON.stringify(books),
    );
  const at = Math.round(writtenAt);
  const unknown = { epoch: "", at, uptimeSeconds: 0, totalBefore: 0, counted: 0, captured: 0, dropped: 0 };
  if (!sources.some(({ name }) => name === source)) await insert(source, "meter", unknown);
  if (!sources.some(({ name }) => name === IMPORT)) await insert(IMPORT, IMPORT, unknown);
}

async function importRest(engine: Engine, { source, note, rejected = [] }: ImportedHistory): Promise<void> {
  const [meter] = await engine.all<{ id: number }>("SELECT id FROM source WHERE name = ?", source);
  if (note && meter) await engine.run(INSERT_NOTE, meter.id, note.at, note.code, JSON.stringify(note.detail));
  for (const { file, place, reason, content } of rejected) {
    await engine.run(
      `INSERT INTO rejected (id, file, place, reason, content)
       SELECT (SELECT coalesce(max(id), 0) + 1 FROM rejected), ?, ?, ?, ?
       WHERE NOT EXISTS (SELECT 1 FROM rejected WHERE file = ? AND place = ? AND content = ?)`,
      file,
      place,
      reason,
      content,
      file,
      place,
      content,
    );
  }
}

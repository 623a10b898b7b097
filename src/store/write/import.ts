import { findRouters } from "../../accounting/routers.ts";
import type { Day } from "../../accounting/types.ts";
import type { View } from "../../accounting/view.ts";
import { isStoredDay, monthOf } from "../day-text.ts";
import type { Engine, Value } from "../engine/engine.ts";
import {
  type EndpointKey,
  IMPORTED,
  type ImportedDay,
  type ImportedHistory,
  type ImportedHour,
  type ImportResult,
  StoreError,
} from "../store.ts";
import { classifyAll } from "./classify.ts";
import { createImportNames, type ImportNames } from "./import-names.ts";
import { createPostings, type DayPosting, type HourPosting } from "./postings.ts";
import { INSERT_NOTE } from "./save.ts";

/** What stands in the store for one interface (or one internet host) on one day. */
interface Standing {
  in: number;
  out: number;
  /** Whether a meter of ours counted some of it. */
  measured: boolean;
}

/** Sums over a history stay exact up to 2^53: what comes in leaves room for what is measured from then on. */
const MOST_BYTES = 2 ** 52;
const PROGRESS_ROWS = 5_000;
const REJECTED_AT_A_TIME = 500;

/**
 * Puts a history into the rows: see `Store.importHistory`. Within a transaction of the caller's, with nothing held in
 * memory. A LAN address is compared by its interface, for two programs may have seen a device at different addresses; an
 * internet host by itself.
 */
export async function importRows(engine: Engine, history: ImportedHistory, view: View): Promise<ImportResult> {
  await ensureMeter(engine, history);
  const names = await createImportNames(engine, view);
  const booked = await firstBookedDay(engine);
  const isEmpty =
    (await engine.all("SELECT 1 AS one FROM usage_day UNION ALL SELECT 1 FROM removed_day LIMIT 1")).length === 0;
  const result = { added: 0, raised: 0, kept: 0 };
  let postings = createPostings();
  let month = "";
  /** Once a month, so that no row of a month is written twice. */
  const save = async () => {
    await names.save();
    await postings.save(engine);
    postings = createPostings();
  };
  const hours = hoursByDay(history.hours ?? []);
  let rowsSeen = 0;

  for (const [day, rows] of byDay(history.days)) {
    const standing = isEmpty ? null : await standingOn(engine, day, view);
    if (monthOf(day) !== month) await save();
    month = monthOf(day);
    const taken: ImportedDay[] = [];
    const take = (row: ImportedDay) => {
      postings.addDay(dayPosting(row, names.endpointOf(row), row));
      taken.push(row);
    };
    if (standing === null) for (const row of rows) take(row);
    else {
      for (const [key, group] of groupsOf(rows, view)) {
        const there = standing.get(key);
        if (!there) {
          for (const row of group) take(row);
          continue;
        }
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
        postings.addDay(dayPosting(biggest, names.endpointOf(biggest), more));
        result.raised += 1;
      }
    }
    result.added += taken.length;
    for (const { mac, networks } of findRouters(rows, view)) names.markRouter(mac, day, networks);
    for (const posting of hourPostings(hours.of(day), taken, names)) postings.addHour(posting);
    const before = rowsSeen;
    rowsSeen += rows.length;
    if (Math.floor(before / PROGRESS_ROWS) < Math.floor(rowsSeen / PROGRESS_ROWS)) history.onProgress?.(rowsSeen);
  }
  await save();
  await checkSum(engine);
  for (const mac of history.routers ?? []) names.markRouter(mac, history.today, 0);
  await names.finish(history.hostnames ?? new Map());
  await classifyAll(engine, view);
  await importRest(engine, history, result.added + result.raised > 0);
  return result;
}

/** Rows come sorted by day. @throws StoreError for one that can't be kept */
function* byDay(rows: Iterable<ImportedDay>): Generator<[Day, ImportedDay[]]> {
  let day: Day | null = null;
  let some: ImportedDay[] = [];
  for (const row of rows) {
    checkRow(row);
    if (row.day !== day) {
      if (!isStoredDay(row.day)) throw unfit(`a row has the day ${JSON.stringify(row.day)}`);
      if (day !== null) {
        if (row.day < day) throw unfit(`its days are not sorted: ${row.day} comes after ${day}`);
        yield [day, some];
        some = [];
      }
      day = row.day;
    }
    some.push(row);
  }
  if (day !== null) yield [day, some];
}

function checkRow(row: ImportedDay): void {
  const { day, ip, seenAt } = row;
  if (ip === "") throw unfit(`a row on ${day} has no address`);
  const isFit = isAmount(row.in) && isAmount(row.out) && isAmount(row.counterIn) && isAmount(row.counterOut);
  if (isFit && isAmount(row.estimated) && (seenAt === null || isAmount(Math.floor(seenAt)))) return;
  throw unfit(`the row of ${ip} on ${day} has figures that are not whole numbers from 0 on`);
}

function checkHour(row: ImportedHour): void {
  const isHour = Number.isInteger(row.hour) && row.hour >= 0 && row.hour <= 24;
  if (isHour && isAmount(row.in) && isAmount(row.out) && isAmount(row.estimated)) return;
  throw unfit(
    `hour ${row.hour} of ${row.ip} on ${row.day} is none, or has figures that are not whole numbers from 0 on`,
  );
}

function isAmount(amount: number): boolean {
  return Number.isSafeInteger(amount) && amount >= 0;
}

function unfit(why: string): StoreError {
  return new StoreError("other", `A history can't be imported: ${why}`, "Please report this with the log.");
}

/** Whether the sum of everything stays exact. `total` adds as a float, which no figure makes fail. */
async function checkSum(engine: Engine): Promise<void> {
  const [row] = await engine.all<{ bytes: number | null }>(
    "SELECT sum(CAST(bytes_in AS REAL) + CAST(bytes_out AS REAL)) AS bytes FROM usage_month",
  );
  if (Number(row?.bytes ?? 0) <= MOST_BYTES) return;
  throw new StoreError(
    "other",
    `A history can't be imported: with it, all days together would have ${Number(row?.bytes).toPrecision(3)} bytes, where ${MOST_BYTES} is the most that can be added exactly`,
    "Look for days that can't be true, and leave them out with --from and --to.",
  );
}

function keyOf({ mac, ip }: Pick<ImportedDay, "mac" | "ip">, view: View): string {
  return mac === null || view.placeOf(ip) !== "lan" ? ip : mac;
}

function endpointText({ mac, ip, heldBy }: EndpointKey): string {
  return `${mac} ${ip} ${heldBy}`;
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

/** What was removed stands there as well: it does not come back by an import. */
async function standingOn(engine: Engine, day: Day, view: View): Promise<Map<string, Standing>> {
  const rows = await engine.all<{ mac: string; ip: string; kind: string; bytes_in: number; bytes_out: number }>(
    `SELECT i.mac, a.ip, s.kind, u.bytes_in, u.bytes_out
     FROM (SELECT day, endpoint, bytes_in, bytes_out FROM usage_day WHERE day = ?
           UNION ALL SELECT day, endpoint, bytes_in, bytes_out FROM removed_day WHERE day = ?) u JOIN endpoint e ON e.id = u.endpoint JOIN interface i ON i.id = e.interface
     JOIN address a ON a.id = e.address JOIN source s ON s.id = e.source`,
    day,
    day,
  );
  const standing = new Map<string, Standing>();
  for (const { mac, ip, kind, bytes_in, bytes_out } of rows) {
    const key = keyOf({ mac: mac === "" ? null : mac, ip }, view);
    const there = standing.get(key) ?? { in: 0, out: 0, measured: false };
    there.in += bytes_in;
    there.out += bytes_out;
    there.measured ||= kind !== IMPORTED;
    standing.set(key, there);
  }
  return standing;
}

function dayPosting(row: ImportedDay, endpoint: number, bytes: { in: number; out: number }): DayPosting {
  const { day, counterIn, counterOut, seenAt, implausible } = row;
  const lastSeen = seenAt === null ? null : Math.floor(seenAt / 1000);
  const estimated = Math.min(row.estimated, bytes.in + bytes.out);
  return { endpoint, day, in: bytes.in, out: bytes.out, counterIn, counterOut, lastSeen, estimated, implausible };
}

/** Hours of one day after the other. Those of a day that nobody asks for are passed over. */
function hoursByDay(hours: Iterable<ImportedHour>) {
  const iterator = hours[Symbol.iterator]();
  let next = iterator.next();
  return {
    of(day: Day): ImportedHour[] {
      const found: ImportedHour[] = [];
      for (; !next.done && next.value.day <= day; next = iterator.next()) {
        checkHour(next.value);
        if (next.value.day === day) found.push(next.value);
      }
      return found;
    },
  };
}

/** The hours of days that were taken as they came: so they stay within their days. An hour that is told twice counts once. */
function hourPostings(
  hours: readonly ImportedHour[],
  taken: readonly ImportedDay[],
  names: ImportNames,
): Iterable<HourPosting> {
  if (hours.length === 0) return [];
  const endpoints = new Map(taken.map((row) => [endpointText(row), names.endpointOf(row)]));
  const postings = new Map<string, HourPosting>();
  for (const row of hours) {
    const endpoint = endpoints.get(endpointText(row));
    if (endpoint === undefined) continue;
    const { day, hour, in: down, out } = row;
    const estimated = Math.min(row.estimated, down + out);
    postings.set(`${hour} ${endpoint}`, { endpoint, day, hour, in: down, out, estimated });
  }
  return postings.values();
}

function total(rows: readonly ImportedDay[], direction: "in" | "out"): number {
  return rows.reduce((sum, row) => sum + row[direction], 0);
}

/** The first day that a meter of ours counted; null when none did. */
async function firstBookedDay(engine: Engine): Promise<Day | null> {
  const [row] = await engine.all<{ day: Day | null }>("SELECT min(day) AS day FROM balance_day WHERE counted > 0");
  return row?.day ?? null;
}

/**
 * The source of the meter that will be read, with books that know nothing (their `epoch` is empty), read last when the
 * history was written last. What the meter counted until then, the old program charged already: a run that began before is
 * a baseline, one that began later is charged whole.
 */
async function ensureMeter(engine: Engine, { source, firstAt, writtenAt }: ImportedHistory): Promise<void> {
  const sources = await engine.all<{ id: number; name: string }>("SELECT id, name FROM source ORDER BY id");
  let next = Math.max(0, ...sources.map(({ id }) => id)) + 1;
  const insert = (name: string, kind: string) =>
    engine.run(
      "INSERT INTO source (id, site, name, kind, first_at_ms, books, open_hour) VALUES (?, 1, ?, ?, ?, ?, 'null')",
      next++,
      name,
      kind,
      Math.round(firstAt),
      JSON.stringify(neverRead(Math.round(writtenAt))),
    );
  if (!sources.some(({ name }) => name === source)) await insert(source, "meter");
  if (!sources.some(({ name }) => name === IMPORTED)) await insert(IMPORTED, IMPORTED);
}

/** Books of a meter that was not read yet. */
function neverRead(at: number) {
  const counters = { uptimeSeconds: 0, counted: 0, captured: 0, dropped: 0, forgotHosts: 0, unlistedBytes: 0 };
  return { meter: "", epoch: "", at, ...counters };
}

async function importRest(
  engine: Engine,
  { source, note, rejected = [] }: ImportedHistory,
  hasNews: boolean,
): Promise<void> {
  const [meter] = await engine.all<{ id: number }>("SELECT id FROM source WHERE name = ?", source);
  if (note && meter && hasNews) {
    await engine.run(INSERT_NOTE, meter.id, note.at, note.code, JSON.stringify(note.detail));
  }
  const known = new Map<string, Set<string>>();
  const [last] = await engine.all<{ id: number | null }>("SELECT max(id) AS id FROM rejected");
  let id = last?.id ?? 0;
  let rows: Value[][] = [];
  const save = async () => {
    await engine.insert("INSERT INTO rejected (id, file, place, reason, content) VALUES (?, ?, ?, ?, ?)", rows);
    rows = [];
  };
  for (const { file, place, reason, content } of rejected) {
    const ofFile = known.get(file) ?? (await rejectedOf(engine, file));
    known.set(file, ofFile);
    const text = `${place} ${content}`;
    if (ofFile.has(text)) continue;
    ofFile.add(text);
    id += 1;
    rows.push([id, file, place, reason, content]);
    if (rows.length >= REJECTED_AT_A_TIME) await save();
  }
  await save();
}

async function rejectedOf(engine: Engine, file: string): Promise<Set<string>> {
  const rows = await engine.tuples<[place: string, content: string]>(
    "SELECT place, content FROM rejected WHERE file = ?",
    file,
  );
  return new Set(rows.map(([place, content]) => `${place} ${content}`));
}

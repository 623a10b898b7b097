import { readFileSync, realpathSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { unfitness } from "../store/check.ts";
import { dayNumber } from "../store/days.ts";
import { type DatabaseSync, sqlite } from "../store/engine.ts";
import { toStoreError } from "../store/errors.ts";
import { removeDatabase } from "../store/files.ts";
import { type Lock, takeLock } from "../store/lock.ts";
import { openDatabase } from "../store/open.ts";
import { recogniseDatabase } from "../store/recognise.ts";
import { type Day, StoreError } from "../store/store.ts";
import { readDaysText, rowOfRecord } from "./days-file.ts";
import { mergeStage } from "./merge.ts";
import { readShape } from "./old-shape.ts";
import { readOld } from "./read-old.ts";
import { readOurs } from "./read-ours.ts";
import { type HistoryReport, type Reason, spanText } from "./report.ts";
import { createStage, type Stage } from "./stage.ts";
import { createSource, insertNote, type TakeoverDeps, takeOver } from "./takeover.ts";
import { verifyRead } from "./verify.ts";

export interface ImportOptions extends TakeoverDeps {
  /** What is imported: a database of any version, an export, or a folder that holds a database. */
  readonly from: string;
  /** Our database; made when missing. */
  readonly into: string;
  /** Days to take, both included; null for all. */
  readonly firstDay: Day | null;
  readonly lastDay: Day | null;
  /** Say what would happen, and change nothing. */
  readonly dryRun: boolean;
}

/** What one of the forms gave, before it is put into the history. */
type Reading = Pick<
  HistoryReport,
  "version" | "tables" | "rows" | "superseded" | "setAside" | "unreadable" | "repaired"
> & { readonly first: number | null; readonly last: number | null; readonly names: ReadonlyMap<string, string> };

/**
 * Puts another history into ours, merging: see `mergeStage` for what counts where both have a day. Importing the same
 * twice changes nothing the second time. All of it in one transaction: it is in, or nothing is.
 * @throws StoreError `busy` while WhiteStat runs on the store, `foreign` when `from` is nothing that can be read
 */
export async function importHistory(options: ImportOptions): Promise<HistoryReport> {
  const { into, now } = options;
  const from = sourceFile(options.from);
  refuseItself(from, into);
  const lock = lockFor(into, now());
  const work = `${into}.import-work`;
  let db: DatabaseSync | null = null;
  try {
    if (recogniseDatabase(into) === "legacy") {
      if (options.dryRun) throw notYetTaken(into);
      await takeOver(into, options);
    }
    removeDatabase(work);
    const why = recogniseDatabase(from) === "ours" ? await unfitness(from) : null;
    if (why !== null) throw unreadable(from, why);
    db = openDatabase(into);
    db.prepare("ATTACH ? AS work").run(work);
    // In a trial run all is taken back, which wants a journal here, too.
    db.exec("PRAGMA cache_spill = ON; PRAGMA work.journal_mode = MEMORY; PRAGMA work.synchronous = OFF");
    db.exec("CREATE TABLE work.reject (place TEXT, reason TEXT, content TEXT)");
    const { report, names } = merge(db, from, options);
    if (!options.dryRun) for (const [mac, name] of names) await options.names.rename(mac, name);
    return report;
  } catch (error) {
    throw toStoreError(error, into);
  } finally {
    db?.close();
    removeDatabase(work);
    lock.release();
  }
}

function lockFor(path: string, since: number): Lock {
  try {
    return takeLock(path, { pid: process.pid, host: hostname(), since });
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== "busy") throw error;
    throw new StoreError("busy", error.message, "Stop WhiteStat, import, and start it again.", { cause: error });
  }
}

function merge(
  db: DatabaseSync,
  from: string,
  options: ImportOptions,
): { report: HistoryReport; names: ReadonlyMap<string, string> } {
  const { calendar, now } = options;
  db.exec("BEGIN IMMEDIATE");
  try {
    const stage = createStage(db);
    const reading = read(db, stage, from, options);
    stage.classify(options.policy);
    const span = spanText(reading.first, reading.last);
    const source = createSource(db, options, span.firstDay, Math.min(now(), statSync(from).mtimeMs));
    const merged = mergeStage(db, { source, today: dayNumber(calendar.dayOf(now())) });
    const names = [...reading.names].filter(([mac]) => options.names.nameOf(mac) === null);
    const report = { ...reading, file: basename(from), names: names.length, ...span, merged };
    db.prepare(
      `INSERT INTO takeover_reject (file, place, reason, content) SELECT ?1, place, reason, content FROM work.reject w
       WHERE NOT EXISTS (SELECT 1 FROM takeover_reject r
                         WHERE r.file = ?1 AND r.place = w.place AND r.content = w.content)`,
    ).run(basename(from));
    if (merged.added > 0 || merged.raised > 0) insertNote(db, { source, at: now(), code: "imported", report });
    db.exec(options.dryRun ? "ROLLBACK" : "COMMIT");
    return { report, names: new Map(names) };
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

function read(db: DatabaseSync, stage: Stage, from: string, options: ImportOptions): Reading {
  const insert = db.prepare("INSERT INTO work.reject VALUES (?, ?, ?)");
  const setAside = (place: string, reason: Reason, content: unknown) =>
    insert.run(place, reason, JSON.stringify(content));
  const span = {
    from: options.firstDay === null ? null : dayNumber(options.firstDay),
    to: options.lastDay === null ? null : dayNumber(options.lastDay),
  };
  const none = { superseded: 0, unreadable: 0, repaired: { seen: 0, counter: 0 }, names: new Map<string, string>() };
  const found = recogniseDatabase(from);
  if (found === "legacy" || found === "ours") {
    const other = new (sqlite().DatabaseSync)(from, { readOnly: true });
    try {
      if (found === "ours") {
        const days = readOurs(other, stage, span);
        return {
          version: "WhiteStat 12",
          tables: [{ name: "days", rows: days.rows }],
          setAside: new Map(),
          ...none,
          ...days,
        };
      }
      const shape = readShape(other, from);
      const { policy, calendar, now } = options;
      const writtenAt = Math.min(statSync(from).mtimeMs, now());
      const reading = readOld({
        db: other,
        shape,
        file: basename(from),
        stage,
        policy,
        calendar,
        writtenAt,
        setAside,
        ...span,
      });
      verifyRead(other, shape, reading, from);
      const rows = reading.tables.reduce((sum, table) => sum + table.rows, 0);
      return { ...reading, version: shape.version, rows, names: reading.deviceNames };
    } finally {
      other.close();
    }
  }
  if (found === "foreign" || found === "empty")
    throw unreadable(from, found === "empty" ? "it is empty" : "it is a database of another program");
  if (readFileSync(from).subarray(0, 15).toString("latin1") === "SQLite format 3") {
    throw unreadable(from, "its first pages are damaged");
  }
  return { ...none, ...readDays(from, stage, span, setAside) };
}

/** An export of ours, whole in memory: it is text, and a household's ten years are some tens of megabytes. */
function readDays(
  from: string,
  stage: Stage,
  span: { from: number | null; to: number | null },
  keep: (place: string, reason: Reason, content: unknown) => void,
) {
  const setAside = new Map<Reason, number>();
  const put = (place: string, reason: Reason, content: unknown) => {
    setAside.set(reason, (setAside.get(reason) ?? 0) + 1);
    keep(place, reason, content);
  };
  let rows = 0;
  let first: number | null = null;
  let last: number | null = null;
  try {
    for (const { place, fields } of readDaysText(readFileSync(from, "utf8"))) {
      rows += 1;
      const row = rowOfRecord(fields);
      if (typeof row === "string") {
        put(place, row, fields);
        continue;
      }
      if ((span.from !== null && row.day < span.from) || (span.to !== null && row.day > span.to)) continue;
      if (fields.kind === "router") stage.markRouter(row.key);
      const outcome = stage.add(row);
      if (outcome !== "taken") put(place, "duplicate", fields);
      first = first === null ? row.day : Math.min(first, row.day);
      last = last === null ? row.day : Math.max(last, row.day);
    }
  } catch (error) {
    if (error instanceof RangeError) throw unreadable(from, error.message);
    throw error;
  }
  return { version: "export", tables: [{ name: "days", rows }], rows, setAside, first, last };
}

/** The file to read: in a folder, the database that its settings name, else the one with the usual name. */
function sourceFile(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw unreadable(path, "it is not there");
  if (!stat.isDirectory()) return path;
  const file = join(path, databaseNameIn(path));
  if (!statSync(file, { throwIfNoEntry: false })) throw unreadable(path, `it holds no ${basename(file)}`);
  return file;
}

function databaseNameIn(folder: string): string {
  try {
    const settings = JSON.parse(readFileSync(join(folder, "WhiteStatConfig.json"), "utf8").replace(/^\uFEFF/, ""));
    if (typeof settings.DBFile === "string" && settings.DBFile !== "") return basename(settings.DBFile);
  } catch {
    // No settings, or broken ones: the usual name is as good a guess as any.
  }
  return "WhiteStat.db";
}

function refuseItself(from: string, into: string): void {
  const there = statSync(into, { throwIfNoEntry: false });
  if (!there || realpathSync(from) !== realpathSync(into)) return;
  throw new StoreError(
    "foreign",
    `${from} is the history itself`,
    "Name another store's folder or database; an old database in the place of ours is taken over when WhiteStat starts.",
  );
}

function unreadable(path: string, why: string): StoreError {
  return new StoreError(
    "foreign",
    `${path} can't be imported: ${why}`,
    "Allowed are a database of any WhiteStat, a folder that holds one, and a file written by whitestat export, e.g. import /mnt/old/WhiteStat.db",
  );
}

function notYetTaken(path: string): StoreError {
  return new StoreError(
    "foreign",
    `${path} is still the database of an older WhiteStat, which a trial run must not change`,
    "Start WhiteStat once, which takes it over, or leave out --dry-run.",
  );
}

import { DatabaseSync } from "node:sqlite";
import { createRandom } from "../../src/shared/random.ts";

/** A row of a v5 store, by its columns; what is left out is like the first day of a laptop. */
export interface OldRow {
  readonly IP?: unknown;
  readonly MAC?: unknown;
  readonly Hostname?: unknown;
  readonly LastSeen?: unknown;
  readonly KBIn?: unknown;
  readonly KBOut?: unknown;
  readonly DATE?: unknown;
  readonly LSTDAY_KBIn?: unknown;
  readonly LSTDAY_KBOut?: unknown;
}

const COLUMNS = ["IP", "MAC", "Hostname", "LastSeen", "KBIn", "KBOut", "DATE", "LSTDAY_KBIn", "LSTDAY_KBOut"] as const;
const EXAMPLE: Required<OldRow> = {
  IP: "192.168.1.20",
  MAC: "02:1a:2b:00:00:00",
  Hostname: "LAPTOP",
  LastSeen: "2021-01-30 12:00:00",
  KBIn: 100.5,
  KBOut: 10.25,
  DATE: "2021-01-30 00:00:00",
  LSTDAY_KBIn: 100.5,
  LSTDAY_KBOut: 10.25,
};

const HISTORY = `CREATE TABLE "usagehistory"("LSTDAY_KBIn" REAL DEFAULT 0.0,"LSTDAY_KBOut" REAL DEFAULT 0.0,"IP" TEXT,
  "MAC" TEXT,"Hostname" TEXT DEFAULT '(none)',"LastSeen" TEXT DEFAULT 0,"KBIn" REAL DEFAULT 0.0,"KBOut" REAL DEFAULT 0.0,
  "DATE" TEXT,PRIMARY KEY("IP","MAC","DATE"))`;
const DAILY = `CREATE TABLE "dailyusage"("IP" TEXT,"MAC" TEXT,"Hostname" TEXT,"LastSeen" TEXT,"KBIn" REAL,"KBOut" REAL,
  "DATE" TEXT,"LSTDAY_KBIn" REAL,"LSTDAY_KBOut" REAL,PRIMARY KEY("IP","MAC","DATE"))`;

/** Makes a store as version 5 left it. */
export function makeOldStore(path: string, rows: { history?: readonly OldRow[]; daily?: readonly OldRow[] }): void {
  const db = new DatabaseSync(path);
  db.exec(`${HISTORY}; ${DAILY}; BEGIN`);
  for (const [table, list] of [
    ["usagehistory", rows.history ?? []],
    ["dailyusage", rows.daily ?? []],
  ] as const) {
    const insert = db.prepare(
      `INSERT INTO ${table} (${COLUMNS.join(", ")}) VALUES (${COLUMNS.map(() => "?").join(", ")})`,
    );
    for (const row of list)
      insert.run(...COLUMNS.map((column) => (column in row ? row[column] : EXAMPLE[column]) as string));
  }
  db.exec("COMMIT");
  db.close();
}

const FIRST_DAY = Date.UTC(2018, 0, 1);
const MS_PER_DAY = 86_400_000;
const DEVICES = 40;

/**
 * Makes a v5 store of many rows: 40 devices and internet hosts, the same at every call.
 * Every day has 200 rows, so 300,000 rows are four years.
 */
export function makeBigOldStore(path: string, rows: number): void {
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; ${HISTORY}; ${DAILY}; BEGIN`);
  const insert = db.prepare(
    `INSERT INTO usagehistory (${COLUMNS.join(", ")}) VALUES (${COLUMNS.map(() => "?").join(", ")})`,
  );
  const dice = createRandom(7);
  const random = (below: number) => dice() % below;
  const hex = (n: number) => n.toString(16).padStart(2, "0");
  for (let made = 0; made < rows; made += 1) {
    const [day, host] = [Math.floor(made / 200), made % 200];
    const date = new Date(FIRST_DAY + day * MS_PER_DAY).toISOString().slice(0, 10);
    const remote = host >= DEVICES;
    // Each day has its own 160 of some 8,000 hosts out there.
    const ip = remote ? `203.0.${(day * 7 + host) % 250}.${(host * 31 + day) % 250}` : `192.168.1.${host + 10}`;
    const mac = remote ? "02:ff:ff:ff:ff:01" : `02:1a:2b:00:00:${hex(host)}`;
    const seen = `${date} ${String(random(24)).padStart(2, "0")}:${String(random(60)).padStart(2, "0")}:07`;
    const kb = random(90_000_000) / 100;
    insert.run(ip, mac, remote ? null : `host-${host}`, seen, kb, kb / 10, `${date} 00:00:00`, kb * 3, kb);
  }
  db.exec("COMMIT");
  db.close();
}

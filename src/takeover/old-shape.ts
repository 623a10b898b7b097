import type { DatabaseSync } from "../store/engine/node-sqlite.ts";
import { StoreError } from "../store/store.ts";

/** Where the figures stand in one table of an old store. A null column is one that this version did not have. */
export interface OldTable {
  /** As the file spells it. */
  readonly name: string;
  /** Whether it holds the unfinished day: then it is newer than a row of the same day elsewhere. */
  readonly daily: boolean;
  readonly columns: OldColumns;
}

export interface OldColumns {
  readonly date: string;
  readonly ip: string;
  readonly mac: string;
  readonly in: string;
  readonly out: string;
  readonly seen: string | null;
  readonly hostname: string | null;
  /** 1 for an address of the LAN, 0 for a remote host (v6 on). */
  readonly local: string | null;
  readonly counterIn: string | null;
  readonly counterOut: string | null;
}

/** An old store, by its tables: versions are told apart by their columns, never by a number in the file. */
export interface OldShape {
  readonly version: "v2" | "v5" | "v11";
  /** The unfinished day first. */
  readonly tables: readonly OldTable[];
  /** Tables of names by IP (reverse DNS) and by MAC (v6 on); null where there is none. */
  readonly namesByIp: string | null;
  readonly namesByMac: string | null;
}

const CANDIDATES: { readonly [Key in keyof OldColumns]: readonly string[] } = {
  date: ["DATE"],
  ip: ["IP"],
  mac: ["MAC"],
  in: ["KBIn", "IN"],
  out: ["KBOut", "OUT"],
  seen: ["LastSeen", "SEEN", "LSSeconds"],
  hostname: ["Hostname"],
  local: ["LOCAL"],
  counterIn: ["LSTDAY_KBIn", "LSTDAY_IN"],
  counterOut: ["LSTDAY_KBOut", "LSTDAY_OUT"],
};
const NEEDED: readonly (keyof OldColumns)[] = ["date", "ip", "mac", "in", "out"];

/**
 * Reads what an old database is made of.
 * @throws StoreError `foreign` when a table of usage lacks a column that every known version has
 */
export function readShape(db: DatabaseSync, path: string): OldShape {
  const names = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .all()
    .map((row) => String(row.name));
  const find = (wanted: string) => names.find((name) => name.toLowerCase() === wanted) ?? null;
  const tables: OldTable[] = [];
  for (const [wanted, daily] of [
    ["dailyusage", true],
    ["usagehistory", false],
  ] as const) {
    const name = find(wanted);
    if (name !== null) tables.push({ name, daily, columns: columnsOf(db, name, path) });
  }
  const [first] = tables;
  return {
    version:
      first?.columns.seen?.toLowerCase() === "lsseconds"
        ? "v2"
        : first?.columns.in.toLowerCase() === "in"
          ? "v11"
          : "v5",
    tables,
    namesByIp: find("dname"),
    namesByMac: find("mname"),
  };
}

function columnsOf(db: DatabaseSync, table: string, path: string): OldColumns {
  const present = db
    .prepare(`PRAGMA table_info(${quoted(table)})`)
    .all()
    .map((row) => String(row.name));
  const find = (wanted: readonly string[]): string | null =>
    wanted.flatMap((name) => present.find((column) => column.toLowerCase() === name.toLowerCase()) ?? [])[0] ?? null;
  const missing = NEEDED.filter((key) => find(CANDIDATES[key]) === null).map((key) => CANDIDATES[key].join(" or "));
  if (missing.length > 0) {
    throw new StoreError(
      "foreign",
      `${path} looks like a database of the original WhiteStat, but its table ${table} has no column ${missing.join(", ")}; it was left as it is`,
      "Set DBFile in WhiteStatConfig.json to another name to begin a new history, and please report the table's columns.",
    );
  }
  const column = (key: keyof OldColumns) => find(CANDIDATES[key]);
  return {
    date: column("date") ?? "",
    ip: column("ip") ?? "",
    mac: column("mac") ?? "",
    in: column("in") ?? "",
    out: column("out") ?? "",
    seen: column("seen"),
    hostname: column("hostname"),
    local: column("local"),
    counterIn: column("counterIn"),
    counterOut: column("counterOut"),
  };
}

/** A name as SQL takes it whatever is in it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

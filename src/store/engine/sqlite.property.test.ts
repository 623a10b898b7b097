import { DatabaseSync } from "node:sqlite";
import { expect } from "vitest";
import { deviceDaysOf, type Facts, isShownDevice } from "../testing/facts.ts";
import { sqliteHarness } from "../testing/harness.ts";
import { describeProperty } from "../testing/property.ts";

describeProperty(
  "the SQLite store",
  async () => sqliteHarness(),
  async (harness, facts) => {
    expect(await oldRows(harness.path(), facts)).toEqual(oldRowsOf(facts));
    const days = await harness.query("SELECT day, mac, bytes_in, bytes_out FROM device_day ORDER BY day, mac");
    expect(days).toEqual(deviceDaysOf(facts));
  },
);

/** What the old tables must show: the reported figures of devices that are no routers, and of internet hosts. */
function oldRowsOf(facts: Facts): string[] {
  const names = new Map(facts.devices.map(({ key, hostname }) => [key, hostname]));
  const latest = facts.range?.last ?? "";
  const rowOf = (row: Facts["days"][number] | Facts["remote"][number], mac: string, hostname: string | null) => ({
    table: row.day === latest ? "dailyusage" : "usagehistory",
    IP: row.ip,
    MAC: mac,
    Hostname: hostname ?? "(none)",
    seen: isPartHidden(facts, row.day, mac) || row.seenAt === null ? null : row.seenAt / 1000,
    KBIn: kilobytes(row.in),
    KBOut: kilobytes(row.out),
    DATE: `${row.day} 00:00:00`,
    LSTDAY_KBIn: kilobytes(row.counterIn),
    LSTDAY_KBOut: kilobytes(row.counterOut),
  });
  const devices = facts.days
    .filter(isShownDevice(facts))
    .map((row) => rowOf(row, row.device, names.get(row.device) ?? null));
  const remote = facts.remote.filter((row) => row.reported).map((row) => rowOf(row, row.mac ?? "", row.hostname));
  return [...devices, ...remote].map((row) => JSON.stringify(row)).sort();
}

/** The old tables know of reported addresses alone: when a device last sent may be of another. */
function isPartHidden(facts: Facts, day: string, mac: string): boolean {
  return facts.days.some((row) => row.day === day && row.device === mac && row.hiddenIn + row.hiddenOut > 0);
}

function kilobytes(bytes: number): number {
  return Math.round((bytes / 1024) * 100) / 100;
}

/** The views as a person's SQL tool reads them from the file. */
async function oldRows(path: string, facts: Facts): Promise<string[]> {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const columns = `IP, MAC, Hostname, CAST(strftime('%s', LastSeen, 'utc') AS INTEGER) AS seen,
      KBIn, KBOut, DATE, LSTDAY_KBIn, LSTDAY_KBOut`;
    const rows = db
      .prepare(
        `SELECT 'dailyusage' AS "table", ${columns} FROM dailyusage
         UNION ALL SELECT 'usagehistory', ${columns} FROM usagehistory`,
      )
      .all();
    return rows
      .map((row) => {
        const isKnown = !isPartHidden(facts, String(row.DATE).slice(0, 10), String(row.MAC));
        return JSON.stringify(isKnown ? row : { ...row, seen: null });
      })
      .sort();
  } finally {
    db.close();
  }
}

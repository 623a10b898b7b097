import { cpSync, mkdtempSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { createCalendar } from "../../src/accounting/calendar.ts";
import { zoneOf } from "../../src/accounting/testing.ts";
import { createView, type View } from "../../src/accounting/view.ts";
import { parseRouters, parseSegments } from "../../src/settings/lan.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import type { HistoryDeps } from "../../src/takeover/history.ts";
import { type Takeover, takeOver } from "../../src/takeover/takeover.ts";

export const FIXTURES = fileURLToPath(new URL("fixtures", import.meta.url));
export const SOURCE = "darkstat";
export const calendar = createCalendar(zoneOf("Europe/Berlin"));
/** After the last day of every store. */
export const LATER = Date.UTC(2022, 0, 1);
/** When the v5 store was captured: 2021-04-01 12:00 in Berlin. */
export const NOON = Date.UTC(2021, 3, 1, 10);

/** A folder that goes with the test, empty or a copy of a fixture. */
export function storeFolder(fixture?: "v2" | "v5" | "v11"): { dir: string; db: string } & Disposable {
  const dir = mkdtempSync(join(tmpdir(), "whitestat-takeover-"));
  if (fixture) cpSync(join(FIXTURES, fixture), dir, { recursive: true });
  return { dir, db: join(dir, "WhiteStat.db"), [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

const IPV4 = /^([\d]+\.){3}\d+/;

export function testView(segments = "auto", routers = "auto", ipFilter = IPV4): View {
  const { prefixes, named } = parseSegments(segments);
  return createView({
    segments: prefixes,
    namedSegments: named,
    routers: parseRouters(routers),
    ipFilter,
    ipMac: new Map(),
    macMac: new Map(),
  });
}

/** All that a takeover wants; given names and log lines are kept. */
export function testDeps(more: Partial<HistoryDeps> = {}) {
  const given = new Map<string, string>();
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  return {
    source: SOURCE,
    view: testView(),
    calendar,
    now: () => NOON,
    log: { info: say, warn: say },
    names: {
      nameOf: (key: string) => given.get(key) ?? null,
      rename: async (key: string, name: string | null) => void given.set(key, name ?? ""),
    },
    given,
    lines,
    ...more,
  };
}

/** Takes over what lies at `path`, and opens the outcome. */
export async function takenOver(
  path: string,
  more: Partial<HistoryDeps> = {},
): Promise<{ store: Store; taken: Takeover }> {
  const taken = await takeOver(path, testDeps(more));
  if (taken === null) throw new Error(`${path} was not taken over`);
  return { store: openSqliteStore({ path }), taken };
}

/** Rows of plain SQL on a file. */
export function ask(path: string, sql: string): Record<string, unknown>[] {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }));
  } finally {
    db.close();
  }
}

export const EVER = ["1990-01-01", "2100-01-01"] as const;

/** Every device-day and remote host-day of a store, as lines that can be compared. */
export async function factsOf(store: Store): Promise<string[]> {
  const keys = new Map(
    (await store.devices()).map((device) => [
      device.id,
      `${device.key}${device.router ? " router" : ""} ${device.hostname}`,
    ]),
  );
  const days = (await store.deviceDays(...EVER)).map(({ device, ...row }) => JSON.stringify([keys.get(device), row]));
  const hosts = (await store.remoteDays(...EVER)).map((row) => JSON.stringify(row));
  return [...days, ...hosts].sort();
}

/** The stamp of a file, to prove that nobody wrote it. */
export function stampOf(path: string): string {
  const { mtimeMs, size, ino } = statSync(path);
  return `${mtimeMs} ${size} ${ino}`;
}

export function setWritten(path: string, at: number): void {
  utimesSync(path, at / 1000, at / 1000);
}

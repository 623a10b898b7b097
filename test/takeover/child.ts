/**
 * A process that takes over a store and ends: for kill -9 in the midst, and to measure it by itself.
 * Usage: node child.ts FOLDER. Prints `begun` before it starts, and a line of figures when it is done.
 */
import { readFileSync } from "node:fs";
import { createCalendar } from "../../src/accounting/calendar.ts";
import { zoneOf } from "../../src/accounting/testing.ts";
import { createView } from "../../src/accounting/view.ts";
import { parseRouters, parseSegments } from "../../src/settings/lan.ts";
import { openOrRecover } from "../../src/store/file/recover.ts";
import { type Takeover, takeOver } from "../../src/takeover/takeover.ts";

const dir = process.argv[2] ?? "";
const calendar = createCalendar(zoneOf("Europe/Berlin"));
const view = createView({
  segments: parseSegments("auto").prefixes,
  routers: parseRouters("auto"),
  ipFilter: /^([\d]+\.){3}\d+/,
  ipMac: new Map(),
  macMac: new Map(),
});
const now = () => Date.UTC(2026, 10, 22, 12);
const silent = { info: () => {}, warn: () => {}, error: () => {} };
const names = { nameOf: () => null, rename: async () => {} };

process.stdout.write("begun\n");
const began = performance.now();
let taken: Takeover | null = null;
const { store } = await openOrRecover({
  dir,
  file: "WhiteStat.db",
  now,
  log: silent,
  beforeOpen: async (path) => {
    taken = await takeOver(path, { source: "darkstat", view, calendar, now, log: silent, names });
  },
});
await store.close();
const ms = Math.round(performance.now() - began);
const { user, system } = process.cpuUsage();
const cpuMs = Math.round((user + system) / 1000);
const { report } = (taken ?? {}) as Partial<Takeover>;
process.stdout.write(`${JSON.stringify({ ms, cpuMs, rows: report?.rows ?? 0, mostMemory: mostMemory() })}\n`);

/** The most memory that the process ever held, in bytes (VmHWM). */
function mostMemory(): number {
  const [, kb] = /VmHWM:\s*(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(kb) * 1024;
}

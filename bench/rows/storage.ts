import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { assertOnDisk, flush } from "../lib/disk.ts";
import { type HistoryOptions, writeHistory } from "../lib/history.ts";
import { type Measurement, measured, type Row } from "../lib/measure.ts";
import { writtenBytes } from "../lib/proc.ts";
import { NOON, withFolder, withScene } from "../lib/scene.ts";
import { sizesIn } from "../lib/sizes.ts";

const DAY_MS = 86_400_000;
const YEAR = 365;
/** Rows of a device's days and months, and what all of them refer to. */
const DAYS = ["usage_day", "usage_month"];
const NAMES = ["interface", "device", "address", "endpoint", "endpoint_address", "endpoint_device"];

export const storageRows: readonly Row[] = [
  {
    name: "day",
    work: "bytes written per day, default settings, 50 devices of which 20 active and 150 remote hosts",
    unit: "MB",
    budget: 50,
    better: "less",
    original: null,
    measure: bytesPerDay,
  },
  {
    name: "device-day",
    work: "database bytes per device-day, after a year",
    unit: "bytes",
    budget: 64,
    better: "less",
    original: 187,
    measure: bytesPerDeviceDay,
  },
];

/** A whole day with a year behind it: 2,880 readings, all checkpoints, the hours folded, the daily backup. */
async function bytesPerDay(): Promise<Measurement> {
  return withScene(
    {
      devices: 20,
      remotes: 150,
      startsAt: NOON,
      prepare: (dir) =>
        writeHistory({ dir, endsAt: NOON, days: YEAR, devices: 50, active: 20, remotes: 150, hoursDays: 62 }),
    },
    async ({ product, dir, step }) => {
      assertOnDisk(dir);
      await step();
      await step();
      emptyLog(join(dir, "WhiteStat.db"));
      flush(dir);
      const before = writtenBytes(product.pid);
      const until = product.now() + DAY_MS;
      while (product.now() < until) {
        await step();
        flush(dir);
      }
      const written = (writtenBytes(product.pid) - before) / 1e6;
      const backup = statSync(join(dir, "WhiteStat.db")).size / 1e6;
      return measured([written], { "of it the daily backup MB": measured([backup]).value });
    },
  );
}

/** Copies the log back for the product: the names of all the hosts that the first reading brought are not a day's work. */
function emptyLog(path: string): void {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
}

/**
 * What the days of devices take in the file: their rows and those of their months with pages half full and all, what names
 * devices and addresses, and the balance of each day. Hours and remote hosts, which go after a while, are told beside it.
 */
async function bytesPerDeviceDay(): Promise<Measurement> {
  const years = { endsAt: NOON, days: YEAR, devices: 50, hoursDays: 62 };
  const days = YEAR * 50;
  const [alone, household] = [await sizesOf({ ...years, remotes: 0 }), await sizesOf({ ...years, remotes: 150 })];
  const rows = alone.of(...DAYS);
  return measured([(rows + alone.of(...NAMES, "balance_day")) / days], {
    "rows of days and months alone": measured([rows / days]).value,
    "hours, kept for 62 days, MB": measured([alone.of("usage_hour") / 1e6]).value,
    "remote hosts, kept for 400 days, MB": measured([(household.file - alone.file) / 1e6]).value,
    "whole file MB": measured([household.file / 1e6]).value,
  });
}

function sizesOf(history: Omit<HistoryOptions, "dir">): Promise<{ of: ReturnType<typeof sizesIn>; file: number }> {
  return withFolder(async (dir) => {
    await writeHistory({ ...history, dir });
    const path = join(dir, "WhiteStat.db");
    return { of: sizesIn(path), file: statSync(path).size };
  });
}

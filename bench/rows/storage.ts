import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { assertOnDisk, flush } from "../lib/disk.ts";
import { writeHistory } from "../lib/history.ts";
import { type Measurement, measured, type Row } from "../lib/measure.ts";
import { writtenBytes } from "../lib/proc.ts";
import { NOON, withFolder, withScene } from "../lib/scene.ts";
import { sizesIn } from "../lib/sizes.ts";

const DAY_MS = 86_400_000;
const YEAR = 365;
/** A device's day, and what of it stands beside its row. */
const DAYS = ["usage_day", "usage_flag", "usage_step"];

export const storageRows: readonly Row[] = [
  {
    name: "day",
    work: "bytes written per day, default settings, 50 devices of which 20 active and 150 remote hosts",
    unit: "MB",
    budget: 25,
    better: "less",
    original: null,
    measure: bytesPerDay,
  },
  {
    name: "device-day",
    work: "database bytes per device-day, after a year",
    unit: "bytes",
    budget: 32,
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
 * What the days of devices take in the file: their table with its pages half full and all, the dictionaries of devices
 * and addresses, and the balance of each day. Hours and remote hosts, which go after a while, are told beside it.
 */
async function bytesPerDeviceDay(): Promise<Measurement> {
  return withFolder(async (dir) => {
    await writeHistory({
      dir,
      endsAt: NOON,
      days: YEAR,
      devices: 50,
      remotes: 150,
      hoursDays: 62,
    });
    const path = join(dir, "WhiteStat.db");
    const size = sizesIn(path);
    const days = YEAR * 50;
    const kept = size(...DAYS, "balance_day", "device", "sqlite_autoindex_device_1", "device_address");
    return measured([kept / days], {
      "tables of days alone": measured([size(...DAYS) / days]).value,
      "hours, kept for 62 days, MB": measured([size("usage_hour") / 1e6]).value,
      "remote hosts, kept for 400 days, MB": measured([size("remote_day") / 1e6]).value,
      "whole file MB": measured([statSync(path).size / 1e6]).value,
    });
  });
}

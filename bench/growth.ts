/**
 * How cost grows with the network and with the years: `npm run bench:growth`. Each figure stands in the table of
 * docs/what-it-costs.md; the budgets themselves are held by `npm run bench`.
 */
import { join } from "node:path";
import { openDashboard } from "./lib/dashboard.ts";
import { assertOnDisk, flush } from "./lib/disk.ts";
import { writeHistory } from "./lib/history.ts";
import { significant } from "./lib/measure.ts";
import { cpuMs, memoryOf, writtenBytes } from "./lib/proc.ts";
import { NOON, withFolder, withScene } from "./lib/scene.ts";
import { sizesIn } from "./lib/sizes.ts";

const WARM_UP = 20;
const POLLS = 60;

const hosts = [
  ["100 hosts", 20, 80],
  ["1,000 hosts", 200, 800],
  ["10,000 hosts", 1_000, 9_000],
] as const;
const histories = [
  ["10 devices, 1 year", 10, 365],
  ["50 devices, 1 year", 50, 365],
  ["50 devices, 10 years", 50, 3_652],
  ["200 devices, 10 years", 200, 3_652],
] as const;

await print("| darkstat shows | CPU of a poll | memory | written per checkpoint |\n|---|---|---|---|\n");
for (const [name, devices, remotes] of hosts) {
  await withScene({ devices, remotes, startsAt: NOON, settings: { UpdateDBSeconds: 30 } }, async (scene) => {
    const { dir, product, step } = scene;
    assertOnDisk(dir);
    for (let n = 0; n < WARM_UP; n++) await step();
    const cpu = cpuMs(product.pid);
    const written = writtenBytes(product.pid);
    for (let n = 0; n < POLLS; n++) {
      await step();
      flush(dir);
    }
    const cpuOfOne = (cpuMs(product.pid) - cpu) / POLLS;
    const writtenOnce = (writtenBytes(product.pid) - written) / POLLS / 1e3;
    const dashboard = await openDashboard(product.url);
    for (let n = 0; n < WARM_UP; n++) {
      await step();
      await dashboard.refresh();
    }
    const { total } = memoryOf(product.pid);
    dashboard.close();
    await print(
      `| ${name}, all busy | ${significant(cpuOfOne)} ms | ${significant(total)} MB | ${significant(writtenOnce)} kB |\n`,
    );
  });
}

await print(
  "\n| history | database | kept indefinitely | hours of 62 days | remote hosts of 400 days |\n|---|---|---|---|---|\n",
);
for (const [name, devices, days] of histories) {
  await withFolder(async (dir) => {
    await writeHistory({ dir, endsAt: NOON, days, devices, remotes: 150, hoursDays: 62, remoteDays: 400 });
    const size = sizesIn(join(dir, "WhiteStat.db"));
    const forGood = size("usage_day", "usage_flag", "usage_step", "balance_day", "device", "device_address");
    // The writer of histories gives older days one hour each, where the product would have pruned all of theirs.
    const hours = (size("usage_hour") * 62 * 24) / (62 * 24 + days - 62);
    const remotes = size("remote_day", "address", "sqlite_autoindex_address_1");
    const figures = [forGood + hours + remotes, forGood, hours, remotes].map((bytes) => significant(bytes / 1e6));
    await print(`| ${name} | ${figures.map((figure) => `${figure} MB`).join(" | ")} |\n`);
  });
}

function print(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()));
}

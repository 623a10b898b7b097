import { statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createFakeDarkstat } from "../src/meters/darkstat/simulated/index.ts";
import { openDashboard } from "./lib/dashboard.ts";
import { assertOnDisk, flush } from "./lib/disk.ts";
import { writeHistory } from "./lib/history.ts";
import { median, significant } from "./lib/measure.ts";
import { descriptorsOf, memoryOf, writtenBytes } from "./lib/proc.ts";
import { type Product, startProduct } from "./lib/product.ts";
import { below, bytesBetween, createRandom } from "./lib/random.ts";
import { deviceParty, NOON, remoteParty, withFolder } from "./lib/scene.ts";

/**
 * `npm run soak [-- --hours 24]`: a day of an ordinary household in a few minutes. The product's clock is turned as fast
 * as it reads, a dashboard is open all the time, internet hosts come and go until darkstat evicts some.
 * Nothing may grow that should not.
 */
const DEVICES = 50;
const ACTIVE = 20;
const REMOTES = 150;
const NEW_REMOTES_AN_HOUR = 40;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Bytes. More than the bench's day may write: that one meets the same hosts all day, this one a thousand new ones. */
const MOST_WRITTEN_A_DAY = 45e6;
/** Bytes that a day adds to the file, before the days that are kept are over: mostly the names of those thousand. */
const MOST_GROWTH_A_DAY = 150_000;
/** Memory of the last quarter against that of the second one: the first is for warming up. */
const MOST_MEMORY_GROWTH = 1.08;

/** What there is to see at the end of an hour. */
interface Sample {
  readonly memory: number;
  readonly descriptors: number;
  readonly handles: number;
}

const { values } = parseArgs({ options: { hours: { type: "string", default: "24" } } });
const hours = Number(values.hours);
if (!Number.isInteger(hours) || hours < 8) {
  process.stderr.write(`--hours ${values.hours} won't do: a whole number from 8 on, for example --hours 24\n`);
  process.exit(64);
}
process.exitCode = await withFolder(async (dir) => {
  assertOnDisk(dir);
  await writeHistory({
    dir,
    endsAt: NOON,
    days: 30,
    devices: DEVICES,
    active: ACTIVE,
    remotes: REMOTES,
    hoursDays: 30,
  });
  const household = await createHousehold();
  const product = await startProduct({ dir, darkstat: household.url, startsAt: NOON });
  try {
    return report(await live(product, household, dir));
  } finally {
    await product.stop().finally(product.kill);
    await household.stop();
  }
});

type Household = Awaited<ReturnType<typeof createHousehold>>;

async function createHousehold() {
  const clock = { at: NOON };
  const random = createRandom(24);
  const darkstat = createFakeDarkstat({ now: () => clock.at, routerMac: remoteParty(0).mac });
  const url = await darkstat.start();
  return {
    url,
    stop: () => darkstat.stop(),
    /** Lets time pass, and each device that is awake exchange something with a few hosts. */
    pass(ms: number) {
      clock.at += ms;
      const hour = Math.floor((clock.at - NOON) / HOUR_MS);
      for (let n = 0; n < ACTIVE; n++) {
        const device = deviceParty((n + hour * 3) % DEVICES);
        const peers = 1 + below(random, 4);
        for (let peer = 0; peer < peers; peer++) {
          const far = remoteParty(hour * NEW_REMOTES_AN_HOUR + below(random, REMOTES));
          darkstat.traffic(device, far, bytesBetween(random, 200, 2e6), bytesBetween(random, 100, 2e5));
        }
      }
    },
  };
}

interface Life {
  readonly samples: readonly Sample[];
  readonly written: number;
  readonly growth: number;
  readonly problems: number;
  readonly polls: number;
}

async function live(product: Product, household: Household, dir: string): Promise<Life> {
  const dashboard = await openDashboard(product.url);
  const size = () => statSync(join(dir, "WhiteStat.db")).size;
  const samples: Sample[] = [];
  let polls = 0;
  let written = 0;
  let growth = 0;
  for (let hour = 1; hour <= hours; hour++) {
    while (product.now() < NOON + hour * HOUR_MS) {
      household.pass(product.nextSleepMs());
      await product.step();
      await dashboard.refresh();
      flush(dir);
      polls++;
    }
    if (hour === 2) {
      written = writtenBytes(product.pid);
      growth = size();
    }
    const sample = {
      memory: memoryOf(product.pid).total,
      descriptors: descriptorsOf(product.pid),
      handles: (await product.handles()).length,
    };
    samples.push(sample);
    process.stderr.write(
      `hour ${hour}: ${sample.memory.toFixed(1)} MB, ${sample.descriptors} descriptors, ${sample.handles} handles\n`,
    );
  }
  dashboard.close();
  const days = ((hours - 2) * HOUR_MS) / DAY_MS;
  const health = await fetch(`${product.url}/healthz`);
  return {
    samples,
    polls,
    written: (writtenBytes(product.pid) - written) / days,
    growth: (size() - growth) / days,
    problems: health.ok ? 0 : health.status,
  };
}

function report({ samples, polls, written, growth, problems }: Life): number {
  const quarter = Math.floor(samples.length / 4);
  const of = (key: keyof Sample, from: number, to: number) => median(samples.slice(from, to).map((one) => one[key]));
  const early = (key: keyof Sample) => of(key, quarter, 2 * quarter);
  const late = (key: keyof Sample) => of(key, samples.length - quarter, samples.length);
  const checks: [string, string, boolean][] = [
    [
      "memory",
      `${significant(early("memory"))} MB early, ${significant(late("memory"))} MB late`,
      late("memory") <= early("memory") * MOST_MEMORY_GROWTH,
    ],
    [
      "descriptors",
      `${early("descriptors")} early, ${late("descriptors")} late`,
      late("descriptors") <= early("descriptors"),
    ],
    ["timers and sockets", `${early("handles")} early, ${late("handles")} late`, late("handles") <= early("handles")],
    ["written to disk", `${significant(written / 1e6)} MB a day`, written <= MOST_WRITTEN_A_DAY],
    ["database", `grows by ${significant(growth / 1e3)} kB a day`, growth <= MOST_GROWTH_A_DAY],
    ["health", problems === 0 ? "well" : `/healthz answers ${problems}`, problems === 0],
  ];
  process.stdout.write(`${hours} hours, ${polls} readings, a dashboard open all the time:\n`);
  for (const [what, seen, isWell] of checks)
    process.stdout.write(`  ${isWell ? "well  " : "BROKEN"}  ${what}: ${seen}\n`);
  return checks.every(([, , isWell]) => isWell) ? 0 : 1;
}

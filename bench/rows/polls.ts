import { openDashboard } from "../lib/dashboard.ts";
import { assertOnDisk, flush } from "../lib/disk.ts";
import { inRounds, type Measurement, measured, median, type Row } from "../lib/measure.ts";
import { cpuMs, memoryOf, writtenBytes } from "../lib/proc.ts";
import { type NetworkOptions, NOON, type Scene, withScene } from "../lib/scene.ts";

const THOUSAND: NetworkOptions = { devices: 200, remotes: 800, startsAt: NOON };
const TEN_THOUSAND: NetworkOptions = { devices: 1_000, remotes: 9_000, startsAt: NOON };
/** Every reading is followed by a checkpoint. */
const CHECKPOINT_ALWAYS = { UpdateDBSeconds: 30 };
const HOUR_OF_POLLS = 120;

export const pollRows: readonly Row[] = [
  {
    name: "poll",
    work: "CPU of one poll, 1,000 hosts, all changed (fetch, parse, settle, checkpoint)",
    unit: "ms",
    budget: 10,
    better: "less",
    original: 307,
    measure: () => cpuOfPolls(THOUSAND, 60),
  },
  {
    name: "memory",
    work: "resident memory after an hour of that with a dashboard open (RssAnon + RssFile)",
    unit: "MB",
    budget: 72,
    better: "less",
    original: 214,
    measure: () => memoryAfterAnHour(THOUSAND),
  },
  {
    name: "checkpoint",
    work: "bytes written to disk per checkpoint, 1,000 hosts changed",
    unit: "kB",
    budget: 40,
    better: "less",
    original: 511,
    measure: bytesPerCheckpoint,
  },
  {
    name: "poll-10000",
    work: "CPU of one poll, 10,000 hosts, all changed",
    unit: "ms",
    budget: 100,
    better: "less",
    original: null,
    measure: () => cpuOfPolls(TEN_THOUSAND, 12),
  },
  {
    name: "memory-10000",
    work: "resident memory after an hour of that with a dashboard open",
    unit: "MB",
    budget: 96,
    better: "less",
    original: null,
    measure: () => memoryAfterAnHour(TEN_THOUSAND),
  },
  {
    name: "stall-10000",
    work: "longest stall of the event loop in that hour",
    unit: "ms",
    budget: 50,
    better: "less",
    original: null,
    measure: longestStall,
  },
];

/** Polls that come before the measured ones: the first ones are slower, for V8 has not compiled what is hot yet. */
const WARM_UP = 20;

async function cpuOfPolls(network: NetworkOptions, polls: number): Promise<Measurement> {
  return withScene({ ...network, settings: CHECKPOINT_ALWAYS }, async ({ product, step }) => {
    for (let n = 0; n < WARM_UP; n++) await step();
    return inRounds(5, async () => {
      const before = cpuMs(product.pid);
      for (let n = 0; n < polls; n++) await step();
      return (cpuMs(product.pid) - before) / polls;
    });
  });
}

async function memoryAfterAnHour(network: NetworkOptions): Promise<Measurement> {
  const peaks: number[] = [];
  const files: number[] = [];
  const result = await inRounds(3, () =>
    withScene(network, async ({ product, step }) => {
      const dashboard = await openDashboard(product.url);
      for (let n = 0; n < HOUR_OF_POLLS; n++) {
        await step();
        await dashboard.refresh();
      }
      const memory = memoryOf(product.pid);
      dashboard.close();
      peaks.push(memory.peak);
      files.push(memory.file);
      return memory.total;
    }),
  );
  return { ...result, besides: { "peak MB": median(peaks), "of it mapped files MB": median(files) } };
}

async function bytesPerCheckpoint(): Promise<Measurement> {
  return withScene({ ...THOUSAND, settings: CHECKPOINT_ALWAYS }, async (scene) => {
    assertOnDisk(scene.dir);
    // The first checkpoints write the names, too.
    for (let n = 0; n < WARM_UP; n++) await scene.step();
    return inRounds(5, async () => {
      flush(scene.dir);
      const before = writtenBytes(scene.product.pid);
      await checkpoints(scene, 40);
      return (writtenBytes(scene.product.pid) - before) / 40 / 1000;
    });
  });
}

async function checkpoints({ step, dir }: Scene, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    await step();
    flush(dir);
  }
}

async function longestStall(): Promise<Measurement> {
  const medians: number[] = [];
  const rounds = await inRounds(3, () =>
    withScene(TEN_THOUSAND, async ({ product, step }) => {
      const dashboard = await openDashboard(product.url);
      for (let n = 0; n < WARM_UP; n++) await step();
      product.watch();
      await product.longestStallMs();
      const stalls: number[] = [];
      for (let n = 0; n < HOUR_OF_POLLS; n++) {
        await step();
        await dashboard.refresh();
        stalls.push(await product.longestStallMs());
      }
      dashboard.close();
      medians.push(median(stalls));
      return Math.max(...stalls);
    }),
  );
  return { ...rounds, besides: { "of a usual poll ms": measured(medians).value } };
}

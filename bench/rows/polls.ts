import { setTimeout as delay } from "node:timers/promises";
import { isThere as hasMosquitto, startMosquitto } from "../../test/mqtt/broker.ts";
import { openDashboard } from "../lib/dashboard.ts";
import { assertOnDisk, flush } from "../lib/disk.ts";
import { bareServerMb } from "../lib/floor.ts";
import { inRounds, type Measurement, measured, type Row, significant } from "../lib/measure.ts";
import { cpuMs, memoryOf, writtenBytes } from "../lib/proc.ts";
import { nodeSwitches, startProduct, surroundings } from "../lib/product.ts";
import { createNetwork, type NetworkOptions, NOON, type Scene, withFolder, withScene } from "../lib/scene.ts";

const THOUSAND: NetworkOptions = { devices: 200, remotes: 800, startsAt: NOON };
const TEN_THOUSAND: NetworkOptions = { devices: 1_000, remotes: 9_000, startsAt: NOON };
/** Every reading is followed by a checkpoint. */
const CHECKPOINT_ALWAYS = { UpdateDBSeconds: 30 };
const HOUR_OF_POLLS = 120;

/** A household whose devices Home Assistant is told of. */
const HOUSEHOLD: NetworkOptions = { devices: 50, remotes: 150, startsAt: NOON };

const MQTT: Row = {
  name: "memory-mqtt",
  work: "memory that a broker costs: 50 devices told to a real Mosquitto, against none",
  unit: "MB",
  budget: 8,
  better: "less",
  original: null,
  measure: memoryOfBroker,
};

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
  ...(hasMosquitto ? [MQTT] : []),
  {
    name: "checkpoint",
    work: "bytes written to disk per checkpoint, 1,000 hosts changed",
    unit: "kB",
    budget: 80,
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
    measure: () => cpuOfPolls(TEN_THOUSAND, 8),
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
    work: "longest stall of the event loop, with a dashboard open",
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

/**
 * By the real clock, with nothing of the bench inside, for that takes memory too: an hour's readings, one each second,
 * with what an open dashboard asks after each. Each of the last seconds is a round.
 */
async function memoryAfterAnHour(
  { devices, remotes }: NetworkOptions,
  more: Readonly<Record<string, string>> = {},
): Promise<Measurement> {
  return withFolder(async (dir) => {
    const network = await createNetwork({ devices, remotes, startsAt: Date.now() });
    const settings = { IdleSeconds: 1, UpdateDBSeconds: 1, ...more };
    const product = await startProduct({ dir, darkstat: network.url, settings });
    const dashboard = await openDashboard(product.url);
    const totals: number[] = [];
    try {
      for (let n = 0; n < HOUR_OF_POLLS; n++) {
        network.clock.at = Date.now();
        network.live();
        await delay(1_000);
        await dashboard.refresh();
        if (n >= HOUR_OF_POLLS - 20) totals.push(memoryOf(product.pid).total);
      }
      const { peak, file } = memoryOf(product.pid);
      return measured(totals, {
        "peak MB": significant(peak),
        "of it mapped files (Node itself) MB": significant(file),
        "the floor: a bare http server of Node's MB": significant(await bareServerMb(nodeSwitches(), surroundings())),
      });
    } finally {
      dashboard.close();
      await product.stop().finally(product.kill);
      await network.darkstat.stop();
    }
  });
}

async function memoryOfBroker(): Promise<Measurement> {
  const without = await memoryAfterAnHour(HOUSEHOLD);
  return withFolder(async (dir) => {
    const broker = await startMosquitto(dir);
    try {
      const told = await memoryAfterAnHour(HOUSEHOLD, { MQTT_URL: broker.url });
      const besides = { "without MB": without.value, "with MB": told.value };
      return { ...measured(told.rounds.map((mb) => mb - without.value)), besides };
    } finally {
      await broker.stop();
    }
  });
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
  return withScene(TEN_THOUSAND, async ({ product, step }) => {
    const dashboard = await openDashboard(product.url);
    for (let n = 0; n < WARM_UP; n++) await step();
    product.watch();
    await product.longestStallMs();
    const all: number[] = [];
    const rounds = await inRounds(5, async () => {
      const stalls: number[] = [];
      for (let n = 0; n < 8; n++) {
        await step();
        await dashboard.refresh();
        stalls.push(await product.longestStallMs());
      }
      all.push(...stalls);
      return Math.max(...stalls);
    });
    dashboard.close();
    return { ...rounds, besides: { "of a usual poll ms": measured(all).value } };
  });
}

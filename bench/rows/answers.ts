import http from "node:http";
import { startCluster } from "../../test/postgres/cluster.ts";
import { moveHistory, writeHistory } from "../lib/history.ts";
import { getOk, latencyMs, requestsPerSecond } from "../lib/http.ts";
import { inRounds, type Measurement, measured, median, type Row } from "../lib/measure.ts";
import { cpuMs, memoryOf } from "../lib/proc.ts";
import { type Product, startProduct } from "../lib/product.ts";
import { createNetwork, deviceMac, NOON, withFolder, withScene } from "../lib/scene.ts";

const DAY_MS = 86_400_000;
const DEVICES = 50;
const REMOTES = 200;
const YEAR = 365;
const TEN_YEARS = 3_652;
/** A house with many people: each has so many of the devices in it. */
const HOUSE = { devices: 300, owners: 20 };
/** What is kept of the past by the default settings. */
const KEPT = { hoursDays: 62, remoteDays: 400 };
/** Hosts on the internet as in a database of the original, which kept them without end. */
const ALL_KEPT = { hoursDays: 62 };

/** A server of the old endpoints that is not ours, and the last day of its history. */
export interface Against {
  readonly url: string;
  readonly until: string;
}

/** The rows that ask questions. Those about the old endpoints can be put to another server too. */
export function answerRows(against: Against | null): readonly Row[] {
  return [
    {
      name: "history-365",
      work: "/json/history, 365 days × 50 devices",
      unit: "ms",
      budget: 40,
      better: "less",
      original: 2_100,
      measure: () => (against ? latencyOf(against.url, against.until, null) : ofOneYear(latencyOf)),
    },
    {
      name: "history-20",
      work: "/json/history, 20 days × 50 devices, 4 connections",
      unit: "requests/s",
      budget: 800,
      better: "more",
      original: 12,
      measure: () => (against ? throughputOf(against.url, against.until, null) : ofOneYear(throughputOf)),
    },
    {
      name: "api",
      work: "slowest question of the dashboard's API, ten years × 50 devices + 200 remote hosts a day",
      unit: "ms",
      budget: 60,
      better: "less",
      original: null,
      measure: () => slowestQuestion(),
    },
    {
      name: "api-postgres",
      work: "the same with the history in PostgreSQL",
      unit: "ms",
      budget: 100,
      better: "less",
      original: null,
      measure: slowestQuestionOnPostgres,
    },
    {
      name: "api-all-kept",
      work: "the same where all internet hosts of the ten years are kept (REMOTE_KEPT_DAYS=0)",
      unit: "ms",
      budget: 60,
      better: "less",
      original: null,
      measure: () => slowestQuestion({ kept: ALL_KEPT }),
    },
    {
      name: "api-first",
      work: "slowest of them when it is the first of all that is asked after a start",
      unit: "ms",
      budget: 60,
      better: "less",
      original: null,
      measure: slowestFirstQuestion,
    },
    {
      name: "people",
      work: `usage by owner, network or meter and month, ten years × ${HOUSE.devices} devices of ${HOUSE.owners} owners`,
      unit: "ms",
      budget: 60,
      better: "less",
      original: null,
      measure: slowestAboutPeople,
    },
    {
      name: "plan",
      work: "a plan with another billing day, and all cycles of ten years × 50 devices",
      unit: "ms",
      budget: 60,
      better: "less",
      original: null,
      measure: () => otherBillingDay(0),
    },
    {
      name: "plan-except",
      work: "the same, without three of the devices",
      unit: "ms",
      budget: 60,
      better: "less",
      original: null,
      measure: () => otherBillingDay(3),
    },
    {
      name: "api-growth",
      work: "its 30 days with ten years of history, compared with one year",
      unit: "times",
      budget: 1.5,
      better: "less",
      original: null,
      measure: growthOfAMonth,
    },
    {
      name: "start",
      work: "start to first answer, ten years of history",
      unit: "ms",
      budget: 500,
      better: "less",
      original: 3_000,
      measure: startWithTenYears,
    },
  ];
}

type AboutHistory = (url: string, until: string, pid: number | null) => Promise<Measurement>;

function ofOneYear(ask: AboutHistory): Promise<Measurement> {
  return withHistory(YEAR, 0, (product) => ask(product.url, dayOf(NOON), product.pid));
}

interface Past {
  readonly kept?: typeof KEPT | typeof ALL_KEPT;
  /** Where the history lies, if it is no file. */
  readonly databaseUrl?: string | null;
  readonly devices?: number;
}

/** A scene with a past, and a network like it: the product has read once, and stands still. */
function withHistory<T>(
  days: number,
  remotes: number,
  use: (product: Product, step: () => Promise<void>) => Promise<T>,
  { kept = KEPT, databaseUrl = null, devices = DEVICES }: Past = {},
) {
  return withScene(
    {
      devices,
      remotes: Math.max(1, remotes),
      startsAt: NOON,
      settings: {
        ...(kept === ALL_KEPT ? { REMOTE_KEPT_DAYS: 0 } : {}),
        ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
      },
      async prepare(dir) {
        await writeHistory({ dir, endsAt: NOON, days, devices, remotes, ...kept });
        if (databaseUrl !== null) await moveHistory(dir, databaseUrl);
      },
    },
    ({ product, step }) => use(product, step),
  );
}

const latencyOf: AboutHistory = async (url, until, pid) => {
  const agent = new http.Agent({ keepAlive: true });
  const address = historyUrl(url, until, YEAR);
  try {
    const { bytes } = await getOk(address, { agent });
    const cpu: number[] = [];
    const times = await inRounds(15, async () => {
      const before = pid === null ? 0 : cpuMs(pid);
      const times: number[] = [];
      for (let n = 0; n < 5; n++) times.push(await latencyMs(address, agent));
      if (pid !== null) cpu.push((cpuMs(pid) - before) / 5);
      return median(times);
    });
    return { ...times, besides: { "answer MB": measured([bytes / 1e6]).value, ...cpuBesides(cpu) } };
  } finally {
    agent.destroy();
  }
};

const throughputOf: AboutHistory = async (url, until, pid) => {
  const address = historyUrl(url, until, 20);
  const { bytes } = await getOk(address);
  await requestsPerSecond(address, 4, 1);
  const cpu: number[] = [];
  const rates = await inRounds(7, async () => {
    const before = pid === null ? 0 : cpuMs(pid);
    const rate = await requestsPerSecond(address, 4, 2);
    if (pid !== null) cpu.push((cpuMs(pid) - before) / (rate * 2));
    return rate;
  });
  return { ...rates, besides: { "answer kB": measured([bytes / 1e3]).value, ...cpuBesides(cpu) } };
};

function cpuBesides(cpu: readonly number[]): Record<string, number> {
  return cpu.length === 0 ? {} : { "CPU of one ms": measured(cpu).value };
}

function historyUrl(url: string, until: string, days: number): string {
  const from = dayOf(Date.parse(`${until}T12:00:00Z`) - (days - 1) * DAY_MS);
  return `${url.replace(/\/$/, "")}/json/history?start=${from}&end=${until}`;
}

/** What the dashboard may ask: every range it offers, in every grouping that makes sense of it. */
function questions(): readonly string[] {
  const since = (days: number) => dayOf(NOON - (days - 1) * DAY_MS);
  const until = dayOf(NOON);
  const usage = (days: number, group: string, remote: "yes" | "no") =>
    `usage?from=${since(days)}&to=${until}&group=${group}&remote=${remote}`;
  return [
    usage(1, "hour", "yes"),
    usage(7, "hour", "no"),
    usage(7, "day", "yes"),
    usage(31, "day", "yes"),
    usage(YEAR, "day", "yes"),
    usage(YEAR, "month", "yes"),
    usage(TEN_YEARS, "month", "no"),
    usage(TEN_YEARS, "month", "yes"),
    `days?from=${since(31)}&to=${until}`,
    "status",
  ];
}

async function slowestQuestion(past: Past = {}): Promise<Measurement> {
  const ask = async (product: Product, step: () => Promise<void>) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const times = timesOfQuestions();
    for (let round = 0; round < 8; round++) {
      for (const [question, known] of times) {
        // What was remembered before a reading may be of no use after it.
        await step();
        const ms = await latencyMs(`${product.url}/api/v1/${question}`, agent);
        if (round > 0) known.push(ms);
      }
    }
    agent.destroy();
    return slowestOf(times);
  };
  return withHistory(TEN_YEARS, REMOTES, ask, past);
}

/** On a server of its own, as Debian's package sets it up but for what only a crash of the machine would need. */
async function slowestQuestionOnPostgres(): Promise<Measurement> {
  const cluster = await startCluster();
  try {
    return await slowestQuestion({ databaseUrl: cluster.url(await cluster.createDatabase()) });
  } finally {
    await cluster.stop();
  }
}

/** Each question is put to a product that has answered nothing before but a `/json`, by which the bench sees that it is up. */
async function slowestFirstQuestion(): Promise<Measurement> {
  return withFolder(async (dir) => {
    await writeHistory({ dir, endsAt: NOON, days: TEN_YEARS, devices: DEVICES, remotes: REMOTES, ...KEPT });
    const network = await createNetwork({ devices: DEVICES, remotes: REMOTES, startsAt: NOON });
    const options = { dir, darkstat: network.url, startsAt: NOON };
    const times = timesOfQuestions();
    try {
      for (let round = 0; round < 3; round++) {
        for (const [question, known] of times) {
          const product = await startProduct(options);
          const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
          try {
            known.push(await latencyMs(`${product.url}/api/v1/${question}`, agent));
          } finally {
            agent.destroy();
            await product.stop().finally(product.kill);
          }
        }
      }
      return slowestOf(times);
    } finally {
      await network.darkstat.stop();
    }
  });
}

function timesOfQuestions(): Map<string, number[]> {
  return new Map(questions().map((question) => [question, []]));
}

function slowestOf(times: ReadonlyMap<string, readonly number[]>): Measurement {
  const [slowest = "", rounds = []] = [...times].sort(([, a], [, b]) => median(b) - median(a))[0] ?? [];
  const all = Object.fromEntries([...times].map(([question, known]) => [question, measured(known).value]));
  return measured(rounds, { slowest, ...all });
}

async function growthOfAMonth(): Promise<Measurement> {
  const question = questions().find((text) => text.includes("group=day") && text.includes(dayOf(NOON - 30 * DAY_MS)));
  const timesAfter = (days: number) =>
    withHistory(days, REMOTES, async (product, step) => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      const times: number[] = [];
      for (let round = 0; round < 25; round++) {
        await step();
        times.push(await latencyMs(`${product.url}/api/v1/${question}`, agent));
      }
      agent.destroy();
      return times.slice(5);
    });
  const [one, ten] = [await timesAfter(YEAR), await timesAfter(TEN_YEARS)];
  return measured(
    ten.map((ms) => ms / median(one)),
    { "one year ms": measured(one).value, "ten years ms": measured(ten).value },
  );
}

/** What the dashboard asks where devices are put together, and when it shows one person's. */
async function slowestAboutPeople(): Promise<Measurement> {
  const ask = async (product: Product, step: () => Promise<void>) => {
    const range = `usage?from=${dayOf(NOON - (TEN_YEARS - 1) * DAY_MS)}&to=${dayOf(NOON)}&group=month`;
    const times = new Map(["by=owner", "by=network", "by=source", "owner=1"].map((part) => [part, [] as number[]]));
    const cpu = new Map<string, number[]>([...times.keys()].map((part) => [part, []]));
    const first: Record<string, number> = {};
    await addOwners(product);
    const before = memoryOf(product.pid).anonymous;
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let round = 0; round < 16; round++) {
      for (const [part, known] of times) {
        await step();
        const spent = cpuMs(product.pid);
        const ms = await latencyMs(`${product.url}/api/v1/${range}&${part}`, agent);
        if (round === 0) first[`${part}, first`] = ms;
        else {
          known.push(ms);
          cpu.get(part)?.push(cpuMs(product.pid) - spent);
        }
      }
    }
    agent.destroy();
    const { besides, ...slowest } = slowestOf(times);
    const cpuOf = Object.fromEntries([...cpu].map(([part, all]) => [`${part}, CPU ms`, mean(all)]));
    const grown = memoryOf(product.pid).anonymous - before;
    return { ...slowest, besides: { ...besides, ...first, ...cpuOf, "memory grown by MB": grown } };
  };
  return withHistory(TEN_YEARS, 0, ask, { devices: HOUSE.devices });
}

/** Every owner has as many devices, and each other device was handed over in the middle of the ten years. */
async function addOwners({ url }: Product): Promise<void> {
  const change = async (steps: readonly object[]) => {
    const answer = await fetch(`${url}/api/v1/household/changes`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ steps }),
    });
    if (!answer.ok) throw new Error(`owners were not taken: ${await answer.text()}`);
    return (await answer.json()) as { owners: number[] };
  };
  const names = Array.from({ length: HOUSE.owners }, (_, n) => ({ do: "add-owner", name: `Person ${n + 1}` }));
  const { owners } = await change(names);
  for (const [at, owner] of owners.entries()) {
    const devices = Array.from({ length: HOUSE.devices }, (_, n) => n).filter((n) => n % owners.length === at);
    const later = devices.filter((n) => n % 2 === 0).map(deviceMac);
    await change([
      { do: "hand-over", devices: devices.map(deviceMac), owner, from: null },
      ...(later.length === 0
        ? []
        : [{ do: "hand-over", devices: later, owner: owners[(at + 1) % owners.length], from: "2030-06-15" }]),
    ]);
  }
}

function mean(all: readonly number[]): number {
  return all.reduce((sum, one) => sum + one, 0) / all.length;
}

/** As a page does it: it has shown the plan before, and there are readings in between. */
async function otherBillingDay(without: number): Promise<Measurement> {
  return withHistory(TEN_YEARS, REMOTES, async (product, step) => {
    const usage = (await (await fetch(`${product.url}/api/v1/usage`)).json()) as { devices: { key: string }[] };
    const devices = usage.devices.slice(0, without).map(({ key }) => key);
    if (devices.length < without) throw new Error(`only ${devices.length} devices`);
    const change = async (billingDay: number): Promise<number> => {
      const from = `2020-01-${String(billingDay).padStart(2, "0")}`;
      const plan = { cycle: { unit: "month", count: 1, from }, allowance: 1e12, except: { owners: [], devices } };
      const began = performance.now();
      const answer = await fetch(`${product.url}/api/v1/plan?past=all`, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ plan }),
      });
      const { past } = (await answer.json()) as { past: unknown[] };
      const ms = performance.now() - began;
      if (past.length < TEN_YEARS / 31) throw new Error(`only ${past.length} cycles`);
      return ms;
    };
    const first = await change(1);
    return inRounds(
      15,
      async (round) => {
        await step();
        return change(2 + round);
      },
      { "first after a start ms": measured([first]).value },
    );
  });
}

async function startWithTenYears(): Promise<Measurement> {
  return withFolder(async (dir) => {
    await writeHistory({ dir, endsAt: Date.now(), days: TEN_YEARS, devices: DEVICES, remotes: REMOTES, ...KEPT });
    const network = await createNetwork({ devices: DEVICES, remotes: REMOTES, startsAt: Date.now() });
    const cpu: number[] = [];
    try {
      const result = await inRounds(7, async () => {
        const product = await startProduct({ dir, darkstat: network.url });
        cpu.push(cpuMs(product.pid));
        await product.stop().finally(product.kill);
        return product.firstAnswerMs;
      });
      return { ...result, besides: { "CPU until then ms": median(cpu) } };
    } finally {
      await network.darkstat.stop();
    }
  });
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

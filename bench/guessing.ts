/**
 * Guesses at the password: `npm run bench:guessing`. 10,000 tries in a minute from 100 addresses, in turns of two seconds with as
 * long without any; a signed-in person's dashboard is asked all the while. Says by how much the tries slow it (budget: a
 * tenth), how many were let in (none), and what the log said of it. The tries are made by a thread of their own.
 */

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { createHasher } from "../src/access/password.ts";
import { writePasswordFile } from "../src/cli/password-file.ts";
import { writeHistory } from "./lib/history.ts";
import { median, significant } from "./lib/measure.ts";
import { memoryOf } from "./lib/proc.ts";
import { startProduct } from "./lib/product.ts";
import { createNetwork, withFolder } from "./lib/scene.ts";

const TRIES = 10_000;
const TURNS = 30;
const TURN_MS = 2_000;
const ADDRESSES = 100;
const PERSON = "127.0.0.2";
const PASSWORD = "correct horse battery staple";
const BUDGET = 1.1;
const SETTLING_MS = 5_000;
/** What a page that is open asks for with each reading. */
const PAGES = ["/api/v1/usage", "/api/v1/status", "/api/v1/access"];

/** By address. */
const agents = new Map<string, http.Agent>();

if (isMainThread) await withFolder(measure);
else guess(workerData as { port: string });

async function measure(dir: string): Promise<void> {
  const now = Date.now();
  await writeHistory({ dir, endsAt: now, days: 60, devices: 50, remotes: 200, hoursDays: 60, remoteDays: 60 });
  const hasher = createHasher((count) => randomBytes(count));
  await writePasswordFile(join(dir, "PASSWORD.json"), await hasher.hash(PASSWORD));
  const network = await createNetwork({ devices: 50, remotes: 200, startsAt: now });
  const settings = { AUTH: "password" };
  const product = await startProduct({ dir, darkstat: network.url, settings, answersAt: "/healthz" });
  const guesser = new Worker(new URL(import.meta.url), { workerData: { port: new URL(product.url).port } });
  const statuses = new Map<number, number>();
  guesser.on("message", (counts: ReadonlyMap<number, number>) => {
    for (const [status, count] of counts) statuses.set(status, (statuses.get(status) ?? 0) + count);
  });
  try {
    await once(guesser, "online");
    const cookie = await signIn(product.url);
    await sleep(SETTLING_MS);
    const before = memoryOf(product.pid).total;
    const quiet: number[] = [];
    const guessed: number[] = [];
    for (let turn = 0; turn < TURNS * 2; turn += 1) {
      const times = turn % 2 === 0 ? quiet : guessed;
      const until = performance.now() + TURN_MS;
      if (times === guessed) guesser.postMessage({ tries: Math.ceil(TRIES / TURNS), ms: TURN_MS });
      while (performance.now() < until) {
        const since = performance.now();
        for (const page of PAGES) await ask(product.url + page, PERSON, { cookie });
        times.push(performance.now() - since);
        await sleep(50);
      }
    }
    // The last turn's answers, and the word of them.
    await sleep(TURN_MS);
    const tried = [...statuses.values()].reduce((sum, count) => sum + count, 0);
    const ratio = mean(guessed) / mean(quiet);
    const row = (name: string, value: string) => `${name.padEnd(48)}${value}\n`;
    process.stdout.write(
      [
        row("the dashboard, without tries, mean", `${significant(mean(quiet))} ms (${quiet.length} times)`),
        row("the dashboard, with tries, mean", `${significant(mean(guessed))} ms (${guessed.length} times)`),
        row("median, without and with", `${significant(median(quiet))}, ${significant(median(guessed))} ms`),
        row("with, of without", `${ratio.toFixed(3)} (budget ${BUDGET})`),
        row("tries, by their answers", [...statuses].map(([status, count]) => `${count} × ${status}`).join(", ")),
        row("memory before and after", `${significant(before)}, ${significant(memoryOf(product.pid).total)} MB`),
        row(`load of the machine (${availableParallelism()} processors)`, `${significant(loadavg()[0] ?? 0)}`),
      ].join(""),
    );
    process.exitCode = ratio <= BUDGET && !statuses.has(200) && tried >= TRIES * 0.95 ? 0 : 1;
  } finally {
    await guesser.terminate();
    await product.stop().finally(product.kill);
    await network.darkstat.stop();
  }
}

async function signIn(url: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/access/sign-in`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ password: PASSWORD }),
  });
  if (!response.ok) throw new Error(`Signing in answers ${response.status}: ${await response.text()}`);
  return response.headers
    .getSetCookie()
    .map((one) => one.split(";")[0])
    .join("; ");
}

/** Asks from an address of this machine, over a connection of that address's own. @returns the status */
function ask(url: string, localAddress: string, headers: http.OutgoingHttpHeaders, body?: string): Promise<number> {
  const agent = agents.get(localAddress) ?? new http.Agent({ keepAlive: true, maxSockets: 2 });
  agents.set(localAddress, agent);
  const method = body === undefined ? "GET" : "POST";
  return new Promise((resolve, reject) => {
    const request = http.request(url, { agent, localAddress, headers, method }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode ?? 0));
    });
    request.on("error", reject).end(body);
  });
}

/**
 * In the thread: so many tries, evenly over a while, each time that it is told. The answers are told once a turn, when all of
 * them are there: a word of each would have the person's own thread busy with us.
 */
function guess({ port }: { port: string }): void {
  const url = `http://127.0.0.1:${port}/api/v1/access/sign-in`;
  let count = 0;
  const one = async () => {
    count += 1;
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ password: `guess ${count}` });
    return ask(url, `127.0.1.${1 + (count % ADDRESSES)}`, headers, body).catch(() => 0);
  };
  parentPort?.on("message", async ({ tries, ms }: { tries: number; ms: number }) => {
    const since = performance.now();
    const answers: Promise<number>[] = [];
    while (answers.length < tries) {
      const due = Math.min(tries, Math.floor(((performance.now() - since) / ms) * tries) + 1);
      while (answers.length < due) answers.push(one());
      await sleep(5);
    }
    const counts = new Map<number, number>();
    for (const status of await Promise.all(answers)) counts.set(status, (counts.get(status) ?? 0) + 1);
    parentPort?.postMessage(counts);
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

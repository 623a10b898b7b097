/**
 * Clients that ask for ten years and don't take the response: `npm run bench:stalled -- --clients 200`. While they hold
 * on, memory, /healthz and the dashboard of another address are measured against budgets. The budget of /healthz is for a
 * machine with nothing else to do; the last line says what it had to do.
 */
import http from "node:http";
import { connect, type Socket } from "node:net";
import { availableParallelism, loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { writeHistory } from "./lib/history.ts";
import { get } from "./lib/http.ts";
import { significant } from "./lib/measure.ts";
import { memoryOf } from "./lib/proc.ts";
import { startProduct } from "./lib/product.ts";
import { createNetwork, withFolder } from "./lib/scene.ts";

const BUDGET = { memoryMb: 110, healthMs: 100 };
/** The clients, and the person whose dashboard must work. */
const CLIENTS = "127.0.0.1";
const PERSON = "127.0.0.2";
const TEN_YEARS = 3_652;
const DAY_MS = 86_400_000;
/** A start is another matter: it makes a backup, and prunes. */
const SETTLING_MS = 5_000;

const { values } = parseArgs({
  options: { clients: { type: "string", default: "200" }, seconds: { type: "string", default: "40" } },
});
const seconds = Number(values.seconds);
const now = Date.now();
const day = (at: number) => new Date(at).toISOString().slice(0, 10);
const HEAVY = `/api/v1/usage?from=${day(now - (TEN_YEARS - 1) * DAY_MS)}&to=${day(now)}&group=day`;

await withFolder(async (dir) => {
  await writeHistory({ dir, endsAt: now, days: TEN_YEARS, devices: 50, remotes: 200, hoursDays: 62, remoteDays: 400 });
  const network = await createNetwork({ devices: 50, remotes: 200, startsAt: now });
  const product = await startProduct({ dir, darkstat: network.url });
  await sleep(SETTLING_MS);
  const before = memoryOf(product.pid).total;
  const clients = stall(new URL(product.url).port, Number(values.clients));
  try {
    const until = Date.now() + seconds * 1000;
    const health: number[] = [];
    const pages: number[] = [];
    let memory = 0;
    while (Date.now() < until) {
      health.push(await timed(`${product.url}/healthz`));
      pages.push(await timed(`${product.url}/api/v1/usage`));
      memory = Math.max(memory, memoryOf(product.pid).total);
      await sleep(100);
    }
    const row = (name: string, value: number, unit: string, budget?: number) =>
      `${name.padEnd(44)}${significant(value)} ${unit}${budget === undefined ? "" : ` (budget ${budget} ${unit})`}\n`;
    process.stdout.write(
      [
        row("memory before", before, "MB"),
        row(`most memory, ${values.clients} stalled clients`, memory, "MB", BUDGET.memoryMb),
        row("peak (VmHWM)", memoryOf(product.pid).peak, "MB"),
        row("/healthz, the slowest of a hundred", quantile(health, 0.99), "ms"),
        row("slowest /healthz", Math.max(...health), "ms", BUDGET.healthMs),
        row("slowest dashboard query of another address", Math.max(...pages), "ms"),
        row("connections the clients opened", clients.opened(), ""),
        row(`load of the machine (${availableParallelism()} processors)`, loadavg()[0] ?? 0, ""),
      ].join(""),
    );
    process.exitCode = memory <= BUDGET.memoryMb && Math.max(...health) <= BUDGET.healthMs ? 0 : 1;
  } finally {
    clients.stop();
    await product.stop().finally(product.kill);
    await network.darkstat.stop();
  }
});

/** Keeps so many connections asking; one that is closed is opened again a moment later. */
function stall(port: string, count: number) {
  const sockets = new Set<Socket>();
  let opened = 0;
  let stopped = false;
  const open = () => {
    if (stopped) return;
    opened += 1;
    const socket = connect({ port: Number(port), host: CLIENTS, localAddress: CLIENTS });
    sockets.add(socket);
    socket.pause();
    socket.on("error", () => {});
    socket.once("close", () => {
      sockets.delete(socket);
      setTimeout(open, 500);
    });
    socket.write(`GET ${HEAVY} HTTP/1.1\r\nHost: pi\r\n\r\n`);
  };
  for (let n = 0; n < count; n++) open();
  return {
    opened: () => opened,
    stop() {
      stopped = true;
      for (const socket of sockets) socket.destroy();
    },
  };
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length * share)] ?? 0;
}

async function timed(url: string): Promise<number> {
  const agent = new http.Agent({ localAddress: PERSON });
  const began = performance.now();
  try {
    const { status } = await get(url, { agent });
    if (status !== 200) throw new Error(`${url} answers ${status}`);
  } finally {
    agent.destroy();
  }
  return performance.now() - began;
}

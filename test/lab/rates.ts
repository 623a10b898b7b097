import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "../lib/commands.ts";
import type { WhiteStat } from "../lib/whitestat.ts";
import { type Amount, healthOf, reportedOf, toleranceOf } from "./kernel-product.ts";
import { type ClientName, type Lab, SERVER } from "./lab.ts";

/** Three clients load a gateway's line together, and each one's figures are held against its own interface. */

const CLIENTS = ["a", "b", "c"] as const;
/** Of 22 frames each, which the gateway hands on as they are. A small machine can make a gigabit of them. */
const DATAGRAM = 32_000;

export interface Load {
  readonly mbit: number;
  readonly family: "IPv4" | "IPv6";
  readonly protocol: "TCP" | "UDP";
  readonly direction: "download" | "upload";
}

/** Every combination of them, the rates last. */
export function loadsAt(rates: readonly number[]): Load[] {
  return rates.flatMap((mbit) =>
    (["IPv4", "IPv6"] as const).flatMap((family) =>
      (["TCP", "UDP"] as const).flatMap((protocol) =>
        (["download", "upload"] as const).map((direction) => ({ mbit, family, protocol, direction })),
      ),
    ),
  );
}

/** One client in one direction: bytes that its interface carried, and bytes that are reported of it. */
export interface Comparison {
  readonly client: ClientName;
  readonly side: keyof Amount;
  readonly carried: number;
  readonly reported: number;
  /** So much of it passed while nothing was counted, at most. */
  readonly mayLack: number;
}

/** Whether they are the same, but for what may be between them. */
export function isSame({ carried, reported, mayLack }: Comparison): boolean {
  const lacks = carried - reported;
  return lacks >= -toleranceOf(carried) && lacks <= mayLack + toleranceOf(carried);
}

/** All clients load the line at once. Returns the Mbit/s of the best second, of what they carried. */
export async function runLoad(lab: Lab, load: Load, seconds: number): Promise<number> {
  const { mbit, family, protocol, direction } = load;
  await lab.shape(mbit);
  const server = family === "IPv4" ? SERVER.ip : SERVER.ip6;
  const bytes = Math.round((mbit * 125_000 * seconds) / CLIENTS.length);
  const samples: { at: number; bytes: number }[] = [];
  let isOver = false;
  const sampling = (async () => {
    for (; !isOver; await delay(200)) samples.push({ bytes: await carriedByAll(lab), at: performance.now() });
  })();
  try {
    await Promise.all(
      CLIENTS.map((client) =>
        protocol === "TCP"
          ? lab.transfer(client, bytes, direction, server)
          : lab.datagrams(client, bytes, direction, server, { mbit: mbit / CLIENTS.length, size: DATAGRAM }),
      ),
    );
  } finally {
    isOver = true;
    await sampling;
  }
  const rates = samples.flatMap((from) =>
    samples.filter(({ at }) => at >= from.at + 1_000).map((to) => (to.bytes - from.bytes) / 125 / (to.at - from.at)),
  );
  return Math.max(0, ...rates);
}

async function carriedByAll(lab: Lab): Promise<number> {
  return (await carriedBy(lab)).reduce((sum, one) => sum + one.in + one.out, 0);
}

function carriedBy(lab: Lab): Promise<Amount[]> {
  return Promise.all(CLIENTS.map((client) => lab.interfaceCounters(client)));
}

/** Compares what passes from now on. */
export interface Comparing {
  /** Each client in both directions, once whatever is on the wires was read. @param product as it is by now */
  end(product: WhiteStat): Promise<Comparison[]>;
  /** The clients' interfaces are about to be made anew. */
  interfacesGo(): Promise<void>;
  /** What passes until the function that is returned is called may be lost, and what wasn't read before. */
  mayLose(product: WhiteStat): Promise<() => Promise<void>>;
}

/** Both sides must be at rest. */
export async function createComparing(lab: Lab, product: WhiteStat): Promise<Comparing> {
  const reportedBy = (running: WhiteStat) => Promise.all(CLIENTS.map((client) => reportedOf(running, lab, client)));
  await twoReadings(product);
  const reportedBefore = await reportedBy(product);
  let base = await carriedBy(lab);
  let lost: readonly Amount[] = base.map(() => ({ in: 0, out: 0 }));
  const difference = (all: readonly Amount[], from: readonly Amount[]) =>
    all.map((one, place) => ({ in: one.in - (from[place]?.in ?? 0), out: one.out - (from[place]?.out ?? 0) }));
  return {
    async end(running) {
      await quiet(lab);
      await twoReadings(running);
      const carried = difference(await carriedBy(lab), base);
      const reported = difference(await reportedBy(running), reportedBefore);
      return CLIENTS.flatMap((client, place) =>
        (["in", "out"] as const).map((side) => ({
          client,
          side,
          carried: carried[place]?.[side] ?? Number.NaN,
          reported: reported[place]?.[side] ?? Number.NaN,
          mayLack: lost[place]?.[side] ?? 0,
        })),
      );
    },
    async interfacesGo() {
      base = difference(base, await carriedBy(lab));
    },
    async mayLose(running) {
      const from = difference(await carriedBy(lab), base);
      // The second one began after that.
      await twoReadings(running);
      return async () => {
        lost = difference(difference(await carriedBy(lab), base), from);
      };
    },
  };
}

/** Less in a second is IPv6's housekeeping. */
const QUIET = 2_000;

/** On a busy machine datagrams may still be under way when whoever waited for them has given up. */
async function quiet(lab: Lab): Promise<void> {
  for (let before = await carriedByAll(lab); ; ) {
    await delay(1_500);
    const now = await carriedByAll(lab);
    if (now - before < QUIET) return;
    before = now;
  }
}

/** A reading that is under way may have listed some counters before what matters; the next one has it all. */
async function twoReadings(product: WhiteStat): Promise<void> {
  for (let n = 0; n < 2; n++) {
    const { readAt } = await healthOf(product);
    await eventually(async () => {
      if ((await healthOf(product)).readAt === readAt) throw new Error("it reads nothing");
    });
  }
}

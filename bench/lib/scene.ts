import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFakeDarkstat, type FakeDarkstat } from "../../src/meters/darkstat/simulated/index.ts";
import { type Product, startProduct } from "./product.ts";
import { bytesBetween, createRandom, type Random } from "./random.ts";

/** Noon, so that a short measurement meets no midnight; a day that every build is older than. */
export const NOON = Date.UTC(2035, 5, 15, 12);
const ROUTER = "02:00:00:00:00:fe";

/** A network of which darkstat shows `devices` on the LAN and `remotes` on the internet. */
export interface Network {
  readonly darkstat: FakeDarkstat;
  readonly url: string;
  readonly clock: { at: number };
  /** Lets every host exchange something with another: the counters of all of them change. */
  live(): void;
}

export interface NetworkOptions {
  readonly devices: number;
  readonly remotes: number;
  readonly startsAt: number;
  readonly seed?: number;
}

export async function createNetwork(options: NetworkOptions): Promise<Network> {
  const { devices, remotes, startsAt, seed = 6 } = options;
  const clock = { at: startsAt };
  const darkstat = createFakeDarkstat({
    now: () => clock.at,
    routerMac: ROUTER,
    hostsMax: Math.max(1_000, (devices + remotes) * 2),
  });
  const random = createRandom(seed);
  const near = Array.from({ length: devices }, (_, n) => deviceParty(n));
  const far = Array.from({ length: remotes }, (_, n) => remoteParty(n));
  const live = () => {
    for (let n = 0; n < Math.max(devices, remotes); n++)
      exchange(darkstat, random, near[n % devices], far[n % remotes]);
  };
  live();
  return { darkstat, url: await darkstat.start(), clock, live };
}

function exchange(
  darkstat: FakeDarkstat,
  random: Random,
  near: ReturnType<typeof deviceParty> | undefined,
  far: ReturnType<typeof remoteParty> | undefined,
): void {
  if (!near || !far) return;
  darkstat.traffic(near, far, bytesBetween(random, 200, 4e6), bytesBetween(random, 100, 4e5));
}

export function deviceParty(n: number) {
  const [high, low] = [Math.floor(n / 250), 1 + (n % 250)];
  return { ip: `192.168.${high}.${low}`, mac: deviceMac(n), hostname: `device-${n}.home.example` };
}

export function deviceMac(n: number): string {
  const hex = (value: number) => value.toString(16).padStart(2, "0");
  return `02:1a:00:00:${hex(Math.floor(n / 256))}:${hex(n % 256)}`;
}

export function remoteParty(n: number) {
  const [high, low] = [Math.floor(n / 250), 1 + (n % 250)];
  const hostname = n % 3 === 0 ? "(none)" : `server-${n}.provider-${n % 40}.example.net`;
  return { ip: `198.${18 + Math.floor(high / 250)}.${high % 250}.${low}`, mac: ROUTER, hostname };
}

/** A running product with a clock that is turned by hand, reading a network whose every host is busy. */
export interface Scene {
  readonly network: Network;
  readonly product: Product;
  readonly dir: string;
  /** Traffic, the time until the next reading, the reading. */
  step(): Promise<void>;
}

/** Opens a scene, and closes all of it after `use`. `prepare` may fill the data store first. */
export async function withScene<T>(
  options: NetworkOptions & {
    readonly settings?: Readonly<Record<string, string | number>>;
    readonly prepare?: (dir: string) => Promise<void> | void;
  },
  use: (scene: Scene) => Promise<T>,
): Promise<T> {
  return withFolder(async (dir) => {
    await options.prepare?.(dir);
    const network = await createNetwork(options);
    try {
      const product = await startProduct({
        dir,
        darkstat: network.url,
        startsAt: options.startsAt,
        ...(options.settings === undefined ? {} : { settings: options.settings }),
      });
      try {
        return await use({
          network,
          product,
          dir,
          async step() {
            network.clock.at += product.nextSleepMs();
            network.live();
            await product.step();
          },
        });
      } finally {
        await product.stop().finally(product.kill);
      }
    } finally {
      await network.darkstat.stop();
    }
  });
}

/** A folder that is gone afterwards. BENCH_DIR chooses where: bytes written can only be counted on a real disk. */
export async function withFolder<T>(use: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), "whitestat-bench-"));
  try {
    return await use(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

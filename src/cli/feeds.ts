import { execFile } from "node:child_process";
import { reverse } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { endianness, networkInterfaces } from "node:os";
import type { Log } from "../log/log.ts";
import { readCarried, withCarried } from "../meters/carried.ts";
import { createDarkstatClient } from "../meters/darkstat/client.ts";
import { createEmbedded } from "../meters/darkstat/embedded.ts";
import { pickInterface, readNetworkState } from "../meters/interfaces.ts";
import { type LanNetworks, lanNetworks } from "../meters/kernel/lan.ts";
import { createKernelMeter, type KernelMeter, removeOtherTables } from "../meters/kernel/meter.ts";
import { createNames } from "../meters/kernel/names.ts";
import { attribute, findKernelPlace, type KernelPlace, type Obstacle } from "../meters/kernel/place.ts";
import { takeInAll } from "../meters/kernel/promiscuous.ts";
import { tableOf } from "../meters/kernel/rules.ts";
import type { Meter } from "../meters/meter.ts";
import { createNextHops } from "../meters/next-hops.ts";
import type { Settings } from "../settings/table.ts";
import type { Problem } from "../shared/status.ts";
import type { Io } from "./io.ts";
import type { Feed } from "./metering.ts";

/** Which meter is to be read, and by which name; null where it is the only one, and nobody named it. */
export type MeterChoice = { readonly name: string | null } & (
  | { readonly kind: "remote"; readonly url: string }
  /** `obstacle`: METER demands the kernel's counters, and they are not to be had. */
  | { readonly kind: "kernel"; readonly wanted: readonly string[]; readonly place: KernelPlace | Obstacle }
  /** `why` the kernel's counters are not used; null where that is what METER says. */
  | { readonly kind: "embedded"; readonly wanted: readonly string[]; readonly why: Obstacle | null }
);

type Chosen = Pick<Settings, "meter" | "darkstats" | "interfaces">;

/** Decides by the settings and by what this machine can do for this process now. There is always one at least. */
export async function chooseMeters(io: Pick<Io, "env">, settings: Chosen): Promise<MeterChoice[]> {
  const { meter, darkstats, interfaces } = settings;
  if (meter !== "kernel" && darkstats.length > 0) {
    return darkstats.map(({ name, url }) => ({ name, kind: "remote", url }));
  }
  const groups = interfaces.length > 0 ? interfaces : [{ name: null, devices: [] }];
  const choices: MeterChoice[] = [];
  for (const { name, devices: wanted } of groups) {
    if (meter === "darkstat") {
      choices.push({ name, kind: "embedded", wanted, why: null });
      continue;
    }
    const place = await findKernelPlace({ wanted, path: io.env.PATH ?? "" });
    const isKernel = isPlace(place) || meter === "kernel";
    choices.push(isKernel ? { name, kind: "kernel", wanted, place } : { name, kind: "embedded", wanted, why: place });
  }
  return choices;
}

export function isPlace(place: KernelPlace | Obstacle): place is KernelPlace {
  return "nft" in place;
}

/** What runs for the choices; says in the log what that is, and why. */
export function feedsFor(choices: readonly MeterChoice[], io: Io, settings: Settings, log: Log): Feed[] {
  const kernels = choices.filter((choice) => choice.kind === "kernel");
  if (kernels.length > 0 && settings.darkstats.length > 0) log.warn("DARKSTAT_URL has no effect: METER is kernel.");
  const tables = kernels.map(({ name }) => tableOf(name));
  const devices = kernels.flatMap(({ place, wanted }) => (isPlace(place) ? place.devices : wanted));
  const lanWith = (more: readonly string[]) => () =>
    lanNetworks(settings.lanSegments.prefixes, networksOf([...devices, ...more]));
  return choices.map((choice) => {
    const { name } = choice;
    const common = { name, isView: name !== null && settings.meterViews.includes(name) };
    const ownLog = name === null ? log : named(log, name);
    switch (choice.kind) {
      case "remote":
        return { ...common, ...remoteFeed(io, choice.url, settings) };
      case "kernel":
        return { ...common, ...kernelFeed(choice, tables, lanWith, io, ownLog) };
      default:
        if (choice.why !== null) {
          const { message, hint } = choice.why;
          ownLog.info(`The kernel's counters can't be used, so WhiteStat runs a darkstat: ${message}. ${hint}`);
        }
        return { ...common, ...embeddedFeed(choice, io, settings, ownLog) };
    }
  });
}

/** A log of one of several meters: each line begins with its name. */
function named(log: Log, name: string): Pick<Log, "info" | "warn" | "error"> {
  const say = (level: "info" | "warn" | "error") => (line: string) => log[level](`${name}: ${line}`);
  return { info: say("info"), warn: say("warn"), error: say("error") };
}

type MeterLog = ReturnType<typeof named>;
type UnnamedFeed = Omit<Feed, "name" | "isView">;

/**
 * Where meters are this machine's own, the MACs of the next hops of its default routes on the interfaces that are
 * measured. A darkstat elsewhere stands in another place than this machine: nothing is known of its next hops.
 */
export function nextHopsFor(choices: readonly MeterChoice[], io: Pick<Io, "env">): () => Promise<readonly string[]> {
  const hops = createNextHops({
    routes: () => readNetworkState(),
    arp: () => readFile("/proc/net/arp", "utf8").catch(() => ""),
    ipv6Neighbours: (iface) => runIp(io, ["-6", "neigh", "show", "dev", iface]).catch(() => ""),
    order: endianness(),
  });
  return async () => hops.look((await Promise.all(choices.map(measuredInterfaces))).flat());
}

/** The interfaces that a meter counts on; none where it is not of this machine. */
async function measuredInterfaces(choice: MeterChoice): Promise<readonly string[]> {
  if (choice.kind === "remote") return [];
  if (choice.kind === "kernel" && isPlace(choice.place)) return choice.place.devices;
  // darkstat captures on the first.
  if (choice.wanted.length > 0) return choice.kind === "kernel" ? choice.wanted : choice.wanted.slice(0, 1);
  const found = pickInterface(await readNetworkState());
  return found === null ? [] : [found];
}

function remoteFeed(io: Io, url: string, { darkstatCa, darkstatMaxHosts }: Settings): UnnamedFeed {
  const client = createDarkstatClient({
    url,
    trusted: darkstatCa?.certificates,
    mostHosts: darkstatMaxHosts,
    now: () => io.clock.now(),
  });
  return {
    kind: "darkstat",
    embedded: false,
    whyNotKernel: null,
    start: async () => {},
    stop: async () => {},
    url: () => client.url,
    meter: () => client,
    problem: () => null,
  };
}

/** Resolves when the signal is aborted. */
function once(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** A darkstat of our own changes its port with each start: the client follows. */
function embeddedFeed(
  { name, wanted, why }: Extract<MeterChoice, { kind: "embedded" }>,
  io: Io,
  { dataStore }: Settings,
  log: MeterLog,
): UnnamedFeed {
  let current: { url: string; meter: Meter } | null = null;
  let tell = () => {};
  const [iface, ...others] = wanted;
  if (others.length > 0) log.warn(`HOST_INTERFACE names several interfaces: darkstat captures on ${iface} only.`);
  const embedded = createEmbedded({
    ...(iface === undefined ? {} : { iface }),
    dataDir: dataStore,
    ...(name === null ? {} : { fileName: `darkstat-${name}` }),
    now: () => io.clock.now(),
    log: (level, message) => log[level](message),
    onChange: () => tell(),
    path: io.env.PATH ?? "",
  });
  return {
    kind: "darkstat",
    embedded: true,
    whyNotKernel: why && `${why.message}. ${why.hint}`,
    // It outlives the signal: the last reading comes after it. Only the wait for it ends at once.
    start(signal, onChange) {
      tell = onChange;
      return Promise.race([embedded.start(), once(signal)]);
    },
    stop: () => embedded.stop(),
    url: () => embedded.url(),
    problem() {
      const found = embedded.problem();
      if (found?.code !== "darkstat-missing" || why === null) return found;
      // What the kernel's counters lack is the better thing to mend.
      return {
        ...found,
        message: `Nothing is counted: ${why.message}, and darkstat isn't installed either.`,
        hint: `For the kernel's exact counters: ${why.hint} Then start WhiteStat again. For darkstat: apt-get install darkstat. Or set DARKSTAT_URL to one that runs elsewhere.`,
      };
    },
    meter() {
      const url = embedded.url();
      if (url === null) return null;
      if (current?.url !== url) {
        const client = createDarkstatClient({ url, now: () => io.clock.now() });
        const carried = async () => {
          const device = embedded.interface();
          return device === null ? null : readCarried([device]);
        };
        current = { url, meter: withCarried(client, carried) };
      }
      return current.meter;
    },
  };
}

const IP_LIMIT_MS = 10_000;
/** How often it is tried again whether the kernel's counters are to be had. */
const TRY_AGAIN_MS = 60_000;

/** The kernel's counters. They outlive us, but for an end by Ctrl-C: who starts WhiteStat again goes on with them. */
function kernelFeed(
  { name, wanted, place: found }: Extract<MeterChoice, { kind: "kernel" }>,
  tables: readonly string[],
  lanWith: (devices: readonly string[]) => () => LanNetworks,
  io: Io,
  log: MeterLog,
): UnnamedFeed {
  let kernel: KernelMeter | null = null;
  let meter: Meter | null = null;
  let problem: Problem | null = null;

  function use(place: KernelPlace): void {
    for (const sentence of place.leftOut) log.warn(sentence);
    log.info(`The kernel counts on ${place.devices.join(", ")}.`);
    problem = null;
    kernel = meterAt(place, tableOf(name), lanWith(place.devices), io, log);
    meter = withCarried(kernel, () => readCarried(place.devices));
  }

  function lack({ message, hint }: Obstacle): void {
    const text = `The kernel's counters can't be used: ${message}.`;
    if (problem?.message !== text) log.warn(`${text} ${hint}`);
    problem = { code: "capture-refused", since: problem?.since ?? io.clock.now(), message: text, hint };
  }

  async function keepTrying(signal: AbortSignal, onChange: () => void): Promise<void> {
    while (meter === null) {
      await io.clock.sleep(TRY_AGAIN_MS, signal);
      if (signal.aborted) return;
      const place = await findKernelPlace({ wanted, path: io.env.PATH ?? "" });
      if (isPlace(place)) use(place);
      else lack(place);
      onChange();
    }
  }

  return {
    kind: "kernel",
    embedded: true,
    whyNotKernel: null,
    async start(signal, onChange) {
      if (isPlace(found)) {
        await removeOtherTables(found.nft, tables);
        return use(found);
      }
      lack(found);
      void keepTrying(signal, onChange);
    },
    async stop() {
      if (io.signal.reason === "SIGINT") await kernel?.remove();
    },
    url: () => meter?.url ?? null,
    meter: () => meter,
    problem: () => problem,
  };
}

/** The networks of the addresses that interfaces have at present, in CIDR. */
function networksOf(devices: readonly string[]): string[] {
  const all = networkInterfaces();
  return devices.flatMap((device) => (all[device] ?? []).flatMap(({ cidr }) => cidr ?? []));
}

function meterAt(
  { nft, devices }: KernelPlace,
  tableName: string,
  lan: () => LanNetworks,
  io: Io,
  log: MeterLog,
): KernelMeter {
  const ip = async (args: readonly string[]) => void (await runIp(io, args));
  return createKernelMeter({
    nft,
    devices,
    tableName,
    lan,
    async indexOf(device) {
      const index = await attribute("/", device, "ifindex");
      return index === null ? null : Number(index);
    },
    async uptimeMs() {
      return Number((await readFile("/proc/uptime", "utf8")).split(" ")[0]) * 1000;
    },
    now: () => io.clock.now(),
    newRun: () => Math.floor(Math.random() * 2 ** 48).toString(36),
    nameOf: createNames({ reverse, mono: () => io.clock.mono() }),
    async onHooked() {
      for (const device of devices) {
        if (await takeInAll(device, ip)) continue;
        log.info(
          `${device} can't be told to take in frames for other machines. Only the mirror port of a switch needs it: ip link set ${device} promisc on`,
        );
      }
    },
  });
}

/** Runs `ip` (iproute2). @returns what it prints; rejects when it is not there, or fails */
function runIp(io: Pick<Io, "env">, args: readonly string[]): Promise<string> {
  const env = { PATH: `${io.env.PATH ?? ""}:/usr/sbin:/sbin` };
  return new Promise((resolve, reject) => {
    execFile("ip", [...args], { env, timeout: IP_LIMIT_MS }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    );
  });
}

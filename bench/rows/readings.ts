import { execFile, execFileSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { DEFAULT_SEGMENTS } from "../../src/accounting/address.ts";
import { lanNetworks } from "../../src/meters/kernel/lan.ts";
import { buildRules } from "../../src/meters/kernel/rules.ts";
import { run } from "../../test/lib/commands.ts";
import { type Measurement, measured, type Row, significant } from "../lib/measure.ts";
import { createNetwork, deviceParty, type NetworkOptions, NOON, remoteParty } from "../lib/scene.ts";

const THOUSAND: NetworkOptions = { devices: 200, remotes: 800, startsAt: NOON };
const TEN_THOUSAND: NetworkOptions = { devices: 1_000, remotes: 9_000, startsAt: NOON };

/**
 * One reading of each meter by itself, from asking to the snapshot: what the programs that it runs take is in it.
 * @param obstacle why the kernel's counters can't be measured here; null when they can
 */
export function readingRows(obstacle: string | null): Row[] {
  return obstacle === null ? [...KERNEL, ...DARKSTAT] : DARKSTAT;
}

const KERNEL: Row[] = [
  {
    name: "kernel",
    work: "CPU of one reading of the kernel's counters, 1,000 addresses (nft's part included)",
    unit: "ms",
    budget: 300,
    better: "less",
    original: null,
    measure: () => kernelReading(THOUSAND),
  },
  {
    name: "kernel-10000",
    work: "CPU of one reading of the kernel's counters, 10,000 addresses, the most of a table",
    unit: "ms",
    budget: 1_500,
    better: "less",
    original: null,
    measure: () => kernelReading(TEN_THOUSAND),
  },
];

const DARKSTAT: Row[] = [
  {
    name: "darkstat",
    work: "CPU of one reading of darkstat's pages, 1,000 hosts (without darkstat's own part)",
    unit: "ms",
    budget: 10,
    better: "less",
    original: null,
    measure: () => darkstatReading(THOUSAND),
  },
  {
    name: "darkstat-10000",
    work: "CPU of one reading of darkstat's pages, 10,000 hosts",
    unit: "ms",
    budget: 80,
    better: "less",
    original: null,
    measure: () => darkstatReading(TEN_THOUSAND),
  },
];

const READING = join(import.meta.dirname, "../lib/reading.ts");

async function readings(kind: "kernel" | "darkstat", where: string): Promise<Measurement> {
  const { stdout } = await promisify(execFile)(process.execPath, [READING, kind, where, "5", "2"]);
  const { hosts, costs, inPrograms } = JSON.parse(stdout) as { hosts: number; costs: number[]; inPrograms: number[] };
  const besides = { addresses: hosts, "of it in nft ms": significant(measured(inPrograms).value) };
  return measured(costs, kind === "kernel" ? besides : { addresses: hosts });
}

async function darkstatReading(options: NetworkOptions): Promise<Measurement> {
  const network = await createNetwork(options);
  try {
    return await readings("darkstat", network.url);
  } finally {
    await network.darkstat.stop();
  }
}

/** Real tables of a real kernel, in a namespace of their own. What devices send comes in, what they receive goes out. */
async function kernelReading({ devices, remotes }: NetworkOptions): Promise<Measurement> {
  const name = `wsbench-${process.pid}`;
  execFileSync("ip", ["netns", "add", name]);
  try {
    const beginning = { generation: 1, startedAtMs: 0 };
    const rules = buildRules(
      "whitestat",
      "bench",
      beginning,
      [{ name: "lo", index: 1 }],
      lanNetworks(DEFAULT_SEGMENTS, []),
    );
    const near = Array.from({ length: devices }, (_, n) => deviceParty(n));
    const far = Array.from({ length: remotes }, (_, n) => remoteParty(n));
    const elements = (set: string, parties: readonly { mac: string; ip: string }[]) => {
      const all = parties.map(({ mac, ip }, n) => `${mac} . ${ip} counter packets ${n + 10} bytes ${(n + 10) * 900}`);
      return `add element netdev whitestat ${set} { ${all.join(", ")} }\n`;
    };
    const counted = [
      elements("sent4_in_1", near),
      elements("received4_in_1", far),
      elements("sent4_out_1", far),
      elements("received4_out_1", near),
    ];
    await run("ip", ["netns", "exec", name, "nft", "-f", "-"], rules + counted.join(""));
    return await readings("kernel", `/run/netns/${name}`);
  } finally {
    execFileSync("ip", ["netns", "del", name]);
  }
}

import { readFileSync } from "node:fs";
import { DEFAULT_SEGMENTS } from "../../src/accounting/address.ts";
import { createDarkstatClient } from "../../src/meters/darkstat/client.ts";
import { lanNetworks } from "../../src/meters/kernel/lan.ts";
import { createKernelMeter } from "../../src/meters/kernel/meter.ts";
import { createNft } from "../../src/meters/kernel/nft.ts";
import type { Meter } from "../../src/meters/meter.ts";

/**
 * Reads a meter again and again, and prints what each of some rounds took of the processor, in ms a reading as JSON: in this process,
 * and in the programs that it ran. A process of its own, so that nothing else is in it.
 *   node bench/lib/reading.ts darkstat URL ROUNDS READINGS
 *   node bench/lib/reading.ts kernel FOLDER-OF-A-NETWORK-NAMESPACE ROUNDS READINGS
 */
const [, , kind = "", where = "", rounds = "5", readings = "20"] = process.argv;

const WARM_UP = 2;
const MS_PER_TICK = 10;

const meter = kind === "kernel" ? kernelIn(where) : createDarkstatClient({ url: where, now: () => Date.now() });
let hosts = 0;
for (let n = 0; n < WARM_UP; n++) hosts = (await meter.read()).hosts.length;
const costs: number[] = [];
const inPrograms: number[] = [];
for (let round = 0; round < Number(rounds); round++) {
  const [before, children] = [process.cpuUsage(), childrenMs()];
  for (let n = 0; n < Number(readings); n++) await meter.read();
  const { user, system } = process.cpuUsage(before);
  const ofPrograms = childrenMs() - children;
  costs.push(((user + system) / 1000 + ofPrograms) / Number(readings));
  inPrograms.push(ofPrograms / Number(readings));
}
process.stdout.write(JSON.stringify({ hosts, costs, inPrograms }));

/** The table of a namespace as it is: nft is run in there. */
function kernelIn(namespace: string): Meter {
  const enter = createNft("nsenter");
  return createKernelMeter({
    nft: (args, input, signal) => enter([`--net=${namespace}`, "nft", ...args], input, signal),
    devices: ["lo"],
    // As the table says: nothing is hooked anew.
    indexOf: async () => 1,
    uptimeMs: async () => 1e9,
    now: () => Date.now(),
    newRun: () => "bench",
    lan: () => lanNetworks(DEFAULT_SEGMENTS, []),
    mostAddresses: Number.POSITIVE_INFINITY,
  });
}

/** What programs that have ended took of the processor for this process. */
function childrenMs(): number {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) * MS_PER_TICK;
}

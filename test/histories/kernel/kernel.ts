import { type Address, containsAny, type Prefix, parseAddress, parsePrefix } from "../../../src/accounting/address.ts";
import type { errorOf } from "../../../src/meters/kernel/nft.ts";
import type { End } from "../meter.ts";

/**
 * A machine whose kernel counts by nftables: interfaces, tables, and the program nft, as far as the kernel's meter uses it. A frame is
 * counted where a chain is hooked to the interface at that moment; nothing in it is clever.
 */
export interface Kernel {
  /** True time, and the machine's clock. */
  now: number;
  bootedAt: number;
  bootId: number;
  /** Name to number, of those that are there. */
  readonly interfaces: Map<string, Interface>;
  readonly tables: Map<string, Table>;
  nextIndex: number;
  /** What passes while a listing is made, one for each of the next listings: after the senders, before the receivers. */
  readonly whileListing: (() => void)[];
  /** The kernel lists a long set in parts, and an element twice when others come in between. */
  repeats: boolean;
}

export interface Interface {
  index: number;
  /** Its own counters, both ways, without Ethernet headers. */
  bytes: number;
}

interface Table {
  readonly counters: Map<string, Count>;
  readonly sets: Map<string, Map<string, Element>>;
  /** The networks of the sets that have some. */
  readonly networks: Map<string, Prefix[]>;
  /** By chain: numbers of the interfaces that it is hooked to. */
  readonly chains: Map<string, Chain>;
}

interface Chain {
  readonly indexes: Set<number>;
  /** What its rules count in: sets of a kind and generation. */
  counts: { readonly kind: string; readonly generation: string } | null;
  /** Where frames go on of which both ends lie in the networks of a set. */
  readonly goesTo: Map<string, string>;
}

interface Count {
  bytes: number;
  packets: number;
}

interface Element extends Count, End {
  at: number;
}

const ETHERNET_HEADER = 14;
const TIMEOUT_SECONDS = 365 * 86_400;

export function createKernel(now: number, devices: readonly string[]): Kernel {
  return {
    now,
    bootedAt: now - 60_000,
    bootId: 1,
    interfaces: new Map(devices.map((name, place) => [name, { index: place + 2, bytes: 0 }])),
    tables: new Map(),
    nextIndex: devices.length + 2,
    whileListing: [],
    repeats: false,
  };
}

/** A frame passes an interface. Returns the tables that counted it. */
export function pass(
  kernel: Kernel,
  device: string,
  hook: "in" | "out",
  from: End,
  to: End,
  bytes: number,
): readonly string[] {
  const carrier = kernel.interfaces.get(device);
  if (carrier === undefined) return [];
  carrier.bytes += bytes;
  const counted: string[] = [];
  for (const [name, table] of kernel.tables) {
    const chain = table.chains.get(hook === "in" ? "incoming" : "outgoing");
    if (!chain?.indexes.has(carrier.index)) continue;
    const counts = chainFor(table, chain, from, to)?.counts ?? null;
    if (counts === null) continue;
    const length = bytes + (hook === "out" ? ETHERNET_HEADER : 0);
    for (const [side, { mac, ip }] of [["sent", from] as const, ["received", to] as const]) {
      const set = table.sets.get(`${counts.kind}${side}${ip.includes(":") ? 6 : 4}_${hook}_${counts.generation}`);
      const known = set?.get(`${mac} ${ip}`) ?? { mac, ip, bytes: 0, packets: 0, at: 0 };
      set?.set(`${mac} ${ip}`, {
        mac,
        ip,
        bytes: known.bytes + length,
        packets: known.packets + 1,
        at: kernel.now,
      });
    }
    counted.push(name);
  }
  return counted;
}

/** The chain whose rules count a frame. Its two ends may be of two families here, which no frame's are. */
function chainFor({ networks, chains }: Table, chain: Chain, from: End, to: End): Chain | undefined {
  const all = [...chain.goesTo.keys()].flatMap((set) => networks.get(set) ?? []);
  const isWithin = ({ ip }: End) => containsAny(all, parseAddress(ip) as Address);
  const [next] = chain.goesTo.values();
  return next !== undefined && isWithin(from) && isWithin(to) ? chains.get(next) : chain;
}

/** An interface goes, and what was hooked to it is hooked to nothing; or it comes back under another number. */
export function toggle(kernel: Kernel, device: string, keepsChains: boolean): void {
  const there = kernel.interfaces.get(device);
  if (there === undefined) {
    kernel.interfaces.set(device, { index: kernel.nextIndex++, bytes: 0 });
    return;
  }
  kernel.interfaces.delete(device);
  for (const { chains } of kernel.tables.values()) {
    for (const [name, { indexes }] of chains) {
      if (indexes.delete(there.index) && indexes.size === 0 && !keepsChains) chains.delete(name);
    }
  }
}

/** The machine is started anew: interfaces have the numbers that they had. */
export function reboot(kernel: Kernel): void {
  kernel.tables.clear();
  kernel.bootId++;
  kernel.bootedAt = kernel.now;
  for (const one of kernel.interfaces.values()) one.bytes = 0;
}

/** The program nft. @param fails makes the error of what nft says */
export function nftOf(kernel: Kernel, fails: typeof errorOf) {
  return async (args: readonly string[], input = ""): Promise<string> => {
    if (args[0] === "-f") {
      for (const line of input.split("\n").filter((text) => text !== "")) run(kernel, line);
      return "";
    }
    const name = args.at(-1) ?? "";
    const table = kernel.tables.get(name);
    if (table === undefined) throw fails(`Error: No such file or directory\nlist table netdev ${name}\n`);
    return listing(kernel, name, table);
  };
}

function run(kernel: Kernel, line: string): void {
  const [, verb, kind, tableName = "", rest = ""] = /^(\w+) (\w+) netdev (\S+) ?(.*)$/.exec(line) ?? [];
  if (kind === "table") {
    if (verb === "delete") kernel.tables.delete(tableName);
    else if (!kernel.tables.has(tableName))
      kernel.tables.set(tableName, { counters: new Map(), sets: new Map(), networks: new Map(), chains: new Map() });
    return;
  }
  const table = kernel.tables.get(tableName);
  if (table === undefined) throw new Error(`no table: ${line}`);
  const [name = ""] = rest.split(" ");
  const chain = table.chains.get(name);
  if (kind === "counter") change(table.counters, { bytes: 0, packets: 0 });
  else if (kind === "set" && verb === "flush") table.networks.delete(name);
  else if (kind === "set") change(table.sets, new Map());
  else if (kind === "chain" && verb === "flush" && chain) {
    chain.counts = null;
    chain.goesTo.clear();
  } else if (kind === "chain" && verb === "add") {
    const devices = [...rest.matchAll(/"([^"]+)"/g)].flatMap(([, device = ""]) => kernel.interfaces.get(device) ?? []);
    if (!chain) {
      const indexes = new Set(devices.map(({ index }) => index));
      table.chains.set(name, { indexes, counts: null, goesTo: new Map() });
    }
  } else if (kind === "chain" && verb === "delete") table.chains.delete(name);
  else if (kind === "rule" && chain) {
    const [, set = "", next] = /saddr @(\w+) goto (\w+)/.exec(rest) ?? [];
    if (next !== undefined) chain.goesTo.set(set, next);
    const [, counting = "", generation] = /@((?:lan_)?)sent\d_\w+_(\d+)/.exec(rest) ?? [];
    if (generation !== undefined) chain.counts = { kind: counting, generation };
  } else if (kind === "element") {
    const [, list = ""] = /\{ (.*) \}/.exec(rest) ?? [];
    table.networks.set(
      name,
      list.split(", ").map((text) => parsePrefix(text) as Prefix),
    );
  } else throw new Error(`not understood: ${line}`);

  function change<T>(all: Map<string, T>, made: T): void {
    if (verb === "add") all.set(name, made);
    else if (!all.delete(name)) throw new Error(`not there: ${line}`);
  }
}

function listing(kernel: Kernel, name: string, table: Table): string {
  const sets = (side: string) =>
    [...table.sets]
      .filter(([set]) => set.replace("lan_", "").startsWith(side))
      .map(([set, elements]) => ({
        set: { table: name, name: set, elem: elementsOf(kernel, elements) },
      }));
  const counters = [...table.counters].map(([counter, count]) => ({
    counter: { table: name, name: counter, ...count },
  }));
  const senders = sets("sent");
  kernel.whileListing.shift()?.();
  const receivers = sets("received");
  const chains = [...table.chains.keys()].map((chain) => ({ chain: { table: name, name: chain } }));
  return JSON.stringify({
    nftables: [{ metainfo: { version: "1.0.6" } }, ...counters, ...senders, ...receivers, ...chains],
  });
}

function elementsOf({ now, repeats }: Kernel, elements: ReadonlyMap<string, Element>) {
  const all = [...elements.values()].map(({ mac, ip, bytes, packets, at }) => {
    const expires = TIMEOUT_SECONDS - 1 - Math.floor((now - at) / 1000);
    return { elem: { val: { concat: [mac, ip] }, expires, counter: { bytes, packets } } };
  });
  const [first] = all;
  if (!repeats || first === undefined) return all;
  return [{ elem: { ...first.elem, counter: { bytes: 14, packets: 1 } } }, ...all];
}

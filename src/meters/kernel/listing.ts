import type { Traffic } from "../../accounting/types.ts";
import { KernelError } from "./error.ts";
import { type Beginning, type Device, RULES_VERSION, TABLE, TIMEOUT_SECONDS } from "./rules.ts";

/** What one element of a set, or several of one key, have counted. */
export interface Counted {
  readonly mac: string;
  readonly ip: string;
  /** Lengths of the IP packets, without Ethernet headers. */
  readonly bytes: number;
  readonly packets: number;
  /** Whole seconds since the last of them. */
  readonly idleSeconds: number;
}

/** Packets and their bytes, without Ethernet headers. */
export interface Amount {
  readonly bytes: number;
  readonly packets: number;
}

/** The counters of one kind of traffic, by {@link keyOf}. */
export interface Sides {
  readonly sent: ReadonlyMap<string, Counted>;
  readonly received: ReadonlyMap<string, Counted>;
}

/** One generation of counters, see rules.ts. */
export interface Generation extends Beginning, Readonly<Record<Traffic, Sides>> {
  /** What the sets had no room for. */
  readonly unlisted: Amount;
  /** What is neither IP nor ARP: PPPoE, tags within tags. */
  readonly foreign: Amount;
}

/** Our table, as `nft -j list table` has it. */
export interface Table {
  /** Version of nftables. */
  readonly version: string;
  readonly run: string;
  /** The interfaces that the chains were hooked to, and their numbers at that time. */
  readonly devices: readonly Device[];
  /** The fingerprint of what it takes for the LAN; null where that is not known. */
  readonly lan: string | null;
  /** Whether both chains are there. */
  readonly isHooked: boolean;
  /** The oldest first; the last one counts, the others stand still. */
  readonly generations: readonly Generation[];
}

const ETHERNET_HEADER = 14;

/** The key of a MAC's counters at an address. */
export function keyOf(mac: string, ip: string): string {
  return `${mac} ${ip}`;
}

/**
 * Reads the output of `nft -j list table`.
 * @returns null for a table that is not (or not any more) as we make it, `older` for one as an earlier version made it: both can
 *   only be made anew
 * @throws KernelError `garbled` for what is no such output
 */
export function parseTable(json: string, name: string = TABLE): Table | "older" | null {
  const { nftables } = readJson(json);
  const generations = new Map<number, MutableGeneration>();
  const devices: Device[] = [];
  const chains = new Set<string>();
  let [version, run, isOlder] = ["", "", false];
  let lan: string | null = null;
  for (const item of nftables) {
    if (item.metainfo !== undefined) version = String(item.metainfo.version ?? "");
    if (item.chain?.table === name) chains.add(item.chain.name);
    if (item.counter?.table === name) {
      const [kind = "", ...parts] = item.counter.name.split(".");
      if (kind === "run") {
        run = Number(parts[0]) === RULES_VERSION ? (parts[1] ?? "") : "";
        isOlder = Number(parts[0]) < RULES_VERSION;
      }
      if (kind === "lan") lan = parts[0] ?? null;
      if (kind === "on") devices.push({ name: Buffer.from(parts[0] ?? "", "hex").toString(), index: Number(parts[1]) });
      if (kind === "generation") generationOf(generations, Number(parts[0])).startedAtMs = Number(parts[1]);
      const [, what, hook, number] = /^(unlisted|foreign)_(in|out)_(\d+)$/.exec(item.counter.name) ?? [];
      if (what !== undefined) addAmount(generationOf(generations, Number(number)), what, hook, item.counter);
    }
    if (item.set?.table === name) {
      const [, kind, side, hook, number] = /^(lan_)?(sent|received)[46]_(in|out)_(\d+)$/.exec(item.set.name) ?? [];
      if (side === undefined) continue;
      const generation = generationOf(generations, Number(number));
      const counted = generation[kind === undefined ? "internet" : "lan"][side as "sent" | "received"];
      for (const element of elementsOf(item.set.elem ?? [])) addElement(counted, element, hook);
    }
  }
  if (isOlder) return "older";
  const complete = [...generations.values()].filter(({ startedAtMs }) => startedAtMs >= 0);
  if (run === "" || complete.length === 0 || complete.length !== generations.size) return null;
  return {
    version,
    run,
    devices,
    lan,
    isHooked: chains.has("incoming") && chains.has("outgoing"),
    generations: complete.sort((a, b) => a.generation - b.generation),
  };
}

/** The names in the output of `nft -j list tables`. @throws KernelError `garbled` */
export function tableNames(json: string): string[] {
  return readJson(json).nftables.flatMap(({ table }) => table?.name ?? []);
}

interface Item {
  readonly table?: { readonly name: string };
  readonly metainfo?: { readonly version?: unknown };
  readonly chain?: { readonly table: string; readonly name: string };
  readonly counter?: { readonly table: string; readonly name: string } & Amount;
  readonly set?: {
    readonly table: string;
    readonly name: string;
    readonly elem?: readonly { readonly elem: Element }[];
  };
}

interface Element {
  readonly val: { readonly concat: readonly [mac: string, ip: string] };
  readonly expires: number;
  readonly counter: Amount;
}

interface MutableSides {
  readonly sent: Map<string, Counted>;
  readonly received: Map<string, Counted>;
}

interface MutableGeneration extends Generation {
  startedAtMs: number;
  readonly internet: MutableSides;
  readonly lan: MutableSides;
  unlisted: Amount;
  foreign: Amount;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function readJson(json: string): { nftables: readonly Item[] } {
  try {
    const read: unknown = JSON.parse(json);
    if (isObject(read) && Array.isArray(read.nftables)) return { nftables: read.nftables };
  } catch {
    // Said below.
  }
  throw new KernelError("garbled", `nft gave what can't be read: ${JSON.stringify(json.slice(0, 60))}`);
}

function generationOf(generations: Map<number, MutableGeneration>, generation: number): MutableGeneration {
  const known = generations.get(generation);
  if (known !== undefined) return known;
  const nothing = { bytes: 0, packets: 0 };
  const made = {
    generation,
    startedAtMs: -1,
    internet: { sent: new Map(), received: new Map() },
    lan: { sent: new Map(), received: new Map() },
    unlisted: nothing,
    foreign: nothing,
  };
  generations.set(generation, made);
  return made;
}

function addAmount(generation: MutableGeneration, what: string, hook: string | undefined, amount: Amount): void {
  const more = ofPackets(amount, hook);
  const { bytes, packets } = generation[what as "unlisted" | "foreign"];
  generation[what as "unlisted" | "foreign"] = { bytes: bytes + more.bytes, packets: packets + more.packets };
}

/** The kernel lists a long set in parts, and may list an element twice when others come in between: the later one counts. */
function elementsOf(listed: readonly { readonly elem: Element }[]): Iterable<Element> {
  return new Map(listed.map(({ elem }) => [keyOf(...elem.val.concat), elem])).values();
}

/** An address may be seen on either hook, by a set of its own. */
function addElement(counted: Map<string, Counted>, element: Element, hook: string | undefined): void {
  const [mac, ip] = element.val.concat;
  const key = keyOf(mac, ip);
  const more = ofPackets(element.counter, hook);
  const idleSeconds = Math.max(0, TIMEOUT_SECONDS - 1 - element.expires);
  const known = counted.get(key);
  counted.set(key, {
    mac,
    ip,
    bytes: more.bytes + (known?.bytes ?? 0),
    packets: more.packets + (known?.packets ?? 0),
    idleSeconds: Math.min(idleSeconds, known?.idleSeconds ?? idleSeconds),
  });
}

/** A frame that goes out is counted with its Ethernet header, one that comes in without. */
function ofPackets({ bytes, packets }: Amount, hook: string | undefined): Amount {
  return { bytes: bytes - (hook === "out" ? ETHERNET_HEADER * packets : 0), packets };
}

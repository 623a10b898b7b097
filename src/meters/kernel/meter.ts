import type { SeriesBucket } from "../../accounting/types.ts";
import type { Meter, Snapshot, Standing } from "../meter.ts";
import { KernelError } from "./error.ts";
import type { LanNetworks } from "./lan.ts";
import { type Generation, parseTable, type Table, tableNames } from "./listing.ts";
import { isNoTable, type Nft } from "./nft.ts";
import {
  buildRules,
  changeLanRules,
  type Device,
  destroyRules,
  dropGenerationRules,
  nextGenerationRules,
  rehookRules,
  TABLE,
} from "./rules.ts";
import { figuresOf, sizeOf } from "./snapshot.ts";

export interface KernelMeterOptions {
  readonly nft: Nft;
  /** Names of the interfaces to count on. */
  readonly devices: readonly string[];
  /** Our table, where it isn't the only one of ours. */
  readonly tableName?: string;
  /** What is LAN at present: asked with each reading, for an interface's networks may change. */
  readonly lan: () => LanNetworks;
  /** The number of an interface; null while it is not there. */
  readonly indexOf: (device: string) => Promise<number | null>;
  /** Milliseconds since the machine was started. */
  readonly uptimeMs: () => Promise<number>;
  readonly now: () => number;
  /** A name that no other run has: letters and digits. */
  readonly newRun: () => string;
  /** What reverse DNS calls an address; null while that is not known. */
  readonly nameOf?: (ip: string) => string | null;
  /** Called when the table was made, or its chains were hooked to the interfaces anew. */
  readonly onHooked?: () => Promise<void>;
  /** A generation with so many addresses is followed by the next one: with the internet's hosts tables only grow. */
  readonly mostAddresses?: number;
}

export interface KernelMeter extends Meter {
  saved(epoch: string): Promise<void>;
  /** Removes the table, and with it all counters. Never rejects. */
  remove(): Promise<void>;
}

/** Pages of so many addresses are read in a tenth of a second of the processor. */
const MOST_ADDRESSES = 10_000;

/**
 * The kernel's own counters as a meter. They live in a table of nftables, and outlive this process: a new one goes on with the
 * table that it finds. Counters are never reset. Nothing is done until it is read.
 */
export function createKernelMeter(options: KernelMeterOptions): KernelMeter {
  const {
    nft,
    devices,
    tableName = TABLE,
    now,
    mostAddresses = MOST_ADDRESSES,
    nameOf = () => null,
    onHooked = async () => {},
  } = options;
  const name = devices.join("|");
  /** When the table was read last, by this process. */
  let readAt: number | null = null;
  /** The run that is replaced by the one made for it, since its table was gone. */
  let replaced: string | undefined;
  /** Whether a generation stands still in the table, waiting to be saved. */
  let keepsEarlier = false;

  const list = (signal?: AbortSignal) => listTable(nft, tableName, signal);

  async function apply(rules: string, signal?: AbortSignal): Promise<void> {
    await nft(["-f", "-"], rules, signal);
  }

  /** The interfaces as they are now. @throws KernelError when one is not there */
  async function present(): Promise<Device[]> {
    const found: Device[] = [];
    for (const device of devices) {
      const index = await options.indexOf(device);
      if (index === null) throw new KernelError("no-interface", `There is no interface ${device} on this machine`);
      found.push({ name: device, index });
    }
    return found;
  }

  async function build(signal?: AbortSignal): Promise<void> {
    const beginning = { generation: 1, startedAtMs: Math.round(await options.uptimeMs()) };
    await apply(buildRules(tableName, options.newRun(), beginning, await present(), options.lan()), signal);
    await onHooked();
  }

  /** Whether the chains hang on the interfaces that are there, and on those that are wanted. */
  function isHookedTo(table: Table, wanted: readonly Device[]): boolean {
    const key = ({ name: device, index }: Device) => `${device} ${index}`;
    const hooked = new Set(table.devices.map(key));
    return table.isHooked && hooked.size === wanted.length && wanted.every((device) => hooked.has(key(device)));
  }

  /** The generation to hand out: of those that stand still the one that the books are of, while they lack any of it. */
  function generationFor(table: Table, standing: Standing | null): Generation {
    const current = table.generations.at(-1) as Generation;
    const known = table.generations.find((one) => epochOf(table, one) === standing?.epoch);
    if (known === undefined || known === current || standing === null) return current;
    return figuresOf(known, known).totals.bytes > standing.counted ? known : current;
  }

  async function snapshotOf(
    first: Table,
    second: Table,
    standing: Standing | null,
    notes: Snapshot["notes"],
  ): Promise<Snapshot> {
    const chosen = generationFor(second, standing);
    const before = first.generations.find(({ generation }) => generation === chosen.generation) ?? chosen;
    const { hosts, totals } = figuresOf(before, chosen);
    const uptimeSeconds = Math.max(0, Math.floor(((await options.uptimeMs()) - chosen.startedAtMs) / 1000));
    const earlier = second.generations.find(({ generation }) => generation === chosen.generation - 1);
    return {
      at: now(),
      epoch: epochOf(second, chosen),
      continues: earlier === undefined ? replaced : epochOf(second, earlier),
      before: { ...totals, uptimeSeconds },
      after: { ...totals, uptimeSeconds },
      hosts: hosts.map((host) => ({ ...host, hostname: nameOf(host.ip) })),
      program: "nftables",
      version: second.version,
      interface: name,
      ...(notes === undefined || notes.length === 0 ? {} : { notes }),
    };
  }

  /** Makes what is missing. @returns the table, and what is to be told of it */
  async function ready(
    standing: Standing | null,
    signal?: AbortSignal,
  ): Promise<{ table: Table; notes: NonNullable<Snapshot["notes"]> }> {
    const table = await list(signal);
    const since = readAt ?? standing?.at ?? null;
    const told = (reason: string): NonNullable<Snapshot["notes"]> =>
      since === null ? [] : [{ code: "not-counted", detail: { from: since, to: now(), reason, interface: name } }];
    if (table === null || table === "older") {
      await build(signal);
      // After a start of ours it is a new run like any other: the machine may have been restarted.
      replaced = readAt === null ? undefined : (standing?.epoch ?? undefined);
      const isFlushed = table === null && readAt !== null;
      return { table: await made(signal), notes: table === "older" ? told("older") : isFlushed ? told("flushed") : [] };
    }
    const lan = options.lan();
    if (table.lan !== lan.fingerprint) await apply(changeLanRules(tableName, table.lan, lan), signal);
    const lacks = generationFor(table, standing);
    const isNews = standing === null || epochOf(table, lacks) !== standing.epoch;
    let wanted: Device[];
    try {
      wanted = await present();
    } catch (error) {
      // What it counted until it went is handed out first.
      if (isNews || figuresOf(lacks, lacks).totals.bytes > standing.counted) return { table, notes: [] };
      throw error;
    }
    if (isHookedTo(table, wanted)) return { table, notes: [] };
    const current = table.generations.at(-1) as Generation;
    await apply(rehookRules(tableName, current, table.devices, wanted), signal);
    await onHooked();
    return { table: await made(signal), notes: told("interface") };
  }

  async function made(signal?: AbortSignal): Promise<Table> {
    const table = await list(signal);
    if (table === null || table === "older")
      throw new KernelError("failed", `The table ${tableName} is gone as soon as it is made`);
    return table;
  }

  return {
    url: `kernel:${name}`,
    async read(signal, standing = null) {
      const { table, notes } = await ready(standing, signal);
      const current = table.generations.at(-1) as Generation;
      let [first, second] = [table, await made(signal)];
      const isRead = standing !== null && standing.epoch === epochOf(table, current);
      const isFull = sizeOf(current) >= mostAddresses || current.unlisted.packets > 0;
      if (isFull && isRead && table.generations.length === 1) {
        const startedAtMs = Math.round(await options.uptimeMs());
        await apply(nextGenerationRules(tableName, { generation: current.generation + 1, startedAtMs }), signal);
        // It stands still now: this is all of it.
        [first, second] = [second, await made(signal)];
      }
      const snapshot = await snapshotOf(first, second, standing, notes);
      readAt = snapshot.at;
      keepsEarlier = second.generations.length > 1;
      return snapshot;
    },
    async series(): Promise<SeriesBucket[]> {
      return [];
    },
    async saved(epoch) {
      try {
        if (!keepsEarlier) return;
        const table = await list();
        if (table === null || table === "older") return;
        const current = table.generations.at(-1);
        if (current === undefined || epochOf(table, current) !== epoch) return;
        for (const old of table.generations.slice(0, -1)) await apply(dropGenerationRules(tableName, old));
      } catch (error) {
        // It is tried again after the next checkpoint.
        if (!(error instanceof KernelError)) throw error;
      }
    },
    async remove() {
      await apply(destroyRules(tableName)).catch(() => {});
    },
  };
}

/** Our table as it is; null where there is none, `older` for one of an earlier version. Changes nothing. @throws KernelError */
export async function listTable(nft: Nft, name: string, signal?: AbortSignal): Promise<Table | "older" | null> {
  try {
    return parseTable(await nft(["-j", "list", "table", "netdev", name], "", signal), name);
  } catch (error) {
    if (isNoTable(error)) return null;
    throw error;
  }
}

/** Removes tables of ours that no meter uses any more: names were given otherwise. Never rejects. */
export async function removeOtherTables(nft: Nft, used: readonly string[]): Promise<void> {
  try {
    for (const name of tableNames(await nft(["-j", "list", "tables", "netdev"]))) {
      const isOurs = name === TABLE || name.startsWith(`${TABLE}-`);
      if (isOurs && !used.includes(name)) await nft(["-f", "-"], destroyRules(name));
    }
  } catch (error) {
    // The meters themselves will say what is wrong with nft.
    if (!(error instanceof KernelError)) throw error;
  }
}

function epochOf({ run }: Table, { generation }: Generation): string {
  return `kernel ${run}.${generation}`;
}

import { isObject } from "./listing.ts";
import type { Nft } from "./nft.ts";

/** A table through which the kernel hands on the packets of known connections, around most of what it else does with them. */
export interface FlowTable {
  readonly name: string;
  readonly devices: readonly string[];
}

/** The flow tables of this machine, of whatever program. @throws KernelError */
export async function flowTables(nft: Nft): Promise<FlowTable[]> {
  return parseFlowTables(await nft(["-j", "list", "flowtables"]));
}

/** Reads the output of `nft -j list flowtables` (libnftables-json(5): a single device is no list). */
export function parseFlowTables(json: string): FlowTable[] {
  const read: unknown = JSON.parse(json);
  const items = isObject(read) && Array.isArray(read.nftables) ? read.nftables : [];
  return items.flatMap((item: unknown) => {
    const table = isObject(item) ? item.flowtable : undefined;
    if (!isObject(table)) return [];
    const devices = Array.isArray(table.dev) ? table.dev.map(String) : typeof table.dev === "string" ? [table.dev] : [];
    return [{ name: `${table.family} ${table.table} ${table.name}`, devices }];
  });
}

import { type Baseline, type Books, type Bytes, type HolderRow, type HostRow, keyOf } from "./types.ts";

/**
 * Divides what is new at an address among the MACs that showed it: each gets what its own counters grew by. So an address
 * that changed hands between two readings is charged to either holder exactly.
 *
 * @param holders the counters by MAC, the present holder first
 * @param grown what the address's counters grew by
 * @param stood where those counters stood at the last settled reading of this run; undefined where only one MAC had shown
 *   the address, whose counters are the baseline then
 * @param baseline of the address in this run; undefined where it had none
 * @returns shares that add up to `grown`; all of it is the present holder's where the counters don't explain it
 */
export function sharesOf(
  holders: readonly HolderRow[],
  grown: Bytes,
  stood: readonly HolderRow[] | undefined,
  baseline: Baseline | undefined,
): readonly HolderRow[] {
  const before = new Map((stood ?? firstHolder(holders, baseline)).map((holder) => [holder.mac, holder]));
  const shares = holders.map(({ mac, in: down, out: up }) => {
    const known = before.get(mac) ?? { in: 0, out: 0 };
    return { mac, in: down - known.in, out: up - known.out };
  });
  const sum = (side: "in" | "out") => shares.reduce((total, share) => total + share[side], 0);
  const explains = shares.every((share) => share.in >= 0 && share.out >= 0);
  if (explains && sum("in") === grown.in && sum("out") === grown.out) return shares;
  return holders.slice(0, 1).map(({ mac }) => ({ mac, ...pick(grown) }));
}

/** The one MAC that had shown the address, with the baseline as its counters: IP_MAC.txt may have named another for it. */
function firstHolder(holders: readonly HolderRow[], baseline: Baseline | undefined): HolderRow[] {
  if (baseline === undefined) return [];
  const canBe = holders.filter((holder) => holder.in >= baseline.in && holder.out >= baseline.out);
  const first = canBe.find(({ mac }) => mac === baseline.mac) ?? canBe[0];
  return first === undefined ? [] : [{ mac: first.mac, ...pick(baseline) }];
}

/** What the next books keep of them; nothing where no address has several. */
export function holdersOf(hosts: readonly HostRow[]): Pick<Books, "holders"> {
  const several = hosts.filter((host) => host.holders !== undefined);
  return several.length === 0
    ? {}
    : { holders: Object.fromEntries(several.map((host) => [keyOf(host), host.holders ?? []])) };
}

function pick({ in: down, out }: Bytes): Bytes {
  return { in: down, out };
}

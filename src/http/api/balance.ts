import { seenShare } from "../../accounting/carried.ts";
import type { UsageBalance } from "../../shared/api.ts";
import type { BalanceSum } from "../../store/store.ts";

/** The totals match when everything that was charged is what the meter counted, in each direction. */
export function balanceOf(counted: BalanceSum | null): UsageBalance {
  const none = { in: 0, out: 0 };
  const { devices, hidden, routers, remote, group, unlisted, unattributed, removed } = counted ?? {
    devices: none,
    hidden: none,
    routers: none,
    remote: none,
    group: none,
    unlisted: none,
    unattributed: none,
    removed: none,
  };
  const charged = [devices, hidden, routers, remote, group, unlisted, unattributed, removed];
  const bytes = counted?.counted ?? 0;
  const captured = counted?.captured ?? 0;
  return {
    balanced: total(charged.map((side) => side.in)) === bytes && total(charged.map((side) => side.out)) === bytes,
    counted: bytes,
    devices,
    hidden,
    routers,
    remote,
    group,
    unlisted,
    unattributed,
    seenShare: counted === null ? null : seenShare(counted),
    removed,
    lan: counted === null ? 0 : lanBytesOf(counted),
    // libpcap counts a packet that it dropped as received, too.
    missedShare: captured === 0 ? null : (counted?.dropped ?? 0) / captured,
  };
}

/**
 * What stayed on the LAN, by the balance: a byte that no internet host sent or received. Whoever isn't listed may be one,
 * so that it is at least so much.
 */
function lanBytesOf({ counted, remote, unlisted, unattributed }: BalanceSum): number {
  const others = [remote, unlisted, unattributed].reduce((sum, side) => sum + side.in + side.out, 0);
  return Math.max(0, counted - others);
}

function total(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}

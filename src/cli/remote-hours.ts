import type { Calendar } from "../accounting/calendar.ts";
import type { Charge, Day } from "../accounting/types.ts";
import { ownershipOf, type View } from "../accounting/view.ts";
import type { Store } from "../store/store.ts";
import type { RemoteHour } from "../unusual/remotes.ts";

/** Hours of internet hosts are not stored: of today, the largest of each hour are remembered, to be named beside something unusual. */
export interface RemoteHours {
  /** Reads what an earlier run remembered. */
  start(): Promise<void>;
  /** Told of each reading. */
  settled(charges: readonly Charge[]): void;
  /** Keeps what is over, over restarts. To be called after checkpoints. @throws StoreError */
  keep(): Promise<void>;
  of(day: Day): readonly RemoteHour[];
}

/** Name under which the store keeps them. */
const MEMORY = "remote-hours";
/** What a host exchanged in a reading; less is not worth looking at. */
const NOTABLE_BYTES = 1_000_000;
const HOSTS_OF_AN_HOUR = 10;
/** While an hour runs: a flood of hosts must not fill the memory. */
const HOSTS_AT_MOST = 2_000;

interface Kept {
  readonly day: Day;
  readonly hours: readonly RemoteHour[];
}

type Running = { -readonly [Key in keyof RemoteHour]: RemoteHour[Key] };

export function createRemoteHours(deps: {
  readonly store: Pick<Store, "recall" | "remember">;
  readonly calendar: Pick<Calendar, "slotOf">;
  readonly now: () => number;
  readonly view: () => View;
  readonly routers: () => ReadonlySet<string>;
}): RemoteHours {
  const { store, calendar, now, view, routers } = deps;
  let kept: Kept = { day: "", hours: [] };
  let running: { day: Day; hour: number; readonly hosts: Map<string, Running> } | null = null;
  let isNew = false;

  function ofHour(): RemoteHour[] {
    const all = [...(running?.hosts.values() ?? [])];
    return all.sort((a, b) => b.in + b.out - a.in - a.out).slice(0, HOSTS_OF_AN_HOUR);
  }

  /** Goes on to the hour that runs: of the one before, the largest stay. */
  function turn(): void {
    const { day, hour } = calendar.slotOf(now());
    if (running?.day === day && running.hour === hour) return;
    if (running !== null) {
      kept = { day: running.day, hours: [...(kept.day === running.day ? kept.hours : []), ...ofHour()] };
      isNew = true;
    }
    running = { day, hour, hosts: new Map() };
  }

  return {
    async start() {
      kept = (await store.recall<Kept>(MEMORY)) ?? kept;
    },
    settled(charges) {
      turn();
      if (running === null) return;
      const { day, hour, hosts } = running;
      const known = routers();
      const seen = view();
      for (const charge of charges) {
        if (charge.in + charge.out < NOTABLE_BYTES || charge.day !== day || charge.hour !== hour) continue;
        const { ip, mac } = charge;
        if (ownershipOf({ ip, mac, heldBy: null }, known, seen).role !== "internet") continue;
        const host = hosts.get(ip);
        if (host !== undefined) {
          host.in += charge.in;
          host.out += charge.out;
        } else if (hosts.size < HOSTS_AT_MOST) {
          hosts.set(ip, { ip, hour, in: charge.in, out: charge.out });
        }
      }
    },
    async keep() {
      if (!isNew) return;
      isNew = false;
      await store.remember(MEMORY, kept);
    },
    of(day) {
      return [...(kept.day === day ? kept.hours : []), ...(running?.day === day ? ofHour() : [])];
    },
  };
}

import type { Day } from "../../accounting/types.ts";
import type { RemoteDay } from "../store.ts";
import { type Context, laterOf, msOf } from "./context.ts";
import { isShownBefore, OF_INTERNET, type UsedDay, usedDays } from "./endpoints.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A host's day in the making, and the endpoint whose MAC it shows. */
interface Host {
  readonly row: Mutable<RemoteDay>;
  shown: UsedDay;
}

/** See `Store.remoteDays`. A host that came through two routers, or that two meters saw, is one. */
export async function remoteDays(context: Context, from: Day, to: Day): Promise<RemoteDay[]> {
  const days = new Map<Day, Map<number, Host>>();
  let hosts = new Map<number, Host>();
  let last: Day | null = null;
  for (const used of await usedDays(context, from, to, OF_INTERNET)) {
    const { day, endpoint } = used;
    if (day !== last) {
      last = day;
      hosts = days.get(day) ?? new Map();
      days.set(day, hosts);
    }
    const host = hosts.get(endpoint.address);
    if (host) addTo(host, used);
    else hosts.set(endpoint.address, hostOf(used));
  }
  return [...days.values()].flatMap((some) => [...some.values()].map(({ row }) => row));
}

function hostOf(used: UsedDay): Host {
  const { endpoint, day, in: down, out, counterIn, counterOut, lastSeen, estimated } = used;
  const { ip, hostname, reported } = endpoint;
  const seenAt = msOf(lastSeen);
  const reconstructed = estimated > 0;
  const mac = macOf(used);
  return {
    row: { day, ip, mac, hostname, in: down, out, reported, seenAt, counterIn, counterOut, reconstructed },
    shown: used,
  };
}

function addTo(host: Host, used: UsedDay): void {
  const { row } = host;
  if (isShownBefore(used, host.shown)) {
    row.mac = macOf(used);
    host.shown = used;
  }
  row.in += used.in;
  row.out += used.out;
  row.counterIn += used.counterIn;
  row.counterOut += used.counterOut;
  row.seenAt = laterOf(row.seenAt, msOf(used.lastSeen));
  row.reconstructed ||= used.estimated > 0;
}

function macOf({ endpoint }: UsedDay): string | null {
  return endpoint.mac === "" ? null : endpoint.mac;
}

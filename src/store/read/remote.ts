import type { Day } from "../../accounting/types.ts";
import type { OpenUsage } from "../open-hour.ts";
import type { RemoteDay } from "../store.ts";
import { type Context, isShownBefore, laterOf, msOf } from "./context.ts";
import { endpointsBetween, OF_INTERNET, ofEndpoints } from "./endpoints.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Cells = [
  day: Day,
  endpoint: number,
  bytesIn: number,
  bytesOut: number,
  counterIn: number,
  counterOut: number,
  lastSeen: number | null,
  estimated: number,
];

/** See `Store.remoteDays`. */
export async function remoteDays({ engine, open }: Context, from: Day, to: Day): Promise<RemoteDay[]> {
  const rows = await engine.tuples<Cells>(
    `SELECT day, endpoint, bytes_in, bytes_out, counter_in, counter_out, last_seen, estimated
     FROM usage_day WHERE day BETWEEN ? AND ? AND ${ofEndpoints(OF_INTERNET)} ORDER BY day`,
    from,
    to,
  );
  const endpoints = await endpointsBetween(engine, from, to, OF_INTERNET);
  const now = new Map(open.usage(from, to).flatMap((one) => (one.role === "internet" ? [[one.endpoint, one]] : [])));
  const days = new Map<Day, Map<number, Host>>();
  let hosts = new Map<number, Host>();
  let last: Day | null = null;
  const add = (address: number, host: Host) => {
    const { day } = host.row;
    if (day !== last) {
      last = day;
      hosts = days.get(day) ?? new Map();
      days.set(day, hosts);
    }
    const known = hosts.get(address);
    if (known) addUp(known, host);
    else hosts.set(address, host);
  };
  for (const [day, endpoint, ...cells] of rows) {
    const known = endpoints.get(endpoint);
    if (!known) continue;
    const { address, ip, mac, reported } = known;
    const hostname = open.hostnameOf(address) ?? known.hostname;
    const usage = now.get(endpoint);
    const isOpen = usage?.day === day;
    if (isOpen) now.delete(endpoint);
    const [down, out, counterIn, counterOut, lastSeen, estimated] = cells;
    add(
      address,
      hostOf({
        endpoint,
        day,
        ip,
        mac,
        hostname,
        reported,
        in: down + (isOpen ? usage.in : 0),
        out: out + (isOpen ? usage.out : 0),
        counterIn: isOpen ? usage.counterIn : counterIn,
        counterOut: isOpen ? usage.counterOut : counterOut,
        lastSeen: isOpen ? laterOf(lastSeen, usage.lastSeen) : lastSeen,
        reconstructed: estimated > 0,
      }),
    );
  }
  for (const usage of now.values()) add(usage.address, hostOf({ ...usage, reconstructed: false }));
  return [...days.values()].flatMap((some) => [...some.values()].map(({ row }) => row));
}

type Seen = Pick<OpenUsage, "endpoint" | "lastSeen" | "in" | "out">;
/** A host's day in the making, and the endpoint whose MAC it shows. */
interface Host {
  readonly row: Mutable<RemoteDay>;
  shown: Seen;
}

function hostOf(
  one: Seen & Omit<RemoteDay, "mac" | "seenAt"> & { readonly mac: string; readonly reconstructed: boolean },
): Host {
  const { day, ip, mac, hostname, reported, in: down, out, counterIn, counterOut, lastSeen, reconstructed } = one;
  const row = {
    day,
    ip,
    mac: mac === "" ? null : mac,
    hostname,
    in: down,
    out,
    reported,
    seenAt: msOf(lastSeen),
    counterIn,
    counterOut,
    reconstructed,
  };
  return { row, shown: one };
}

/** A host that came through two routers, or that two meters saw, is one. */
function addUp(host: Host, { row: other, shown }: Host): void {
  const { row } = host;
  if (isShownBefore(shown, host.shown)) {
    row.mac = other.mac;
    host.shown = shown;
  }
  row.in += other.in;
  row.out += other.out;
  row.counterIn += other.counterIn;
  row.counterOut += other.counterOut;
  row.hostname = other.hostname ?? row.hostname;
  row.seenAt = laterOf(row.seenAt, other.seenAt);
  row.reconstructed ||= other.reconstructed;
}

import type { Day } from "../../accounting/types.ts";
import type { OpenUsage } from "../open-hour.ts";
import type { RemoteDay } from "../store.ts";
import { type Context, laterOf, msOf } from "./context.ts";
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
  const days = new Map<Day, Map<number, Mutable<RemoteDay>>>();
  let hosts = new Map<number, Mutable<RemoteDay>>();
  let last: Day | null = null;
  const add = (address: number, row: Mutable<RemoteDay>) => {
    if (row.day !== last) {
      last = row.day;
      hosts = days.get(last) ?? new Map();
      days.set(last, hosts);
    }
    const known = hosts.get(address);
    if (known) addUp(known, row);
    else hosts.set(address, row);
  };
  for (const [day, endpoint, down, out, counterIn, counterOut, lastSeen, estimated] of rows) {
    const host = endpoints.get(endpoint);
    if (!host) continue;
    const { address, ip, mac, reported } = host;
    const row = {
      day,
      ip,
      mac: mac === "" ? null : mac,
      hostname: open.hostnameOf(address) ?? host.hostname,
      in: down,
      out,
      reported,
      seenAt: msOf(lastSeen),
      counterIn,
      counterOut,
      reconstructed: estimated > 0,
    };
    const usage = now.get(endpoint);
    if (usage?.day === day) {
      addOpen(row, usage);
      now.delete(endpoint);
    }
    add(address, row);
  }
  for (const usage of now.values()) {
    const { day, address, ip, hostname, mac, reported, lastSeen } = usage;
    const { in: down, out, counterIn, counterOut } = usage;
    const shown = { day, ip, mac: mac === "" ? null : mac, hostname, reported, seenAt: msOf(lastSeen) };
    add(address, { ...shown, in: down, out, counterIn, counterOut, reconstructed: false });
  }
  return [...days.values()].flatMap((some) => [...some.values()]);
}

function addOpen(row: Mutable<RemoteDay>, usage: OpenUsage): void {
  row.in += usage.in;
  row.out += usage.out;
  row.hostname = usage.hostname ?? row.hostname;
  row.seenAt = laterOf(row.seenAt, msOf(usage.lastSeen));
  row.counterIn = usage.counterIn;
  row.counterOut = usage.counterOut;
}

/** A host that came through two routers, or that two meters saw, is one. */
function addUp(row: Mutable<RemoteDay>, other: RemoteDay): void {
  row.in += other.in;
  row.out += other.out;
  row.counterIn += other.counterIn;
  row.counterOut += other.counterOut;
  row.hostname = other.hostname ?? row.hostname;
  row.seenAt = laterOf(row.seenAt, other.seenAt);
  row.reconstructed ||= other.reconstructed;
}

import type { Day } from "../../accounting/types.ts";
import type { RemoteDay } from "../store.ts";
import { type Context, laterOf, msOf } from "./context.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Cells = [
  day: Day,
  address: number,
  ip: string,
  hostname: string | null,
  mac: string,
  reported: number,
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
    `SELECT u.day, e.address, a.ip, a.hostname, i.mac, e.reported, u.bytes_in, u.bytes_out, u.counter_in, u.counter_out,
            u.last_seen, u.estimated
     FROM usage_day u JOIN endpoint e ON e.id = u.endpoint JOIN address a ON a.id = e.address
     JOIN interface i ON i.id = e.interface
     WHERE u.day BETWEEN ? AND ? AND e.role = 'internet' ORDER BY u.day`,
    from,
    to,
  );
  const days = new Map<Day, Map<number, Mutable<RemoteDay>>>();
  const add = (cells: Cells, replacesCounters: boolean) => {
    const [day, address, ip, hostname, mac, reported, down, out, counterIn, counterOut, lastSeen, estimated] = cells;
    let hosts = days.get(day);
    if (!hosts) {
      hosts = new Map();
      days.set(day, hosts);
    }
    const row = hosts.get(address);
    if (!row) {
      hosts.set(address, {
        day,
        ip,
        mac: mac === "" ? null : mac,
        hostname,
        in: down,
        out,
        reported: reported === 1,
        seenAt: msOf(lastSeen),
        counterIn,
        counterOut,
        reconstructed: estimated > 0,
      });
      return;
    }
    row.in += down;
    row.out += out;
    row.counterIn = counterIn + (replacesCounters ? 0 : row.counterIn);
    row.counterOut = counterOut + (replacesCounters ? 0 : row.counterOut);
    row.hostname = hostname ?? row.hostname;
    row.seenAt = laterOf(row.seenAt, msOf(lastSeen));
    row.reconstructed ||= estimated > 0;
  };
  for (const cells of rows) {
    cells[3] = open.hostnameOf(cells[1]) ?? cells[3];
    add(cells, false);
  }
  for (const usage of open.usage(from, to)) {
    if (usage.role !== "internet") continue;
    const { day, address, ip, hostname, mac, in: down, out, counterIn, counterOut, lastSeen } = usage;
    add([day, address, ip, hostname, mac, usage.reported ? 1 : 0, down, out, counterIn, counterOut, lastSeen, 0], true);
  }
  return [...days.values()].flatMap((hosts) => [...hosts.values()]);
}

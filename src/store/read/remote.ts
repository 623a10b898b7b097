import type { Day } from "../../accounting/types.ts";
import type { OpenUsage } from "../open-hour.ts";
import type { RemoteDay } from "../store.ts";
import { type Context, laterOf, msOf } from "./context.ts";
import { addOpenHour, type EndpointDay, endpointDayOf, isShownBefore } from "./endpoint-days.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A host's day in the making, with the endpoint whose MAC it shows. */
interface Draft {
  readonly row: Mutable<RemoteDay>;
  shown: EndpointDay;
}

/** See `Store.remoteDays`: what several sources, or several routers, saw of a host is one row. */
export async function remoteDays({ engine, open }: Context, from: Day, to: Day): Promise<RemoteDay[]> {
  const rows = await engine.tuples<EndpointDay>(
    `SELECT u.day, u.endpoint, e.address, a.ip, e.reported, u.bytes_in, u.bytes_out, u.counter_in, u.counter_out,
            u.last_seen, u.estimated, u.implausible, a.hostname, i.mac
     FROM usage_day u JOIN endpoint e ON e.id = u.endpoint JOIN address a ON a.id = e.address
     JOIN interface i ON i.id = e.interface
     WHERE u.day BETWEEN ? AND ? AND e.role = 'internet' ORDER BY u.day`,
    from,
    to,
  );
  const days = new Map<Day, Map<number, Draft>>();
  const now = open.usage(from, to).filter(({ role }) => role === "internet");
  const rowOfUsage = (usage: OpenUsage): EndpointDay => [
    ...endpointDayOf(usage, usage.address),
    usage.hostname,
    usage.mac,
  ];
  for (const cells of addOpenHour(rows, now, rowOfUsage)) {
    const [day, , address, , , down, out, counterIn, counterOut, lastSeen, estimated] = cells;
    let hosts = days.get(day);
    if (!hosts) {
      hosts = new Map();
      days.set(day, hosts);
    }
    const draft = hosts.get(address);
    if (!draft) {
      hosts.set(address, { row: rowOf(cells, open.hostnameOf(address)), shown: cells });
      continue;
    }
    const { row } = draft;
    row.in += down;
    row.out += out;
    row.counterIn += counterIn;
    row.counterOut += counterOut;
    row.seenAt = laterOf(row.seenAt, msOf(lastSeen));
    row.reconstructed ||= estimated > 0;
    if (!isShownBefore(cells, draft.shown)) continue;
    row.mac = cells[13] || null;
    draft.shown = cells;
  }
  return [...days.values()].flatMap((hosts) => [...hosts.values()].map(({ row }) => row));
}

function rowOf(cells: EndpointDay, newName: string | null): Mutable<RemoteDay> {
  const [day, , , ip, reported, down, out, counterIn, counterOut, lastSeen, estimated, , hostname, mac] = cells;
  return {
    day,
    ip,
    mac: mac || null,
    hostname: newName ?? hostname ?? null,
    in: down,
    out,
    reported: reported === 1,
    seenAt: msOf(lastSeen),
    counterIn,
    counterOut,
    reconstructed: estimated > 0,
  };
}

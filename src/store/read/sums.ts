import type { Bytes, Day } from "../../accounting/types.ts";
import type { Role } from "../../accounting/view.ts";
import type { OpenHour } from "../open-hour.ts";
import type { BalanceSum, DaySpan, DeviceSum, RemoteSum, RemoteSums } from "../store.ts";
import { type Context, laterOf, msOf } from "./context.ts";
import type { Finished } from "./finished.ts";
import { removedBetween } from "./removals.ts";
import { lastDayOf, type TableSpan, tableSpansOf } from "./spans.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Amount = Mutable<Bytes>;
type DeviceCells = [
  device: number,
  reported: number,
  bytesIn: number,
  bytesOut: number,
  lastSeen: number | null,
  lastDay: Day,
  estimated: number,
  implausible: number,
];

/** See `Store.deviceSums`. */
export async function deviceSums(
  context: Context,
  finished: Finished,
  spans: readonly DaySpan[],
): Promise<DeviceSum[]> {
  const { engine, open, ofEndpoints } = context;
  const rowsOf = ({ table, lastDay, within, parameters }: TableSpan) =>
    engine.tuples<DeviceCells>(
      `SELECT e.device, e.reported, sum(u.bytes_in), sum(u.bytes_out), max(u.last_seen), max(u.${lastDay}),
              sum(u.estimated), max(u.implausible)
       FROM endpoint e JOIN ${table} u ON u.endpoint = e.id
       WHERE ${within} AND e.device IS NOT NULL AND ${ofEndpoints} GROUP BY e.device, e.reported`,
      ...parameters,
    );
  const result: DeviceSum[] = [];
  for (const [index, span] of spans.entries()) {
    const [part, ...others] = tableSpansOf(span.from, span.to);
    if (part === undefined) continue;
    const question = `${ofEndpoints} ${span.from} ${span.to}`;
    let sums: readonly DeviceSum[];
    if (others.length === 0) {
      // Of 120 months, most sums are remembered ready-made; of other spans, what makes up their past is.
      const ask = async () => addUp(span, [await rowsOf(part)], open);
      sums = await finished.of(open, `sums ${question}`, lastDayOf(part), ask);
    } else {
      const rows: (readonly DeviceCells[])[] = [];
      for (const one of [part, ...others]) {
        const known = `devices ${ofEndpoints} ${one.parameters.join(" ")}`;
        rows.push(await finished.of(open, known, lastDayOf(one), () => rowsOf(one)));
      }
      sums = addUp(span, rows, open);
    }
    for (const sum of sums) result.push(index === 0 ? sum : { ...sum, span: index });
  }
  return result;
}

/** Rows of the past and of the open hour by device. */
function addUp({ from, to }: DaySpan, past: readonly (readonly DeviceCells[])[], open: OpenHour): DeviceSum[] {
  const sums = new Map<number, Mutable<DeviceSum>>();
  const add = (...[device, reported, down, up, lastSeen, lastDay, estimated, implausible]: DeviceCells) => {
    const sum = sums.get(device) ?? emptySum(device);
    sums.set(device, sum);
    if (reported === 1) {
      sum.in += down;
      sum.out += up;
      sum.reported = true;
      if (sum.lastDay === null || lastDay > sum.lastDay) sum.lastDay = lastDay;
    } else {
      sum.hiddenIn += down;
      sum.hiddenOut += up;
    }
    sum.seenAt = laterOf(sum.seenAt, msOf(lastSeen));
    sum.reconstructed ||= estimated > 0;
    sum.implausible ||= implausible > 0;
  };
  for (const rows of past) for (const row of rows) add(...row);
  for (const { device, reported, in: down, out, lastSeen, day } of open.usage(from, to)) {
    if (device !== null) add(device, reported ? 1 : 0, down, out, lastSeen, day, 0, 0);
  }
  return [...sums.values()];
}

function emptySum(device: number): Mutable<DeviceSum> {
  return {
    span: 0,
    device,
    in: 0,
    out: 0,
    hiddenIn: 0,
    hiddenOut: 0,
    reported: false,
    lastDay: null,
    seenAt: null,
    reconstructed: false,
    implausible: false,
  };
}

/** See `Store.remoteSums`. */
export async function remoteSums(
  { engine, open, ofEndpoints }: Context,
  finished: Finished,
  from: Day,
  to: Day,
  limit: number,
): Promise<RemoteSums> {
  const hosts = new Map<number, { address: number; in: number; out: number; lastSeen: number | null }>();
  const add = (address: number, down: number, out: number, lastSeen: number | null) => {
    const host = hosts.get(address) ?? { address, in: 0, out: 0, lastSeen: null };
    host.in += down;
    host.out += out;
    host.lastSeen = laterOf(host.lastSeen, lastSeen);
    hosts.set(address, host);
  };
  for (const part of tableSpansOf(from, to)) {
    const { table, within, parameters } = part;
    const rows = await finished.of(open, `remotes ${ofEndpoints} ${parameters.join(" ")}`, lastDayOf(part), () =>
      engine.tuples<[address: number, bytesIn: number, bytesOut: number, lastSeen: number | null]>(
        `SELECT e.address, sum(u.bytes_in), sum(u.bytes_out), max(u.last_seen)
         FROM ${table} u JOIN endpoint e ON e.id = u.endpoint
         WHERE ${within} AND e.role = 'internet' AND e.reported = 1 AND ${ofEndpoints} GROUP BY e.address`,
        ...parameters,
      ),
    );
    for (const row of rows) add(...row);
  }
  const names = new Map<number, { ip: string; hostname: string | null }>();
  for (const usage of open.usage(from, to)) {
    if (usage.role !== "internet" || !usage.reported) continue;
    const { address, ip, hostname, in: down, out, lastSeen } = usage;
    add(address, down, out, lastSeen);
    names.set(address, { ip, hostname });
  }
  const used = [...hosts.values()].filter((host) => host.in + host.out > 0);
  const biggest = used.sort((a, b) => b.in + b.out - (a.in + a.out)).slice(0, limit);
  const unnamed = biggest.filter(({ address }) => !names.has(address)).map(({ address }) => address);
  const named = await engine.all<{ id: number; ip: string; hostname: string | null }>(
    `SELECT id, ip, hostname FROM address WHERE id IN ${engine.list.numbers}`,
    JSON.stringify(unnamed),
  );
  for (const { id, ip, hostname } of named) names.set(id, { ip, hostname: open.hostnameOf(id) ?? hostname });
  return {
    in: used.reduce((sum, host) => sum + host.in, 0),
    out: used.reduce((sum, host) => sum + host.out, 0),
    count: used.length,
    hosts: biggest.map(({ address, in: down, out, lastSeen }): RemoteSum => {
      const { ip = "", hostname = null } = names.get(address) ?? {};
      return { ip, hostname, in: down, out, seenAt: msOf(lastSeen) };
    }),
  };
}

/** Where the bytes of a role stand in a balance. */
export function sideOf(role: Role, reported: boolean): "devices" | "hidden" | "routers" | "remote" | "group" {
  if (role === "internet") return "remote";
  if (role === "group") return "group";
  if (role === "router") return "routers";
  return reported ? "devices" : "hidden";
}

/** See `Store.balanceSum`. */
export async function balanceSum(context: Context, finished: Finished, from: Day, to: Day): Promise<BalanceSum | null> {
  const { engine, open, ofSources } = context;
  const openCounts = open.counts(from, to);
  const [stored] = await engine.all<{ day: Day | null }>(
    `SELECT min(day) AS day FROM balance_day WHERE day BETWEEN ? AND ? AND counted > 0 AND ${ofSources}`,
    from,
    to,
  );
  const firsts = openCounts.filter(({ counted }) => counted > 0).map(({ day }) => day);
  if (stored?.day) firsts.push(stored.day);
  const first = firsts.sort()[0];
  if (first === undefined) return null;

  const sum = emptyBalance(first);
  const counts = await engine.all<Record<string, number | null>>(
    `SELECT sum(counted) AS counted, sum(captured) AS captured, sum(dropped) AS dropped,
            sum(unattributed_in) AS unattributed_in, sum(unattributed_out) AS unattributed_out,
            sum(unlisted_in) AS unlisted_in, sum(unlisted_out) AS unlisted_out,
            sum(carried) AS carried, sum(compared) AS compared,
            sum(pruned_in) AS pruned_in, sum(pruned_out) AS pruned_out
     FROM balance_day WHERE day BETWEEN ? AND ? AND ${ofSources}`,
    first,
    to,
  );
  for (const row of counts) addCounted(sum, row);
  for (const row of openCounts) if (row.day >= first) addOpenCounts(sum, row);

  for (const part of tableSpansOf(first, to)) {
    const { table, within, parameters } = part;
    const rows = await finished.of(open, `balance ${ofSources} ${parameters.join(" ")}`, lastDayOf(part), () =>
      engine.tuples<[role: Role, reported: number, bytesIn: number, bytesOut: number]>(
        `SELECT e.role, e.reported, sum(u.bytes_in), sum(u.bytes_out)
         FROM endpoint e JOIN ${table} u ON u.endpoint = e.id
         WHERE ${within} AND e.source IN (SELECT id FROM source WHERE kind <> 'import') AND ${ofSources} GROUP BY e.role, e.reported`,
        ...parameters,
      ),
    );
    for (const [role, reported, down, out] of rows) addTo(sum[sideOf(role, reported === 1)], down, out);
  }
  for (const [, , down, out] of await removedBetween(context, first, to)) addTo(sum.removed, down, out);
  for (const { role, reported, in: down, out } of open.usage(first, to)) addTo(sum[sideOf(role, reported)], down, out);
  return sum;
}

export type BalanceDraft = { from: Day } & Record<
  "devices" | "hidden" | "routers" | "remote" | "group" | "unattributed" | "unlisted" | "removed",
  Amount
> &
  Record<"counted" | "captured" | "dropped" | "carried" | "compared", number>;

export function emptyBalance(from: Day): BalanceDraft {
  const none = (): Amount => ({ in: 0, out: 0 });
  return {
    from,
    devices: none(),
    hidden: none(),
    routers: none(),
    remote: none(),
    group: none(),
    unattributed: none(),
    unlisted: none(),
    removed: none(),
    counted: 0,
    captured: 0,
    dropped: 0,
    carried: 0,
    compared: 0,
  };
}

export function addTo(side: Amount, down: number, out: number): void {
  side.in += down;
  side.out += out;
}

/** Adds a row of `balance_day`, or several added up. */
export function addCounted(sum: BalanceDraft, row: Readonly<Record<string, number | null>>): void {
  const of = (name: string) => row[name] ?? 0;
  sum.counted += of("counted");
  sum.captured += of("captured");
  sum.dropped += of("dropped");
  sum.carried += of("carried");
  sum.compared += of("compared");
  addTo(sum.unattributed, of("unattributed_in"), of("unattributed_out"));
  addTo(sum.unlisted, of("unlisted_in"), of("unlisted_out"));
  addTo(sum.remote, of("pruned_in"), of("pruned_out"));
}

export function addOpenCounts(sum: BalanceDraft, row: ReturnType<Context["open"]["counts"]>[number]): void {
  sum.counted += row.counted;
  sum.captured += row.captured;
  sum.dropped += row.dropped;
  sum.carried += row.carried;
  sum.compared += row.compared;
  addTo(sum.unattributed, row.unattributedIn, row.unattributedOut);
  addTo(sum.unlisted, row.unlistedIn, row.unlistedOut);
}

import type { Bytes, Day } from "../../accounting/types.ts";
import type {
  DayBalance,
  DeviceAddress,
  DeviceDay,
  DeviceHour,
  DeviceSum,
  RemoteDay,
  RemoteSums,
  TrafficKind,
} from "../store.ts";
import { type Facts, KINDS, sorted } from "./facts.ts";
import {
  type DayModel,
  type EndpointModel,
  type HourModel,
  isRouterIn,
  type Model,
  ownerIn,
  type SourceModel,
} from "./model.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type ByKey<Row> = Mutable<Omit<Row, "device">> & { readonly device: string };

/** A day of an endpoint, and who the endpoint is now. */
interface UsedDay extends DayModel {
  readonly source: string;
  readonly day: Day;
  readonly endpoint: EndpointModel;
  readonly role: ReturnType<typeof ownerIn>["role"];
  readonly device: string | null;
  readonly reported: boolean;
}

/** What a store must answer that holds what the model holds: see `factsOfStore`. */
export function factsOfModel(model: Model, from: Day, to: Day): Facts {
  const all = usedDays(model);
  const inRange = ({ day }: { readonly day: Day }) => from <= day && day <= to;
  const used = all.filter(inRange);
  const days = deviceDays(used);
  return sorted({
    books: Object.fromEntries([...model.sources].map(([name, { books }]) => [name, books])),
    sources: [...model.sources].map(([source, { firstAt, books }]) => ({ source, firstAt, at: books.at })),
    days,
    hours: deviceHours(model).filter(inRange),
    kinds: KINDS.flatMap((traffic) =>
      deviceDays(used.filter(({ endpoint }) => endpoint.traffic === traffic)).map((row) => ({ traffic, ...row })),
    ),
    kindHours: KINDS.flatMap((traffic) =>
      deviceHours(model, traffic)
        .filter(inRange)
        .map((row) => ({ traffic, ...row })),
    ),
    remote: remoteDays(model, used),
    balances: balances(model, all).filter(inRange),
    measured: measuredDays(model).filter((day) => from <= day && day <= to),
    endpointDays: endpointDays(model, used),
    endpointHours: endpointHours(model).filter(inRange),
    totals: grouped(used, ({ day }) => day).map((rows) => ({
      day: rows[0]?.day as Day,
      ...totals(rows),
    })),
    lineDays: grouped(used.filter(isOfTheLine), ({ day }) => day)
      .map((rows) => ({ day: rows[0]?.day as Day, ...totals(rows) }))
      .filter(isUsed),
    lineHours: lineHours(model).filter(inRange),
    deviceLineDays: grouped(used.filter(isOfTheLine), ({ day, device }) => `${day} ${device}`)
      .map((rows) => ({ day: rows[0]?.day as Day, device: rows[0]?.device as string, ...totals(rows) }))
      .filter(isUsed),
    deviceLineHours: deviceLineHours(model).filter(inRange),
    devices: devices(model),
    addresses: addresses(model),
    routers: [...model.interfaces]
      .filter((mac) => isRouterIn(model, mac))
      .map((mac) => ({ mac, since: null, networks: 0, ...model.routersFound.get(mac) })),
    sums: deviceSums(days),
    remoteSums: remoteSums(model, used),
    removals: removalsOf(model),
    notes: model.notes,
    range: rangeOf(model, all),
  });
}

function removalsOf(model: Model): Facts["removals"] {
  const removed = endpointsOf(model).flatMap(({ endpoint }) => endpoint.removed);
  return model.removals.map((removal) => {
    const own = removed.filter((one) => one.removal === removal.id);
    return { ...removal, days: new Set(own.map(({ day }) => day)).size, ...totals(own.map(({ row }) => row)) };
  });
}

function endpointsOf(model: Model): { name: string; source: SourceModel; endpoint: EndpointModel }[] {
  const all = [...model.sources].flatMap(([name, source]) =>
    [...source.endpoints.values()].map((endpoint) => ({ name, source, endpoint })),
  );
  return all.sort((one, other) => one.endpoint.order - other.endpoint.order);
}

function usedDays(model: Model): UsedDay[] {
  return endpointsOf(model).flatMap(({ name, endpoint }) =>
    [...endpoint.days].map(([day, row]) => ({
      ...row,
      source: name,
      day,
      endpoint,
      ...ownerIn(model, endpoint),
      reported: model.view.reports(endpoint.ip),
    })),
  );
}

/** Whether a day of an endpoint is the one to show of several: it was seen later, or as late with more bytes. */
function isBefore(shown: UsedDay | undefined, other: UsedDay): boolean {
  if (shown === undefined) return true;
  const [seen, otherSeen] = [shown.seenAt ?? 0, other.seenAt ?? 0];
  return otherSeen > seen || (otherSeen === seen && other.in + other.out > shown.in + shown.out);
}

function grouped<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return [...groups.values()];
}

function total<Row>(rows: readonly Row[], of: (row: Row) => number): number {
  return rows.reduce((sum, row) => sum + of(row), 0);
}

function latest(instants: readonly (number | null)[]): number | null {
  return instants.reduce((last, at) => (at !== null && at > (last ?? Number.NEGATIVE_INFINITY) ? at : last), null);
}

function deviceDays(used: readonly UsedDay[]): ByKey<DeviceDay>[] {
  const owned = used.filter(({ device }) => device !== null);
  return grouped(owned, ({ day, device }) => `${day} ${device}`).map((rows) => {
    const { day, device } = rows[0] as UsedDay;
    const [reported, hidden] = [rows.filter((row) => row.reported), rows.filter((row) => !row.reported)];
    let shown: UsedDay | undefined;
    for (const row of reported) if (isBefore(shown, row)) shown = row;
    return {
      device: device as string,
      day,
      ip: shown?.endpoint.ip ?? null,
      in: total(reported, (row) => row.in),
      out: total(reported, (row) => row.out),
      hiddenIn: total(hidden, (row) => row.in),
      hiddenOut: total(hidden, (row) => row.out),
      seenAt: latest(rows.map(({ seenAt }) => seenAt)),
      counterIn: total(reported, (row) => row.counterIn),
      counterOut: total(reported, (row) => row.counterOut),
      reconstructed: rows.some(({ estimated }) => estimated),
      implausible: false,
    };
  });
}

/** The hours of an endpoint, with the open one. */
function hoursOf({ open }: SourceModel, { hours, pending }: EndpointModel): HourModel[] {
  const rows = [...hours.values()];
  if (open && pending.in + pending.out > 0) rows.push({ ...open, ...pending, estimated: false });
  return rows;
}

function deviceHours(model: Model, traffic: TrafficKind | null = null): ByKey<DeviceHour>[] {
  const hours = endpointsOf(model).flatMap(({ source, endpoint }) => {
    const { device } = ownerIn(model, endpoint);
    if (traffic !== null && endpoint.traffic !== traffic) return [];
    if (device === null || !model.view.reports(endpoint.ip)) return [];
    return hoursOf(source, endpoint).map((row) => ({ ...row, device }));
  });
  return grouped(hours, ({ day, hour, device }) => `${day} ${hour} ${device}`).map((rows) => {
    const { day, hour, device } = rows[0] as (typeof hours)[number];
    return {
      device,
      day,
      hour,
      in: total(rows, (row) => row.in),
      out: total(rows, (row) => row.out),
      reconstructed: rows.some(({ estimated }) => estimated),
    };
  });
}

/** Days of which a meter counted anything, and those that are open. */
function measuredDays(model: Model): Day[] {
  return [
    ...new Set(
      [...model.sources.values()].flatMap(({ balance, open }) => [...balance.keys(), ...(open ? [open.day] : [])]),
    ),
  ];
}

function endpointDays(model: Model, used: readonly UsedDay[]): Facts["endpointDays"] {
  return grouped(used, ({ day, endpoint: { mac, ip, heldBy } }) => `${day} ${mac} ${ip} ${heldBy}`).map((rows) => {
    const { day, endpoint, role, device, reported } = rows[0] as UsedDay;
    const { mac, ip, heldBy } = endpoint;
    return {
      day,
      mac,
      ip,
      heldBy,
      role,
      device,
      reported,
      hostname: model.hostnames.get(ip) ?? null,
      in: total(rows, (row) => row.in),
      out: total(rows, (row) => row.out),
      counterIn: total(rows, (row) => row.counterIn),
      counterOut: total(rows, (row) => row.counterOut),
      seenAt: latest(rows.map(({ seenAt }) => seenAt)),
      estimated: rows.some(({ estimated }) => estimated),
      implausible: false,
    };
  });
}

/** Of the open hour, what may be a device. */
function endpointHours(model: Model): Facts["endpointHours"] {
  const hours = endpointsOf(model).flatMap(({ source, endpoint }) => {
    const { mac, ip, heldBy } = endpoint;
    const rows = ownerIn(model, endpoint).device === null ? endpoint.hours.values() : hoursOf(source, endpoint);
    return [...rows].map((row) => ({ ...row, mac, ip, heldBy }));
  });
  return grouped(hours, ({ day, hour, mac, ip, heldBy }) => `${day} ${hour} ${mac} ${ip} ${heldBy}`).map((rows) => ({
    ...(rows[0] as (typeof hours)[number]),
    in: total(rows, (row) => row.in),
    out: total(rows, (row) => row.out),
    estimated: rows.some(({ estimated }) => estimated),
  }));
}

/** A device's, and not what stayed on the LAN. */
function isOfTheLine({ role, endpoint }: Pick<UsedDay, "role" | "endpoint">): boolean {
  return role === "device" && endpoint.traffic !== "lan";
}

function lineHours(model: Model): Facts["lineHours"] {
  const hours = endpointsOf(model).flatMap(({ source, endpoint }) =>
    isOfTheLine({ ...ownerIn(model, endpoint), endpoint }) ? [...hoursOf(source, endpoint)] : [],
  );
  return grouped(hours, ({ day, hour }) => `${day} ${hour}`)
    .map((rows) => ({ day: rows[0]?.day as Day, hour: rows[0]?.hour as number, ...totals(rows) }))
    .filter(isUsed);
}

function deviceLineHours(model: Model): Facts["deviceLineHours"] {
  const hours = endpointsOf(model).flatMap(({ source, endpoint }) => {
    const owner = ownerIn(model, endpoint);
    const { device } = owner;
    return isOfTheLine({ ...owner, endpoint })
      ? [...hoursOf(source, endpoint)].map((row) => ({ ...row, device: device as string }))
      : [];
  });
  return grouped(hours, ({ day, hour, device }) => `${day} ${hour} ${device}`)
    .map((rows) => {
      const { day, hour, device } = rows[0] as (typeof hours)[number];
      return { day, hour, device, ...totals(rows) };
    })
    .filter(isUsed);
}

function totals(rows: readonly Bytes[]): Bytes {
  return { in: total(rows, (row) => row.in), out: total(rows, (row) => row.out) };
}

function isUsed(amount: Bytes): boolean {
  return amount.in + amount.out > 0;
}

function remoteDays(model: Model, used: readonly UsedDay[]): Mutable<RemoteDay>[] {
  const remote = used.filter(({ role }) => role === "internet");
  return grouped(remote, ({ day, endpoint }) => `${day} ${endpoint.ip}`).map((rows) => {
    let shown: UsedDay | undefined;
    for (const row of rows) if (isBefore(shown, row)) shown = row;
    const { day, endpoint, reported } = shown as UsedDay;
    return {
      day,
      ip: endpoint.ip,
      mac: endpoint.mac,
      hostname: model.hostnames.get(endpoint.ip) ?? null,
      in: total(rows, (row) => row.in),
      out: total(rows, (row) => row.out),
      reported,
      seenAt: latest(rows.map(({ seenAt }) => seenAt)),
      counterIn: total(rows, (row) => row.counterIn),
      counterOut: total(rows, (row) => row.counterOut),
      reconstructed: rows.some(({ estimated }) => estimated),
    };
  });
}

function balances(model: Model, used: readonly UsedDay[]): DayBalance[] {
  return [...model.sources].flatMap(([name, source]) => {
    const own = used.filter((row) => row.source === name);
    const removed = [...source.endpoints.values()].flatMap((endpoint) => endpoint.removed);
    const days = new Set([...source.balance.keys(), ...own.map(({ day }) => day), ...removed.map(({ day }) => day)]);
    return [...days].map((day): DayBalance => {
      const rows = own.filter((row) => row.day === day);
      const counts = source.balance.get(day) ?? {};
      const of = (column: string) => counts[column] ?? 0;
      const side = (isSide: (row: UsedDay) => boolean, column = "") => ({
        in: total(rows.filter(isSide), (row) => row.in) + of(`${column}In`),
        out: total(rows.filter(isSide), (row) => row.out) + of(`${column}Out`),
      });
      return {
        source: name,
        day,
        devices: side(({ role, reported }) => role === "device" && reported),
        hidden: side(({ role, reported }) => role === "device" && !reported),
        routers: side(({ role }) => role === "router"),
        remote: side(({ role }) => role === "internet", "pruned"),
        group: side(({ role }) => role === "group"),
        unattributed: side(() => false, "unattributed"),
        unlisted: side(() => false, "unlisted"),
        removed: totals(removed.filter((one) => one.day === day).map(({ row }) => row)),
        counted: of("counted"),
        captured: of("captured"),
        dropped: of("dropped"),
        carried: of("carried"),
        compared: of("compared"),
      };
    });
  });
}

/** Devices are those that were charged on some day; first and last day stay when days between are pruned. */
function devices(model: Model): Facts["devices"] {
  return grouped(charged(model), ({ device }) => device).map((endpoints) => {
    const key = endpoints[0]?.device as string;
    const members = [...model.interfaces].filter((mac) => (model.view.merges.get(mac) ?? mac) === key && mac !== key);
    // The interface that a device goes by is its own, unless that one is merged into yet another.
    const first = (model.view.merges.get(key) ?? key) === key ? [key] : [];
    return {
      key,
      interfaces: [...first, ...members],
      router: isRouterIn(model, key),
      hostname: model.deviceNames.get(key) ?? null,
      ...spanOf(endpoints),
    };
  });
}

function addresses(model: Model): ByKey<DeviceAddress>[] {
  return grouped(charged(model), ({ device, ip }) => `${device} ${ip}`).map((endpoints) => {
    const { device, ip } = endpoints[0] as (typeof endpoints)[number];
    return { device, ip, hostname: model.hostnames.get(ip) ?? null, ...spanOf(endpoints) };
  });
}

function charged(model: Model): { device: string; ip: string; firstDay: Day; lastDay: Day }[] {
  return endpointsOf(model).flatMap(({ endpoint }) => {
    const { device } = ownerIn(model, endpoint);
    const { ip, firstDay, lastDay } = endpoint;
    return device === null || firstDay === null || lastDay === null ? [] : [{ device, ip, firstDay, lastDay }];
  });
}

function spanOf(endpoints: readonly { firstDay: Day; lastDay: Day }[]): { firstDay: Day; lastDay: Day } {
  const firstDay = endpoints.map((one) => one.firstDay).sort()[0] as Day;
  return {
    firstDay,
    lastDay: endpoints
      .map((one) => one.lastDay)
      .sort()
      .at(-1) as Day,
  };
}

function deviceSums(days: readonly ByKey<DeviceDay>[]): ByKey<DeviceSum>[] {
  return grouped(days, ({ device }) => device).map((rows) => {
    const reported = rows.filter(({ ip }) => ip !== null).map(({ day }) => day);
    return {
      span: 0,
      device: rows[0]?.device as string,
      in: total(rows, (row) => row.in),
      out: total(rows, (row) => row.out),
      hiddenIn: total(rows, (row) => row.hiddenIn),
      hiddenOut: total(rows, (row) => row.hiddenOut),
      reported: reported.length > 0,
      lastDay: reported.sort().at(-1) ?? null,
      seenAt: latest(rows.map(({ seenAt }) => seenAt)),
      reconstructed: rows.some(({ reconstructed }) => reconstructed),
      implausible: false,
    };
  });
}

function remoteSums(model: Model, used: readonly UsedDay[]): RemoteSums {
  const shown = remoteDays(model, used).filter(({ reported }) => reported);
  const hosts = grouped(shown, ({ ip }) => ip).map((rows) => ({
    ip: rows[0]?.ip as string,
    hostname: rows[0]?.hostname ?? null,
    in: total(rows, (row) => row.in),
    out: total(rows, (row) => row.out),
    seenAt: latest(rows.map(({ seenAt }) => seenAt)),
  }));
  return { in: total(hosts, (row) => row.in), out: total(hosts, (row) => row.out), count: hosts.length, hosts };
}

function rangeOf(model: Model, used: readonly UsedDay[]): Facts["range"] {
  const counted = [...model.sources.values()].flatMap(({ balance }) => [...balance.keys()]);
  const days = [...used.map(({ day }) => day), ...counted].sort();
  const [first, last] = [days[0], days.at(-1)];
  return first === undefined || last === undefined ? null : { first, last };
}

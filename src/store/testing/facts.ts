import type { Books, Day, Note } from "../../accounting/types.ts";
import type {
  DayBalance,
  Device,
  DeviceAddress,
  DeviceDay,
  DeviceHour,
  DeviceLineDay,
  DeviceLineHour,
  DeviceSum,
  EndpointDay,
  EndpointHour,
  FoundRouter,
  LineDay,
  LineHour,
  RemoteDay,
  RemoteSums,
  Store,
  StoredRemoval,
  StoredSource,
  TrafficKind,
} from "../store.ts";

type ByKey<Row> = Omit<Row, "device"> & { readonly device: string };

/** Whether anything of a row is estimated, however much. */
type Estimated<Row> = Omit<Row, "estimated"> & { readonly estimated: boolean };

export const KINDS: readonly TrafficKind[] = ["internet", "lan", "unknown"];

/** Everything that can be asked of a store for the days of a range; devices by their keys, in an order of its own. */
export interface Facts {
  readonly books: Readonly<Record<string, Books>>;
  readonly sources: readonly StoredSource[];
  readonly days: readonly ByKey<DeviceDay>[];
  readonly hours: readonly ByKey<DeviceHour>[];
  /** The same of each kind of traffic alone. */
  readonly kinds: readonly (ByKey<DeviceDay> & { readonly traffic: TrafficKind })[];
  readonly kindHours: readonly (ByKey<DeviceHour> & { readonly traffic: TrafficKind })[];
  readonly remote: readonly RemoteDay[];
  readonly balances: readonly DayBalance[];
  readonly measured: readonly Day[];
  readonly endpointDays: readonly Estimated<EndpointDay>[];
  readonly endpointHours: readonly Estimated<EndpointHour>[];
  readonly totals: readonly { readonly day: Day; readonly in: number; readonly out: number }[];
  readonly lineDays: readonly LineDay[];
  readonly lineHours: readonly LineHour[];
  readonly deviceLineDays: readonly ByKey<DeviceLineDay>[];
  readonly deviceLineHours: readonly ByKey<DeviceLineHour>[];
  readonly devices: readonly Omit<Device, "id">[];
  readonly addresses: readonly ByKey<DeviceAddress>[];
  readonly routers: readonly FoundRouter[];
  readonly sums: readonly ByKey<DeviceSum>[];
  readonly remoteSums: RemoteSums;
  readonly removals: readonly StoredRemoval[];
  /** But for a finding's examples, which are any of its hosts. */
  readonly notes: readonly (Note & { readonly source: string })[];
  readonly range: { readonly first: Day; readonly last: Day } | null;
}

/** Asks a store everything for the days of a range. */
export async function factsOfStore(store: Store, sources: readonly string[], from: Day, to: Day): Promise<Facts> {
  const devices = await store.devices();
  const keys = new Map(devices.map(({ id, key }) => [id, key]));
  const byKey = <Row extends { readonly device: number }>(row: Row): ByKey<Row> => ({
    ...row,
    device: keys.get(row.device) ?? `unknown device ${row.device}`,
  });
  const books: Record<string, Books> = {};
  for (const source of sources) {
    const known = await store.books(source);
    if (known) books[source] = known;
  }
  const addresses: ByKey<DeviceAddress>[] = [];
  for (const { id, key } of devices) {
    for (const address of await store.addressesOf(id)) addresses.push({ ...address, device: key });
  }
  const kinds: Facts["kinds"][number][] = [];
  const kindHours: Facts["kindHours"][number][] = [];
  for (const traffic of KINDS) {
    const questions = store.of(null, [traffic]);
    for (const row of await questions.deviceDays(from, to)) kinds.push({ traffic, ...byKey(row) });
    for (const row of await questions.deviceHours(from, to)) kindHours.push({ traffic, ...byKey(row) });
  }
  return sorted({
    books,
    sources: await store.sources(),
    days: (await store.deviceDays(from, to)).map(byKey),
    hours: (await store.deviceHours(from, to)).map(byKey),
    kinds,
    kindHours,
    remote: await store.remoteDays(from, to),
    balances: await store.balances(from, to),
    measured: await store.measuredDays(from, to),
    endpointDays: (await store.endpointDays(from, to)).map((row) => ({ ...row, estimated: row.estimated > 0 })),
    endpointHours: (await store.endpointHours(from, to)).map((row) => ({ ...row, estimated: row.estimated > 0 })),
    totals: (await store.dayTotals(from, to)).map(({ rows: _, ...total }) => total),
    lineDays: await store.lineDays(from, to),
    lineHours: await store.lineHours(from, to),
    deviceLineDays: (await store.deviceLineDays([...keys.keys()], from, to)).map(byKey),
    deviceLineHours: (await store.deviceLineHours([...keys.keys()], from, to)).map(byKey),
    devices: devices.map(({ id: _, ...device }) => device),
    addresses,
    routers: await store.routers(),
    sums: (await store.deviceSums([{ from, to }])).map(byKey),
    remoteSums: await store.remoteSums(from, to, 1000),
    removals: await store.removals(),
    notes: await store.notes(1_000_000),
    range: await store.range(),
  });
}

/** The same facts in the one order in which they can be compared. */
export function sorted(facts: Facts): Facts {
  return {
    ...facts,
    days: inOrder(facts.days, ({ day, device }) => `${day} ${device}`),
    hours: inOrder(facts.hours, ({ day, hour, device }) => `${day} ${hour} ${device}`),
    kinds: inOrder(facts.kinds, ({ traffic, day, device }) => `${traffic} ${day} ${device}`),
    kindHours: inOrder(facts.kindHours, (row) => `${row.traffic} ${row.day} ${row.hour} ${row.device}`),
    remote: inOrder(facts.remote, ({ day, ip }) => `${day} ${ip}`),
    measured: inOrder(facts.measured, (day) => day),
    endpointDays: inOrder(facts.endpointDays, ({ day, mac, ip, heldBy }) => `${day} ${ip} ${mac} ${heldBy}`),
    endpointHours: inOrder(facts.endpointHours, (row) => `${row.day} ${row.hour} ${row.ip} ${row.mac} ${row.heldBy}`),
    totals: inOrder(facts.totals, ({ day }) => day),
    lineDays: inOrder(facts.lineDays, ({ day }) => day),
    lineHours: inOrder(facts.lineHours, ({ day, hour }) => `${day} ${hour}`),
    deviceLineDays: inOrder(facts.deviceLineDays, ({ day, device }) => `${day} ${device}`),
    deviceLineHours: inOrder(facts.deviceLineHours, ({ day, hour, device }) => `${day} ${hour} ${device}`),
    balances: inOrder(facts.balances, ({ day, source }) => `${day} ${source}`),
    devices: inOrder(facts.devices, ({ key }) => key).map((device) => ({
      ...device,
      interfaces: [...device.interfaces.slice(0, 1), ...device.interfaces.slice(1).sort()],
    })),
    addresses: inOrder(facts.addresses, ({ device, ip }) => `${device} ${ip}`),
    routers: inOrder(facts.routers, ({ mac }) => mac),
    sums: inOrder(facts.sums, ({ device }) => device),
    remoteSums: { ...facts.remoteSums, hosts: inOrder(facts.remoteSums.hosts, ({ ip }) => ip) },
    removals: inOrder(facts.removals, ({ id }) => `${id}`),
    notes: inOrder(facts.notes.map(withoutExamples), (note) => JSON.stringify([note.at, note])),
  };
}

function withoutExamples<N extends Note>(note: N): N {
  const { examples: _, ...detail } = note.detail;
  return { ...note, detail };
}

function inOrder<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Row[] {
  return [...rows].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

/** Whether a day is of a device, rather than of a router, and has reported figures. */
export function isShownDevice(facts: Facts): (row: Facts["days"][number]) => boolean {
  const routers = new Set(facts.devices.filter((device) => device.router).map(({ key }) => key));
  return (row) => row.ip !== null && !routers.has(row.device);
}

/** What the view `device_day` must show: the reported figures of devices that are no routers. */
export function deviceDaysOf(facts: Facts) {
  return facts.days
    .filter(isShownDevice(facts))
    .map((row) => ({ day: row.day, mac: row.device, bytes_in: row.in, bytes_out: row.out }));
}

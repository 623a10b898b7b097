import type { Prefix } from "../../accounting/address.ts";
import { addDays, type Calendar, daysBetween } from "../../accounting/calendar.ts";
import type { Day } from "../../accounting/types.ts";
import type { HouseholdDocument } from "../../household/document.ts";
import type { Usage, UsageDevice, UsageGroup } from "../../shared/api.ts";
import {
  type DaySpan,
  type DeviceHour,
  type DeviceSeries,
  type DeviceSum,
  HOURS_PER_DAY,
  type Store,
} from "../../store/store.ts";
import { ipv4First } from "../addresses.ts";
import { consistently } from "../consistent.ts";
import { earlier } from "../ranges.ts";
import { balanceOf } from "./balance.ts";
import { bucketsOf, type SpannedBucket } from "./buckets.ts";
import { createDirectory, type Directory, type Naming } from "./directory.ts";
import { partsBySource } from "./of-part.ts";
import { bytesBefore, type Previous, previousOf, wasMeasured } from "./previous.ts";
import type { UsageQuery } from "./query-parameters.ts";
import { unknownTraffic } from "./unknown-traffic.ts";
import { measuredFacts, unmeasuredOf } from "./unmeasured.ts";
import { createGrouping, type Facts, knownOwner, splitAt } from "./usage-groups.ts";

export interface UsageDeps extends Naming {
  readonly store: Pick<
    Store,
    | "of"
    | "deviceSums"
    | "deviceSeries"
    | "deviceHours"
    | "addressesBetween"
    | "remoteSums"
    | "balanceSum"
    | "devices"
    | "range"
    | "revision"
    | "sources"
    | "notes"
    | "measuredDays"
    | "of"
  >;
  readonly calendar: Calendar;
  readonly now: () => number;
  /** The networks that the settings name. */
  readonly networks?: readonly Prefix[];
}

/** The biggest are listed; see src/accounting/crowd.ts for how there may be more. */
export const MAX_DEVICES = 1_000;
const MAX_ADDRESSES = 16;
export const MAX_REMOTES = 2_000;

type Series = { download: number[]; upload: number[]; reconstructed: number[] };

/** What is read at a time, so that no question takes long: days of figures, by the day and by the hour. */
const DAYS_AT_A_TIME = { day: 31, hour: 7 };

/** What everyone used in a range: the response to `api/v1/usage`. */
export function usageOf(deps: UsageDeps, query: UsageQuery): Promise<Usage> {
  return consistently(deps.store, (pause) => usageInParts(deps, query, pause));
}

/** @param pause awaited between parts */
async function usageInParts(
  deps: UsageDeps,
  { range, group, remote, compare, by, owner, source, traffic }: UsageQuery,
  pause: () => Promise<void>,
): Promise<Usage> {
  const { store, calendar } = deps;
  const now = deps.now();
  const household = knownOwner(deps.household.document(), owner);
  const grouping = createGrouping(household, { by, owner }, deps.networks);
  const previous = previousOf(range, now, calendar, compare);
  const buckets = bucketsOf(range, group, calendar);
  await pause();
  const counted = await store.balanceSum(range.from, range.to);

  const spans = createSpans(grouping.cuts);
  const ofRange = group === "month" ? buckets.map(({ span }) => spans.add(span)) : [spans.add(range)];
  const ofWhole = previous.whole === null ? [] : spans.add(previous.whole);
  const ofCut = previous.cut === null ? [] : spans.add({ from: previous.cut.day, to: previous.cut.day });

  const parts = by === "source" ? await partsBySource(store, { source, traffic }) : [{ source: null, store }];
  /** The sums of each span, by the meter that counted them. */
  const sums: { source: string | null; bySpan: DeviceSum[][] }[] = [];
  const cutHours: Counted<DeviceHour>[] = [];
  // One after the other: SQLite answers at once, and together they would keep everybody else waiting.
  for (const part of parts) {
    const counted = { source: part.source };
    sums.push({ ...counted, bySpan: await sumsInParts(part.store, spans.list, pause) });
    await pause();
    const hours = previous.cut === null ? [] : await part.store.deviceHours(previous.cut.day, previous.cut.day);
    for (const hour of hours) cutHours.push({ ...hour, ...counted });
    await pause();
  }
  const remotes = remote ? await store.remoteSums(range.from, range.to, MAX_REMOTES) : null;
  await pause();
  const measured = await measuredFacts(store, range);
  await pause();
  const unmeasured = unmeasuredOf(range, now, calendar, measured);
  await pause();
  // Asked for last, so that a device which came between the questions is known.
  const directory = createDirectory(await store.devices(), deps);
  const keyOn = (device: number, day: Day): string | null => {
    const key = directory.keyOf(device);
    return key !== null && grouping.isChosen(key, day) ? key : null;
  };
  const sumsOf =
    (indexes: readonly number[]): ChosenSums =>
    (visit) => {
      for (const index of indexes) {
        const from = spans.list[index]?.from ?? range.from;
        for (const { source, bySpan } of sums) {
          for (const sum of bySpan[index] ?? []) {
            const key = keyOn(sum.device, from);
            if (key !== null) visit(sum, key, from, source);
          }
        }
      }
    };

  const sumsOfRange = sumsOf(ofRange.flat());
  const used = usedBytes(sumsOfRange);
  const devices = new Map<string, UsageDevice>();
  for (const [key, sums] of [...used].sort(biggestFirst).slice(0, MAX_DEVICES)) {
    devices.set(key, usageDevice(key, sums, directory, buckets.length));
  }
  const ids = [...devices.keys()].flatMap((key) => directory.idOf(key) ?? []);
  const addresses: { device: number; ip: string }[] = [];
  // Of an owner's days alone, the latest first: where a device was in other hands is theirs.
  for (const { from, to } of owner === null ? [range] : splitAt(range, grouping.cuts).reverse()) {
    const chosen = ids.filter((id) => keyOn(id, from) !== null);
    if (chosen.length > 0) addresses.push(...(await store.addressesBetween(from, to, chosen)));
  }
  for (const { device, ip } of ipv4First(addresses)) {
    const listed = devices.get(directory.keyOf(device) ?? "")?.addresses;
    if (listed && listed.length < MAX_ADDRESSES && !listed.includes(ip)) listed.push(ip);
  }
  const unlisted = { download: 0, upload: 0 };
  const unlistedIds = new Set<number>();
  for (const [key, sums] of used) {
    if (devices.has(key)) continue;
    const id = directory.idOf(key);
    if (id !== null && !grouping.isPersonal(key)) unlistedIds.add(id);
    unlisted.download += sums.download;
    unlisted.upload += sums.upload;
  }
  const others: Usage["others"] =
    used.size === devices.size
      ? null
      : { devices: used.size - devices.size, ...unlisted, series: emptySeries(buckets.length) };
  const facts: Facts = {
    typeOf: (key) => (devices.has(key) ? directory.describe(key).type : "unknown"),
    addressesOf: (key) => devices.get(key)?.addresses ?? [],
  };
  const groupOn: GroupOn = (key, day, source) => grouping.groupOf(key, day, source, facts);
  const groups = by === "device" ? null : createGroups(sumsOfRange, groupOn, devices, buckets.length);
  /** The rows of the chart that a device's figures of a day are in: its own, or that of all others, and its group's. */
  const ownSeries = (key: string) =>
    devices.get(key)?.series ?? (used.has(key) || key === SOMEBODY ? others?.series : undefined);
  const groupSeries: GroupOn<Series | undefined> = (...of) => groups?.get(groupOn(...of))?.series;
  if (group === "month") {
    for (const [index, span] of ofRange.entries()) {
      sumsOf(span)((sum, key, from, source) => {
        addSum(ownSeries(key), index, sum);
        addSum(groupSeries(key, from, source), index, sum);
      });
    }
  }
  const places = group === "hour" ? placesOfHours(buckets) : null;
  if (group !== "month") {
    for (const { part, offset } of partsOf(range, group, grouping.cuts)) {
      for (const { source, store } of parts) {
        await pause();
        const rows = await store.deviceSeries(part.from, part.to, group, unlistedIds);
        for (const row of rows) {
          const key = row.device === null ? SOMEBODY : keyOn(row.device, part.from);
          if (key === null) continue;
          addRow(ownSeries(key), row, offset, places);
          addRow(groupSeries(key, part.from, source), row, offset, places);
        }
      }
    }
  }

  await pause();
  const wasUsed = [...ofWhole, ...ofCut].some((index) => sums.some(({ bySpan }) => bySpan[index]?.length));
  const isChosen = (device: number, day: Day) => keyOn(device, day) !== null;
  const unknownIn = (span: DaySpan) => unknownTraffic(store, { source }, span, grouping.cuts, isChosen);
  const unknown = traffic === "all" ? null : await unknownIn(range);
  // Of another part of the traffic, the range before says nothing.
  const unknownBefore = traffic === "all" ? NO_BYTES : await unknownIn(previous.span);
  const isComparable = unknownBefore.download + unknownBefore.upload === 0;
  const before =
    wasUsed && isComparable && wasMeasured(previous, measured.known, measured.sources, calendar)
      ? bytesByKey(previous, sumsOf(ofWhole), sumsOf(ofCut), cutHours, (key) => key)
      : null;
  if (before !== null && groups !== null) {
    const ofGroups = bytesByKey(previous, sumsOf(ofWhole), sumsOf(ofCut), cutHours, groupOn);
    for (const [key, one] of groups) one.previous = ofGroups.get(key) ?? { ...NO_BYTES };
  }
  if (before !== null) for (const [key, device] of devices) device.previous = before.get(key) ?? { ...NO_BYTES };

  const list = [...devices.values()];
  for (const { series } of [...list, ...(others === null ? [] : [others]), ...(groups?.values() ?? [])]) {
    series.reconstructed = [...new Set(series.reconstructed)].sort((a, b) => a - b);
  }
  const download = total([...used.values()].map((one) => one.download));
  const upload = total([...used.values()].map((one) => one.upload));
  let hidden = 0;
  sumsOfRange((sum) => {
    hidden += sum.hiddenIn + sum.hiddenOut;
  });
  return {
    ...range,
    source,
    traffic,
    unknownTraffic: unknown,
    today: calendar.dayOf(now),
    zone: calendar.zone,
    now,
    group,
    by,
    owner,
    buckets: buckets.map(({ span, ...bucket }) => bucket),
    unmeasured,
    devices: list,
    others,
    groups: groups === null ? null : groupsOf(groups, household),
    remotes:
      remotes?.hosts.map(({ ip, hostname, out: download, in: upload, seenAt: lastSeen }) => ({
        ip,
        hostname,
        download,
        upload,
        lastSeen,
      })) ?? null,
    remoteTotals: remotes === null ? null : { download: remotes.out, upload: remotes.in, hosts: remotes.count },
    totals: {
      download,
      upload,
      devices: [...used.values()].filter((one) => one.download + one.upload > 0).length,
    },
    previous: before === null ? null : previousTotals(previous, before, used, directory),
    balance: balanceOf(counted),
    hiddenShare: hidden === 0 ? 0 : hidden / (hidden + download + upload),
  };
}

/** Spans to be added up, each once: what is added is split at the cuts. */
function createSpans(cuts: readonly Day[]) {
  const list: DaySpan[] = [];
  return {
    list,
    /** @returns the indexes of its parts */
    add(span: DaySpan): number[] {
      return splitAt(span, cuts).map(({ from, to }) => {
        const known = list.findIndex((one) => one.from === from && one.to === to);
        return known >= 0 ? known : list.push({ from, to }) - 1;
      });
    },
  };
}

/** With the meter that counted it, where that is asked for. */
type Counted<Row> = Row & { readonly source: string | null };

/**
 * The sums of devices that are asked for, one by one: with the device's key, the day from which the sum is, and the meter that
 * counted it (null where nobody asks). Not a list: ten years have a hundred months of each device.
 */
type ChosenSums = (visit: (sum: DeviceSum, key: string, from: Day, source: string | null) => void) => void;

/** Stands for the devices that are too many to be told apart, none of which was ever anybody's: no device has this key. */
const SOMEBODY = "";

/** Of what a meter counted of a device on a day: the key of the group that it is in. */
type GroupOn<Group = string> = (key: string, day: Day, source: string | null) => Group;

type GroupDraft = Omit<UsageGroup, "name" | "colour">;

/** Devices taken together, by the key of their group. */
function createGroups(
  sums: ChosenSums,
  groupOn: GroupOn,
  listed: ReadonlyMap<string, unknown>,
  length: number,
): Map<string, GroupDraft> {
  const groups = new Map<string, { used: UsedSums; ofDevices: Map<string, UsedBytes> }>();
  sums((sum, key, from, source) => {
    if (!sum.reported) return;
    const group = groupOn(key, from, source);
    let one = groups.get(group);
    if (one === undefined) {
      one = { used: nothingUsed(), ofDevices: new Map() };
      groups.set(group, one);
    }
    addUsed(one.used, sum);
    if (listed.has(key)) addBytes(one.ofDevices, key, sum.in, sum.out);
  });
  return new Map(
    [...groups].map(([key, { used, ofDevices }]) => {
      const members = [...ofDevices].sort(biggestFirst).map(([key, bytes]) => ({ key, ...bytes }));
      return [key, { key, ...used, previous: null, members, series: emptySeries(length) }];
    }),
  );
}

function groupsOf(groups: ReadonlyMap<string, GroupDraft>, { owners }: HouseholdDocument): UsageGroup[] {
  return [...groups].sort(biggestFirst).map(([key, one]) => {
    const owner = Object.hasOwn(owners, key) ? owners[key] : undefined;
    return { ...one, name: owner?.name ?? null, colour: owner?.colour ?? null };
  });
}

type UsedSums = Pick<
  UsageDevice,
  "download" | "upload" | "lastSeen" | "lastActiveDay" | "reconstructed" | "implausible"
>;

/** What was used in the range, by the key of each device. What has nothing but unreported addresses is left out. */
function usedBytes(sums: ChosenSums): Map<string, UsedSums> {
  const used = new Map<string, UsedSums>();
  sums((sum, key) => {
    if (!sum.reported) return;
    let one = used.get(key);
    if (one === undefined) {
      one = nothingUsed();
      used.set(key, one);
    }
    addUsed(one, sum);
  });
  return used;
}

function nothingUsed(): UsedSums {
  return { ...NO_BYTES, lastSeen: null, lastActiveDay: null, reconstructed: false, implausible: false };
}

function addUsed(used: UsedSums, sum: DeviceSum): void {
  used.download += sum.in;
  used.upload += sum.out;
  used.lastSeen = latest(used.lastSeen, sum.seenAt);
  used.lastActiveDay = latest(used.lastActiveDay, sum.lastDay);
  used.reconstructed ||= sum.reconstructed;
  used.implausible ||= sum.implausible;
}

function usageDevice(key: string, sums: UsedSums, directory: Directory, length: number): UsageDevice {
  return { ...directory.describe(key), addresses: [], ...sums, previous: null, series: emptySeries(length) };
}

function emptySeries(length: number): Series {
  const zeros = () => new Array<number>(length).fill(0);
  return { download: zeros(), upload: zeros(), reconstructed: [] };
}

function addSum(series: Series | undefined, index: number, sum: DeviceSum): void {
  if (series === undefined) return;
  const { download, upload, reconstructed } = series;
  download[index] = (download[index] ?? 0) + sum.in;
  upload[index] = (upload[index] ?? 0) + sum.out;
  if (sum.reconstructed) reconstructed.push(index);
}

/** The sums of each span, asked for one by one: each may be of ten years. */
async function sumsInParts(
  store: Pick<Store, "deviceSums">,
  spans: readonly DaySpan[],
  pause: () => Promise<void>,
): Promise<DeviceSum[][]> {
  const all: DeviceSum[][] = [];
  for (const span of spans) {
    await pause();
    all.push(await store.deviceSums([span]));
  }
  return all;
}

/** A range in parts that are short enough to be read at once. `offset` is how many of the store's figures come before. */
function* partsOf(
  range: DaySpan,
  by: "day" | "hour",
  cuts: readonly Day[],
): Generator<{ part: DaySpan; offset: number }> {
  const step = DAYS_AT_A_TIME[by];
  const figuresPerDay = by === "hour" ? HOURS_PER_DAY : 1;
  for (const { from, to } of splitAt(range, cuts)) {
    for (let first = from; first <= to; first = addDays(first, step)) {
      const last = addDays(first, step - 1);
      const offset = daysBetween(range.from, first) * figuresPerDay;
      yield { part: { from: first, to: earlier(last, to) }, offset };
    }
  }
}

/**
 * Adds a row of the store's figures, which `offset` others are before; `places` says into which bucket each goes, where
 * that isn't one to one.
 */
function addRow(series: Series | undefined, row: DeviceSeries, offset: number, places: readonly number[] | null): void {
  if (series === undefined) return;
  const { download, upload } = series;
  const placeOf = (index: number) => (places === null ? offset + index : (places[offset + index] ?? 0));
  for (let index = 0; index < row.in.length; index += 1) {
    const place = placeOf(index);
    download[place] = (download[place] ?? 0) + (row.in[index] ?? 0);
    upload[place] = (upload[place] ?? 0) + (row.out[index] ?? 0);
  }
  for (const index of row.reconstructed) series.reconstructed.push(placeOf(index));
}

/**
 * The bucket of each clock hour that the store may have for a day. Hours that the day does not have fall to its last:
 * the zone may have been changed since they were charged.
 */
function placesOfHours(buckets: readonly SpannedBucket[]): number[] {
  const places: number[] = [];
  for (let first = 0; first < buckets.length; ) {
    const day = buckets[first]?.day;
    let end = first;
    while (buckets[end]?.day === day) end += 1;
    for (let hour = 0; hour < HOURS_PER_DAY; hour += 1) places.push(Math.min(first + hour, end - 1));
    first = end;
  }
  return places;
}

interface UsedBytes {
  download: number;
  upload: number;
}

const NO_BYTES: UsedBytes = { download: 0, upload: 0 };

function addBytes(byKey: Map<string, UsedBytes>, key: string, download: number, upload: number): void {
  const used = byKey.get(key);
  if (used === undefined) byKey.set(key, { download, upload });
  else {
    used.download += download;
    used.upload += upload;
  }
}

/** What was used in the range before, by a key of each device. */
function bytesByKey(
  { cut }: Previous,
  whole: ChosenSums,
  cutDay: ChosenSums,
  cutHours: readonly Counted<DeviceHour>[],
  keyOf: GroupOn,
): Map<string, UsedBytes> {
  const byKey = new Map<string, UsedBytes>();
  whole((sum, key, from, source) => addBytes(byKey, keyOf(key, from, source), sum.in, sum.out));
  if (cut === null) return byKey;
  const hours = Map.groupBy(cutHours, idOf);
  cutDay((sum, key, from, source) => {
    const own = hours.get(idOf({ device: sum.device, source })) ?? [];
    const download = bytesBefore(cut, sum.in, new Map(own.map((hour) => [hour.hour, hour.in])));
    const upload = bytesBefore(cut, sum.out, new Map(own.map((hour) => [hour.hour, hour.out])));
    addBytes(byKey, keyOf(key, from, source), download, upload);
  });
  return byKey;
}

/** A device as a meter counted it. */
function idOf({ device, source }: Counted<{ readonly device: number }>): string {
  return `${device} ${source ?? ""}`;
}

function previousTotals(
  { span, cut }: Previous,
  before: ReadonlyMap<string, UsedBytes>,
  now: ReadonlyMap<string, unknown>,
  directory: Directory,
): Usage["previous"] {
  const used = [...before].filter(([, { download, upload }]) => download + upload > 0);
  return {
    ...span,
    until: cut?.until ?? null,
    download: total(used.map(([, { download }]) => download)),
    upload: total(used.map(([, { upload }]) => upload)),
    devices: used.length,
    gone: used
      .filter(([key]) => !now.has(key))
      .sort(biggestFirst)
      .slice(0, MAX_DEVICES)
      .map(([key, bytes]) => ({ ...directory.describe(key), ...bytes })),
  };
}

function biggestFirst([keyA, a]: [string, UsedBytes], [keyB, b]: [string, UsedBytes]): number {
  return b.download + b.upload - (a.download + a.upload) || (keyA < keyB ? -1 : 1);
}

function latest<T extends string | number>(one: T | null, other: T | null): T | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}

function total(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}

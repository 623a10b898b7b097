import type { Days } from "../../../src/shared/api.ts";
import { displayName } from "../names.ts";
import { groupIn } from "../state/groups.ts";
import type { ApiDevice, Remote, Usage } from "../wire.ts";
import { type Row, type Who, whoOf } from "./row.ts";

/** What an owner is called; null while that isn't known. */
type OwnerName = (id: number) => string | null;

/** One row for each device of the range that used anything. */
export function rowsByDevice(usage: Usage, ownerName: OwnerName = () => null): Row[] {
  const everything = usage.totals.download + usage.totals.upload;
  const devices = usage.devices.map((device) => {
    const who = whoOfDevice(device, ownerName);
    const total = device.download + device.upload;
    return {
      id: who.id,
      who,
      addresses: device.addresses,
      download: device.download,
      upload: device.upload,
      total,
      share: shareOf(total, everything),
      lastSeen: device.lastSeen,
      day: device.lastActiveDay,
      previous: device.previous,
      reconstructed: device.reconstructed,
      implausible: device.implausible,
    };
  });
  return devices;
}

/** Rows of nothing for the devices that used something in the range before only: for filters to say whom they mean. */
export function rowsOfGone({ previous }: Usage): Row[] {
  return (previous?.gone ?? []).map((device) => {
    const who = whoOfDevice(device);
    const before = { download: device.download, upload: device.upload };
    return { ...NO_FIGURES, id: who.id, who, addresses: [], lastSeen: null, day: null, previous: before };
  });
}

const NO_FIGURES = { download: 0, upload: 0, total: 0, share: 0, reconstructed: false, implausible: false } as const;

/** One row for each Internet host, where they were asked for. */
export function rowsOfHosts(usage: Usage): Row[] {
  return (usage.remotes ?? []).map((remote) => hostRow(remote, usage));
}

function hostRow({ ip, hostname, download, upload, lastSeen }: Remote, { remoteTotals }: Usage): Row {
  const who = whoOf({
    kind: "host",
    key: ip,
    name: hostname ?? ip,
    given: null,
    hostname,
    vendor: null,
    mac: null,
    type: null,
    owner: null,
    isFolded: false,
  });
  const total = download + upload;
  return {
    id: who.id,
    who,
    addresses: [ip],
    download,
    upload,
    total,
    share: shareOf(total, remoteTotals ? remoteTotals.download + remoteTotals.upload : 0),
    lastSeen,
    day: null,
    previous: null,
    reconstructed: false,
    implausible: false,
  };
}

/** One row for each device and day. Names are those of `usage`, which is asked for after each rename. */
export function rowsByDay({ devices, rows }: Days, usage: Usage, ownerName: OwnerName = () => null): Row[] {
  const latest = new Map(usage.devices.map((device) => [device.key, device]));
  const whos = devices.map((device) => whoOfDevice(latest.get(device.key) ?? device, ownerName));
  const ofDay = new Map<string, number>();
  for (const [day, , , download, upload] of rows) ofDay.set(day, (ofDay.get(day) ?? 0) + download + upload);
  return rows.flatMap(([day, index, ip, download, upload, lastSeen, flags]) => {
    const who = whos[index];
    if (!who) return [];
    const total = download + upload;
    return {
      id: `${day} ${who.id}`,
      who,
      addresses: ip === null ? [] : [ip],
      download,
      upload,
      total,
      share: shareOf(total, ofDay.get(day) ?? 0),
      lastSeen,
      day,
      previous: null,
      reconstructed: (flags & 1) !== 0,
      implausible: (flags & 2) !== 0,
    };
  });
}

/**
 * Days that were read before, with the days from `since` on as a later answer has them: a month of a thousand devices
 * is not read anew with every reading when only its last days can have changed.
 */
export function withFresh(known: Days, fresh: Days, since: string): Days {
  const places = new Map(known.devices.map((device, index) => [device.key, index]));
  const devices = [...known.devices];
  const moved = fresh.devices.map((device) => {
    const place = places.get(device.key) ?? devices.length;
    devices[place] = device;
    places.set(device.key, place);
    return place;
  });
  const news = fresh.rows.map(([day, index, ...rest]): Days["rows"][number] => [day, moved[index] ?? -1, ...rest]);
  return { ...known, devices, rows: [...news, ...known.rows.filter(([day]) => day < since)] };
}

function whoOfDevice(device: ApiDevice, ownerName: OwnerName = () => null): Who {
  const isGroup = groupIn(device.key) !== null;
  return whoOf({
    kind: isGroup ? "group" : "device",
    key: device.key,
    name: displayName(device),
    given: device.name,
    hostname: device.hostname,
    vendor: device.vendor,
    mac: device.mac,
    type: isGroup ? null : device.type,
    owner: device.owner === null ? null : ownerName(device.owner),
    isFolded: device.hidden || device.archived,
  });
}

function shareOf(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

/** What rows add up to. */
export interface Sums {
  readonly rows: number;
  /** Different devices or hosts among the rows. */
  readonly members: number;
  readonly download: number;
  readonly upload: number;
  readonly total: number;
}

export function sumsOf(rows: readonly Row[]): Sums {
  const members = new Set(rows.map(({ who }) => who)).size;
  const sums = { rows: rows.length, members, download: 0, upload: 0 };
  for (const row of rows) {
    sums.download += row.download;
    sums.upload += row.upload;
  }
  return { ...sums, total: sums.download + sums.upload };
}

import { isMac } from "../accounting/address.ts";
import { addDays, type Calendar } from "../accounting/calendar.ts";
import type { Day } from "../accounting/types.ts";
import type { Problem, Status } from "../shared/status.ts";
import type { DayBalance, Device, DeviceSum, Store } from "../store/store.ts";
import { ipv4First } from "./addresses.ts";
import { MAX_DEVICES } from "./api/usage.ts";
import { assessHealth } from "./health.ts";
import type { DayRange } from "./ranges.ts";
import { agoText, bytesText, meterText, noteText, shareText } from "./readable-text.ts";

export type PageStore = Pick<Store, "deviceSums" | "addressesBetween" | "devices" | "balances" | "notes" | "range">;

export interface PageDeps {
  readonly store: PageStore;
  readonly calendar: Calendar;
  readonly now: () => number;
  readonly status: () => Status;
  readonly nameOf: (key: string) => string | null;
}

/** Addresses shown of one device; IPv6 hosts make new ones every day. */
const MAX_ADDRESSES = 4;
const SHOWN_NOTES = 10;

/** What the plain page says, in words and figures that are ready to be shown but not yet escaped. */
export interface PageModel {
  readonly heading: string;
  readonly demo: boolean;
  readonly healthLine: string;
  readonly alarms: readonly { readonly message: string; readonly hint: string; readonly since: string }[];
  readonly links: readonly { readonly text: string; readonly query: string }[];
  /** The largest. */
  readonly devices: readonly PageDevice[];
  /** The rest of them, added up; null when all are listed. */
  readonly others: { readonly count: number; readonly in: number; readonly out: number } | null;
  readonly totals: { readonly count: number; readonly in: number; readonly out: number };
  /** One sentence in place of the list; null while there is one. */
  readonly empty: string | null;
  /** What a reader of these figures should know. */
  readonly remarks: readonly string[];
  readonly notes: readonly { readonly at: string; readonly text: string }[];
}

export interface PageDevice {
  readonly name: string;
  readonly mac: string;
  readonly addresses: string;
  readonly in: number;
  readonly out: number;
  readonly lastSeen: string;
  readonly marks: string;
}

/** Gathers the plain page of a range. */
export async function pageModel(deps: PageDeps, range: DayRange): Promise<PageModel> {
  const { store, calendar } = deps;
  const now = deps.now();
  const status = deps.status();
  const today = calendar.dayOf(now);
  const [sums, todaysBalances, stored, known] = await Promise.all([
    store.deviceSums([range]),
    store.balances(today, today),
    store.notes(SHOWN_NOTES),
    store.range(),
  ]);
  const byId = new Map((await store.devices()).map((device) => [device.id, device]));
  const ofDevices = sums.filter(({ device }) => byId.get(device)?.router === false);
  const rows = ofDevices.filter(({ reported }) => reported).sort((a, b) => b.in + b.out - (a.in + a.out));
  const largest = rows.slice(0, MAX_DEVICES);
  const ids = largest.map(({ device }) => device);
  const addressesOf = Map.groupBy(await store.addressesBetween(range.from, range.to, ids), ({ device }) => device);
  const devices = largest.map((row) =>
    deviceRow(
      deps,
      row,
      byId.get(row.device),
      ipv4First(addressesOf.get(row.device) ?? []).map(({ ip }) => ip),
    ),
  );
  return {
    heading: range.from === today && range.to === today ? `Today, ${today}` : rangeText(range),
    demo: status.demo,
    healthLine: healthLine(status, todaysBalances, now),
    alarms: alarmsOf(status, now).map((alarm) => ({ ...alarm, since: calendar.localText(alarm.since) })),
    links: linksOf(today),
    devices,
    others: rows.length > MAX_DEVICES ? sumOf(rows.slice(MAX_DEVICES)) : null,
    totals: sumOf(rows),
    empty: rows.length > 0 ? null : emptyText(status, calendar, range, today, known),
    remarks: remarksOf(rows, ofDevices),
    notes: stored.map((note) => ({ at: calendar.localText(note.at), text: noteText(note, calendar.localText) })),
  };
}

function sumOf(rows: readonly DeviceSum[]) {
  return { count: rows.length, in: total(rows.map((row) => row.in)), out: total(rows.map((row) => row.out)) };
}

function deviceRow(
  deps: PageDeps,
  sum: DeviceSum,
  device: Device | undefined,
  addresses: readonly string[],
): PageDevice {
  const key = device?.key ?? "";
  const more = addresses.length - MAX_ADDRESSES;
  return {
    name: deps.nameOf(key) ?? device?.hostname ?? addresses[0] ?? key,
    mac: isMac(key) ? key : "",
    addresses: addresses.slice(0, MAX_ADDRESSES).join(", ") + (more > 0 ? ` and ${more} more` : ""),
    in: sum.in,
    out: sum.out,
    lastSeen: sum.seenAt === null ? "never sent" : deps.calendar.localText(sum.seenAt),
    marks: (sum.reconstructed ? "≈" : "") + (sum.implausible ? "?" : ""),
  };
}

/** What is wrong now. Stale readings are said even where no part of the program reported a problem. */
function alarmsOf(status: Status, now: number): Pick<Problem, "message" | "hint" | "since">[] {
  const health = assessHealth(status, now);
  if (health.state === "stale" && status.problems.length === 0) return [health];
  return [...status.problems];
}

function healthLine({ meter, version }: Status, balances: readonly DayBalance[], now: number): string {
  const parts = [
    meter.version === null ? `no reading of ${meterText(meter.kind)} yet` : meterText(meter.kind, meter.version),
  ];
  if (meter.readAt !== null) parts.push(`read ${agoText(now - meter.readAt)}`);
  if (meter.seenShare !== null) parts.push(`${shareText(meter.seenShare)} of its interface's traffic counted`);
  else if (meter.missedShare !== null)
    parts.push(meter.missedShare === 0 ? "no packets dropped" : `${shareText(meter.missedShare)} of packets dropped`);
  if (balances.length > 0) parts.push(balanceText(balances));
  parts.push(`WhiteStat ${version}`);
  return parts.join(" · ");
}

/** Whether what was charged, in each direction, is what the meter counted. */
function balanceText(balances: readonly DayBalance[]): string {
  let off = 0;
  for (const { devices, hidden, routers, remote, group, unlisted, unattributed, removed, counted } of balances) {
    const charged = [devices, hidden, routers, remote, group, unlisted, unattributed, removed];
    const down = total(charged.map((side) => side.in));
    const up = total(charged.map((side) => side.out));
    off = Math.max(off, Math.abs(counted - down), Math.abs(counted - up));
  }
  return off === 0 ? "totals match" : `totals differ by ${bytesText(off)} today`;
}

function emptyText(
  { meter }: Status,
  calendar: Calendar,
  range: DayRange,
  today: Day,
  known: { first: Day; last: Day } | null,
): string {
  if (range.from <= today && today <= range.to) {
    if (meter.readAt === null) {
      const where = meter.kind === "kernel" || meter.url === null ? "" : ` at ${meter.url}`;
      return `Waiting for the first reading of ${meterText(meter.kind)}${where}.`;
    }
    if (known === null && meter.measuringSince !== null) {
      const since = calendar.localText(meter.measuringSince).slice(11, 16);
      return `Measuring since ${since}. The first data arrives with the next reading.`;
    }
    if (range.from === today) return "No traffic recorded yet today.";
  }
  const hint = known === null ? "" : ` Data is available from ${known.first} to ${known.last}.`;
  return `No data for ${rangeText(range)}.${hint}`;
}

function remarksOf(rows: readonly DeviceSum[], all: readonly DeviceSum[]): string[] {
  const remarks: string[] = [];
  const hidden = total(all.map((sum) => sum.hiddenIn + sum.hiddenOut));
  const shown = total(rows.map((sum) => sum.in + sum.out));
  if (hidden > 0) {
    remarks.push(
      `${shareText(hidden / (hidden + shown))} of the devices' traffic uses addresses that IPFilter excludes (such as IPv6) and isn't included. Set IPFilter to include it.`,
    );
  }
  if (rows.some((row) => row.reconstructed)) {
    remarks.push(
      "≈ Partly estimated: WhiteStat wasn't running at the time, and the total was divided among the hours or days.",
    );
  }
  if (rows.some((row) => row.implausible)) {
    remarks.push("? Imported from an older version, and far more than is usual here or than the line can carry.");
  }
  return remarks;
}

function linksOf(today: Day): PageModel["links"] {
  const since = (days: number) => `?start=${addDays(today, 1 - days)}&end=${today}`;
  const yesterday = addDays(today, -1);
  return [
    { text: "Today", query: `?start=${today}&end=${today}` },
    { text: "Yesterday", query: `?start=${yesterday}&end=${yesterday}` },
    { text: "7 days", query: since(7) },
    { text: "30 days", query: since(30) },
    { text: "This month", query: `?start=${today.slice(0, 8)}01&end=${today}` },
  ];
}

function rangeText({ from, to }: DayRange): string {
  return from === to ? from : `${from} to ${to}`;
}

function total(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}

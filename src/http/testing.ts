import { Readable } from "node:stream";
import { createCalendar } from "../accounting/calendar.ts";
import { zoneOf } from "../accounting/testing.ts";
import type { Status } from "../shared/status.ts";
import type { DayBalance, Device, DeviceAddress, DeviceDay, RemoteDay, StoredNote } from "../store/store.ts";
import { createLiveUpdates } from "./api/live-updates.ts";
import { type AppDeps, createApp } from "./app.ts";
import type { Incoming } from "./read-request.ts";

/** What the stand-in for a store has: the figures that a test gives it, and no arithmetic. */
export interface TestFigures {
  devices?: Device[];
  deviceDays?: DeviceDay[];
  remoteDays?: RemoteDay[];
  addresses?: Record<number, DeviceAddress[]>;
  balances?: DayBalance[];
  notes?: StoredNote[];
}

/** 2021-04-01 12:00 in Berlin. */
export const NOON = Date.UTC(2021, 3, 1, 10);

export const STATUS: Status = {
  version: "12.0.0",
  startedAt: NOON - 3_600_000,
  demo: false,
  darkstat: {
    url: "http://127.0.0.1:667/",
    embedded: false,
    version: "3.0.719",
    interface: "eth0",
    readAt: NOON - 12_000,
    intervalMs: 30_000,
    measuringSince: NOON - 3_600_000,
    missedShare: 0,
  },
  problems: [],
};

export function device(id: number, key: string, more: Partial<Device> = {}): Device {
  return {
    id,
    key,
    interfaces: [key],
    router: false,
    hostname: null,
    firstDay: "2021-01-01",
    lastDay: "2021-04-01",
    ...more,
  };
}

export function deviceDay(id: number, more: Partial<DeviceDay> = {}): DeviceDay {
  return {
    device: id,
    day: "2021-04-01",
    ip: `192.168.1.${id}`,
    in: 1024,
    out: 512,
    hiddenIn: 0,
    hiddenOut: 0,
    seenAt: NOON - 60_000,
    counterIn: 1024,
    counterOut: 512,
    implausible: false,
    reconstructed: false,
    ...more,
  };
}

export function remoteDay(ip: string, more: Partial<RemoteDay> = {}): RemoteDay {
  return {
    day: "2021-04-01",
    ip,
    mac: "02:ff:ff:ff:ff:01",
    hostname: null,
    reported: true,
    in: 2048,
    out: 1024,
    seenAt: NOON - 60_000,
    counterIn: 2048,
    counterOut: 1024,
    reconstructed: false,
    ...more,
  };
}

export function balance(more: Partial<DayBalance> = {}): DayBalance {
  const none = { in: 0, out: 0 };
  return {
    source: "s",
    day: "2021-04-01",
    devices: none,
    hidden: none,
    routers: none,
    remote: none,
    group: none,
    unattributed: none,
    unlisted: none,
    counted: 0,
    captured: 0,
    dropped: 0,
    ...more,
  };
}

/** Everything that `createApp` wants, at noon of 2021-04-01 in Berlin, over the figures given. */
export function testDeps(figures: TestFigures = {}, more: Partial<AppDeps> = {}): AppDeps {
  const { devices = [], deviceDays = [], remoteDays = [], addresses = {}, balances = [], notes = [] } = figures;
  const within = <T extends { day: string }>(rows: T[], from: string, to: string) =>
    rows.filter((row) => from <= row.day && row.day <= to);
  const days = [...deviceDays, ...remoteDays].map((row) => row.day).sort();
  const given = new Map<string, string>();
  return {
    store: {
      deviceDays: async (from, to) => within(deviceDays, from, to),
      remoteDays: async (from, to) => within(remoteDays, from, to),
      devices: async () => devices,
      addressesOf: async (id) => addresses[id] ?? [],
      balances: async (from, to) => within(balances, from, to),
      notes: async (limit) => notes.slice(0, limit),
      range: async () => {
        const [first, last] = [days[0], days.at(-1)];
        return first === undefined || last === undefined ? null : { first, last };
      },
      // What only the interface asks for adds up: that is tested over a real store.
      sources: async () => [],
      revision: async () => 0,
      deviceSums: async () => [],
      deviceSeries: async () => [],
      deviceHours: async () => [],
      historyOf: async () => [],
      hoursOf: async () => [],
      addressesBetween: async () => [],
      remoteSums: async () => ({ in: 0, out: 0, count: 0, hosts: [] }),
      balanceSum: async () => null,
    },
    calendar: createCalendar(zoneOf("Europe/Berlin")),
    now: () => NOON,
    status: () => STATUS,
    names: {
      nameOf: (key) => given.get(key) ?? null,
      rename: async (key, name) => {
        if (name === null) given.delete(key);
        else given.set(key, name);
      },
    },
    vendorOf: () => null,
    live: createLiveUpdates(),
    lanSegments: () => ["192.168.1", "192.168.0"],
    version: "12.0.0",
    allowedHosts: [],
    corsOrigins: [],
    basePath: "",
    ...more,
  };
}

/**
 * The app with the feel of fetch, for tests that need no port. Without a Host header it is asked for under the host of the
 * address; `more` is what a socket would have said otherwise.
 */
export function testApp(deps: AppDeps) {
  const app = createApp(deps);
  return {
    ...app,
    async request(path: string, init: RequestInit = {}, more: Partial<Incoming> = {}): Promise<Response> {
      const { status, headers, body } = await app.handle(await incomingOf(path, init, more));
      if (body === null || typeof body === "string") return new Response(body, { status, headers });
      const bytes = body instanceof Uint8Array ? new Uint8Array(body) : ReadableStream.from(copiesOf(body));
      return new Response(bytes, { status, headers });
    },
  };
}

/** Chunks may be the same memory. */
async function* copiesOf(chunks: AsyncIterable<Uint8Array>) {
  for await (const chunk of chunks) yield Uint8Array.from(chunk);
}

async function incomingOf(path: string, init: RequestInit, more: Partial<Incoming>): Promise<Incoming> {
  const url = new URL(path, "http://localhost");
  const request = new Request(url, init);
  const headers = { host: url.host, ...Object.fromEntries(request.headers) };
  const body = Buffer.from(await request.arrayBuffer());
  return Object.assign(Readable.from(body.length > 0 ? [body] : []), {
    method: request.method,
    url: path.startsWith("http") ? path : url.pathname + url.search,
    httpVersion: "1.1",
    headers,
    rawHeaders: Object.entries(headers).flat(),
    ...more,
  });
}

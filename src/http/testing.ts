import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { type Access, type AccessDeps, createAccess } from "../access/access.ts";
import type { PasswordHash } from "../access/password.ts";
import { createCalendar } from "../accounting/calendar.ts";
import { zoneOf } from "../accounting/testing.ts";
import type { AddressFact, Charge, Day, Note, Settlement, Traffic } from "../accounting/types.ts";
import { createSend } from "../channels/send.ts";
import { createAlertFacts } from "../cli/alert-facts.ts";
import { createAlerting } from "../cli/alerting.ts";
import { createHousehold } from "../cli/household.ts";
import type { HouseholdBook } from "../household/book.ts";
import { mergesOf } from "../household/merges.ts";
import { SETTING_KEYS, type SettingKey } from "../settings/table.ts";
import type { Status } from "../shared/status.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { counted, ROUTER, settlement, viewOf } from "../store/testing/settlements.ts";
import { API_PATH } from "./api/api.ts";
import { createLiveUpdates } from "./api/live-updates.ts";
import { createUnusual } from "./api/unusual.ts";
import { type AppDeps, createApp } from "./app.ts";
import type { LearntNames } from "./learnt-names.ts";
import type { Incoming } from "./read-request.ts";

/** 2021-04-01 12:00 in Berlin: the present of these tests. */
export const NOON = Date.UTC(2021, 3, 1, 10);
const TODAY: Day = "2021-04-01";
const UNREAD = { readAt: null, problem: null, names: 0 };

/** No names came by themselves. */
export const NOTHING_LEARNT: LearntNames = {
  learntName: () => null,
  namesOf: () => [],
  revision: () => 0,
  sources: () => ({
    files: { on: true, paths: [] },
    mdns: { on: false, ...UNREAD },
    pihole: { on: false, url: "", hasPassword: false, ...UNREAD },
    adguard: { on: false, url: "", user: null, hasPassword: false, ...UNREAD },
  }),
  change: async () => {},
};

const METER: Status["meter"] = {
  name: null,
  isView: false,
  url: "http://127.0.0.1:667/",
  kind: "darkstat",
  embedded: false,
  whyNotKernel: null,
  version: "3.0.719",
  interface: "eth0",
  readAt: NOON - 12_000,
  intervalMs: 30_000,
  measuringSince: NOON - 3_600_000,
  seenShare: null,
  missedShare: 0,
};

export const STATUS: Status = {
  version: "12.0.0",
  startedAt: NOON - 3_600_000,
  demo: false,
  ipv6: "excluded",
  meter: METER,
  meters: [METER],
  problems: [],
};

/** What one address used in an hour: 1,024 bytes down and 512 up, at ten o'clock today, unless it says otherwise. */
export interface Use {
  readonly ip: string;
  /** Null where none is known. That of {@link ROUTER} makes an address outside the LAN an internet host. */
  readonly mac?: string | null;
  readonly traffic?: Traffic;
  readonly day?: Day;
  readonly hour?: number;
  readonly in?: number;
  readonly out?: number;
  readonly hostname?: string | null;
  readonly seenAt?: number | null;
  /** darkstat's own counters afterwards; what was used, unless it says otherwise. */
  readonly counterIn?: number;
  readonly counterOut?: number;
  readonly reconstructed?: Charge["reconstructed"];
}

/** What a store is filled with beside what was used. */
export interface Household {
  /** What darkstat counted today; the sum of what was used, unless it says otherwise. */
  readonly counted?: number;
  readonly notes?: readonly Note[];
}

/** A remote host's use of 2,048 bytes down and 1,024 up. */
export function remoteUse(ip: string, more: Partial<Use> = {}): Use {
  return { ip, mac: ROUTER, in: 2048, out: 1024, ...more };
}

/** Records uses as readings settle them: day by day, with all that follows from them. */
export async function recordUses(store: Pick<Store, "record">, uses: readonly Use[], more: Household = {}) {
  const days = [...Map.groupBy(uses, ({ day = TODAY }) => day)].sort(([a], [b]) => (a < b ? -1 : 1));
  const { notes = [] } = more;
  let last: Settlement | undefined;
  for (const [day, some] of days.length > 0 ? days : ([[TODAY, []]] as const)) {
    const charges = some.map((use) => chargeOf(use, day));
    const bytes = charges.reduce((sum, charge) => sum + charge.in, 0);
    const isToday = day === TODAY;
    last = settlement(
      {
        books: { at: isToday ? NOON : Date.parse(`${day}T11:00:00Z`), counted: bytes, captured: 100 },
        charges,
        addresses: some.map((use) => factOf(use, day)),
        counted: [counted({ day, bytes: (isToday ? more.counted : undefined) ?? bytes, captured: 100 })],
        notes: isToday ? notes : [],
      },
      last,
    );
    await store.record(last);
  }
}

function factOf(use: Use, day: Day): AddressFact {
  const { ip, mac = null, hostname = null, in: down = 1024, out: up = 512 } = use;
  const { seenAt = day === TODAY ? NOON - 60_000 : Date.parse(`${day}T10:00:00Z`) } = use;
  const { counterIn = down, counterOut = up } = use;
  return { ip, ...trafficOf(use), mac, hostname, seenAt, in: counterIn, out: counterOut };
}

function chargeOf(use: Use, day: Day): Charge {
  const { ip, mac = null, hour = 10, in: down = 1024, out = 512, reconstructed = "no" } = use;
  return { mac, ip, ...trafficOf(use), day, hour, in: down, out, reconstructed };
}

function trafficOf({ traffic }: Use): Pick<Use, "traffic"> {
  return traffic === undefined ? {} : { traffic };
}

let folder: string | null = null;
let stores = 0;

/** The same text for every setting. */
export function settingsOf(text: string): Record<SettingKey, string> {
  return Object.fromEntries(SETTING_KEYS.map((key) => [key, text])) as Record<SettingKey, string>;
}

/** A real store, in a folder that goes when the process ends. */
export async function testStore(uses: readonly Use[] = [], more: Household = {}): Promise<Store> {
  if (folder === null) {
    const path = mkdtempSync(join(tmpdir(), "whitestat-http-"));
    folder = path;
    process.once("exit", () => rmSync(path, { recursive: true, force: true }));
  }
  stores += 1;
  const store = openSqliteStore({ path: join(folder, `${stores}.db`), view: viewOf() });
  if (uses.length > 0 || Object.keys(more).length > 0) await recordUses(store, uses, more);
  return store;
}

/** A password, where a process has its file. */
export function testPasswords(): AccessDeps["passwords"] {
  let kept: PasswordHash | null = null;
  return {
    read: async () => kept,
    write: async (hash) => {
      kept = hash;
    },
  };
}

/** Who may come in, over a real store, with a password in memory. */
export function testAccess(
  memory: Pick<Store, "recall" | "remember">,
  now: () => number = () => NOON,
  some: Partial<AccessDeps> = {},
) {
  return createAccess({
    mode: "open",
    memory,
    passwords: testPasswords(),
    clock: { now, mono: now },
    random: randomBytes,
    log: { info: () => {}, warn: () => {} },
    ...some,
  });
}

/** Everything that `createApp` wants, at noon of 2021-04-01 in Berlin; over a real store with these uses unless it has one. */
export async function testDeps(uses: readonly Use[] = [], more: Partial<AppDeps> & Household = {}): Promise<AppDeps> {
  const { counted: bytes, notes, ...deps } = more;
  const filling = { ...(bytes === undefined ? {} : { counted: bytes }), ...(notes === undefined ? {} : { notes }) };
  const given = new Map<string, string>();
  const store = deps.store ?? (await testStore(uses, filling));
  const calendar = createCalendar(zoneOf("Europe/Berlin"));
  const now = deps.now ?? (() => NOON);
  const names = deps.names ?? {
    nameOf: (key: string) => given.get(key) ?? null,
    rename: async (key: string, name: string | null) => {
      if (name === null) given.delete(key);
      else given.set(key, name);
    },
  };
  const fileMerges = deps.fileMerges ?? (() => new Map());
  // Tests that fail a question of it leave the rest as it is.
  const whole = store as Store;
  const household: HouseholdBook = createHousehold({
    store: whole,
    names,
    fileMerges,
    calendar,
    now,
    onChange: () => whole.applyView(viewOf({ macMac: mergesOf(household.document(), fileMerges()) })),
  });
  const naming = {
    nameOf: names.nameOf,
    vendorOf: () => null,
    learnt: deps.learnt ?? NOTHING_LEARNT,
    household,
  };
  const unusual = createUnusual({ store, calendar, now, remoteHours: () => [], ...naming });
  return {
    store,
    calendar,
    now,
    unusual,
    alerts: await createAlerting({
      store,
      calendar,
      clock: { now, mono: now, sleep: async () => {} },
      facts: createAlertFacts({
        store,
        calendar,
        now,
        ...naming,
        problems: () => [],
        unusual,
        readAt: () => STATUS.meter.readAt,
        startedAt: STATUS.startedAt,
      }),
      send: createSend({
        file: fileURLToPath(new URL("../channels/child.ts", import.meta.url)),
        version: "12.0.0",
        env: process.env,
      }),
      randomHex: (bytes) => randomBytes(bytes).toString("hex"),
      random: Math.random,
      log: { info: () => {}, error: () => {} },
      stateLog: { change: () => false },
    }),
    status: () => STATUS,
    names,
    household,
    fileMerges,
    routerFacts: () => ({ macs: [], none: [], nextHops: [] }),
    vendorOf: () => null,
    learnt: NOTHING_LEARNT,
    processUsage: () => ({ cpuSeconds: 1.5, residentBytes: 70_000_000 }),
    live: createLiveUpdates(),
    includeIpv6: async () => {},
    lanSegments: () => ["192.168.1", "192.168.0"],
    settings: {
      file: "/data/WhiteStatConfig.json",
      values: () => settingsOf("default"),
      origins: settingsOf("default"),
      segments: { auto: true, texts: ["192.168.1"], found: ["192.168.1"], named: [] },
    },
    mqtt: {
      status: () => ({
        choice: { url: null, devices: [], owners: true },
        url: null,
        bySetting: false,
        connected: false,
        why: null,
        published: 0,
      }),
      choose: async () => {},
      test: async () => null,
      readUrl: (text) => text,
    },
    access: testAccess(whole, now),
    authHeader: "remote-user",
    version: "12.0.0",
    allowedHosts: [],
    corsOrigins: [],
    trustedProxies: [],
    ingressProxies: [],
    basePath: "",
    ...deps,
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
      const {
        status,
        headers: plain,
        cookies = [],
        body,
        release,
      } = await app.handle(await incomingOf(path, init, more));
      const headers = new Headers(plain);
      for (const cookie of cookies) headers.append("set-cookie", cookie);
      if (body === null || typeof body === "string" || body instanceof Uint8Array) {
        release?.();
        return new Response(typeof body === "object" && body ? new Uint8Array(body) : body, { status, headers });
      }
      return new Response(ReadableStream.from(copiesOf(body, release)), { status, headers });
    },
  };
}

/** Chunks may be the same memory. */
async function* copiesOf(chunks: AsyncIterable<Uint8Array>, release: (() => void) | undefined) {
  try {
    for await (const chunk of chunks) yield Uint8Array.from(chunk);
  } finally {
    release?.();
  }
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
    socket: { remoteAddress: "127.0.0.1", destroyed: false },
    ...more,
  });
}

export const PASSWORD = "correct horse battery staple";

interface HouseOptions {
  readonly deps?: AppDeps;
  /** ms UTC, and the clock that nobody sets. */
  readonly now?: () => number;
  readonly address?: string;
}

/** An app with a password, and what a browser does with it. */
export async function house(mode: Access["mode"] = "password", options: HouseOptions = {}) {
  const { now = () => NOON } = options;
  const deps = options.deps ?? (await testDeps([], { now }));
  const lines: string[] = [];
  const say = (line: string) => lines.push(line);
  const memory = deps.store as unknown as Parameters<typeof testAccess>[0];
  const passwords = testPasswords();
  const access = testAccess(memory, now, { mode, passwords, log: { info: say, warn: say } });
  await access.setPassword({ next: PASSWORD, password: "", address: "", name: "test", known: null }, null);
  const base = deps.basePath;
  const app = testApp({ ...deps, access });
  const from = (address: string) => ({ socket: { remoteAddress: address, destroyed: false } }) as object;

  /** Sends JSON below api/v1. */
  const send = (
    path: string,
    body: unknown,
    cookie = "",
    headers: Record<string, string> = {},
    address = "127.0.0.1",
  ) =>
    app.request(
      `${base}${API_PATH}${path}`,
      {
        method: /password|name$|plan$|ipv6/.test(path) ? "PUT" : "POST",
        headers: { "content-type": "application/json", cookie, ...headers },
        body: JSON.stringify(body),
      },
      from(address),
    );
  const get = (path: string, cookie = "", headers: Record<string, string> = {}, address = "127.0.0.1") =>
    app.request(base + path, { headers: { cookie, ...headers } }, from(address));
  const signIn = async (headers: Record<string, string> = {}, address = "127.0.0.1") =>
    cookiesOf(await send("/access/sign-in", { password: PASSWORD }, "", headers, address));
  /** A token's or a view link's secret. */
  const token = async (cookie: string, scope: "read" | "write") =>
    ((await (await send("/access/tokens", { name: `Program ${scope}`, scope }, cookie)).json()) as { token: string })
      .token;
  const link = async (cookie: string, owner: number | null, expiresAt: number | null = null) =>
    ((await (await send("/access/links", { name: "Tablet", owner, expiresAt }, cookie)).json()) as { path: string })
      .path;
  /** The cookie of who opens a view link. */
  const open = async (path: string) => cookiesOf(await get(`/${path}`));
  return { deps, access, passwords, app, send, get, signIn, token, link, open, lines };
}

/** What a browser would send back. */
export function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}

/** The code of an error. */
export async function codeOf(response: Response): Promise<string> {
  return ((await response.json()) as { error: { code: string } }).error.code;
}

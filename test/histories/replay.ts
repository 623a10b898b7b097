import type { Calendar } from "../../src/accounting/calendar.ts";
import type { Policy } from "../../src/accounting/policy.ts";
import type { Books, Charge, Reading, Settlement } from "../../src/accounting/types.ts";
import { checkAmounts, hidesImport, listsRemoteHosts, PATIENCE_MS } from "./amounts.ts";
import type { Core } from "./core.ts";
import { checkDates } from "./dates.ts";
import { type Event, type History, ZONES } from "./history.ts";
import { evict, exportHosts, type Meter, restart } from "./meter.ts";
import { must } from "./must.ts";
import { checkRejection } from "./rejections.ts";
import { checkFoundRouters, checkOwners } from "./views.ts";
import {
  BROADCAST_MAC,
  createWorld,
  DEVICES,
  endOf,
  fetchFront,
  fetchHosts,
  frame,
  type HostsPage,
  type Pages,
  ROUTER,
  SPARE_ROUTER,
  seriesOf,
  traffic,
  type World,
  wait,
} from "./world.ts";

/** What we know after a settled reading, and what was true then. Lost together when we are killed before a commit. */
export interface Ours {
  readonly books: Books | null;
  /** Which darkstat was read, and its run; when (true time), and what our clock was off by. */
  readonly meterId: string;
  readonly runId: string;
  readonly settledAt: number;
  readonly clockOffset: number;
  /** What the table that was settled said, and what was true at its moment. */
  readonly page: Pick<HostsPage, "truth" | "bytes" | "evictions" | "runs" | "runBytes">;
  /**
   * A page that a proxy had stored was settled in this run, or nothing betrayed that it began or imported: then amounts are
   * only bounded, not known.
   */
  readonly tainted: boolean;
  readonly mixed: boolean;
  /** Everything that was charged: all that the store knows. */
  readonly charges: readonly Charge[];
  /** Routers that were found, and remembered. */
  readonly routers: ReadonlySet<string>;
}

/** A reading, and all that is true about it. */
export interface Poll {
  readonly world: World;
  readonly meter: Meter;
  readonly reading: Reading;
  readonly page: HostsPage;
  /** Both pages come from darkstat itself, now. */
  readonly honest: boolean;
  /** The pages are of two runs, by way of a proxy. */
  readonly mixed: boolean;
  readonly ours: Ours;
  readonly policy: Policy;
  readonly ipMac: ReadonlyMap<string, string>;
  readonly calendar: Calendar;
  /** Readings that were rejected since the books were settled. */
  readonly rejected: Rejected | null;
  /** The clock was set at any time in this history. */
  readonly clockWasSet: boolean;
}

/** Readings that were rejected in a row, and what was true about the last. */
export interface Rejected {
  readonly poll: Poll;
  readonly sinceMono: number;
  readonly mono: number;
}

const START: Ours = {
  books: null,
  meterId: "",
  runId: "",
  settledAt: 0,
  clockOffset: 0,
  page: { truth: new Map(), bytes: 0, evictions: new Map(), runs: 0, runBytes: 0 },
  tainted: false,
  mixed: false,
  charges: [],
  routers: new Set(),
};

const NEW_RUN: ReadonlySet<string> = new Set(["meter-restarted", "clean-import", "stale-import", "other-meter"]);
const CLOCK_JUMP_MS = 120_000;
const DAY_MS = 86_400_000;

/** Lives through a history and checks every promise at every reading. @throws Error that names the broken promise */
export function replay(history: History, core: Core): void {
  const world = createWorld(history);
  const ipMac = new Map<string, string>();
  let calendar = core.calendarOf(history.zone);
  let policy = core.createPolicy(calendar, new Map());
  let meter = world.home;
  let address = "http://home/";
  let clockWasSet = false;
  const stored = new Map<string, Pages>();

  let committed = START;
  let backup = START;
  let ours = START;
  /** What our process knows besides. */
  let settledMono: number | null = null;
  let rejected: Rejected | null = null;
  let heldSince: number | null = null;

  function startAfresh(from: Ours): void {
    ours = from;
    settledMono = null;
    rejected = null;
    heldSince = null;
  }

  function poll(event: Extract<Event, { do: "poll" }>): void {
    const pages = fetchPages(world, meter, event, stored.get(meter.id));
    if (pages === null) return;
    const elapsedMs = settledMono === null ? null : world.mono - settledMono;
    const found = readingOf(world, pages, address, elapsedMs);
    const doubt = rejected && { reading: rejected.poll.reading, lastedMs: world.mono - rejected.sinceMono };
    const needsSeries = core.needsSeries(ours.books, found, policy, doubt);
    const reading = needsSeries && history.keepsSeries ? { ...found, series: seriesOf(world, meter) } : found;
    const { hosts: page, honest } = pages;
    const mixed = pages.front.runId !== page.runId;
    const now: Poll = {
      world,
      meter,
      reading,
      page,
      honest,
      mixed,
      ours,
      policy,
      ipMac,
      calendar,
      rejected,
      clockWasSet,
    };
    if (isHeld(now)) return;
    let settlement: Settlement;
    try {
      settlement = core.settle(ours.books, reading, policy, doubt);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "RejectedReading") throw error;
      checkRejection(now, (error as Error & { reason: string }).reason, rejected);
      rejected = { poll: now, sinceMono: rejected?.sinceMono ?? world.mono, mono: world.mono };
      return;
    }
    if (settlement.books === ours.books) {
      const isWhole = !history.localOnly && meter.run.evictions === 0 && meter.run.imported === null;
      const isOurs = ours.meterId === meter.id && ours.runId === meter.run.id && ours.runId === page.runId && !mixed;
      const listsRemote = listsRemoteHosts(now);
      must(!isWhole || ours.tainted || (!honest && !(isOurs && listsRemote)), "a reading with news was put off");
      rejected = null;
      return;
    }
    const isEmptied = event.pages === "empty host table" && meter.run.hosts.size > 0 && reading.before.bytes > 0;
    const isOld = doubt !== null && doubt.lastedMs >= PATIENCE_MS;
    const isUsual = history.localOnly || ours.books?.baselines.size === 0;
    must(!isEmptied || isOld || isUsual, "an empty table was believed");
    checkAmounts(now, settlement);
    checkDates(now, settlement);
    const isNewRun = ours.runId !== page.runId;
    const isUnseen = ours.books?.epoch === reading.epoch && !settlement.notes.some(({ code }) => NEW_RUN.has(code));
    const tainted = isNewRun ? !honest || hidesImport(now) || isUnseen : !honest || ours.tainted;
    const next = { ...ours, charges: [...ours.charges, ...settlement.charges] };
    ours = {
      books: settlement.books,
      meterId: meter.id,
      runId: page.runId,
      settledAt: world.now,
      clockOffset: world.clockOffset,
      page,
      tainted,
      mixed: now.mixed,
      charges: next.charges,
      routers: checkFoundRouters(world, history, next, ipMac, core),
    };
    rejected = null;
    settledMono = world.mono;
    if (event.commit) committed = ours;
  }

  /** What the collector does while darkstat's uptime contradicts the clock across our restart. */
  function isHeld({ reading, honest, page }: Poll): boolean {
    const doubtMs = core.clockDoubtMs(ours.books, reading);
    const offBy = Math.abs(world.clockOffset - ours.clockOffset);
    const isKnown = honest && ours.meterId === meter.id && !ours.tainted;
    if (doubtMs === null) {
      const isTold = isKnown && ours.runId === page.runId && reading.meter === ours.books?.meter;
      must(reading.elapsedMs !== null || !isTold || offBy <= CLOCK_JUMP_MS + 2_000, "a wrong clock was not doubted");
      must(!isTold || world.clockOffset - ours.clockOffset <= 31 * DAY_MS, "a clock that leapt ahead was not doubted");
      heldSince = null;
      return false;
    }
    const isSameText = ours.runId !== meter.run.id && ours.books?.epoch === reading.epoch;
    must(offBy > CLOCK_JUMP_MS - 2_000 || !isKnown || isSameText, "the clock was doubted, but is as it was");
    heldSince ??= world.mono;
    return world.mono - heldSince < PATIENCE_MS;
  }

  for (const event of [...history.events, LAST_POLL]) {
    switch (event.do) {
      case "poll":
        poll(event);
        break;
      case "kill":
        startAfresh(committed);
        break;
      case "backup":
        backup = committed;
        break;
      case "restore":
        committed = backup;
        startAfresh(backup);
        break;
      case "proxy stores pages":
        stored.set(meter.id, { front: fetchFront(world, meter), hosts: fetchHosts(world, meter) });
        break;
      case "change IP_MAC.txt": {
        const ip = at(world.addresses.lan, event.ip);
        if (event.device === null) ipMac.delete(ip);
        else ipMac.set(ip, at(DEVICES, event.device));
        policy = core.createPolicy(calendar, new Map(ipMac));
        break;
      }
      case "change zone":
        calendar = core.calendarOf(at(ZONES, event.zone));
        policy = core.createPolicy(calendar, new Map(ipMac));
        break;
      case "change DARKSTAT_URL":
        meter = event.to === "other" ? world.other : world.home;
        address = event.to === "another name of home" ? "http://192.168.1.2/" : `http://${meter.id}/`;
        break;
      case "clock step":
        world.clockOffset += event.ms;
        clockWasSet = true;
        break;
      default:
        live(world, event);
    }
  }
  checkOwners(world, history, ours, ipMac, core);
}

const LAST_POLL: Event = { do: "poll", commit: true, pages: "darkstat", during: [] };

type WorldEvent = Exclude<
  Event,
  {
    do:
      | "poll"
      | "kill"
      | "backup"
      | "restore"
      | "proxy stores pages"
      | "change IP_MAC.txt"
      | "change zone"
      | "change DARKSTAT_URL"
      | "clock step";
  }
>;

function live(world: World, event: WorldEvent): void {
  const { addresses, home, peers } = world;
  const { lan, routed, leaked, spoofed, remote } = addresses;
  switch (event.do) {
    case "traffic":
      traffic(world, at([...lan, ...routed], event.ip), at(peers, event.peer), event.down, event.up);
      break;
    case "wait":
      wait(world, event.ms, event.asleep);
      break;
    case "re-lease":
      world.leases.set(at(lan, event.ip), at(DEVICES, event.device));
      break;
    case "sent on by the router":
      frame(world, { ip: at(lan, event.ip), mac: ROUTER }, { ip: at(remote, 0), mac: SPARE_ROUTER }, 60);
      break;
    case "sent to a group":
      frame(world, endOf(world, addresses.router), { ip: at(lan, event.ip), mac: BROADCAST_MAC }, 70);
      break;
    case "leaked source address": {
      const from = { ip: at(leaked, event.ip), mac: at(DEVICES, event.device) };
      frame(world, from, endOf(world, at(remote, event.ip)), 84);
      if (event.answered && event.ip % leaked.length === 0) frame(world, endOf(world, at(remote, event.ip)), from, 84);
      break;
    }
    case "spoofed source address": {
      const from = { ip: at(spoofed, event.ip), mac: at(DEVICES, event.device) };
      frame(world, from, endOf(world, addresses.router), 40);
      break;
    }
    case "asks for a lease": {
      const from = { ip: world.options.ipv6Only ? "::" : "0.0.0.0", mac: at(DEVICES, event.device) };
      frame(world, from, addresses.group, 328);
      break;
    }
    case "router failover":
      world.carrier = world.carrier === ROUTER ? SPARE_ROUTER : ROUTER;
      break;
    case "evict":
      evict(
        home,
        [...home.run.hosts.keys()].filter((_, index) => (event.mask >> index) & 1),
      );
      break;
    case "restart":
      restart(home, world.now, null, event.sameText);
      break;
    case "the other darkstat restarts":
      restart(world.other, world.now, null, false);
      break;
    case "sigusr1":
      exportHosts(home, true);
      restart(home, world.now, null, false);
      break;
    case "export":
      exportHosts(home, false);
      break;
    case "clean import": {
      const file = exportHosts(home, true);
      wait(world, event.downMs);
      restart(home, world.now, file, false);
      break;
    }
    case "stale import":
      restart(home, world.now, home.exported, event.sameText);
      break;
    case "foreign import":
      restart(home, world.now, foreignExport(home, world.now, event), false);
      break;
    case "lost response":
      break;
  }
}

/** An export of a run that we never knew: everybody has more in it than here, and was last seen before. */
function foreignExport(meter: Meter, now: number, { extra, ageMs }: { extra: number; ageMs: number }) {
  const hosts = [...meter.run.hosts].map(
    ([ip, host]) => [ip, { ...host, in: host.in + extra, out: host.out + extra, sentAt: now - ageMs }] as const,
  );
  return { hosts: new Map(hosts), ofRun: "", atEnd: false, isWhole: meter.run.evictions === 0 };
}

/** What a poll gets to see; null when darkstat's pages are of two runs, which its client throws away. */
function fetchPages(
  world: World,
  meter: Meter,
  event: Extract<Event, { do: "poll" }>,
  stored: Pages | undefined,
): (Pages & { before: Pages["front"]; at: number; honest: boolean }) | null {
  const storedFront = event.pages === "stored front page" || event.pages === "stored pages" ? stored?.front : undefined;
  const storedHosts = event.pages === "stored host table" || event.pages === "stored pages" ? stored?.hosts : undefined;
  const [first, second] = event.during;
  const talk = (one: typeof first) => {
    if (one !== undefined) live(world, { do: "traffic", ...one });
  };
  const before = storedFront ?? fetchFront(world, meter);
  talk(first);
  const fresh = fetchHosts(world, meter);
  const at = world.now;
  talk(second);
  const front = storedFront ?? fetchFront(world, meter);
  if (before.epoch !== front.epoch || front.totals.bytes < before.totals.bytes) return null;
  const isEmpty = event.pages === "empty host table";
  const hosts = isEmpty ? { ...fresh, rows: [] } : (storedHosts ?? fresh);
  const honest = storedFront === undefined && storedHosts === undefined && !isEmpty;
  return { before, hosts, front, at, honest };
}

function readingOf(
  world: World,
  { before, front, hosts, at: readAt }: Pages & { before: Pages["front"]; at: number },
  meter: string,
  elapsedMs: number | null,
): Reading {
  return {
    source: "test",
    meter,
    at: readAt + world.clockOffset,
    elapsedMs,
    epoch: front.epoch,
    before: before.totals,
    after: front.totals,
    hosts: hosts.rows,
    series: [],
  };
}

export function at<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T;
}

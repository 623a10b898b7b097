import type { Calendar } from "../../src/accounting/calendar.ts";
import type { Policy } from "../../src/accounting/policy.ts";
import type { Books, Charge, Reading, Settlement } from "../../src/accounting/types.ts";
import { type Event, type History, PEERS } from "./history.ts";
import {
  type Amount,
  createWorld,
  DEVICES,
  evict,
  exportHosts,
  flipMac,
  LAN_IPS,
  MULTICAST_IP,
  ROUTER,
  readDarkstat,
  restart,
  traffic,
  type World,
  wait,
} from "./world.ts";

/** The core under test: the real one, or a mutant of it that must be caught. */
export interface Core {
  settle(books: Books | null, reading: Reading, policy: Policy): Settlement;
  policyFor(calendar: Calendar): Policy;
  createCalendar(zone: string): Calendar;
}

/** What we know after a settled reading, and what was true then. Lost together when we are killed before a commit. */
interface Ours {
  readonly books: Books | null;
  readonly runId: number;
  readonly origin: number;
  readonly everEvicted: boolean;
  readonly settledAt: number;
  readonly clockOffset: number;
  readonly truth: ReadonlyMap<string, Amount>;
  readonly evictions: ReadonlyMap<string, number>;
  /** The device that an address belonged to at the last reading. */
  readonly owner: ReadonlyMap<string, string>;
  readonly charged: ReadonlyMap<string, Amount>;
  /** Some import could not be told from traffic, address by address: only its sum is bounded. */
  readonly blurred: boolean;
}

const NOTHING: Amount = { in: 0, out: 0 };
const START: Ours = {
  books: null,
  runId: 0,
  origin: 0,
  everEvicted: false,
  settledAt: 0,
  clockOffset: 0,
  truth: new Map(),
  evictions: new Map(),
  owner: new Map(),
  charged: new Map(),
  blurred: false,
};

/** Lives through a history and checks every promise at every reading. @throws Error that names the broken promise */
export function replay(history: History, core: Core): void {
  const calendar = core.createCalendar(history.zone);
  const policy = core.policyFor(calendar);
  const world = createWorld(history.startAt, history.localOnly);
  let committed = START;
  let ours = START;
  let polledAtMono: number | null = null;

  for (const event of [...history.events, { do: "poll", commit: true } as const]) {
    if (event.do === "poll") {
      const elapsed = polledAtMono === null ? null : world.mono - polledAtMono;
      ours = poll(world, ours, elapsed, core, policy);
      polledAtMono = world.mono;
      if (event.commit) committed = ours;
    } else if (event.do === "kill") {
      ours = committed;
      polledAtMono = null;
    } else {
      live(world, event);
    }
  }
}

function live(world: World, event: Exclude<Event, { do: "poll" } | { do: "kill" }>): void {
  switch (event.do) {
    case "traffic": {
      const ip = LAN_IPS[event.ip] as string;
      const peer = PEERS[event.peer] as string;
      if (peer !== ip) traffic(world, ip, peer, event.down, event.up);
      return;
    }
    case "wait":
      wait(world, event.ms, event.asleep);
      return;
    case "re-lease":
      world.leases.set(LAN_IPS[event.ip] as string, DEVICES[event.device] as string);
      return;
    case "mac flip":
      flipMac(world, LAN_IPS[event.ip] as string);
      return;
    case "evict":
      evict(
        world,
        [...world.run.hosts.keys()].filter((_, index) => (event.mask >> index) & 1),
      );
      return;
    case "restart":
      restart(world, "no", event.sameText);
      return;
    case "sigusr1":
      restart(world, "no", false);
      return;
    case "export":
      exportHosts(world);
      return;
    case "clean import":
      restart(world, "clean", false);
      return;
    case "stale import":
      restart(world, "stale", false);
      return;
    case "clock step":
      world.clockOffset += event.ms;
      return;
    case "lost response":
      return;
  }
}

function poll(world: World, ours: Ours, elapsedMs: number | null, core: Core, policy: Policy): Ours {
  const reading = readDarkstat(world, elapsedMs);
  const settlement = core.settle(ours.books, reading, policy);
  checkAmounts(world, ours, reading, settlement, policy.calendar);
  const blurred = ours.blurred || (world.run.imported !== "no" && ours.runId !== world.run.id);
  checkDates(world, ours, reading, settlement, policy.calendar);
  checkBalance(world, ours, reading, settlement);
  const owner = checkOwners(ours, reading, settlement);
  const charged = new Map(ours.charged);
  for (const charge of settlement.charges) add(charged, charge.ip, charge);
  for (const [ip, amount] of charged) {
    if (ip === "" || blurred) continue;
    const truth = world.truth.get(ip) ?? NOTHING;
    must(amount.in <= truth.in && amount.out <= truth.out, `${ip} was charged more than ever passed`);
  }
  return {
    books: settlement.books,
    runId: world.run.id,
    origin: world.run.origin,
    everEvicted: world.run.everEvicted,
    settledAt: world.now,
    clockOffset: world.clockOffset,
    truth: new Map(world.truth),
    evictions: new Map(world.evictions),
    owner,
    charged,
    blurred,
  };
}

/** Promises 1, 2 and 4, address by address. */
function checkAmounts(world: World, ours: Ours, reading: Reading, settlement: Settlement, calendar: Calendar): void {
  const charged = new Map<string, Amount>();
  for (const charge of settlement.charges) add(charged, chargedIp(charge), charge);
  const unattributed = charged.get("unattributed") ?? NOTHING;
  const sums = sumOf(reading.hosts);
  const detected = sums.in > reading.after.bytes || sums.out > reading.after.bytes;
  const first = ours.books === null;
  const sameRun = ours.runId === world.run.id;

  if (!sameRun && world.run.imported !== "no" && !detected) {
    // Evictions hid the import: who is charged may be wrong, how much may not.
    const all = sumOf(settlement.charges);
    must(all.in <= reading.after.bytes && all.out <= reading.after.bytes, "an undetected import charged more than tb");
    return;
  }
  // We restarted or slept, they restarted, and a clock was set back meanwhile: their new run looks like another darkstat.
  const unmeasured = reading.elapsedMs === null || reading.elapsedMs < world.now - ours.settledAt;
  const setBack = unmeasured && !sameRun && !first && world.clockOffset < ours.clockOffset;
  if (setBack && settlement.notes.some((note) => note.code === "other-darkstat")) {
    must(settlement.charges.length === 0, "another darkstat's bytes were charged");
    return;
  }
  const startedToday =
    calendar.dayOf(reading.at - reading.after.uptimeSeconds * 1000) === calendar.dayOf(reading.at) && !detected;
  // The counters resumed are not a continuation of those we saw: no bound by address is left, only the line's.
  const foreign =
    !sameRun &&
    (world.run.origin !== ours.origin || world.run.everEvicted || ours.everEvicted) &&
    world.run.imported !== "no";
  const ranBackwards =
    reading.after.bytes < (ours.books?.counted ?? 0) || reading.after.uptimeSeconds < (ours.books?.uptimeSeconds ?? 0);
  const knownRun = sameRun || (ours.books?.epoch === reading.epoch && !first && !ranBackwards);

  for (const host of reading.hosts) {
    const got = charged.get(host.ip) ?? NOTHING;
    const since = minus(world.truth.get(host.ip) ?? NOTHING, ours.truth.get(host.ip) ?? NOTHING);
    must(
      first || foreign || (got.in <= since.in && got.out <= since.out),
      `${host.ip}: invented ${show(got)} of ${show(since)}`,
    );
    if (first) {
      equal(got, startedToday ? host : NOTHING, `${host.ip} at the first reading`);
    } else if (sameRun) {
      const base = ours.books?.baselines.get(host.ip) ?? NOTHING;
      const evicted = (world.evictions.get(host.ip) ?? 0) !== (ours.evictions.get(host.ip) ?? 0);
      if (!evicted) equal(got, since, `${host.ip} in an undisturbed run`);
      else if (host.in < base.in || host.out < base.out) equal(got, host, `${host.ip} evicted and back`);
      else if (base.in === 0 && base.out === 0) equal(got, host, `${host.ip} seen gone, and back`);
    } else if (!knownRun && !detected) {
      equal(got, host, `${host.ip} in a new run`);
    }
  }
  if (!first && !sameRun && detected) checkImport(world, ours, reading, charged, unattributed);
  else must(unattributed.in === 0, "bytes are unattributed though every one can be charged");
}

function checkImport(
  world: World,
  ours: Ours,
  reading: Reading,
  charged: ReadonlyMap<string, Amount>,
  unattributed: Amount,
): void {
  const listed = new Map(reading.hosts.map((host) => [host.ip, host]));
  const stale = [...(ours.books?.baselines ?? [])].some(([ip, base]) => {
    const host = listed.get(ip) ?? NOTHING;
    return host.in < base.in || host.out < base.out;
  });
  if (stale || unattributed.in > 0) {
    must(
      [...charged.keys()].every((ip) => ip === "unattributed"),
      "a stale import charged a device",
    );
    equal(unattributed, { in: reading.after.bytes, out: reading.after.bytes }, "unattributed after a stale import");
    must(
      stale ||
        world.run.imported !== "clean" ||
        world.run.everEvicted ||
        ours.runId !== world.run.id - 1 ||
        tooMuch(world, ours, reading),
      "a clean import was taken for a stale one",
    );
    return;
  }
  if (tooMuch(world, ours, reading)) return;
  if (world.run.imported !== "clean" || ours.runId !== world.run.id - 1) return;
  for (const host of reading.hosts) {
    const base = ours.books?.baselines.get(host.ip) ?? NOTHING;
    const evicted = (world.evictions.get(host.ip) ?? 0) !== (ours.evictions.get(host.ip) ?? 0);
    if (evicted || host.ip === MULTICAST_IP) continue;
    const since = minus(world.truth.get(host.ip) ?? NOTHING, ours.truth.get(host.ip) ?? NOTHING);
    const known = base.in > 0 || base.out > 0;
    equal(charged.get(host.ip) ?? NOTHING, known ? since : NOTHING, `${host.ip} after a clean import`);
  }
}

/** More than a gigabit line carries: the bound that keeps foreign exports out. */
function tooMuch(world: World, ours: Ours, reading: Reading): boolean {
  const clockSet = reading.elapsedMs === null ? Math.min(0, world.clockOffset - ours.clockOffset) : 0;
  const most = (Math.max(0, world.run.startedAt - ours.settledAt + clockSet) / 1000) * 125_000_000 + world.run.bytes;
  const passed = { in: 0, out: 0 };
  for (const [ip, amount] of world.truth) {
    const before = ours.truth.get(ip) ?? NOTHING;
    passed.in += amount.in - before.in;
    passed.out += amount.out - before.out;
  }
  return passed.in > most || passed.out > most;
}

/** Promise 5: every charge is dated within the time in which its bytes can have passed. */
function checkDates(world: World, ours: Ours, reading: Reading, settlement: Settlement, calendar: Calendar): void {
  const sinceSettled = ours.books === null ? Number.POSITIVE_INFINITY : world.now - ours.settledAt;
  const sinceStart = world.now - world.run.startedAt + 1000;
  const isNewRun = ours.books === null || (ours.runId !== world.run.id && ours.books.epoch !== reading.epoch);
  let longest = isNewRun && world.run.imported === "no" ? Math.min(sinceStart, sinceSettled + 1000) : sinceSettled;
  // Both sides restarted and the clock was set meanwhile: no clock is left that could tell.
  const blind = reading.elapsedMs === null && isNewRun && world.run.imported !== "no" && ours.books !== null;
  if (blind) longest = Math.max(longest, reading.at - (ours.books?.at ?? 0));
  const slack = 122_000; // Across our own restart a clock that is two minutes off goes unnoticed.
  const dated = new Set<string>();
  for (const charge of settlement.charges) {
    const slots = calendar.slotsOf(charge.day);
    const slot =
      charge.kind === "device" ? slots[charge.hour] : { from: slots[0]?.from ?? 0, to: slots.at(-1)?.to ?? 0 };
    must(slot !== undefined, `hour ${charge.hour} does not exist on ${charge.day}`);
    dated.add(`${charge.day} ${charge.hour}`);
    must(slot.from <= reading.at, `charged to ${charge.day} hour ${charge.hour}, after the reading`);
    must(
      slot.to >= reading.at - longest - slack,
      `charged to ${charge.day} hour ${charge.hour}, before the bytes can have passed`,
    );
  }
  if (ours.runId !== world.run.id || world.clockOffset !== ours.clockOffset || !settlement.charges.some(isLarge))
    return;
  for (const slot of calendar.slotsBetween(reading.at - sinceSettled, reading.at)) {
    const within = Math.min(slot.to, reading.at) - Math.max(slot.from, reading.at - sinceSettled);
    if (within < slack) continue;
    must(dated.has(`${slot.day} ${slot.hour}`), `nothing of the span was charged to ${slot.day} hour ${slot.hour}`);
  }
}

/** Large enough that a share of any hour is at least a byte. */
function isLarge(charge: Charge): boolean {
  return charge.kind === "device" && charge.in + charge.out > 1_000_000;
}

/** The books balance: devices + routers + remote + groups + unattributed = what darkstat counted. */
function checkBalance(world: World, ours: Ours, reading: Reading, settlement: Settlement): void {
  const counted = settlement.counted.reduce((sum, day) => sum + day.bytes, 0);
  const charged = sumOf(settlement.charges);
  const undisturbed = ours.runId === world.run.id && world.run.imported === "no" && !world.run.everEvicted;
  if (undisturbed && !world.localOnly) {
    const passed = reading.after.bytes - (ours.books?.totalBefore ?? 0);
    equal(charged, { in: passed, out: passed }, "the books do not balance");
    must(counted === passed, `counted ${counted}, darkstat counted ${passed}`);
  }
  if (ours.books !== null && ours.runId === world.run.id) {
    must(charged.in <= counted && charged.out <= counted, "more was charged than darkstat counted");
  }
}

/** An address is charged to the device that holds it now; behind a router's MAC, to the one that held it last. */
function checkOwners(ours: Ours, reading: Reading, settlement: Settlement): Map<string, string> {
  const owner = new Map(ours.owner);
  const listed = new Map(reading.hosts.map((host) => [host.ip, host]));
  const routerSeen = settlement.books.routers.has(ROUTER);
  for (const ip of LAN_IPS) {
    const host = listed.get(ip);
    if (host === undefined) continue;
    const last = owner.get(ip);
    if (host.mac === null) continue;
    if (host.mac !== ROUTER || !routerSeen) owner.set(ip, host.mac);
    else if (ip.startsWith("2001:")) owner.delete(ip);
    else owner.set(ip, last ?? ROUTER);
  }
  for (const charge of settlement.charges) {
    if (charge.kind !== "device" || !(LAN_IPS as readonly string[]).includes(charge.ip)) continue;
    must(
      charge.device === owner.get(charge.ip),
      `${charge.ip} was charged to ${charge.device}, but ${owner.get(charge.ip)} holds it`,
    );
  }
  // What darkstat forgot for a whole run, we may forget as well.
  for (const ip of owner.keys()) if (!settlement.books.baselines.has(ip)) owner.delete(ip);
  return owner;
}

function chargedIp(charge: Charge): string {
  if (charge.kind === "group") return MULTICAST_IP;
  return charge.kind === "unattributed" ? "unattributed" : charge.ip;
}

function add(amounts: Map<string, Amount>, key: string, amount: Amount): void {
  const known = amounts.get(key) ?? NOTHING;
  amounts.set(key, { in: known.in + amount.in, out: known.out + amount.out });
}

function sumOf(amounts: readonly Amount[]): Amount {
  return amounts.reduce((sum, amount) => ({ in: sum.in + amount.in, out: sum.out + amount.out }), NOTHING);
}

function minus(a: Amount, b: Amount): Amount {
  return { in: a.in - b.in, out: a.out - b.out };
}

function equal(got: Amount, wanted: Amount, what: string): void {
  must(got.in === wanted.in && got.out === wanted.out, `${what}: charged ${show(got)}, but ${show(wanted)} is right`);
}

function show(amount: Amount): string {
  return `${amount.in}/${amount.out}`;
}

function must(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message);
}

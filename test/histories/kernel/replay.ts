import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DEFAULT_SEGMENTS } from "../../../src/accounting/address.ts";
import type * as clocks from "../../../src/accounting/clocks.ts";
import type * as settling from "../../../src/accounting/settle.ts";
import { policyIn } from "../../../src/accounting/testing.ts";
import {
  type Books,
  type Charge,
  keyOf,
  type Note,
  type Reading,
  type Settlement,
} from "../../../src/accounting/types.ts";
import type * as lans from "../../../src/meters/kernel/lan.ts";
import type * as meters from "../../../src/meters/kernel/meter.ts";
import type * as programs from "../../../src/meters/kernel/nft.ts";
import type { Amount, End } from "../meter.ts";
import { add, atMost, equal, minus, must, NOTHING, sumOf } from "../must.ts";
import type { KernelEvent, KernelHistory, KernelTalk } from "./history.ts";
import { createKernel, nftOf, pass, reboot, toggle } from "./kernel.ts";

/** The kernel's meter and the accounting under test: the real ones, or mutants of them. */
export type KernelCore = Pick<typeof settling, "settle"> &
  Pick<typeof clocks, "clockDoubtMs"> &
  Pick<typeof meters, "createKernelMeter"> &
  Pick<typeof lans, "lanNetworks"> &
  Pick<typeof programs, "errorOf">;

/** @param source a folder like `src`: itself, or a mutated copy */
export async function loadKernelCore(source: string): Promise<KernelCore> {
  const load = (file: string) => import(pathToFileURL(join(source, file)).href);
  const parts = [
    "accounting/settle.ts",
    "accounting/clocks.ts",
    "meters/kernel/meter.ts",
    "meters/kernel/lan.ts",
    "meters/kernel/nft.ts",
  ];
  return Object.assign({}, ...(await Promise.all(parts.map(load))));
}

const BRIDGE = "br0";
const ACCESS_POINT = "wlan0";
const GATEWAY: End = { mac: "02:ff:ff:ff:ff:01", ip: "192.168.1.1" };
const DEVICES = ["02:1a:00:00:00:0a", "02:1a:00:00:00:0b", "02:1a:00:00:00:0c"] as const;
const LAN = ["192.168.1.10", "192.168.1.11", "192.168.1.12", "fd00::10"] as const;
const REMOTE = ["198.51.100.1", "203.0.113.9", "2606:4700::1"] as const;
const GROUP: End = { mac: "01:00:5e:00:00:fb", ip: "224.0.0.251" };
const isLocal = ({ ip }: End) => !(REMOTE as readonly string[]).includes(ip) && !ip.startsWith("192.0.2.");
const BROADCAST_MAC = "ff:ff:ff:ff:ff:ff";
/** A table goes on in a new one when it has so many addresses. */
const MOST_ADDRESSES = 8;
const START_AT = Date.UTC(2026, 5, 15, 6, 0);

type Amounts = ReadonlyMap<string, Amount>;

/** What we know of a meter after a settled reading, and what was true then. Lost together when we are killed before a commit. */
interface Ours {
  readonly books: Books | null;
  /** By MAC, address and kind of traffic. */
  readonly charged: Amounts;
  /** What was counted when the reading began, how often all had been lost by then, and what may lack since for that. */
  readonly seen: Amounts;
  readonly losses: number;
  readonly mayLack: Amounts;
  /** The interface's own counter then, and of which life. */
  readonly carried: { readonly life: string; readonly bytes: number } | null;
}

/** A meter, and all that is true about it. */
interface Source {
  readonly name: string;
  readonly device: string;
  readonly table: string;
  meter: meters.KernelMeter;
  /** By MAC, address and kind of traffic: all that was ever counted; of it, what had been when counters were lost the last time. */
  readonly truth: Map<string, Amount>;
  lost: Amounts;
  losses: number;
  ours: Ours;
  committed: Ours;
  settledAt: number | null;
  /** Number of the interface at the last reading; null when it was gone, or the table is by now. */
  readOn: number | null;
  /** What happened since our last reading of it that a note must tell of, or may. */
  wasFlushed: boolean;
  mayBeRestarted: boolean;
}

const NEVER: Ours = {
  books: null,
  charged: new Map(),
  seen: new Map(),
  losses: 0,
  mayLack: new Map(),
  carried: null,
};

/** Lives through a history and checks every promise at every reading. @throws Error that names the broken promise */
export async function replayKernel(history: KernelHistory, core: KernelCore): Promise<void> {
  const policy = policyIn("UTC");
  const kernel = createKernel(START_AT, [BRIDGE, ACCESS_POINT]);
  const leases = new Map<string, string>(LAN.map((ip, place) => [ip, DEVICES[place % DEVICES.length] as string]));
  let runs = 0;

  const meterOf = (device: string, tableName: string) =>
    core.createKernelMeter({
      nft: nftOf(kernel, core.errorOf),
      devices: [device],
      tableName,
      indexOf: async (name) => kernel.interfaces.get(name)?.index ?? null,
      uptimeMs: async () => kernel.now - kernel.bootedAt,
      now: () => kernel.now,
      newRun: () => `run${++runs}`,
      mostAddresses: MOST_ADDRESSES,
      lan: () => core.lanNetworks(DEFAULT_SEGMENTS, []),
    });
  const sources = (history.hasTwo ? [BRIDGE, ACCESS_POINT] : [BRIDGE]).map((device): Source => {
    const table = history.hasTwo ? `whitestat-${device}` : "whitestat";
    return {
      name: device,
      device,
      table,
      meter: meterOf(device, table),
      truth: new Map(),
      lost: new Map(),
      losses: 0,
      ours: NEVER,
      committed: NEVER,
      settledAt: null,
      readOn: null,
      wasFlushed: false,
      mayBeRestarted: false,
    };
  });

  function frame(device: string, hook: "in" | "out", from: End, to: End, bytes: number): void {
    if (bytes === 0) return;
    const counted = pass(kernel, device, hook, from, to, bytes);
    const number = kernel.interfaces.get(device)?.index;
    for (const { table, truth, ...source } of sources) {
      const isCounted = counted.includes(table);
      must(isCounted || source.device !== device || source.readOn !== number, "a frame passed, and wasn't counted");
      if (!isCounted) continue;
      const traffic = [from, to].every(isLocal) ? "lan" : "internet";
      add(truth, `${from.mac} ${from.ip} ${traffic}`, { in: 0, out: bytes });
      add(truth, `${to.mac} ${to.ip} ${traffic}`, { in: bytes, out: 0 });
    }
  }

  /** What a client exchanges with the internet passes the bridge, and the access point if it is wireless. */
  function talk({ ip, peer, down, up, wireless }: KernelTalk): void {
    const address = at(LAN, ip);
    const near = { ip: address, mac: leases.get(address) ?? GATEWAY.mac };
    const far = { ip: at(REMOTE, peer), mac: GATEWAY.mac };
    for (const device of wireless ? [ACCESS_POINT, BRIDGE] : [BRIDGE]) {
      frame(device, "in", near, far, up);
      frame(device, "out", far, near, down);
    }
  }

  function loseAll(): void {
    for (const source of sources) {
      source.lost = new Map(source.truth);
      source.losses++;
      source.readOn = null;
      source.wasFlushed = true;
    }
  }

  function killed(): void {
    for (const source of sources) {
      source.meter = meterOf(source.device, source.table);
      source.ours = source.committed;
      source.settledAt = null;
      source.wasFlushed = false;
      source.mayBeRestarted = true;
    }
  }

  async function poll(source: Source, event: Extract<KernelEvent, { do: "poll" }>): Promise<void> {
    kernel.repeats = event.repeats;
    kernel.whileListing.length = 0;
    kernel.whileListing.push(...event.during.map((one) => () => talk(one)));
    const { ours } = source;
    const seen = new Map(source.truth);
    const isGone = !kernel.interfaces.has(source.device);
    let snapshot: Awaited<ReturnType<typeof source.meter.read>>;
    try {
      snapshot = await source.meter.read(undefined, ours.books);
    } catch (error) {
      must(isGone, () => `a reading failed: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    const carrier = kernel.interfaces.get(source.device);
    const carried = carrier && { life: `${kernel.bootId} ${carrier.index}`, bytes: carrier.bytes };
    const reading: Reading = {
      ...snapshot,
      source: source.name,
      meter: source.meter.url,
      elapsedMs: source.settledAt === null ? null : kernel.now - source.settledAt,
      series: [],
      ...(carried === undefined ? {} : { carried: { ...carried, headerBytes: 0 } }),
    };
    must(core.clockDoubtMs(ours.books, reading) === null, "the clock was doubted, and it was right all the time");
    const settlement = core.settle(ours.books, reading, policy);
    checkBalance(settlement, reading);
    checkHolders(settlement, reading);
    checkNotes(source, [...settlement.notes, ...(snapshot.notes ?? []).map((one) => ({ at: 0, ...one }))]);
    if (event.during.length === 0) checkShareSeen(source, settlement, reading, carried ?? null);
    const mayLack = new Map(ours.mayLack);
    if (source.losses > ours.losses) {
      for (const [key, amount] of source.lost) add(mayLack, key, minus(amount, ours.seen.get(key) ?? NOTHING));
    }
    const { dayOf } = policy.calendar;
    const began = reading.at - reading.after.uptimeSeconds * 1000;
    // What was counted on a day before the first reading is nobody's.
    if (ours.books === null && dayOf(began) !== dayOf(reading.at))
      for (const [key, one] of source.truth) add(mayLack, key, one);
    source.ours = {
      books: settlement.books,
      charged: chargedBy(ours.charged, settlement.charges),
      seen,
      losses: source.losses,
      mayLack,
      carried: carried ?? null,
    };
    source.settledAt = kernel.now;
    source.readOn = carrier?.index ?? null;
    source.wasFlushed = false;
    source.mayBeRestarted = false;
    for (const [key, amount] of byAddress(source.ours.charged)) {
      atMost(amount, byAddress(source.truth).get(key) ?? NOTHING, `${source.name}: ${key}: invented`);
    }
    // The collector writes the first one at once.
    if (!event.commit && ours.books !== null) return;
    source.committed = source.ours;
    await source.meter.saved(settlement.books.epoch);
  }

  const live = async (event: KernelEvent): Promise<void> => {
    switch (event.do) {
      case "traffic":
        return talk(event);
      case "wait":
        kernel.now += event.ms;
        return;
      case "poll":
        for (const source of sources) await poll(source, event);
        return;
      case "re-lease":
        leases.set(at(LAN, event.ip), at(DEVICES, event.device));
        return;
      case "renumber":
        for (const [ip, mac] of leases) if (mac === at(DEVICES, event.device)) leases.delete(ip);
        leases.set(at(LAN, event.ip), at(DEVICES, event.device));
        return;
      case "sent to a group":
        return frame(BRIDGE, "in", { ip: LAN[0], mac: at(DEVICES, event.device) }, GROUP, 70);
      case "sent to everybody":
        return frame(BRIDGE, "out", GATEWAY, { ip: at(LAN, event.ip), mac: BROADCAST_MAC }, 60);
      case "relayed by the access point": {
        const [from, to] = [event.ip, event.to].map((place): End => {
          const ip = at(LAN, place);
          return { ip, mac: leases.get(ip) ?? GATEWAY.mac };
        }) as [End, End];
        for (const hook of ["in", "out"] as const) frame(ACCESS_POINT, hook, from, to, event.bytes);
        return;
      }
      case "scan":
        for (let n = 0; n < event.hosts; n++) {
          const far = { ip: `192.0.2.${event.from + n}`, mac: GATEWAY.mac };
          frame(BRIDGE, "in", { ip: at(LAN, event.ip), mac: at(DEVICES, event.ip) }, far, 40);
          frame(ACCESS_POINT, "in", { ip: at(LAN, event.ip), mac: at(DEVICES, event.ip) }, far, 40);
        }
        return;
      case "kill":
        return killed();
      case "flush ruleset":
        kernel.tables.clear();
        return loseAll();
      case "interface goes, or comes back":
        toggle(kernel, at([BRIDGE, ACCESS_POINT], event.device), history.keepsChains);
        return;
      case "reboot":
        reboot(kernel);
        loseAll();
        return killed();
    }
  };
  for (const event of history.events) await live(event);
  for (const device of [BRIDGE, ACCESS_POINT])
    if (!kernel.interfaces.has(device)) toggle(kernel, device, history.keepsChains);
  // One for what stands still, one for a generation that follows, one for what is left of it.
  for (let n = 0; n < 3; n++) {
    await live({ do: "wait", ms: 30_000 });
    await live({ do: "poll", commit: true, during: [], repeats: false });
  }
  for (const source of sources) checkAllThere(source);
}

function chargedBy(before: Amounts, charges: readonly Charge[]): Amounts {
  const charged = new Map(before);
  for (const { mac, ip, traffic, ...amount } of charges) add(charged, `${mac} ${keyOf({ ip, traffic })}`, amount);
  return charged;
}

/** Everything that was counted is charged, once, to the MAC and the address that carried it, but for what was lost on the way. */
function checkAllThere({ name, truth, ours: { charged, mayLack } }: Source): void {
  // A frame to everybody is the address's, whoever holds it.
  const shared = new Set([...truth.keys()].filter((key) => key.startsWith(BROADCAST_MAC)).map(addressOf));
  for (const key of new Set([...truth.keys(), ...charged.keys()])) {
    if (!shared.has(addressOf(key))) compare(key, charged, truth, mayLack);
  }
  const [all, due, lack] = [byAddress(charged), byAddress(truth), byAddress(mayLack)];
  for (const key of due.keys()) compare(key, all, due, lack);

  function compare(key: string, got: Amounts, wanted: Amounts, less: Amounts): void {
    const [has, right, lacks] = [got, wanted, less].map((some) => some.get(key) ?? NOTHING) as [Amount, Amount, Amount];
    if (lacks.in + lacks.out === 0) equal(has, right, `${name}: ${key}`);
    atMost(has, right, `${name}: ${key}: invented`);
    atMost(minus(right, has), lacks, `${name}: ${key}: lost`);
  }
}

const addressOf = (key: string) => key.slice(key.indexOf(" ") + 1);

function byAddress(amounts: Amounts): Map<string, Amount> {
  const sums = new Map<string, Amount>();
  for (const [key, amount] of amounts) add(sums, addressOf(key), amount);
  return sums;
}

/** Every frame has a sender and a receiver: nothing is ever left over. */
function checkBalance({ charges, counted }: Settlement, { after, hosts }: Reading): void {
  const sums = sumOf(hosts);
  must(sums.in === sums.out && sums.in === after.bytes, "what was sent is not what was received, or not the total");
  const bytes = counted.reduce((sum, one) => sum + one.bytes, 0);
  equal(sumOf(charges), { in: bytes, out: bytes }, "the books do not balance");
  equal(sumOf(counted.flatMap(({ unattributed, unlisted }) => [unattributed, unlisted])), NOTHING, "left over");
}

/** Whoever holds an address gets what was sent to everybody at it. */
function checkHolders({ charges }: Settlement, { hosts }: Reading): void {
  const held = new Set(
    hosts.flatMap((host) => (host.holders?.some(({ mac }) => mac !== BROADCAST_MAC) ? keyOf(host) : [])),
  );
  must(
    !charges.some((charge) => charge.mac === BROADCAST_MAC && held.has(keyOf(charge))),
    "everybody was charged at a held address",
  );
}

/** No false alarm, and no silence. */
function checkNotes({ ours, losses, wasFlushed, mayBeRestarted }: Source, notes: readonly Note[]): void {
  const codes = new Set(notes.map(({ code }) => code));
  const mayBe = new Set(["first-reading", "meter-restarted", "not-counted", "gap-reconstructed"]);
  for (const code of codes) must(mayBe.has(code), `a note ${code}`);
  must(codes.has("first-reading") === (ours.books === null), "the first reading, or not");
  must(!codes.has("meter-restarted") || (mayBeRestarted && losses > ours.losses), "a restart was noted that was none");
  // After a start of ours it may as well have been a reboot.
  const tells = codes.has("not-counted") || (mayBeRestarted && codes.has("meter-restarted"));
  must(!wasFlushed || ours.books === null || tells, "a flushed ruleset was not noted");
}

/** At rest, what the interface carried and what the meter counted of it are known to the byte, or nothing is compared. */
function checkShareSeen(
  source: Source,
  { counted }: Settlement,
  { epoch, continues, after }: Reading,
  carried: Ours["carried"],
): void {
  const { ours } = source;
  const sum = (what: "carried" | "compared") => counted.reduce((total, one) => total + one[what], 0);
  const isSame = ours.books !== null && (ours.books.epoch === epoch || ours.books.epoch === continues);
  const passed =
    isSame && carried !== null && ours.carried?.life === carried.life ? carried.bytes - ours.carried.bytes : 0;
  must(
    sum("carried") === passed || counted.length === 0,
    () => `the interface carried ${passed}, not ${sum("carried")}`,
  );
  if (passed === 0) {
    must(sum("compared") === 0, "nothing passed, and something was compared");
    return;
  }
  const before = ours.books?.epoch === epoch ? (ours.books?.counted ?? 0) : 0;
  must(sum("compared") === after.bytes - before || counted.length === 0, "another share was compared than was counted");
}

function at<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T;
}

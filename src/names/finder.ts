import type { Day } from "../accounting/types.ts";
import type { StateLog } from "../log/state-log.ts";
import type { NameSources } from "../shared/names-api.ts";
import type { Store } from "../store/store.ts";
import { readAdguard } from "./adguard.ts";
import type { FoundName } from "./found-name.ts";
import {
  bestName,
  forgetNames,
  type Holders,
  type LearntName,
  type LearntNames,
  learnNames,
  type NameReading,
  namesFromJson,
  namesToJson,
} from "./learnt.ts";
import { listenToMdns, type MdnsListener } from "./mdns.ts";
import { namesInFile } from "./name-file.ts";
import { readPihole } from "./pihole.ts";
import { filesAt, type NamePlaces } from "./places.ts";
import { readNameFile } from "./read-file.ts";
import {
  changeSources,
  DEFAULT_SOURCES,
  keepSources,
  keptSources,
  type NameSettings,
  type NameSettingsChange,
} from "./sources.ts";

/** Finds names of devices in what runs beside us. */
export interface NameFinder {
  /** Looks until `signal` is aborted. Never rejects: a place that can't be read is a line in the log. */
  run(signal: AbortSignal): Promise<void>;
  /** The best name that came by itself for a device with these interfaces; null without one. */
  learntName(interfaces: readonly string[]): LearntName | null;
  /** All names of an interface, the best first. */
  namesOf(interfaceKey: string): readonly LearntName[];
  /** Another number as soon as any name may be another one. */
  revision(): number;
  /** Where they are looked for, and what came of it: everything but passwords. */
  sources(): NameSources;
  /** Changes where names are looked for, and looks there at once. Durable when it resolves. @throws ValidationError, StoreError */
  change(change: NameSettingsChange): Promise<void>;
}

export interface NameFinderDeps {
  readonly store: Pick<Store, "recall" | "remember" | "devices" | "addressesBetween">;
  readonly places: NamePlaces;
  readonly clock: { now(): number; mono(): number; sleep(ms: number, signal: AbortSignal): Promise<void> };
  /** The day so many days before today. */
  readonly dayBefore: (days: number) => Day;
  /** IPv4 addresses of this machine. */
  readonly ownAddresses: () => readonly string[];
  readonly stateLog: StateLog;
}

/** Name under which the store remembers what was learnt. */
const NAMES = "learnt-names";

export const PIHOLE = "Pi-hole";
export const ADGUARD = "AdGuard Home";
export const MDNS = "multicast DNS";
/** Where they are kept, as a topic of the log. */
const STORE = "store";

const LOOK_EVERY_MS = 60_000;
const ASK_EVERY_MS = 300_000;
/** Who has which address: a question to the store, too dear for each minute in which no file changed. */
const HOLDERS_EVERY_MS = 300_000;
const QUESTION_EVERY_MS = 3_600_000;
/** Who held an address within these days is asked by it, and named by it. */
const HOLDER_DAYS = 30;
/** As many hosts are asked by multicast DNS at a time. */
const MOST_ASKED = 256;

/** Who is known now. */
interface Known extends Holders {
  /** IPv4 addresses that were used of late. */
  readonly addresses: readonly string[];
  /** Another text as soon as anything of it is another. */
  readonly text: string;
}

interface Outcome {
  readAt: number | null;
  problem: string | null;
}

/** A finder that knows nothing before `run`. */
export function createNameFinder(deps: NameFinderDeps): NameFinder {
  const { store, places, clock, dayBefore, ownAddresses, stateLog } = deps;
  let settings: NameSettings = DEFAULT_SOURCES;
  let names: LearntNames = new Map();
  let revision = 0;
  const outcomes = new Map<string, Outcome>();
  /** Places with a problem that the log has told. */
  const wrong = new Set<string>();
  /** What the files said when they were last read. */
  const stamps = new Map<string, string>();
  let paths: readonly string[] = [];
  let listener: MdnsListener | null = null;
  let heard: FoundName[] = [];
  let wake = () => {};
  let changing: Promise<unknown> = Promise.resolve();
  const due = { pihole: 0, adguard: 0, holders: 0 };
  /** When each address was last asked by multicast DNS. */
  const asked = new Map<string, number>();
  let holdersBefore = "";

  async function run(signal: AbortSignal): Promise<void> {
    await load();
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await look(signal);
      if (signal.aborted) break;
      await Promise.race([clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined), woken]);
    }
    listener?.stop();
    listener = null;
  }

  async function load(): Promise<void> {
    try {
      settings = await keptSources(store);
      // Of a place that an import switched off, none is left.
      names = forgetNames(namesFromJson(await store.recall(NAMES)), (from) => !isOn(from));
      revision += 1;
    } catch (error) {
      stateLog.change(
        "learnt names",
        "unreadable",
        `The names learnt before can't be read: ${messageOf(error)}`,
        "warn",
      );
    }
  }

  async function look(signal: AbortSignal): Promise<void> {
    try {
      let files = await readFiles();
      const { mdns, pihole, adguard } = settings;
      const isQuiet = files.length === 0 && !mdns.on && !pihole.on && !adguard.on && !wrong.has(STORE);
      if (isQuiet && clock.mono() < due.holders) {
        await keepListening();
        return;
      }
      due.holders = clock.mono() + HOLDERS_EVERY_MS;
      const holders = await holdersOf();
      if (holdersBefore !== "" && holders.text !== holdersBefore) {
        // A device that is new, or has another address, may be one that an unchanged file names.
        stamps.clear();
        files = await readFiles();
      }
      holdersBefore = holders.text;
      const readings = [...files, ...(await askApis(signal)), ...(await listen(holders))];
      if (signal.aborted) return;
      // Settings may have been changed meanwhile: what came from a place that is off by now is no name.
      let after = names;
      for (const reading of readings) if (isOn(reading.from)) after = learnNames(after, reading, holders);
      await keep(after);
      if (wrong.delete(STORE)) stateLog.change(`names: ${STORE}`, "well", "Names of devices can be kept again.");
    } catch (error) {
      // What was read is read again.
      stamps.clear();
      wrong.add(STORE);
      stateLog.change(`names: ${STORE}`, "wrong", `Names of devices can't be kept: ${messageOf(error)}`, "warn");
    }
  }

  async function keep(after: LearntNames): Promise<void> {
    if (after === names) return;
    await store.remember(NAMES, namesToJson(after));
    names = after;
    revision += 1;
  }

  async function readFiles(): Promise<NameReading[]> {
    if (!settings.files.on) return [];
    const found = await filesAt(places);
    const readings: NameReading[] = [];
    const seen: string[] = [];
    for (const { path, isNamed } of found) {
      try {
        const file = await readNameFile(path, stamps.get(path) ?? null);
        seen.push(path);
        done(path);
        if (file === null) continue;
        stamps.set(path, file.stamp);
        readings.push({ from: path, names: namesInFile(file.text) });
      } catch (error) {
        stamps.delete(path);
        const isMissing = ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
        if (isMissing && !isNamed && !outcomes.has(path)) continue;
        seen.push(path);
        failed(path, error, isNamed ? "warn" : "info");
      }
    }
    paths = seen;
    return readings;
  }

  async function askApis(signal: AbortSignal): Promise<NameReading[]> {
    const { pihole, adguard } = settings;
    const ask = async (which: "pihole" | "adguard", from: string, read: () => Promise<readonly FoundName[]>) => {
      if (!settings[which].on || clock.mono() < due[which]) return [];
      due[which] = clock.mono() + ASK_EVERY_MS;
      try {
        const found = await read();
        done(from);
        return [{ from, names: found }];
      } catch (error) {
        if (!signal.aborted) failed(from, error, "warn");
        return [];
      }
    };
    const both = await Promise.all([
      ask("pihole", PIHOLE, () => readPihole(pihole, signal)),
      ask("adguard", ADGUARD, () => readAdguard(adguard, signal)),
    ]);
    return both.flat();
  }

  /** What was heard by multicast DNS; and asks those who were not asked for an hour. */
  async function listen(holders: Known): Promise<NameReading[]> {
    await keepListening();
    if (listener === null) return [];
    const now = clock.mono();
    const toAsk = holders.addresses.filter(
      (ip) => now >= (asked.get(ip) ?? Number.NEGATIVE_INFINITY) + QUESTION_EVERY_MS,
    );
    const asking = toAsk.slice(0, MOST_ASKED);
    for (const ip of asking) asked.set(ip, now);
    await listener.ask(asking);
    return heard.length === 0 ? [] : [{ from: MDNS, names: heard.splice(0) }];
  }

  async function keepListening(): Promise<void> {
    if (!settings.mdns.on) {
      listener?.stop();
      listener = null;
      heard = [];
      return;
    }
    if (listener !== null) return;
    try {
      listener = await listenToMdns({
        addresses: ownAddresses(),
        onNames: (packet) => {
          done(MDNS);
          heard.push(...packet);
          if (heard.length > 4 * MOST_ASKED) heard = heard.slice(-MOST_ASKED);
        },
        onError: (error) => {
          listener = null;
          failed(MDNS, error, "warn");
        },
      });
      asked.clear();
      well(MDNS, outcomes.get(MDNS)?.readAt ?? null);
    } catch (error) {
      failed(MDNS, error, "warn");
    }
  }

  const done = (from: string) => well(from, clock.now());

  function well(from: string, readAt: number | null): void {
    outcomes.set(from, { readAt, problem: null });
    // What is well from the start needs no line.
    if (wrong.delete(from)) stateLog.change(`names: ${from}`, "well", `Names of devices are read from ${from} again.`);
  }

  function failed(from: string, error: unknown, level: "info" | "warn"): void {
    const problem = messageOf(error);
    outcomes.set(from, { readAt: outcomes.get(from)?.readAt ?? null, problem });
    wrong.add(from);
    stateLog.change(`names: ${from}`, "wrong", `No names of devices from ${from}: ${problem}.`, level);
  }

  async function holdersOf(): Promise<Known> {
    const devices = await store.devices();
    const keys = new Set(devices.flatMap(({ interfaces }) => interfaces));
    const keyOf = new Map(devices.map(({ id, key }) => [id, key]));
    const holders = new Map<string, string>();
    // The latest first.
    for (const { device, ip } of await store.addressesBetween(dayBefore(HOLDER_DAYS), dayBefore(0), [
      ...keyOf.keys(),
    ])) {
      const key = keyOf.get(device);
      if (key !== undefined && !holders.has(ip)) holders.set(ip, key);
    }
    return {
      has: (key) => keys.has(key),
      holderOf: (ip) => holders.get(ip) ?? null,
      addresses: [...holders.keys()].filter((ip) => !ip.includes(":")),
      text: JSON.stringify([[...keys].sort(), [...holders].sort()]),
    };
  }

  function isOn(from: string): boolean {
    if (from === PIHOLE) return settings.pihole.on;
    if (from === ADGUARD) return settings.adguard.on;
    return from === MDNS ? settings.mdns.on : settings.files.on;
  }

  async function change(wanted: NameSettingsChange): Promise<void> {
    const after = changeSources(settings, wanted);
    await keepSources(store, after);
    for (const which of ["pihole", "adguard"] as const) {
      if (JSON.stringify(after[which]) === JSON.stringify(settings[which])) continue;
      due[which] = 0;
      outcomes.delete(which === "pihole" ? PIHOLE : ADGUARD);
    }
    settings = after;
    if (!after.files.on) stamps.clear();
    await keep(forgetNames(names, (from) => !isOn(from)));
    wake();
  }

  function stateOf(from: string): Omit<NameSources["mdns"], "on"> {
    const { readAt, problem } = outcomes.get(from) ?? { readAt: null, problem: null };
    let count = 0;
    for (const all of names.values()) if (all.some((one) => one.from === from)) count += 1;
    return { readAt, problem, names: count };
  }

  return {
    run,
    learntName: (interfaces) => bestName(names, interfaces),
    namesOf: (key) => names.get(key) ?? [],
    revision: () => revision,
    sources() {
      const { files, mdns, pihole, adguard } = settings;
      return {
        files: { on: files.on, paths: files.on ? paths.map((path) => ({ path, ...stateOf(path) })) : [] },
        mdns: { on: mdns.on, ...stateOf(MDNS) },
        pihole: { on: pihole.on, url: pihole.url, hasPassword: pihole.password !== null, ...stateOf(PIHOLE) },
        adguard: {
          on: adguard.on,
          url: adguard.url,
          user: adguard.user,
          hasPassword: adguard.password !== null,
          ...stateOf(ADGUARD),
        },
      };
    },
    change(wanted) {
      const turn = changing.then(() => change(wanted));
      changing = turn.catch(() => undefined);
      return turn;
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

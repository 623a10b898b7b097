import { networkInterfaces } from "node:os";
import { createAccess } from "../access/access.ts";
import { addDays, type Calendar } from "../accounting/calendar.ts";
import { createPolicy, type Policy } from "../accounting/policy.ts";
import { isRouter, routersOf, type View } from "../accounting/view.ts";
import { nodeCrypto } from "../builtin.ts";
import { createSend } from "../channels/send.ts";
import { createSegmentFinder } from "../collector/finder.ts";
import { createProblems } from "../collector/problems.ts";
import { type HouseholdBook, recallDocument } from "../household/book.ts";
import { EMPTY_HOUSEHOLD } from "../household/document.ts";
import { createLiveUpdates } from "../http/api/live-updates.ts";
import { createUnusual } from "../http/api/unusual.ts";
import { createApp } from "../http/app.ts";
import { readAssets } from "../http/assets.ts";
import { ListenError, type Serving, serve } from "../http/serve.ts";
import type { Log } from "../log/log.ts";
import { createStateLog } from "../log/state-log.ts";
import { createMqttService } from "../mqtt/service.ts";
import { createNameFinder } from "../names/finder.ts";
import { ANY_ADDRESS, compileIpFilter, IPV4_ONLY, ipv6By } from "../settings/ip-filter.ts";
import type { LoadedSettings } from "../settings/load.ts";
import { createNameBook } from "../settings/maps.ts";
import { SETTINGS, type SettingKey } from "../settings/table.ts";
import { rememberFound, writeSetting } from "../settings/write-back.ts";
import type { Status } from "../shared/status.ts";
import type { Store } from "../store/store.ts";
import { takeOver, takeOverInto } from "../takeover/takeover.ts";
import { openVendors } from "../vendors/file.ts";
import { dashboardAddresses } from "./addresses.ts";
import { createAlertFacts } from "./alert-facts.ts";
import { createAlerting } from "./alerting.ts";
import { createCrowdWatch } from "./crowd-watch.ts";
import { createHousehold, keepHouseholdRows } from "./household.ts";
import { createHousekeeping } from "./housekeeping.ts";
import { EXIT, type Io } from "./io.ts";
import { createMetering, type Feed, type Metering, sourceOf, worstOff } from "./metering.ts";
import { mqttFigures } from "./mqtt-figures.ts";
import { createOwnStore, refusalOf, refusalToTakeOver } from "./own-store.ts";
import { ipFilterOf, viewOf } from "./own-view.ts";
import { readPasswordFile, sayHowToSignIn, writePasswordFile } from "./password-file.ts";
import { createRemoteHours } from "./remote-hours.ts";
import { createSameTrafficWatch } from "./same-traffic-watch.ts";
import { currentValues } from "./settings-values.ts";
import { createTurns } from "./turns.ts";

/** Where the port nobody chose is refused. Not in a container: only the port that was chosen outside leads into it. */
const FALLBACK_PORT = 7777;
const NEXT_HOPS_EVERY_MS = 300_000;
const KEEP_ROWS_EVERY_MS = 3_600_000;

export interface ProductOptions {
  readonly io: Io;
  readonly loaded: Pick<LoadedSettings, "settings" | "file" | "origins" | "created">;
  readonly calendar: Calendar;
  readonly log: Log;
  /** At least one. */
  readonly feeds: readonly Feed[];
  /** MACs of the next hops of this machine's default routes, where it is measured; never rejects. */
  readonly nextHops?: () => Promise<readonly string[]>;
  readonly demo: boolean;
  /** Called with the open store before anything is read: the demo fills in its past. */
  readonly prepare?: (store: Store, policy: Policy, household: HouseholdBook) => Promise<void>;
}

/**
 * Puts the parts together, runs them until `io.signal` is aborted, and takes them down in reverse: a last reading, a
 * checkpoint, then the meter, the server, the store.
 * @returns the exit code
 */
export async function runProduct(options: ProductOptions): Promise<number> {
  const { io, loaded, calendar, log, feeds } = options;
  const { settings } = loaded;
  const { clock } = io;
  const startedAt = clock.now();
  const stateLog = createStateLog(log);
  const live = createLiveUpdates();
  const problems = createProblems({ now: () => clock.now(), stateLog, onChange: live.announceProblems });

  const names = createNameBook(settings);
  const reloadNames = async () => {
    for (const warning of (await names.reloadIfChanged()).warnings) log.warn(warning);
  };
  await reloadNames();
  let policy = createPolicy(calendar, names.rewrites().ipMac);
  let { ipFilter } = settings;
  const origins = { ...loaded.origins };
  let nextHops: readonly string[] = [];
  let said = EMPTY_HOUSEHOLD;
  const viewNow = () => viewOf({ ...settings, ipFilter }, names.rewrites(), nextHops, said);
  let view = viewNow();
  let nextHopsAt = Number.NEGATIVE_INFINITY;
  await lookForNextHops();

  /** Looks now and then through which routers the ways out lead, and says when that changed. @returns whether it did */
  async function lookForNextHops(): Promise<boolean> {
    if (options.nextHops === undefined) return false;
    // While none is known, it may only not have answered yet: this machine has just started.
    if (nextHops.length > 0 && clock.mono() < nextHopsAt + NEXT_HOPS_EVERY_MS) return false;
    nextHopsAt = clock.mono();
    const before = nextHops;
    nextHops = await options.nextHops();
    if (nextHops.join() === before.join()) return false;
    view = viewNow();
    for (const mac of nextHops) {
      if (before.includes(mac) || view.routers.has(mac) || !isRouter(mac, false, view)) continue;
      log.info(
        `${mac} is a router, as the next hop of this machine's default route: its own traffic is not listed. If that is wrong, add !${mac} to LAN_ROUTERS_TO_SKIP.`,
      );
    }
    return true;
  }

  let remoteKeptDays = settings.remoteKeptDays;
  /**
   * Upgrades what an older version left. What it showed is shown on, unless the settings say otherwise: its internet hosts
   * are kept indefinitely, and the addresses that it reported are reported.
   */
  async function takeOverOnce(path: string, into: Store | null = null): Promise<void> {
    const { now } = clock;
    const deps = { source: sourceOf(feeds[0]?.name ?? null), view, calendar, now, log, names };
    const taken = into === null ? await takeOver(path, deps) : await takeOverInto(into, path, deps);
    if (taken === null) return;
    const keep = async (key: SettingKey, value: string | number) => {
      await writeSetting(loaded.file, key, value).catch((error: unknown) =>
        log.warn(`${key} can't be written to ${loaded.file}: ${messageOf(error)}`),
      );
    };
    if (loaded.origins.REMOTE_KEPT_DAYS === "default") {
      remoteKeptDays = null;
      await keep("REMOTE_KEPT_DAYS", 0);
    }
    await into?.applyView(await viewOn(into));
  }

  /** The view for a store that opens. What people say in it counts from the first answer on. */
  async function viewOn(memory: Pick<Store, "recall">): Promise<View> {
    ipFilter = await ipFilterOf({ settings: { ...settings, ipFilter }, origins }, memory);
    if (said === EMPTY_HOUSEHOLD) said = await recallDocument(memory);
    view = viewNow();
    return view;
  }

  const place = { settings, clock, log };
  const store = createOwnStore({ ...place, problems, view: viewOn, beforeOpen: (path) => takeOverOnce(path) });
  const household = createHousehold({
    store,
    names,
    fileMerges: () => names.rewrites().macMac,
    calendar,
    now: () => clock.now(),
    onChange: useHousehold,
  });
  // Before anything else is asked: who an interface belongs to is worked out when the store is opened. What speaks against
  // opening it is told below.
  /** Empty until the store is open. */
  let meterings: readonly Metering[] = [];
  const readAt = () =>
    meterings.length === 0 ? null : worstOff(meterings.map((metering) => metering.status())).readAt;
  await loadHousehold().catch(() => {});
  const refused =
    (await refusalOf(store, place, io.signal)) ??
    (settings.databaseUrl === null ? null : await refusalToTakeOver(() => takeOverOnce(settings.dbFile, store), log));
  if (refused !== null) {
    log.error(`${refused.message}. ${refused.hint}`);
    // What passes is worth another start; what a person must change is not, and a service would try it every five seconds.
    return ["foreign", "newer"].includes(refused.code) ? EXIT.config : EXIT.unavailable;
  }
  await options.prepare?.(store, policy, household);

  const keepHouse = createHousekeeping({
    store,
    dbFile: settings.databaseUrl === null ? settings.dbFile : null,
    kept: () => ({ hours: settings.hoursKeptDays, remote: remoteKeptDays, devices: settings.deviceKeptDays }),
    clock,
    calendar,
    stateLog,
  });
  const nameFinder = createNameFinder({
    store,
    places: settings.nameFiles,
    clock,
    dayBefore: (days) => addDays(calendar.dayOf(clock.now()), -days),
    ownAddresses: addressesOfThisMachine,
    stateLog,
  });
  const { auto, texts } = settings.lanSegments;
  const routers = new Set((await store.routers().catch(() => [])).map(({ mac }) => mac));
  const finder = createSegmentFinder({
    view: () => view,
    routers: () => routers,
    known: texts,
    isFixed: !auto,
  });
  const lookForSameTraffic = createSameTrafficWatch({
    problems,
    store,
    calendar,
    clock,
    meters: feeds.flatMap(({ name, isView }) => (name === null || isView ? [] : [name])),
  });
  const crowd = createCrowdWatch({ problems, store, calendar, clock });
  const remoteHours = createRemoteHours({
    store,
    calendar,
    now: () => clock.now(),
    view: () => view,
    routers: () => routersOf(routers, view),
  });
  await remoteHours.start().catch(() => {});
  const sources = await store.sources().catch(() => []);
  const turn = createTurns();
  meterings = feeds.map((feed, index) =>
    createMetering({
      feed,
      settings,
      store,
      turn,
      policy: () => policy,
      view: () => view,
      calendar,
      clock,
      builtAt: io.builtAt,
      problems,
      log,
      firstReadAt: sources.find(({ source }) => source === sourceOf(feed.name))?.firstAt ?? null,
      onChange: live.announceProblems,
      onSettled(settlement, found) {
        if (!feed.isView) {
          remoteHours.settled(settlement.charges);
          facts.settled(settlement.charges);
        }
        for (const { code, detail } of found) if (code === "router-found") routers.add(String(detail.mac));
        const segments = finder.find(settlement);
        if (segments.length > 0) void remember(segments);
        live.announce(settlement.books.at);
        alerting.lookSoon();
      },
      // Once for all of them: the first keeps house.
      ...(index === 0 ? { onCheckpoint } : {}),
    }),
  );

  async function onCheckpoint(): Promise<void> {
    await loadHousehold();
    const { changed, warnings } = await names.reloadIfChanged();
    for (const warning of warnings) log.warn(warning);
    if (changed) await useRewrites();
    if (await lookForNextHops()) {
      await useView();
      for (const { mac } of await store.routers()) routers.add(mac);
    }
    await keepRows();
    await remoteHours.keep();
    await access.keep();
    await keepHouse();
    await crowd.look();
    for (const metering of meterings) await metering.look();
    await lookForSameTraffic();
  }

  /** IP_MAC.txt, MAC_MAC.txt or ARCHIVED.txt was edited: the first holds from now on, the others for the past as well. */
  async function useRewrites(): Promise<void> {
    policy = createPolicy(calendar, names.rewrites().ipMac);
    await useView();
    crowd.lookSoon();
  }

  /** Reads what people say of their things, until it was read. */
  async function loadHousehold(): Promise<void> {
    await household.load();
    if (household.document() !== said) await useHousehold();
  }

  /** Something else is said: it holds for the past as well. */
  async function useHousehold(): Promise<void> {
    const before = said;
    said = household.document();
    if (said.merges !== before.merges || said.routers !== before.routers) await useView();
    const at = readAt();
    if (at !== null) live.announce(at);
  }

  let keptRows = "";
  let keptRowsAt = Number.NEGATIVE_INFINITY;
  /** Copies that into the tables, for whoever queries the database: when it is another, and now and then for new devices. */
  async function keepRows(): Promise<void> {
    const wanted = `${household.version()} ${names.revision()}`;
    if (wanted === keptRows && clock.mono() < keptRowsAt + KEEP_ROWS_EVERY_MS) return;
    await keepHouseholdRows(store, household, names);
    [keptRows, keptRowsAt] = [wanted, clock.mono()];
  }

  async function useView(): Promise<void> {
    view = viewNow();
    await store.applyView(view);
  }

  /** What is written into the settings file, one after the other. */
  let remembering = Promise.resolve();

  async function includeIpv6(included: boolean): Promise<void> {
    const source = included ? ANY_ADDRESS : IPV4_ONLY;
    const written = remembering.then(() => writeSetting(loaded.file, "IPFilter", source));
    remembering = written.catch(() => {});
    await written;
    ipFilter = compileIpFilter(source);
    origins.IPFilter = "file";
    await useView();
    log.info(`IPv6 is ${included ? "included" : "excluded"} from now on, for the past as well: IPFilter is ${source}`);
  }

  function remember(segments: readonly string[]): Promise<void> {
    remembering = remembering.then(async () => {
      try {
        await rememberFound({ file: loaded.file, env: io.env, segments });
      } catch (error) {
        log.warn(
          `The LAN segments and routers that were found can't be written to ${loaded.file}: ${messageOf(error)}`,
        );
      }
    });
    return remembering;
  }

  function status(): Status {
    const meters = meterings.map((metering) => metering.status());
    return {
      version: io.version,
      startedAt,
      demo: options.demo,
      ipv6: ipv6By(ipFilter),
      meter: worstOff(meters),
      meters,
      problems: [...meterings.flatMap((metering) => metering.problem() ?? []), ...problems.list()],
    };
  }

  const vendorOf = openVendors(io.vendorsFile, (error) =>
    log.warn(`The manufacturers of network cards are unknown: ${messageOf(error)}`),
  );
  const unusual = createUnusual({
    store,
    calendar,
    now: () => clock.now(),
    nameOf: names.nameOf,
    vendorOf,
    learnt: nameFinder,
    household,
    remoteHours: remoteHours.of,
  });

  const mqtt = createMqttService({
    store,
    setting: { url: settings.mqttUrl, trusted: settings.mqttCa?.certificates },
    figures: () =>
      mqttFigures({
        store,
        calendar,
        now: () => clock.now(),
        nameOf: names.nameOf,
        learnt: nameFinder,
        household,
        vendorOf,
        status,
      }),
    version: io.version,
    clock,
    random: io.random,
    log,
  });
  live.listen({ reading: () => mqtt.announce(), problems: () => mqtt.announce(), end: () => {} });
  const facts = createAlertFacts({
    store,
    calendar,
    now: () => clock.now(),
    nameOf: names.nameOf,
    household,
    learnt: nameFinder,
    vendorOf,
    problems: () => status().problems,
    unusual,
    readAt,
    startedAt,
  });
  const alerting = await createAlerting({
    store,
    calendar,
    clock,
    facts,
    send: createSend({ file: io.senderFile, version: io.version, env: io.env }),
    onAlert: mqtt.tell,
    randomHex: (bytes) => nodeCrypto().randomBytes(bytes).toString("hex"),
    random: Math.random,
    log,
    stateLog,
  });

  const access = createAccess({
    mode: settings.auth,
    memory: store,
    passwords: {
      read: () => readPasswordFile(settings.passwordFile),
      write: (hash) => writePasswordFile(settings.passwordFile, hash),
    },
    clock,
    random: (count) => nodeCrypto().randomBytes(count),
    log,
  });
  await sayHowToSignIn(access, log);
  const app = createApp({
    access,
    authHeader: settings.authHeader,
    store,
    calendar,
    now: () => clock.now(),
    status,
    names,
    vendorOf,
    unusual,
    learnt: nameFinder,
    mqtt: { ...mqtt, readUrl: SETTINGS.MQTT_URL.parse },
    alerts: alerting,
    processUsage: () => io.processUsage(),
    live,
    includeIpv6,
    household,
    fileMerges: () => names.rewrites().macMac,
    routerFacts: () => ({ macs: settings.lanRouters.macs, none: settings.lanRouters.none, nextHops }),
    lanSegments: finder.segments,
    settings: {
      file: loaded.file,
      values: () => currentValues({ ...settings, ipFilter, remoteKeptDays }),
      origins,
      segments: settings.lanSegments,
    },
    version: io.version,
    allowedHosts: settings.allowedHosts,
    corsOrigins: settings.corsOrigins,
    trustedProxies: settings.trustedProxies,
    ingressProxies: settings.ingressProxies,
    basePath: settings.basePath,
    assets: await readAssets(io.webRoot),
    onError: (error, path) => log.error(`${path}: ${error instanceof Error ? (error.stack ?? "") : String(error)}`),
  });
  const serving = await listen(app, loaded, log, io);
  if (serving === null) {
    await store.close();
    return EXIT.unavailable;
  }

  await mqtt.start();
  await Promise.all([
    ...meterings.map((metering) => metering.run(io.signal)),
    nameFinder.run(io.signal),
    alerting.run(io.signal),
  ]);
  await remembering;
  live.close();
  await mqtt.stop();
  await serving.close();
  await access.keep();
  await store.close();
  log.info("Stopped; all data saved.");
  return EXIT.ok;
}

/** IPv4 addresses under which others of the LAN reach this machine. */
function addressesOfThisMachine(): string[] {
  return Object.values(networkInterfaces()).flatMap((all = []) =>
    all.filter(({ family, internal }) => family === "IPv4" && !internal).map(({ address }) => address),
  );
}

async function listen(
  app: Parameters<typeof serve>[0]["app"],
  loaded: ProductOptions["loaded"],
  log: Log,
  io: Io,
): Promise<Serving | null> {
  const { portChosen, listenAddress, basePath } = loaded.settings;
  const onPort = (port: number) =>
    serve({
      app,
      port,
      ...(listenAddress === null ? {} : { hostname: listenAddress }),
      ...(portChosen || io.env.WHITESTAT_CONTAINER === "1" ? {} : { fallbackPort: FALLBACK_PORT }),
      onError: (error) => log.warn(`A connection failed: ${messageOf(error)}`),
    });
  try {
    const serving = await onFreePort(onPort, loaded, log);
    if (serving.refusedPort !== null) {
      log.info(
        `Port ${serving.refusedPort} isn't permitted to this user, so the dashboard is on ${serving.port}; SERVER_PORT sets another.`,
      );
    }
    const [first, ...others] = dashboardAddresses({ port: serving.port, listenAddress, basePath }, networkInterfaces());
    io.stdout.write(`WhiteStat ${io.version} is at ${first}${others.map((url) => `\n  or ${url}`).join("")}\n`);
    return serving;
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    log.error(`${error.message} ${error.hint}`);
    return null;
  }
}

/**
 * Listens on the port of the settings. A port that the first start took from the environment is written to the file now
 * that it was to be had. One in the file that another program has taken since is nobody's choice any more: then that of
 * the environment counts.
 */
async function onFreePort(
  onPort: (port: number) => Promise<Serving>,
  { settings, file, created, origins }: ProductOptions["loaded"],
  log: Log,
): Promise<Serving> {
  const { serverPort, environmentPort } = settings;
  try {
    const serving = await onPort(serverPort);
    if (created && origins.SERVER_PORT === "environment") {
      await writeSetting(file, "SERVER_PORT", serverPort).catch((error: unknown) =>
        log.warn(`SERVER_PORT can't be written to ${file}: ${messageOf(error)}`),
      );
    }
    return serving;
  } catch (error) {
    const isTaken = error instanceof ListenError && (error.code === "in-use" || error.code === "refused");
    if (!isTaken || environmentPort === null || environmentPort === serverPort) throw error;
    log.warn(
      `${error.message} SERVER_PORT=${environmentPort} of the environment is used instead of the one in ${file}.`,
    );
    return onPort(environmentPort);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

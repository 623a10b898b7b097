import { basename, dirname } from "node:path";
import type { Calendar } from "../accounting/calendar.ts";
import { createPolicy, type Policy } from "../accounting/policy.ts";
import { createCollector } from "../collector/collector.ts";
import { createFinder } from "../collector/finder.ts";
import { createProblems } from "../collector/problems.ts";
import type { DarkstatClient, Snapshot } from "../darkstat/client.ts";
import { createLive } from "../http/api/live.ts";
import { createApp } from "../http/app.ts";
import { readAssets } from "../http/assets.ts";
import { ListenError, type Serving, serve } from "../http/serve.ts";
import type { Log } from "../log/log.ts";
import { createStateLog } from "../log/state-log.ts";
import { keepRemoteForGood, rememberFound } from "../settings/found.ts";
import type { LoadedSettings } from "../settings/load.ts";
import { createNameBook } from "../settings/maps.ts";
import type { Settings } from "../settings/table.ts";
import type { Problem, Status } from "../shared/status.ts";
import { openOrRecover } from "../store/recover.ts";
import { createReopeningStore } from "../store/reopening.ts";
import { type Store, StoreError } from "../store/store.ts";
import { takeOver } from "../takeover/takeover.ts";
import { openVendors } from "../vendors/file.ts";
import { createHousekeeping } from "./housekeeping.ts";
import { EXIT, type Io } from "./io.ts";

/** Name under which the store keeps the darkstat that is read: one for now. */
export const SOURCE = "darkstat";
/** Where the port nobody chose is refused. Not in a container: only the port that was chosen outside leads into it. */
const FALLBACK_PORT = 7777;

/** Where the counters come from: a darkstat by its address, one of our own, or the demo's. */
export interface Feed {
  readonly embedded: boolean;
  /**
   * Starts it; resolves when there is something to read, or when it is known why not.
   * @param onChange told when `url()` or `problem()` has changed
   */
  start(signal: AbortSignal, onChange: () => void): Promise<void>;
  stop(): Promise<void>;
  /** Where it is read, without credentials. */
  url(): string | null;
  client(): Pick<DarkstatClient, "read" | "series"> | null;
  problem(): Problem | null;
}

export interface ProductOptions {
  readonly io: Io;
  readonly loaded: Pick<LoadedSettings, "settings" | "file" | "origins">;
  readonly calendar: Calendar;
  readonly log: Log;
  readonly feed: Feed;
  readonly demo: boolean;
  /** Called with the open store before anything is read: the demo fills in its past. */
  readonly prepare?: (store: Store, policy: Policy) => Promise<void>;
}

/**
 * Puts the parts together, runs them until `io.signal` is aborted, and takes them down in reverse: a last reading, a
 * checkpoint, then darkstat, the server, the store.
 * @returns the exit code
 */
export async function runProduct(options: ProductOptions): Promise<number> {
  const { io, loaded, calendar, log, feed } = options;
  const { settings } = loaded;
  const { clock } = io;
  const startedAt = clock.now();
  const stateLog = createStateLog(log);
  const live = createLive();
  const problems = createProblems({ now: () => clock.now(), stateLog, onChange: live.announceProblems });

  const names = createNameBook(settings);
  const reloadNames = async () => {
    for (const warning of (await names.reloadIfChanged()).warnings) log.warn(warning);
  };
  await reloadNames();
  let policy = policyOf(settings, calendar, names.rewrites());

  let remoteKeptDays = settings.remoteKeptDays;
  /** Takes over what an older version left. Hosts beyond the router are then kept for good, as it did, unless told otherwise. */
  async function takeOverOnce(path: string): Promise<void> {
    const { now } = clock;
    const taken = await takeOver(path, { source: SOURCE, policy, calendar, now, log, names });
    if (taken === null || loaded.origins.REMOTE_KEPT_DAYS !== "default") return;
    remoteKeptDays = null;
    await keepRemoteForGood(loaded.file).catch((error: unknown) =>
      log.warn(`REMOTE_KEPT_DAYS can't be written to ${loaded.file}: ${messageOf(error)}`),
    );
  }

  const store = createReopeningStore({
    open: (suspect) =>
      openOrRecover({
        dir: dirname(settings.dbFile),
        file: basename(settings.dbFile),
        now: () => clock.now(),
        log,
        suspect,
        beforeOpen: takeOverOnce,
      }),
    onRecovery: ({ message, remedy }) => problems.raise("database-restored", message, remedy),
  });
  const refused = await refusal(store);
  if (refused !== null) {
    log.error(`${refused.message}. ${refused.remedy}`);
    return EXIT.unavailable;
  }
  await options.prepare?.(store, policy);

  const keepHouse = createHousekeeping({
    store,
    dbFile: settings.dbFile,
    kept: () => ({ hours: settings.hoursKeptDays, remote: remoteKeptDays, devices: settings.deviceKeptDays }),
    stateLog,
  });
  const { auto, texts } = settings.lanSegments;
  const finder = createFinder({ policy: () => policy, known: texts, isFixed: !auto });
  /** Without its hosts: they would live on until the next reading. */
  let last: Pick<Snapshot, "version" | "interface" | "after"> | null = null;
  const collector = createCollector({
    source: SOURCE,
    client: feed.client,
    store,
    policy: () => policy,
    clock,
    intervalMs: settings.idleSeconds * 1000,
    checkpointMs: settings.updateDbSeconds * 1000,
    builtAt: io.builtAt,
    problems,
    log,
    onSettled(settlement, { version, interface: iface, after }) {
      last = { version, interface: iface, after };
      const found = finder.find(settlement);
      if (found !== null) void remember(found);
      live.announce(settlement.books.at);
    },
    async onCheckpoint() {
      const { changed, warnings } = await names.reloadIfChanged();
      for (const warning of warnings) log.warn(warning);
      if (changed) policy = policyOf(settings, calendar, names.rewrites());
      await keepHouse(calendar.dayOf(clock.now()));
    },
  });

  let remembering = Promise.resolve();
  function remember(found: { segments: string[]; routers: string[] }): Promise<void> {
    remembering = remembering.then(async () => {
      try {
        await rememberFound({ file: loaded.file, env: io.env, ...found });
      } catch (error) {
        log.warn(`What was found of the LAN can't be written to ${loaded.file}: ${messageOf(error)}`);
      }
    });
    return remembering;
  }

  const sources = await store.sources().catch(() => []);
  const firstReadAt = sources.find((known) => known.source === SOURCE)?.firstAt ?? null;

  function status(): Status {
    const totals = last?.after;
    const trouble = feed.problem();
    return {
      version: io.version,
      startedAt,
      demo: options.demo,
      darkstat: {
        url: feed.url(),
        embedded: feed.embedded,
        version: last?.version ?? null,
        interface: last?.interface ?? null,
        readAt: collector.readAt(),
        intervalMs: settings.idleSeconds * 1000,
        measuringSince: firstReadAt ?? collector.firstReadAt(),
        missedShare: totals && totals.captured > 0 ? totals.dropped / (totals.captured + totals.dropped) : null,
      },
      problems: trouble === null ? problems.list() : [trouble, ...problems.list()],
    };
  }

  const app = createApp({
    store,
    calendar,
    now: () => clock.now(),
    status,
    names,
    vendorOf: openVendors(io.vendorsFile, (error) =>
      log.warn(`The vendors of network cards are not known: ${messageOf(error)}`),
    ),
    live,
    lanSegments: finder.segments,
    version: io.version,
    allowedHosts: settings.allowedHosts,
    corsOrigins: settings.corsOrigins,
    basePath: settings.basePath,
    assets: await readAssets(io.webRoot),
    onError: (error, path) => log.error(`${path}: ${error instanceof Error ? (error.stack ?? "") : String(error)}`),
  });
  const serving = await listen(app, settings, log, io);
  if (serving === null) {
    await store.close();
    return EXIT.unavailable;
  }

  await feed.start(io.signal, live.announceProblems);
  await collector.run(io.signal);
  await feed.stop();
  await remembering;
  live.close();
  await serving.close();
  await store.close();
  log.info("Ended; everything is written.");
  return EXIT.well;
}

/** Why no waiting will help: another instance has the store, or it is not ours. Else null: a disk may come back. */
async function refusal(store: Store): Promise<StoreError | null> {
  try {
    await store.sources();
    return null;
  } catch (error) {
    if (error instanceof StoreError && ["busy", "foreign", "newer"].includes(error.code)) return error;
    return null;
  }
}

async function listen(
  app: Parameters<typeof serve>[0]["app"],
  settings: Settings,
  log: Log,
  io: Io,
): Promise<Serving | null> {
  const { serverPort: port, portChosen, listenAddress, basePath } = settings;
  try {
    const serving = await serve({
      app,
      port,
      ...(listenAddress === null ? {} : { hostname: listenAddress }),
      ...(portChosen || io.env.WHITESTAT_CONTAINER === "1" ? {} : { fallbackPort: FALLBACK_PORT }),
      onError: (error) => log.warn(`A connection failed: ${messageOf(error)}`),
    });
    if (serving.refusedPort !== null) {
      log.info(
        `Port ${serving.refusedPort} is refused to this user, so it is ${serving.port}: SERVER_PORT chooses another.`,
      );
    }
    io.stdout.write(
      `WhiteStat ${io.version} is at http://${listenAddress ?? "localhost"}:${serving.port}${basePath}/\n`,
    );
    return serving;
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    log.error(`${error.message} ${error.remedy}`);
    return null;
  }
}

export function policyOf(
  settings: Settings,
  calendar: Calendar,
  rewrites: { ipMac: ReadonlyMap<string, string>; macMac: ReadonlyMap<string, string> },
): Policy {
  const { lanSegments, lanRouters, ipFilter } = settings;
  return createPolicy({ calendar, segments: lanSegments.prefixes, routers: lanRouters, ipFilter, ...rewrites });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

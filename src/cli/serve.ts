import { createCalendar } from "../accounting/calendar.ts";
import { createLog, type Log } from "../log/log.ts";
import { createDarkstatClient, type DarkstatClient } from "../meters/darkstat/client.ts";
import { createEmbedded } from "../meters/darkstat/embedded.ts";
import { type LoadedSettings, loadSettings } from "../settings/load.ts";
import { SettingsError } from "../settings/settings-error.ts";
import type { Settings } from "../settings/table.ts";
import { EXIT, type Io } from "./io.ts";
import { type Feed, runProduct } from "./product.ts";
import { leaveRoot } from "./root.ts";

/** Reads the settings, then measures and serves until asked to end. @returns the exit code */
export async function serve(io: Io): Promise<number> {
  const peek = io.uid === 0 ? await settingsOrReport(io, { create: false }) : null;
  if (io.uid === 0 && peek === null) return EXIT.config;
  const whyRoot = peek === null ? null : await leaveRoot(io, peek, peek.settings.darkstatUrl === null);

  const loaded = await settingsOrReport(io);
  if (loaded === null) return EXIT.config;
  const { settings } = loaded;
  const { calendar, log } = openLog(io, settings);
  if (whyRoot !== null) log.warn(`WhiteStat runs as root. ${whyRoot} (WHITESTAT_KEEP_ROOT=1 if that is wanted.)`);
  for (const warning of loaded.warnings) log.warn(warning);
  if (loaded.created) log.info(`The settings are in ${loaded.file}.`);
  const { darkstatUrl } = settings;
  const feed = darkstatUrl === null ? embeddedFeed(io, settings, log) : remoteFeed(io, darkstatUrl, settings);
  try {
    return await runProduct({ io, loaded, calendar, log, feed, demo: false });
  } finally {
    log.close();
  }
}

/** The settings; null when something is wrong with them, which was printed. What only looks has nothing created. */
export async function settingsOrReport(io: Io, { create = true } = {}): Promise<LoadedSettings | null> {
  try {
    return await loadSettings({
      create,
      env: io.env,
      cwd: io.cwd,
      container: io.env.WHITESTAT_CONTAINER === "1",
      identity: { uid: io.uid, gid: io.gid },
    });
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    io.stderr.write(`${error.message}\n`);
    return null;
  }
}

/** The calendar of the settings' time zone, and a log that is stamped by it. */
export function openLog(io: Io, settings: Settings) {
  const calendar = createCalendar(io.zone(settings.timeZone));
  const log = createLog({
    logFile: settings.logFile,
    traceFile: settings.traceFile,
    level: settings.logLevel,
    now: () => io.clock.now(),
    stamp: calendar.localText,
    console: io.stdout,
  });
  return { calendar, log };
}

function remoteFeed(io: Io, url: string, { darkstatCa, darkstatMaxHosts }: Settings): Feed {
  const client = createDarkstatClient({
    url,
    trusted: darkstatCa?.certificates,
    mostHosts: darkstatMaxHosts,
    now: () => io.clock.now(),
  });
  return {
    embedded: false,
    start: async () => {},
    stop: async () => {},
    url: () => client.url,
    meter: () => client,
    problem: () => null,
  };
}

/** Resolves when the signal is aborted. */
function once(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** A darkstat of our own changes its port with each start: the client follows. */
function embeddedFeed(io: Io, settings: Settings, log: Log): Feed {
  let current: { url: string; client: DarkstatClient } | null = null;
  let tell = () => {};
  const embedded = createEmbedded({
    ...(settings.hostInterface === null ? {} : { iface: settings.hostInterface }),
    dataDir: settings.dataStore,
    now: () => io.clock.now(),
    log: (level, message) => log[level](message),
    onChange: () => tell(),
    path: io.env.PATH ?? "",
  });
  return {
    embedded: true,
    // It outlives the signal: the last reading comes after it. Only the wait for it ends at once.
    start(signal, onChange) {
      tell = onChange;
      return Promise.race([embedded.start(), once(signal)]);
    },
    stop: () => embedded.stop(),
    url: () => embedded.url(),
    problem: () => embedded.problem(),
    meter() {
      const url = embedded.url();
      if (url === null) return null;
      if (current?.url !== url) current = { url, client: createDarkstatClient({ url, now: () => io.clock.now() }) };
      return current.client;
    },
  };
}

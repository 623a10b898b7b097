import { createCalendar } from "../accounting/calendar.ts";
import { createLog } from "../log/log.ts";
import { type LoadedSettings, loadSettings } from "../settings/load.ts";
import { SettingsError } from "../settings/settings-error.ts";
import type { Settings } from "../settings/table.ts";
import { chooseMeters, feedsFor, nextHopsFor } from "./feeds.ts";
import { EXIT, type Io } from "./io.ts";
import { runProduct } from "./product.ts";
import { leaveRoot, type MeterRights } from "./root.ts";

/** Reads the settings, then measures and serves until asked to end. @returns the exit code */
export async function serve(io: Io): Promise<number> {
  const peek = io.uid === 0 ? await settingsOrReport(io, { create: false }) : null;
  if (io.uid === 0 && peek === null) return EXIT.config;
  const whyRoot = peek === null ? null : await leaveRoot(io, peek, await rightsFor(io, peek.settings));

  const loaded = await settingsOrReport(io);
  if (loaded === null) return EXIT.config;
  const { settings } = loaded;
  const { calendar, log } = openLog(io, settings);
  if (whyRoot !== null) log.warn(`WhiteStat runs as root. ${whyRoot} (WHITESTAT_KEEP_ROOT=1 if that is wanted.)`);
  for (const warning of loaded.warnings) log.warn(warning);
  if (loaded.created) log.info(`The settings are in ${loaded.file}.`);
  try {
    const choices = await chooseMeters(io, settings);
    const feeds = feedsFor(choices, io, settings, log);
    return await runProduct({ io, loaded, calendar, log, feeds, nextHops: nextHopsFor(choices, io), demo: false });
  } finally {
    log.close();
  }
}

/** What the meters that would be chosen need of root. */
async function rightsFor(io: Io, settings: Settings): Promise<MeterRights> {
  const kinds = (await chooseMeters(io, settings)).map(({ kind }) => kind);
  if (kinds.includes("embedded")) return kinds.includes("kernel") ? "both" : "capture";
  return kinds.includes("kernel") ? "count" : "none";
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

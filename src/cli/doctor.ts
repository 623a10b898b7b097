import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { type Calendar, createCalendar } from "../accounting/calendar.ts";
import { missedShare } from "../accounting/missed.ts";
import { bytesText, shareText } from "../http/readable-text.ts";
import { createDarkstatClient, type DarkstatSnapshot } from "../meters/darkstat/client.ts";
import { DarkstatError } from "../meters/darkstat/error.ts";
import { findDarkstat } from "../meters/darkstat/process.ts";
import { tableOf } from "../meters/kernel/rules.ts";
import type { IpFilter } from "../settings/ip-filter.ts";
import type { LoadedSettings } from "../settings/load.ts";
import { createNameBook } from "../settings/maps.ts";
import { SETTING_KEYS, type Settings } from "../settings/table.ts";
import { damageIn } from "../store/file/damage.ts";
import { takeLock } from "../store/file/lock.ts";
import { recogniseDatabase } from "../store/file/recognise.ts";
import { readPostgresStore } from "../store/postgres-store.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { StoreError } from "../store/store.ts";
import { type Manual, readArguments } from "./arguments.ts";
import { type DoctorMeter, type FiguresDeps, figuresFindings, type LiveReading } from "./doctor-figures.ts";
import { kernelFindings } from "./doctor-meter.ts";
import { isSystemError, reasonOf } from "./errors.ts";
import { chooseMeters, isPlace, type MeterChoice, nextHopsFor } from "./feeds.ts";
import { type Finding, note, ok, problem, problemFindings } from "./finding.ts";
import { EXIT, type Io } from "./io.ts";
import { interfacesProblem, missedProblem } from "./measuring-problems.ts";
import { macsOfThisMachine } from "./measuring-watch.ts";
import { sourceOf } from "./metering.ts";
import { ipFilterOf, ownView } from "./own-view.ts";
import { settingsOrReport } from "./serve.ts";
import { currentValues } from "./settings-values.ts";

export const DOCTOR: Manual = {
  usage: "doctor",
  sentence: "check the meter, data store, clock and settings, and say what is wrong",
  options: [],
  example: "doctor",
};

/** darkstat cuts its table at this many hosts, unless started with another --hosts-max. */
const HOSTS_MAX = 1_000;
const LEAST_FREE_BYTES = 100_000_000;
const LABELS = { ok: "ok     ", note: "note   ", problem: "PROBLEM" } as const;

/** Looks at everything that can be wrong, and prints each finding with what to do. @returns 0 when there is no problem */
export async function doctorCommand(io: Io, args: readonly string[]): Promise<number> {
  readArguments(args, {}, DOCTOR, []);
  const loaded = await settingsOrReport(io, { create: false });
  if (loaded === null) return EXIT.config;
  const findings = await examine(io, loaded);
  const ipFilter = await ipFilterInForce(loaded);
  io.stdout.write(`WhiteStat ${io.version}\n\n`);
  for (const { grade, text, hint } of findings) {
    io.stdout.write(`${LABELS[grade]} ${text}\n${hint === "" ? "" : `        → ${hint}\n`}`);
  }
  io.stdout.write(`\nSettings (${loaded.file}):\n`);
  for (const line of settingLines({ ...loaded, settings: { ...loaded.settings, ipFilter } }))
    io.stdout.write(`  ${line}\n`);
  const problems = findings.filter(({ grade }) => grade === "problem").length;
  const count = problems === 0 ? "No problems" : problems === 1 ? "1 problem" : `${problems} problems`;
  io.stdout.write(`\n${count} found.\n`);
  return problems === 0 ? EXIT.ok : EXIT.failed;
}

/** Every finding, in the order in which a person would look. */
export async function examine(io: Io, loaded: LoadedSettings): Promise<Finding[]> {
  const { settings } = loaded;
  const calendar = createCalendar(io.zone(settings.timeZone));
  const choices = await chooseMeters(io, settings);
  const meters: DoctorMeter[] = [];
  const ofMeters: Finding[] = [];
  for (const choice of choices) {
    const { findings, live } = await lookAtMeter(io, settings, choice);
    const { name, kind } = choice;
    ofMeters.push(...(name === null ? findings : findings.map((one) => ({ ...one, text: `${name}: ${one.text}` }))));
    meters.push({
      name,
      source: sourceOf(name),
      live,
      meter: kind === "kernel" ? "kernel" : "darkstat",
      whyNotKernel: kind === "embedded" && choice.why !== null ? `${choice.why.message}. ${choice.why.hint}` : null,
    });
  }
  const names = createNameBook(settings);
  const { warnings } = await names.reloadIfChanged();
  const deps: FiguresDeps = {
    now: io.clock.now(),
    calendar,
    view: ownView(loaded, names.rewrites(), await nextHopsFor(choices, io)()),
    ownMacs: macsOfThisMachine(),
    meters,
  };
  return [
    ...clockFindings(io, settings, calendar),
    ...ofMeters,
    ...diskFindings(settings),
    ...logFindings(settings),
    ...secretFindings(loaded),
    ...(await storeFindings(io, settings, deps)),
    ...settingsFindings([...loaded.warnings, ...warnings]),
  ];
}

function clockFindings(io: Io, settings: Settings, calendar: Calendar): Finding[] {
  const now = io.clock.now();
  const clock =
    now < io.builtAt
      ? problem(
          `The clock says ${calendar.localText(now)}, which is before this program was built.`,
          "Check that the machine reaches a time server (timedatectl); until then readings are kept in memory.",
        )
      : ok(`The clock says ${calendar.localText(now)} (${calendar.zone}).`);
  if (settings.timeZone === null && /^(?:UTC|Etc\/|GMT)/.test(calendar.zone)) {
    return [
      clock,
      note("Days begin and end in UTC.", "Unless you want that, set TZ to your time zone, e.g. TZ=Europe/Berlin."),
    ];
  }
  return [clock];
}

/** Says which meter is used and why; reads darkstat once, if it is one that can be read now. */
async function lookAtMeter(
  io: Io,
  settings: Settings,
  choice: MeterChoice,
): Promise<{ findings: Finding[]; live: LiveReading | null }> {
  const without = (...findings: Finding[]) => ({ findings, live: null });
  if (choice.kind === "kernel") {
    const { place } = choice;
    if (isPlace(place)) return without(...(await kernelFindings(place, tableOf(choice.name))));
    return without(problem(`METER is kernel, but that can't be: ${place.message}.`, place.hint));
  }
  if (choice.kind === "embedded") {
    const program = await findDarkstat(io.env.PATH ?? "");
    const { why } = choice;
    return without(
      ...(why === null ? [] : [note(`The kernel's own counters would be exact, but: ${why.message}.`, why.hint)]),
      program === null
        ? problem(
            "DARKSTAT_URL isn't set, and darkstat isn't installed on this machine.",
            "Install it (apt-get install darkstat), or set DARKSTAT_URL, e.g. DARKSTAT_URL=http://192.168.1.5:667.",
          )
        : ok(`DARKSTAT_URL isn't set: while it serves, WhiteStat runs ${program} itself.`),
    );
  }
  let client: ReturnType<typeof createDarkstatClient>;
  try {
    client = createDarkstatClient({
      url: choice.url,
      trusted: settings.darkstatCa?.certificates,
      mostHosts: settings.darkstatMaxHosts,
      now: () => io.clock.now(),
    });
  } catch (error) {
    return without(
      problem(
        `DARKSTAT_URL can't be used: ${messageOf(error)}`,
        "Set it to darkstat's first page, e.g. DARKSTAT_URL=http://192.168.1.5:667.",
      ),
    );
  }
  try {
    const live = { snapshot: await client.read(io.signal), url: client.url };
    return { findings: snapshotFindings(live.snapshot, live.url), live };
  } catch (error) {
    if (!(error instanceof DarkstatError)) throw error;
    return without(problem(`${error.message}.`, error.hint));
  }
}

/** What one reading of darkstat tells. */
export function snapshotFindings(
  { version, interface: iface, hosts, columns, after }: DarkstatSnapshot,
  url: string,
): Finding[] {
  const findings = [ok(`darkstat ${version} responds at ${url}: interface ${iface}, ${hosts.length} hosts.`)];
  if (!columns.mac) {
    findings.push(
      note(
        "darkstat shows no MAC addresses: devices are told apart by IP address, so a new lease makes a new device.",
        "Start darkstat without --no-macs, on an Ethernet interface.",
      ),
    );
  }
  if (!columns.lastSeen) {
    findings.push(note("darkstat doesn't show when a host was last seen.", "Start darkstat without --no-lastseen."));
  }
  const missed = missedShare(after) ?? 0;
  const missedText = missed === 0 ? "no packets" : `${shareText(missed)} of the packets`;
  const missedFindings = problemFindings(missedProblem(missed, "since it started"));
  findings.push(
    ...(missedFindings.length > 0 ? missedFindings : [ok(`darkstat dropped ${missedText} since it started.`)]),
    ...problemFindings(interfacesProblem(iface)),
  );
  findings.push(
    hosts.length >= HOSTS_MAX * 0.8
      ? problem(
          `darkstat lists ${hosts.length} hosts; at ${HOSTS_MAX} (--hosts-max) it forgets half of them.`,
          "Start darkstat with a larger --hosts-max and --hosts-keep, or with --local-only.",
        )
      : ok(`darkstat's host table has room: ${hosts.length} of ${HOSTS_MAX} hosts, unless --hosts-max says otherwise.`),
  );
  return findings;
}

function diskFindings({ dataStore }: Settings): Finding[] {
  if (!existsSync(dataStore)) {
    return [note(`${dataStore} doesn't exist yet.`, "It is created when WhiteStat starts; DATA_STORE names another.")];
  }
  try {
    accessSync(dataStore, constants.R_OK | constants.W_OK);
    const { bavail, bsize } = statfsSync(dataStore);
    const free = bavail * bsize;
    return [
      free < LEAST_FREE_BYTES
        ? problem(`${dataStore} has only ${bytesText(free)} left.`, "Free some space: on a full disk nothing is saved.")
        : ok(`${dataStore} is writable and has ${bytesText(free)} left.`),
    ];
  } catch (error) {
    return [
      problem(`${dataStore} can't be used: ${messageOf(error)}`, "Let the user that runs WhiteStat write there."),
    ];
  }
}

/** Whether warnings will be found later where they are looked for. Nothing is created. */
function logFindings({ logFile, traceFile, logLevel }: Settings): Finding[] {
  const files = [["LOGFile", logFile] as const, ...(logLevel === "trace" ? [["TRACEFile", traceFile] as const] : [])];
  return files.flatMap(([setting, path]) => {
    const reason = whyUnwritable(path);
    if (reason === null) return [];
    const hint = `Set ${setting} to another file, or mend its rights; until then its lines are on the console only.`;
    return [problem(`The log ${path} can't be written: ${reason}.`, hint)];
  });
}

/** Why a file can't be appended to; null when it can, or when its folder is still to be created. */
function whyUnwritable(path: string): string | null {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) return "it is a folder";
    if (stat !== undefined) accessSync(path, constants.W_OK);
    else if (existsSync(dirname(dirname(path)))) accessSync(dirname(path), constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return isSystemError(error) ? reasonOf(error) : messageOf(error);
  }
}

/** Whether a password stands where every user of the machine can read it. Our own files are for one user; older ones aren't. */
function secretFindings({ file, settings, origins }: LoadedSettings): Finding[] {
  const { darkstats, databaseUrl, mqttUrl } = settings;
  const urls = [
    ...(origins.DARKSTAT_URL === "file" ? darkstats.map(({ url }) => url) : []),
    ...(origins.DATABASE_URL === "file" && databaseUrl !== null ? [databaseUrl] : []),
    ...(origins.MQTT_URL === "file" && mqttUrl !== null ? [mqttUrl] : []),
  ];
  if (!urls.some((url) => new URL(url).password !== "")) return [];
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o004) === 0) return [];
  return [note(`${file} holds a password, and every user of this machine can read it.`, `Run: chmod 600 ${file}`)];
}

async function storeFindings(io: Io, settings: Settings, deps: FiguresDeps): Promise<Finding[]> {
  if (settings.databaseUrl !== null) return databaseFindings(settings.databaseUrl, deps);
  const path = settings.dbFile;
  const found = recogniseDatabase(path);
  if (found === "empty") return [note(`${path} doesn't exist yet.`, "It is created when WhiteStat starts.")];
  if (found === "legacy") {
    return [
      note(
        `${path} is the database of an older WhiteStat.`,
        "It is upgraded when WhiteStat starts; the old file is kept.",
      ),
    ];
  }
  if (found === "foreign") {
    return [
      problem(`${path} is a database of another program.`, "Set DBFile in WhiteStatConfig.json to another name."),
    ];
  }
  const damage = found === "corrupt" ? "it can't be read as a database" : await damageIn(path);
  if (damage !== null) {
    return [
      problem(
        `${path} is damaged: ${damage}.`,
        "Restart WhiteStat: it keeps the file under another name and continues from the latest good backup.",
      ),
    ];
  }
  const size = ["", "-wal"].reduce(
    (sum, suffix) => sum + (statSync(path + suffix, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
  return [
    ok(`${path} is verified and takes ${bytesText(size)}.`),
    runningFinding(io, path),
    ...(await figuresFindings(openSqliteStore({ path }), deps)),
  ];
}

/** A database whose care is its server's: whether it answers, and what is in it. */
async function databaseFindings(url: string, deps: FiguresDeps): Promise<Finding[]> {
  try {
    const store = await readPostgresStore(url);
    const { hostname: host, pathname } = new URL(url);
    return [
      ok(`PostgreSQL answers at ${host}; the database is ${decodeURIComponent(pathname.slice(1))}.`),
      ...(await figuresFindings(store, deps)),
    ];
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return [problem(`${error.message}.`, error.hint)];
  }
}

/** Whether somebody holds the lock. Taken only for a moment: who starts meanwhile is told to try again. */
function runningFinding(io: Io, path: string): Finding {
  if (!existsSync(`${path}.lock`)) return note("WhiteStat isn't running on this data store.", "");
  try {
    takeLock(path, { pid: process.pid, host: hostname(), since: io.clock.now() }).release();
    return note("WhiteStat isn't running on this data store.", "");
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return error.code === "busy"
      ? ok(`WhiteStat runs: ${error.message.slice(error.message.indexOf(": ") + 2)}.`)
      : problem(`${error.message}.`, error.hint);
  }
}

function settingsFindings(warnings: readonly string[]): Finding[] {
  const all = warnings.map((text) => note(text, ""));
  return all.length > 0 ? all : [ok("Nothing is wrong in the settings and the name files.")];
}

/** Every setting with its value and where that comes from; no passwords. */
function settingLines(loaded: LoadedSettings): string[] {
  const values = currentValues(loaded.settings);
  return SETTING_KEYS.map(
    (key) => `${key} = ${values[key] === "" ? "(empty)" : values[key]}  (${loaded.origins[key]})`,
  );
}

/** IPFilter where the store decides it, which a store that can't be asked doesn't. */
async function ipFilterInForce(loaded: LoadedSettings): Promise<IpFilter> {
  const { databaseUrl: url, dbFile: path, ipFilter } = loaded.settings;
  if (loaded.origins.IPFilter !== "default" || (url === null && recogniseDatabase(path) !== "ours")) return ipFilter;
  try {
    const store = url === null ? openSqliteStore({ path }) : await readPostgresStore(url);
    return await ipFilterOf(loaded, store).finally(() => store.close());
  } catch (error) {
    if (error instanceof StoreError) return ipFilter;
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

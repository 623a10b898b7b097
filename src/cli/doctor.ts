import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { addDays, type Calendar, createCalendar } from "../accounting/calendar.ts";
import { createDarkstatClient, type Snapshot } from "../darkstat/client.ts";
import { DarkstatError } from "../darkstat/error.ts";
import { findDarkstat } from "../darkstat/process.ts";
import { bytesText, shareText } from "../http/readable-text.ts";
import type { LoadedSettings } from "../settings/load.ts";
import { createNameBook } from "../settings/maps.ts";
import { SETTING_KEYS, type Settings } from "../settings/table.ts";
import { damageIn } from "../store/file/check.ts";
import { takeLock } from "../store/file/lock.ts";
import { recogniseDatabase } from "../store/file/recognise.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { type DayBalance, StoreError } from "../store/store.ts";
import { readArguments } from "./arguments.ts";
import { EXIT, type Io } from "./io.ts";
import { settingsOrReport } from "./serve.ts";
import { currentValues } from "./settings-values.ts";

/** One thing that was looked at. What is `bad` needs doing; what is only worth knowing is `note`. */
export interface Finding {
  readonly grade: "well" | "note" | "bad";
  readonly text: string;
  /** One sentence; empty where there is nothing to do. */
  readonly remedy: string;
}

/** darkstat cuts its table at this many hosts, unless started with another --hosts-max. */
const HOSTS_MAX = 1_000;
const MISSED_SHARE = 0.01;
const LEAST_FREE_BYTES = 100_000_000;
const MARKS = { well: "ok  ", note: "note", bad: "BAD " } as const;

/** Looks at everything that can be wrong, and prints each finding with its remedy. @returns 0 when nothing is bad */
export async function doctorCommand(io: Io, args: readonly string[]): Promise<number> {
  readArguments(args, {}, "whitestat doctor", { least: 0, most: 0 });
  const loaded = await settingsOrReport(io);
  if (loaded === null) return EXIT.config;
  const findings = await examine(io, loaded);
  io.stdout.write(`WhiteStat ${io.version}\n\n`);
  for (const { grade, text, remedy } of findings) {
    io.stdout.write(`${MARKS[grade]} ${text}\n${remedy === "" ? "" : `     → ${remedy}\n`}`);
  }
  io.stdout.write(`\nSettings (${loaded.file}):\n`);
  for (const line of settingLines(loaded)) io.stdout.write(`  ${line}\n`);
  const bad = findings.filter(({ grade }) => grade === "bad").length;
  io.stdout.write(bad === 0 ? "\nNothing is wrong.\n" : `\n${bad} ${bad === 1 ? "thing is" : "things are"} wrong.\n`);
  return bad === 0 ? EXIT.ok : EXIT.failed;
}

/** Every finding, in the order in which a person would look. */
export async function examine(io: Io, loaded: LoadedSettings): Promise<Finding[]> {
  const { settings } = loaded;
  const calendar = createCalendar(io.zone(settings.timeZone));
  return [
    ...clockFindings(io, settings, calendar),
    ...(await darkstatFindings(io, settings)),
    ...diskFindings(settings),
    ...(await storeFindings(io, settings, calendar)),
    ...(await settingsFindings(loaded)),
  ];
}

function clockFindings(io: Io, settings: Settings, calendar: Calendar): Finding[] {
  const now = io.clock.now();
  const clock =
    now < io.builtAt
      ? bad(
          `The clock says ${calendar.localText(now)}, which is before this program was built.`,
          "Check that the machine reaches a time server (timedatectl); until then figures are kept in memory.",
        )
      : well(`The clock says ${calendar.localText(now)} (${calendar.zone}).`);
  if (settings.timeZone === null && /^(?:UTC|Etc\/|GMT)/.test(calendar.zone)) {
    return [
      clock,
      note("Days begin and end in UTC.", "Set TZ to your zone, e.g. Europe/Berlin, unless that is meant."),
    ];
  }
  return [clock];
}

async function darkstatFindings(io: Io, settings: Settings): Promise<Finding[]> {
  if (settings.darkstatUrl === null) {
    const program = await findDarkstat(io.env.PATH ?? "");
    return [
      program === null
        ? bad(
            "DARKSTAT_URL is empty, and there is no darkstat on this machine.",
            "Install it (apt install darkstat), or set DARKSTAT_URL.",
          )
        : well(`DARKSTAT_URL is empty: WhiteStat runs ${program} by itself while it serves.`),
    ];
  }
  let client: ReturnType<typeof createDarkstatClient>;
  try {
    client = createDarkstatClient({ url: settings.darkstatUrl, now: () => io.clock.now() });
  } catch (error) {
    return [
      bad(
        `DARKSTAT_URL can't be used: ${messageOf(error)}`,
        "Name darkstat's first page, e.g. http://192.168.1.5:667/.",
      ),
    ];
  }
  try {
    return snapshotFindings(await client.read(io.signal), client.url);
  } catch (error) {
    if (!(error instanceof DarkstatError)) throw error;
    return [bad(`darkstat can't be read: ${error.message}.`, error.remedy)];
  }
}

/** What one reading of darkstat tells. */
export function snapshotFindings(
  { version, interface: iface, hosts, columns, after }: Snapshot,
  url: string,
): Finding[] {
  const findings = [well(`darkstat ${version} answers at ${url}, on ${iface}, with ${hosts.length} hosts.`)];
  if (!columns.mac) {
    findings.push(
      note(
        "darkstat shows no MACs: devices are known by their IP, and a new lease makes a new device.",
        "Start darkstat without --no-macs, on an Ethernet interface.",
      ),
    );
  }
  if (!columns.lastSeen) {
    findings.push(note("darkstat does not show when a host was last seen.", "Start darkstat without --no-lastseen."));
  }
  const missed = after.captured === 0 ? 0 : after.dropped / after.captured;
  const missedText = `darkstat missed ${shareText(missed)} of the packets since it started`;
  findings.push(
    missed > MISSED_SHARE
      ? bad(
          `${missedText}: figures are low by about as much.`,
          "Run darkstat on a faster machine, or give it a filter (-f) so that it sees less.",
        )
      : well(`${missedText}.`),
  );
  findings.push(
    hosts.length >= HOSTS_MAX * 0.8
      ? bad(
          `darkstat lists ${hosts.length} hosts, and at ${HOSTS_MAX} (--hosts-max) it forgets half of them.`,
          "Start darkstat with a larger --hosts-max and --hosts-keep, or with --local-only.",
        )
      : well(`darkstat's table has room: ${hosts.length} of ${HOSTS_MAX} hosts (unless --hosts-max says otherwise).`),
  );
  return findings;
}

function diskFindings({ dataStore }: Settings): Finding[] {
  try {
    accessSync(dataStore, constants.R_OK | constants.W_OK);
    const { bavail, bsize } = statfsSync(dataStore);
    const free = bavail * bsize;
    return [
      free < LEAST_FREE_BYTES
        ? bad(`${dataStore} has only ${bytesText(free)} left.`, "Free some space: nothing is written on a full disk.")
        : well(`${dataStore} can be written, and has ${bytesText(free)} left.`),
    ];
  } catch (error) {
    return [bad(`${dataStore} can't be used: ${messageOf(error)}`, "Let the user that runs WhiteStat write there.")];
  }
}

async function storeFindings(io: Io, settings: Settings, calendar: Calendar): Promise<Finding[]> {
  const path = settings.dbFile;
  const found = recogniseDatabase(path);
  if (found === "empty") return [note(`${path} is not there yet.`, "It is made when WhiteStat starts.")];
  if (found === "legacy") {
    return [
      note(
        `${path} is the database of an older WhiteStat.`,
        "It is taken over when WhiteStat starts; the old file is kept.",
      ),
    ];
  }
  if (found === "foreign") {
    return [bad(`${path} is a database of another program.`, "Set DBFile in WhiteStatConfig.json to another name.")];
  }
  const fault = found === "corrupt" ? "it can't be read as a database" : await damageIn(path);
  if (fault !== null) {
    return [
      bad(
        `${path} is damaged: ${fault}.`,
        "Restart WhiteStat: it sets the file aside and goes on from the latest good backup.",
      ),
    ];
  }
  const size = ["", "-wal"].reduce(
    (sum, suffix) => sum + (statSync(path + suffix, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
  return [
    well(`${path} is sound and takes ${bytesText(size)}.`),
    runningFinding(io, path),
    ...(await historyFindings(io, path, calendar)),
  ];
}

/** Whether somebody holds the lock. Taken only for a moment: who starts meanwhile is told to try again. */
function runningFinding(io: Io, path: string): Finding {
  if (!existsSync(`${path}.lock`)) return note("WhiteStat does not run on this store.", "");
  try {
    takeLock(path, { pid: process.pid, host: hostname(), since: io.clock.now() }).release();
    return note("WhiteStat does not run on this store.", "");
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return error.code === "busy"
      ? well(`WhiteStat runs: ${error.message.slice(error.message.indexOf(": ") + 2)}.`)
      : bad(`${error.message}.`, error.remedy);
  }
}

async function historyFindings(io: Io, path: string, calendar: Calendar): Promise<Finding[]> {
  const store = openSqliteStore({ path });
  try {
    const today = calendar.dayOf(io.clock.now());
    const [range, sources, devices] = [await store.range(), await store.sources(), await store.devices()];
    const findings: Finding[] = [];
    findings.push(
      range === null
        ? note("There are no figures yet.", "They come with the second reading.")
        : well(`There are figures of ${devices.length} devices, from ${range.first} to ${range.last}.`),
    );
    for (const { at } of sources)
      findings.push(well(`The last reading that is saved was at ${calendar.localText(at)}.`));
    for (const balance of await store.balances(addDays(today, -1), today))
      findings.push(balanceFinding(balance), ...missedFindings(balance));
    return findings;
  } finally {
    await store.close();
  }
}

/** Whether what was charged on a day, in each direction, is what darkstat counted. */
export function balanceFinding(balance: DayBalance): Finding {
  const { devices, hidden, routers, remote, group, unlisted, unattributed, counted, day } = balance;
  const sides = [devices, hidden, routers, remote, group, unlisted, unattributed];
  const sum = (side: "in" | "out") => sides.reduce((total, bytes) => total + bytes[side], 0);
  const off = Math.max(Math.abs(counted - sum("in")), Math.abs(counted - sum("out")));
  if (off === 0) return well(`The books of ${day} balance: ${bytesText(counted)}.`);
  return note(
    `The books of ${day} differ by ${bytesText(off)} of ${bytesText(counted)}.`,
    "That is right where darkstat runs with --local-only, or forgets hosts; else please report it.",
  );
}

async function settingsFindings(loaded: LoadedSettings): Promise<Finding[]> {
  const { warnings } = await createNameBook(loaded.settings).reloadIfChanged();
  const all = [...loaded.warnings, ...warnings].map((text) => note(text, ""));
  return all.length > 0 ? all : [well("The settings and the files of names have no faults.")];
}

/** The packets of a day that darkstat missed, as it counted them while we read it. */
function missedFindings({ day, captured, dropped }: DayBalance): Finding[] {
  const share = captured === 0 ? 0 : dropped / captured;
  if (share <= MISSED_SHARE) return [];
  return [
    bad(
      `darkstat missed ${shareText(share)} of the packets of ${day}: its figures are low by about as much.`,
      "Run darkstat on a faster machine, or give it a filter (-f) so that it sees less.",
    ),
  ];
}

/** Every setting with its value and where that comes from; no passwords. */
function settingLines(loaded: LoadedSettings): string[] {
  const values = currentValues(loaded.settings);
  return SETTING_KEYS.map(
    (key) => `${key} = ${values[key] === "" ? "(empty)" : values[key]}  (${loaded.origins[key]})`,
  );
}

function well(text: string): Finding {
  return { grade: "well", text, remedy: "" };
}

function note(text: string, remedy: string): Finding {
  return { grade: "note", text, remedy };
}

function bad(text: string, remedy: string): Finding {
  return { grade: "bad", text, remedy };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { Zone } from "../accounting/calendar.ts";
import { guessedZone, knownZone, zoneNamed } from "../settings/zones.ts";

const DAY_MS = 86_400_000;

/**
 * The process's time zone. Opening sets it, as TZ: for `Date`, for the C library (SQLite's `localtime`) and for programs
 * that are started from here. A process has one: who opens another changes the first.
 * @param configured the zone of the settings; null for the system's
 * @param env the process's own environment, whose TZ is read and set
 * @param root the folder that `etc` and `usr` lie in
 * @throws RangeError when the zone is unknown
 */
export function openZone(configured: string | null, env: NodeJS.ProcessEnv, root = "/"): Zone {
  const known = configured === null ? systemZone(env, root) : knownZone(configured);
  if (known === null) throw new RangeError(`"${configured}" isn't a time zone`);
  const name = configured ?? known;
  const fixed = fixedOffset(known);
  if (fixed !== null) return { name, offsetAt: () => fixed };
  env.TZ = libraryName(known, root);
  return { name, offsetAt };
}

/**
 * The name by which the C library finds the zone, for SQLite and for darkstat. V8 calls some places by former names, such
 * as Asia/Calcutta, and takes any; the library wants a file, which newer systems have under the present name only. Where
 * it finds none it takes UTC for the zone, without a word.
 */
function libraryName(zone: string, root: string): string {
  const folder = join(root, "usr/share/zoneinfo");
  if (existsSync(join(folder, zone))) return zone;
  const links = orNull(() => readFileSync(join(folder, "tzdata.zi"), "utf8")) ?? "";
  const present = links
    .split("\n")
    .find((line) => line.startsWith("L ") && line.endsWith(` ${zone}`))
    ?.split(" ")[1];
  return present !== undefined && existsSync(join(folder, present)) ? present : zone;
}

/** Of a zone such as `+05:30`, which TZ can't say; null of all others. */
function fixedOffset(zone: string): number | null {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(zone) ?? [];
  return sign === undefined ? null : Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

/**
 * `getTimezoneOffset` would be right but for shifts that come in pairs, as Gaza's around Ramadan: V8 remembers answers,
 * and holds all between two instants 19 days apart for the same when those two are. The way from a local time to its
 * instant is not remembered. A time that comes twice leads to the first instant; a time that is skipped to
 * the one that it would be if the clock had not been set.
 */
function offsetAt(instant: number): number {
  const at = Math.floor(instant);
  // From a day before and after: there is one shift between them at most, and neither is ambiguous because of it.
  const before = at - DAY_MS - instantOf(at - DAY_MS);
  const after = at + DAY_MS - instantOf(at + DAY_MS);
  if (before === after) return after;
  return instantOf(at + before) === at && instantOf(at + after) !== at ? before : after;
}

/** The instant of a local time; both in ms since 1970 began, there. */
function instantOf(local: number): number {
  return new Date(1970, 0, 1, 0, 0, 0, local).getTime();
}

/** The system's zone, by what decides it for every program: TZ, else /etc/localtime, else UTC. */
function systemZone(env: NodeJS.ProcessEnv, root: string): string {
  const named = zoneNamed(env.TZ ?? "");
  const known = named === null ? null : knownZone(named);
  if (known !== null) return known;
  // It says nothing, or nonsense that would mislead the guess below.
  delete env.TZ;
  const file = orNull(() => realpathSync(join(root, "etc/localtime")));
  if (file === null) return "UTC";
  const linked = /\/zoneinfo\/(?:posix\/|right\/)?(.+)$/.exec(file)?.[1] ?? copiedZone(file, root);
  return (linked === null ? null : knownZone(linked)) ?? guessedZone() ?? "UTC";
}

/** /etc/timezone's zone, if it is that zone's file that was copied: in a container the two may be of two machines. */
function copiedZone(copy: string, root: string): string | null {
  return orNull(() => {
    const name = readFileSync(join(root, "etc/timezone"), "utf8").trim();
    const original = readFileSync(join(root, "usr/share/zoneinfo", name));
    return original.equals(readFileSync(copy)) ? name : null;
  });
}

/** Of a file that may not be there, or not be readable. */
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

import type { Calendar } from "../accounting/calendar.ts";
import { cleanName } from "../shared/clean-name.ts";
import { dayNumber, isStoredDay } from "../store/day-text.ts";

/**
 * What the cells of an old store say. Every reader takes a cell as SQLite gave it (integers as bigint) and returns null
 * for what makes no sense; nothing here throws.
 */
export type Cell = string | number | bigint | Uint8Array | null;

/**
 * 70 TB in one row: 6.5 Gbit/s in one direction for a whole day. What is above makes no sense, and what is below can be
 * added up over a history without leaving the whole numbers that are exact (2^53).
 */
export const MOST_BYTES = 2 ** 46;
const MS_PER_DAY = 86_400_000;

/** Bytes of a figure in KB (1024 bytes), as SQLite's `round(kb * 1024)`; null when it is no amount. */
export function bytesOfKb(cell: Cell): number | null {
  const kb = typeof cell === "bigint" ? Number(cell) : cell;
  if (typeof kb !== "number" || !Number.isFinite(kb) || kb < 0) return null;
  const bytes = kb * 1024;
  if (bytes > MOST_BYTES) return null;
  return Number.isInteger(bytes) ? bytes : Math.floor(bytes + 0.5);
}

/** What is wrong with a figure that is no amount, in a word that the report counts by. */
export function faultOfKb(cell: Cell): "no number" | "negative" | "absurd" {
  const kb = typeof cell === "bigint" ? Number(cell) : cell;
  if (typeof kb !== "number" || Number.isNaN(kb)) return "no number";
  return kb < 0 ? "negative" : "absurd";
}

/** A reader of DATE cells (`2021-01-30 00:00:00`, `2021-10-01T00:00:00.000`, `2021-01-30`) as stored days. */
export function dayReader(): (cell: Cell) => number | null {
  const known = new Map<string, number | null>();
  return (cell) => {
    if (typeof cell !== "string") return null;
    let day = known.get(cell);
    if (day === undefined) {
      day = parseDay(cell);
      if (known.size < 100_000) known.set(cell, day);
    }
    return day;
  };
}

function parseDay(text: string): number | null {
  const [, day] = /^\s*(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?\s*$/.exec(text) ?? [];
  return day !== undefined && isStoredDay(day) ? dayNumber(day) : null;
}

/** What a LastSeen cell says: an instant (ms UTC), nothing (`null`), or something that can't be read (`"unreadable"`). */
export type Seen = number | null | "unreadable";

/**
 * A reader of LastSeen cells. Texts are local times, with a space or a `T`, with or without fractions; one with an offset
 * is taken by it. Seconds (version 2) are darkstat's "so long ago", at the last reading of the row's day: its end, or for
 * a day that has not ended the moment at which the file was written last.
 */
export function seenReader(calendar: Calendar, writtenAt: number): (cell: Cell, day: number) => Seen {
  const instantOf = localReader(calendar);
  const ends = new Map<number, number>();
  const endOf = (day: number) => {
    let end = ends.get(day);
    if (end === undefined) {
      const text = new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
      end = Math.min(calendar.slotsOf(text).at(-1)?.to ?? writtenAt, Math.max(writtenAt, day * MS_PER_DAY));
      ends.set(day, end);
    }
    return end;
  };
  return (cell, day) => {
    if (cell === null || cell === "" || cell === "(never)" || cell === "(none)" || cell === "NaT" || cell === "nan") {
      return null;
    }
    // The column's default in the original, for a host that never sent.
    if (cell === "0" || cell === 0n || cell === 0) return null;
    if (typeof cell === "bigint" || typeof cell === "number") {
      const seconds = Number(cell);
      return seconds > 0 && seconds < 10 * 365 * 86_400 ? endOf(day) - Math.round(seconds) * 1000 : "unreadable";
    }
    return typeof cell === "string" ? (instantOf(cell) ?? "unreadable") : "unreadable";
  };
}

const LOCAL = /^\s*(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?\s*$/;

/** Instants of local times. The zone is asked once a day; of an hour that comes twice, the first is meant. */
function localReader(calendar: Calendar): (text: string) => number | null {
  let lastDay = "";
  let midnight = 0;
  let isPlain = true;
  return (text) => {
    const match = LOCAL.exec(text);
    if (!match) return null;
    const [, day = "", hour = "", minute = "", second = "", offset] = match;
    if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return null;
    if (day !== lastDay && !isStoredDay(day)) return null;
    if (offset !== undefined) {
      const at = Date.parse(`${day}T${hour}:${minute}:${second}${offset}`);
      return Number.isNaN(at) ? null : at;
    }
    if (day !== lastDay) {
      const slots = calendar.slotsOf(day);
      midnight = slots[0]?.from ?? Date.parse(`${day}T00:00:00Z`);
      isPlain = (slots.at(-1)?.to ?? 0) - midnight === MS_PER_DAY;
      lastDay = day;
    }
    const plain = midnight + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000;
    if (isPlain) return plain;
    const wanted = `${day} ${hour}:${minute}:${second}`;
    const shifts = [3_600_000, 0, -3_600_000, 1_800_000, -1_800_000];
    const found = shifts.map((shift) => plain - shift).filter((at) => calendar.localText(at) === wanted);
    return found.length > 0 ? Math.min(...found) : plain;
  };
}

/** Longest name that DNS allows. */
const NAME_LENGTH = 255;

/** A name, cleaned as one that is seen live; null where the original had none. */
export function nameOf(cell: Cell): string | null {
  if (typeof cell !== "string") return null;
  const name = cleanName(cell, NAME_LENGTH);
  return name === "" || /^(?:\(none\)|\(link-local\)|\(site-local\)|\(multicast\)|none|nan|null)$/i.test(name)
    ? null
    : name;
}

/** What an instant or a day of a history may be, judged by when it was read. */
export interface Limits {
  /** The last day that may be, as stored. */
  readonly lastDay: number;
  /** The last instant, ms UTC. */
  readonly lastInstant: number;
}

/**
 * Days up to tomorrow: a machine without a clock chip may be a day behind when it starts. Where the history was written
 * later than the clock says, the clock is the one that is wrong.
 */
export function limitsOf(now: number, writtenAt: number): Limits {
  const lastInstant = Math.max(now, writtenAt) + MS_PER_DAY;
  return { lastDay: Math.floor(lastInstant / MS_PER_DAY) + 1, lastInstant };
}

/** Whether a day of a history is one that may be. */
export function isDayWithin(day: number, { lastDay }: Limits): boolean {
  return day >= 0 && day <= lastDay;
}

/** Whether an instant (ms UTC) is one that may be. */
export function isInstantWithin(at: number, { lastInstant }: Limits): boolean {
  return at > 0 && at <= lastInstant;
}

/** A cell as it can be kept in JSON, so that nothing that was rejected is lost. */
export function cellText(cell: Cell): string | number | null {
  if (cell === null || typeof cell === "string") return cell;
  if (typeof cell === "bigint") return cell.toString();
  if (typeof cell === "number") return Number.isFinite(cell) ? cell : String(cell);
  return `0x${Buffer.from(cell.buffer, cell.byteOffset, Math.min(cell.byteLength, 256)).toString("hex")}`;
}

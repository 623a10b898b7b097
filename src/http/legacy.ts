import type { Context, Hono } from "hono";
import { addDays, type Calendar, daysBetween } from "../accounting/calendar.ts";
import type { Day } from "../accounting/types.ts";
import type { Store } from "../store/store.ts";
import { hasIt } from "./etag.ts";
import { jsonFormat, type LegacyFormat, tableFormat } from "./legacy-format.ts";
import { createRowReader, type LegacyStore } from "./legacy-rows.ts";
import { createLocalText } from "./local-text.ts";
import { createPiece } from "./piece.ts";
import { type DayRange, readRange } from "./ranges.ts";
import { createRemembered, type Remembered } from "./remembered.ts";

/** From so many days on an answer is streamed. */
const STREAMED_DAYS = 31;
const DAYS_AT_A_TIME = 4;

export interface LegacyDeps {
  readonly store: LegacyStore & Pick<Store, "range" | "revision">;
  readonly calendar: Calendar;
  readonly now: () => number;
  readonly nameOf: (key: string) => string | null;
  readonly lanSegments: () => readonly string[];
}

/**
 * The endpoints of WhiteStat 1 to 11 that Excel and Power BI queries read. Where they erred they aren't followed:
 * no rows are an empty table and not another format, a bad date is an error.
 */
export function mountLegacy(site: Hono, deps: LegacyDeps): void {
  const localText = createLocalText(deps.calendar);
  const remembered = createRemembered(async () => {
    // A name that somebody gave is in no store.
    const names = (await deps.store.devices()).map(({ key }) => deps.nameOf(key) ?? "");
    return `${await deps.store.revision()} ${JSON.stringify(names)}`;
  });
  const formats: [string, () => LegacyFormat][] = [
    ["json", () => jsonFormat(localText)],
    ["table", () => tableFormat(localText)],
  ];
  for (const [path, format] of formats) {
    site.get(`/${path}`, (c) => {
      const today = deps.calendar.dayOf(deps.now());
      return answer(c, deps, { from: today, to: today }, format(), remembered);
    });
    site.get(`/${path}/history`, (c) => {
      const range = readRange(c.req.query("start"), c.req.query("end"), deps.calendar.dayOf(deps.now()));
      return answer(c, deps, range, format(), remembered);
    });
  }
  site.get("/json/lansegments", (c) => {
    c.header("Cache-Control", "no-cache");
    return c.json(deps.lanSegments());
  });
}

/** Whether remote hosts are wanted: they are unless `includePublicIP` says no, in any of the words for it. */
function wantsRemote(c: Context): boolean {
  return !/^(?:no|false|0|off)$/i.test(c.req.query("includePublicIP")?.trim() ?? "");
}

/** Answers of a range that is short enough to be made in one piece, as long as nothing changes; a longer one is streamed. */
async function answer(
  c: Context,
  deps: LegacyDeps,
  range: DayRange,
  format: LegacyFormat,
  remembered: Remembered,
): Promise<Response> {
  const withRemote = wantsRemote(c);
  c.header("Content-Type", format.contentType);
  c.header("Cache-Control", "no-cache");

  if (daysBetween(range.from, range.to) >= STREAMED_DAYS) {
    // Read on when the client took the piece before: a slow client costs no memory.
    return c.body(ReadableStream.from(piecesOf(deps, await knownPart(deps.store, range), withRemote, format)));
  }
  const key = `${range.from} ${range.to} ${withRemote} ${format.contentType}`;
  const made = await remembered(key, async () => {
    const pieces: Uint8Array[] = [];
    for await (const piece of piecesOf(deps, range, withRemote, format)) pieces.push(piece);
    return new Uint8Array(Buffer.concat(pieces));
  });
  return hasIt(c, made.etag) ? c.body(null, 304) : c.body(made.body);
}

/** The part of a range that may have figures; null when nothing was ever measured. */
async function knownPart(store: Pick<Store, "range">, range: DayRange): Promise<DayRange | null> {
  const known = await store.range();
  return known && { from: later(range.from, known.first), to: earlier(range.to, known.last) };
}

function earlier(a: Day, b: Day): Day {
  return a < b ? a : b;
}

function later(a: Day, b: Day): Day {
  return a < b ? b : a;
}

/**
 * An answer in pieces, the latest days first. Few days are read at a time, and each row is put where it goes out as soon
 * as it is written: what is garbage while it is young costs the collector nothing, which halves the time of a long answer.
 */
async function* piecesOf(
  deps: LegacyDeps,
  range: DayRange | null,
  withRemote: boolean,
  format: LegacyFormat,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const piece = createPiece();
  piece.add(format.head);
  let count = 0;
  const read = createRowReader(deps.store, deps.nameOf, withRemote);
  for (let to = range?.to ?? ""; range && to >= range.from; to = addDays(to, -DAYS_AT_A_TIME)) {
    for (const row of await read({ from: later(range.from, addDays(to, 1 - DAYS_AT_A_TIME)), to })) {
      const text = format.row(row, count);
      count += 1;
      if (piece.add(text)) continue;
      yield piece.take();
      piece.add(text);
    }
  }
  if (!piece.add(format.tail)) {
    yield piece.take();
    piece.add(format.tail);
  }
  yield piece.take();
}

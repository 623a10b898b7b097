import { addDays, type Calendar, daysBetween } from "../accounting/calendar.ts";
import type { Day } from "../accounting/types.ts";
import type { Store } from "../store/store.ts";
import { hasIt } from "./etag.ts";
import { type Answer, type Ask, jsonAnswer } from "./exchange.ts";
import { JSON_FORMAT, type LegacyFormat, TABLE_FORMAT } from "./legacy-format.ts";
import { createRowReader, type LegacyStore } from "./legacy-rows.ts";
import { createRowWriter, type RowWriter } from "./legacy-writer.ts";
import { createLocalText } from "./local-text.ts";
import { createPiece } from "./piece.ts";
import { type DayRange, rangeIn } from "./ranges.ts";
import { createRemembered, type Remembered } from "./remembered.ts";
import type { Route } from "./router.ts";

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
export function legacyRoutes(deps: LegacyDeps): Route[] {
  const localText = createLocalText(deps.calendar);
  let known: { readonly revision: number; readonly keys: readonly string[] } | null = null;
  const remembered = createRemembered(async () => {
    const revision = await deps.store.revision();
    if (known?.revision !== revision) known = { revision, keys: (await deps.store.devices()).map(({ key }) => key) };
    // A name that somebody gave is in no store.
    return `${revision} ${JSON.stringify(known.keys.map((key) => deps.nameOf(key)))}`;
  });
  const today = () => deps.calendar.dayOf(deps.now());
  const routesOf = (path: string, format: LegacyFormat): Route[] => {
    const answer = (ask: Ask, range: DayRange) =>
      answerOf(ask, range, deps, { format, writer: () => createRowWriter(format, localText) }, remembered);
    return [
      { method: "GET", path, handle: (ask) => answer(ask, { from: today(), to: today() }) },
      { method: "GET", path: `${path}/history`, handle: (ask) => answer(ask, rangeIn(ask, today())) },
    ];
  };
  return [
    ...routesOf("/json", JSON_FORMAT),
    ...routesOf("/table", TABLE_FORMAT),
    {
      method: "GET",
      path: "/json/lansegments",
      handle: () => jsonAnswer(deps.lanSegments(), { "cache-control": "no-cache" }),
    },
  ];
}

/** A format, and what writes rows in it, for one answer. */
interface Form {
  readonly format: LegacyFormat;
  readonly writer: () => RowWriter;
}

/** Whether remote hosts are wanted: they are unless `includePublicIP` says no, in any of the words for it. */
function wantsRemote(ask: Ask): boolean {
  return !/^(?:no|false|0|off)$/i.test(ask.query().includePublicIP?.trim() ?? "");
}

/** Answers of a range that is short enough to be made in one piece, as long as nothing changes; a longer one is streamed. */
async function answerOf(
  ask: Ask,
  range: DayRange,
  deps: LegacyDeps,
  form: Form,
  remembered: Remembered,
): Promise<Answer> {
  const { format } = form;
  const withRemote = wantsRemote(ask);
  const headers = { "content-type": format.contentType, "cache-control": "no-cache" };
  if (daysBetween(range.from, range.to) >= STREAMED_DAYS) {
    // Read on when the client took the piece before: a slow client costs no memory.
    const body = piecesOf(deps, await knownPart(deps.store, range), withRemote, form);
    return { status: 200, headers, body };
  }
  const key = `${range.from} ${range.to} ${withRemote} ${format.contentType}`;
  const { body, etag } = await remembered(key, async () => {
    const pieces: Uint8Array[] = [];
    for await (const piece of piecesOf(deps, range, withRemote, form)) pieces.push(Uint8Array.from(piece));
    return Buffer.concat(pieces);
  });
  const tagged = { ...headers, etag };
  return hasIt(ask, etag) ? { status: 304, headers: tagged, body: null } : { status: 200, headers: tagged, body };
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
  { format, writer }: Form,
): AsyncGenerator<Uint8Array> {
  const piece = createPiece();
  piece.add(format.head);
  let count = 0;
  const reader = createRowReader(deps.store, deps.nameOf, withRemote);
  const write = writer();
  for (let to = range?.to ?? ""; range && to >= range.from; to = addDays(to, -DAYS_AT_A_TIME)) {
    for (const row of await reader.read({ from: later(range.from, addDays(to, 1 - DAYS_AT_A_TIME)), to })) {
      const named = reader.namedIn(row);
      if (!write(piece, row, named, count)) {
        yield piece.take();
        write(piece, row, named, count);
      }
      count += 1;
    }
  }
  if (!piece.add(format.tail)) {
    yield piece.take();
    piece.add(format.tail);
  }
  yield piece.take();
}

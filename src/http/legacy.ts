import { addDays, type Calendar, daysBetween } from "../accounting/calendar.ts";
import type { Day } from "../accounting/types.ts";
import type { Store } from "../store/store.ts";
import { createChunkBuffer } from "./chunk.ts";
import { etagMatches } from "./etag.ts";
import { type HttpRequest, type HttpResponse, jsonResponse } from "./exchange.ts";
import { JSON_FORMAT, type LegacyFormat, TABLE_FORMAT } from "./legacy-format.ts";
import { createRowReader, type LegacyStore } from "./legacy-rows.ts";
import { createRowWriter, type RowWriter } from "./legacy-writer.ts";
import { createLocalText } from "./local-text.ts";
import { type DayRange, rangeIn } from "./ranges.ts";
import { createResponseCache, type ResponseCache } from "./response-cache.ts";
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
  const cached = createResponseCache(async () => {
    const revision = await deps.store.revision();
    if (known?.revision !== revision) known = { revision, keys: (await deps.store.devices()).map(({ key }) => key) };
    // A name that somebody gave is in no store.
    return `${revision} ${JSON.stringify(known.keys.map((key) => deps.nameOf(key)))}`;
  });
  const today = () => deps.calendar.dayOf(deps.now());
  const routesOf = (path: string, format: LegacyFormat): Route[] => {
    const respond = (request: HttpRequest, range: DayRange) =>
      responseOf(request, range, deps, { format, writer: () => createRowWriter(format, localText) }, cached);
    return [
      { method: "GET", path, handle: (request) => respond(request, { from: today(), to: today() }) },
      { method: "GET", path: `${path}/history`, handle: (request) => respond(request, rangeIn(request, today())) },
    ];
  };
  return [
    ...routesOf("/json", JSON_FORMAT),
    ...routesOf("/table", TABLE_FORMAT),
    {
      method: "GET",
      path: "/json/lansegments",
      handle: () => jsonResponse(deps.lanSegments(), { "cache-control": "no-cache" }),
    },
  ];
}

/** A format, and what writes rows in it, for one answer. */
interface Form {
  readonly format: LegacyFormat;
  readonly writer: () => RowWriter;
}

/** Whether remote hosts are wanted: they are unless `includePublicIP` says no, in any of the words for it. */
function wantsRemote(request: HttpRequest): boolean {
  return !/^(?:no|false|0|off)$/i.test(request.query().includePublicIP?.trim() ?? "");
}

/** Answers of a range that is short enough to be made at once are cached until something changes; a longer one is streamed. */
async function responseOf(
  request: HttpRequest,
  range: DayRange,
  deps: LegacyDeps,
  form: Form,
  cached: ResponseCache,
): Promise<HttpResponse> {
  const { format } = form;
  const withRemote = wantsRemote(request);
  const headers = { "content-type": format.contentType, "cache-control": "no-cache" };
  if (daysBetween(range.from, range.to) >= STREAMED_DAYS) {
    // Read on when the client took the chunk before: a slow client costs no memory.
    const body = chunksOf(deps, await knownPart(deps.store, range), withRemote, form);
    return { status: 200, headers, body };
  }
  const key = `${range.from} ${range.to} ${withRemote} ${format.contentType}`;
  const { body, etag } = await cached(key, async () => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of chunksOf(deps, range, withRemote, form)) chunks.push(Uint8Array.from(chunk));
    return Buffer.concat(chunks);
  });
  const tagged = { ...headers, etag };
  return etagMatches(request, etag)
    ? { status: 304, headers: tagged, body: null }
    : { status: 200, headers: tagged, body };
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
 * An answer in chunks, the latest days first. Few days are read at a time, and each row is put where it goes out as soon
 * as it is written: what is garbage while it is young costs the collector nothing, which halves the time of a long answer.
 */
async function* chunksOf(
  deps: LegacyDeps,
  range: DayRange | null,
  withRemote: boolean,
  { format, writer }: Form,
): AsyncGenerator<Uint8Array> {
  const chunk = createChunkBuffer();
  chunk.add(format.head);
  let count = 0;
  const reader = createRowReader(deps.store, deps.nameOf, withRemote);
  const write = writer();
  for (let to = range?.to ?? ""; range && to >= range.from; to = addDays(to, -DAYS_AT_A_TIME)) {
    for (const row of await reader.read({ from: later(range.from, addDays(to, 1 - DAYS_AT_A_TIME)), to })) {
      const named = reader.namedIn(row);
      if (!write(chunk, row, named, count)) {
        yield chunk.take();
        write(chunk, row, named, count);
      }
      count += 1;
    }
  }
  if (!chunk.add(format.tail)) {
    yield chunk.take();
    chunk.add(format.tail);
  }
  yield chunk.take();
}

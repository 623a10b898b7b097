import { addDays, type Calendar } from "../accounting/calendar.ts";
import type { HouseholdBook } from "../household/book.ts";
import type { Store } from "../store/store.ts";
import { createDataVersion, type DataVersion, versionTag } from "./data-version.ts";
import { etagMatches } from "./etag.ts";
import { nextTurn } from "./event-loop.ts";
import { type HttpRequest, type HttpResponse, jsonResponse } from "./exchange.ts";
import type { LearntNames } from "./learnt-names.ts";
import { JSON_FORMAT, type LegacyCells, type LegacyFormat, TABLE_FORMAT } from "./legacy-format.ts";
import { createRowReader, type LegacyRow, type LegacyStore, type Named } from "./legacy-rows.ts";
import { createLocalText } from "./local-text.ts";
import { type DayRange, earlier, later, rangeIn } from "./ranges.ts";
import { createResponseCache, type ResponseCache } from "./response-cache.ts";
import type { Route } from "./router.ts";

/** What is longer is sent while it is read. */
const WHOLE_BYTES = 1_000_000;
const DAYS_AT_A_TIME = 4;
const ROWS_AT_A_TIME = 50;

export interface LegacyDeps {
  readonly store: LegacyStore & Pick<Store, "range" | "revision">;
  readonly calendar: Calendar;
  readonly now: () => number;
  readonly nameOf: (key: string) => string | null;
  readonly learnt: Pick<LearntNames, "revision">;
  readonly household: Pick<HouseholdBook, "version">;
  readonly lanSegments: () => readonly string[];
}

/** What the responses of all old endpoints share. */
interface Shared extends LegacyDeps {
  readonly version: DataVersion;
  readonly cache: ResponseCache;
  readonly localText: (at: number) => string;
}

/**
 * The endpoints of WhiteStat 1 to 11 that Excel and Power BI queries read. Where they erred they aren't followed:
 * no rows are an empty table and not another format, a bad date is an error.
 */
export function legacyRoutes(deps: LegacyDeps): Route[] {
  const shared = {
    ...deps,
    version: createDataVersion({ ...deps, startedAt: deps.now() }),
    cache: createResponseCache(),
    localText: createLocalText(deps.calendar),
  };
  const today = () => deps.calendar.dayOf(deps.now());
  const routesOf = (path: string, format: LegacyFormat): Route[] => [
    { method: "GET", path, handle: (request) => responseOf(request, { from: today(), to: today() }, shared, format) },
    {
      method: "GET",
      path: `${path}/history`,
      handle: (request) => responseOf(request, rangeIn(request, today()), shared, format),
    },
  ];
  return [
    ...routesOf("/json", JSON_FORMAT),
    ...routesOf("/table", TABLE_FORMAT),
    {
      method: "GET",
      path: "/json/lansegments",
      light: true,
      handle: () => jsonResponse(deps.lanSegments(), { "cache-control": "no-cache" }),
    },
  ];
}

/** Whether remote hosts are wanted: they are unless `includePublicIP` says no, in any of the words for it. */
function wantsRemote(request: HttpRequest): boolean {
  return !/^(?:no|false|0|off)$/i.test(request.query().get("includePublicIP")?.trim() ?? "");
}

/** A short response is made as a whole and kept until something changes; a long one is sent while it is read. */
async function responseOf(
  request: HttpRequest,
  range: DayRange,
  shared: Shared,
  format: LegacyFormat,
): Promise<HttpResponse> {
  const withRemote = wantsRemote(request);
  const key = `${range.from} ${range.to} ${withRemote} ${format.contentType}`;
  const version = await shared.version();
  const etag = versionTag(version, key);
  const headers = { "content-type": format.contentType, "cache-control": "no-cache", etag };
  if (etagMatches(request, etag)) return { status: 304, headers, body: null };
  if (request.method === "HEAD") return { status: 200, headers, body: null };

  let rest: AsyncIterable<Uint8Array> | null = null;
  let holds = 0;
  const whole = await shared.cache(version, key, async () => {
    const chunks = chunksOf(shared, await knownPart(shared.store, range), withRemote, format);
    const first: Uint8Array[] = [];
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
      first.push(next.value);
      holds += next.value.length;
      // A day may have more rows than a part of the work should.
      await nextTurn();
      if (holds <= WHOLE_BYTES) continue;
      rest = chained(first, chunks);
      return null;
    }
    return Buffer.concat(first);
  });
  return { status: 200, headers, body: whole ?? rest, holds };
}

async function* chained(first: Uint8Array[], rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* first.splice(0);
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

/** The part of a range that may have figures; null when nothing was ever measured. */
async function knownPart(store: Pick<Store, "range">, range: DayRange): Promise<DayRange | null> {
  const known = await store.range();
  return known && { from: later(range.from, known.first), to: earlier(range.to, known.last) };
}

/** A response in chunks, the latest days first. Few days are read at a time, and only when the chunks before were taken. */
async function* chunksOf(
  { store, nameOf, localText }: Shared,
  range: DayRange | null,
  withRemote: boolean,
  format: LegacyFormat,
): AsyncGenerator<Uint8Array> {
  const reader = createRowReader(store, nameOf, withRemote);
  yield Buffer.from(format.head);
  let count = 0;
  for (let to = range?.to ?? ""; range && to >= range.from; to = addDays(to, -DAYS_AT_A_TIME)) {
    const rows = await reader.read({ from: later(range.from, addDays(to, 1 - DAYS_AT_A_TIME)), to });
    for (let first = 0; first < rows.length; first += ROWS_AT_A_TIME) {
      const some = rows.slice(first, first + ROWS_AT_A_TIME).map((row) => cellsOf(row, reader.namedIn(row), localText));
      // Bytes at once: a text that grows over many rows would outlive the collector's young generation.
      yield Buffer.from(format.rows(some, count));
      count += some.length;
    }
    await nextTurn();
  }
  yield Buffer.from(format.tail);
}

/** What the original shows where there is no name (and we where there is no MAC). */
const NOTHING = "(none)";

function cellsOf(row: LegacyRow, { mac, hostname }: Named, localText: (at: number) => string): LegacyCells {
  return [
    row.ip,
    mac ?? NOTHING,
    hostname ?? NOTHING,
    row.seenAt === null ? null : localText(row.seenAt),
    kilobytes(row.in),
    kilobytes(row.out),
    `${row.day} 00:00:00`,
    kilobytes(row.counterIn),
    kilobytes(row.counterOut),
  ];
}

/** Bytes as the original's KB: 1024 bytes, two decimals. */
function kilobytes(bytes: number): number {
  return Math.round((bytes * 100) / 1024) / 100;
}

import type { Context, Hono } from "hono";
import { addDays, type Calendar, daysBetween } from "../accounting/calendar.ts";
import type { Day } from "../accounting/types.ts";
import type { Store } from "../store/store.ts";
import { etagOf, hasIt } from "./etag.ts";
import { jsonFormat, type LegacyFormat, tableFormat } from "./legacy-format.ts";
import { type LegacyStore, legacyRows } from "./legacy-rows.ts";
import { createLocalText } from "./local-text.ts";
import { type DayRange, readRange } from "./ranges.ts";

/** Days that are read and written at a time. */
const CHUNK_DAYS = 31;

export interface LegacyDeps {
  readonly store: LegacyStore & Pick<Store, "range">;
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
  const formats: [string, () => LegacyFormat][] = [
    ["json", () => jsonFormat(localText)],
    ["table", () => tableFormat(localText)],
  ];
  for (const [path, format] of formats) {
    site.get(`/${path}`, (c) => {
      const today = deps.calendar.dayOf(deps.now());
      return answer(c, deps, { from: today, to: today }, format());
    });
    site.get(`/${path}/history`, (c) => {
      const range = readRange(c.req.query("start"), c.req.query("end"), deps.calendar.dayOf(deps.now()));
      return answer(c, deps, range, format());
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

async function answer(c: Context, deps: LegacyDeps, range: DayRange, format: LegacyFormat): Promise<Response> {
  const withRemote = wantsRemote(c);
  const chunks = await chunksOf(deps.store, range);
  const read = (chunk: DayRange) => legacyRows(deps.store, deps.nameOf, chunk, withRemote);
  c.header("Content-Type", format.contentType);
  c.header("Cache-Control", "no-cache");

  const [only] = chunks;
  if (chunks.length > 1) return c.body(streamOf(chunks, read, format));
  const rows = only ? await read(only) : [];
  const body = format.head + format.rows(rows, 0) + format.tail;
  return hasIt(c, etagOf(body)) ? c.body(null, 304) : c.body(body);
}

/** Cuts a range into months or so, the latest first. A long one is first cut to the days that have figures. */
async function chunksOf(store: Pick<Store, "range">, range: DayRange): Promise<DayRange[]> {
  if (daysBetween(range.from, range.to) < CHUNK_DAYS) return [range];
  const known = await store.range();
  if (!known) return [];
  const from = later(range.from, known.first);
  const chunks: DayRange[] = [];
  for (let to = earlier(range.to, known.last); to >= from; to = addDays(to, -CHUNK_DAYS)) {
    chunks.push({ from: later(from, addDays(to, 1 - CHUNK_DAYS)), to });
  }
  return chunks;
}

function earlier(a: Day, b: Day): Day {
  return [a, b].sort()[0] ?? a;
}

function later(a: Day, b: Day): Day {
  return [a, b].sort()[1] ?? b;
}

/** Reads a chunk when the client took the one before: a slow client costs no memory. */
function streamOf(
  chunks: readonly DayRange[],
  read: (chunk: DayRange) => ReturnType<typeof legacyRows>,
  format: LegacyFormat,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  async function* pieces() {
    let count = 0;
    yield encoder.encode(format.head);
    for (const chunk of chunks) {
      const rows = await read(chunk);
      if (rows.length > 0) yield encoder.encode(format.rows(rows, count));
      count += rows.length;
    }
    yield encoder.encode(format.tail);
  }
  return ReadableStream.from(pieces());
}

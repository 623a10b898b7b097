import { readdirSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { normaliseMac } from "../../src/accounting/address.ts";
import { decodePage } from "../../src/meters/darkstat/decode.ts";
import { DarkstatError } from "../../src/meters/darkstat/error.ts";
import {
  createHostsParser,
  type HostsPage,
  parseFront,
  parseHosts,
  parseSeries,
} from "../../src/meters/darkstat/parse.ts";
import { UNSAFE_CHARACTERS } from "../../src/shared/untrusted-text.ts";
import { createRandom, pick, type Random, stopwatch } from "./random.ts";

const FIXTURES = join(import.meta.dirname, "../../src/meters/darkstat/fixtures");
const AT = Date.UTC(2026, 10, 26, 12);
/** More processor time than this no page of some ten kilobytes may take. */
const MOST_MS = 2_000;

/** What a page did that no page may do. */
export interface Finding {
  readonly page: number;
  readonly form: string;
  readonly why: string;
}

interface Sample {
  readonly form: string;
  readonly name: string;
  readonly bytes: Buffer;
}

/** What real darkstats of seven kinds said. */
function samples(): Sample[] {
  return readdirSync(FIXTURES)
    .filter((kind) => kind !== "tls")
    .flatMap((kind) =>
      readdirSync(join(FIXTURES, kind))
        .filter((name) => /\.(?:html|xml)$/.test(name))
        .map((name) => ({ form: `${kind}/${name}`, name, bytes: readFileSync(join(FIXTURES, kind, name)) })),
    );
}

/** What breaks parsers: ends of what they look for, numbers that are none, names that are more than names. */
const PIECES = [
  "</td>",
  "<td>",
  "</tr>",
  "<tr>",
  "</table>",
  "<table>",
  '<td class="num">',
  "</tr>\n<tr>",
  "\0",
  "\r\n",
  "\xff\xfe",
  "é",
  "\u202e",
  "\x1b[2J",
  "-1",
  "18446744073709551616",
  "9007199254740993",
  "1e9",
  "0x1f",
  "(1-2 of 2)",
  "ff:ff:ff:ff:ff:ff",
  "::ffff:1.2.3.4",
  "fe80::1%eth0",
  "256.1.1.1",
  "<script>alert(1)</script>",
  "&#x3c;",
  "Error: ",
  "(never)",
  "99999999999 days, 1 sec",
  '<h2 class="pageheader">Hosts</h2>',
] as const;

function mutate({ bytes: sound }: Sample, random: Random): Buffer {
  let bytes = Buffer.from(sound);
  const place = () => random(bytes.length + 1);
  const splice = (at: number, removed: number, more: Uint8Array) => {
    bytes = Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(Math.min(bytes.length, at + removed))]);
  };
  const rows = () => [...bytes.toString("latin1").matchAll(/<tr[\s\S]*?<\/tr>|<e [^>]*>/g)];
  const ways = [
    () => {
      for (let n = random(30); n >= 0; n -= 1) if (bytes.length > 0) bytes[random(bytes.length)] = random(256);
    },
    () => splice(place(), 0, Buffer.from(pick(random, PIECES), random(2) === 0 ? "utf8" : "latin1")),
    () => splice(place(), random(40), Buffer.from(pick(random, PIECES))),
    () => splice(place(), random(2_000), Buffer.alloc(0)),
    () => {
      bytes = bytes.subarray(0, place());
    },
    () => {
      const from = place();
      splice(place(), 0, Buffer.from(bytes.subarray(from, from + random(3_000))));
    },
    // A row twice, a row elsewhere, a row less.
    () => {
      const all = rows();
      if (all.length === 0) return;
      const row = pick(random, all);
      splice(random(2) === 0 ? pick(random, all).index : place(), 0, Buffer.from(row[0], "latin1"));
    },
    () => {
      const all = rows();
      if (all.length > 0) {
        const row = pick(random, all);
        splice(row.index, row[0].length, Buffer.alloc(0));
      }
    },
    // The inside of a cell.
    () => {
      const cells = [...bytes.toString("latin1").matchAll(/>([^<]+)</g)];
      if (cells.length === 0) return;
      const cell = pick(random, cells);
      const text = random(3) === 0 ? "x".repeat(random(5_000)) : pick(random, PIECES).repeat(1 + random(3));
      splice(cell.index + 1, random(2) * (cell[1]?.length ?? 0), Buffer.from(text));
    },
  ];
  for (let n = random(4); n >= 0; n -= 1) pick(random, ways)();
  return bytes;
}

/** Reads mutated pages from `first` on, as the product does. What is found names a page by its number, which with the seed makes it again. */
export function fuzzPages(options: {
  readonly seed: number;
  readonly first: number;
  readonly pages: number;
}): Finding[] {
  const { seed, first, pages } = options;
  const all = samples();
  const remembering = createHostsParser();
  const findings: Finding[] = [];
  for (let page = first; page < first + pages; page += 1) {
    const random = createRandom(seed * 1_000_003 + page);
    const sample = pick(random, all);
    const bytes = mutate(sample, random);
    const watch = stopwatch();
    const why = faultOf(sample.name, bytes, remembering);
    const ms = watch();
    const told = why ?? (ms > MOST_MS ? `it took ${Math.round(ms)} ms` : null);
    if (told !== null) findings.push({ page, form: sample.form, why: told });
  }
  return findings;
}

function faultOf(name: string, bytes: Buffer, remembering: (page: Buffer) => HostsPage): string | null {
  if (name.startsWith("hosts")) {
    const read = outcomeOf(() => parseHosts(bytes));
    // A parser that has read other pages before reads this one the same.
    const again = outcomeOf(() => remembering(bytes));
    if (!isDeepStrictEqual(read, again)) return `read in two ways: ${JSON.stringify([read, again]).slice(0, 500)}`;
    return read.fault ?? (read.value ? hostsFault(read.value) : null);
  }
  if (name.startsWith("index")) {
    const { fault, value } = outcomeOf(() => parseFront(decodePage(bytes)));
    const bad = value && Object.values(value.totals).some((total) => !isCount(total));
    return fault ?? (bad ? `totals that can't be: ${JSON.stringify(value)}` : null);
  }
  const { fault, value } = outcomeOf(() => parseSeries(decodePage(bytes), AT));
  const bad = value?.find(({ from, to, bytes: some }) => !(from < to && to <= AT && isCount(some)));
  return fault ?? (bad ? `a bucket that can't be: ${JSON.stringify(bad)}` : null);
}

interface Outcome<Value> {
  readonly value: Value | null;
  readonly refusal: string | null;
  readonly fault: string | null;
}

/** A page is read, or refused as one of darkstat's in a sentence; all else is a fault. */
function outcomeOf<Value>(read: () => Value): Outcome<Value> {
  try {
    return { value: read(), refusal: null, fault: null };
  } catch (error) {
    if (!(error instanceof DarkstatError)) {
      return { value: null, refusal: null, fault: error instanceof Error ? (error.stack ?? error.message) : "?" };
    }
    const isSentence = error.message.length < 1_000 && !/[\r\n]/.test(error.message);
    return { value: null, refusal: error.message, fault: isSentence ? null : `no sentence: ${error.message}` };
  }
}

function hostsFault({ hosts }: HostsPage): string | null {
  const seen = new Set<string>();
  for (const host of hosts) {
    const { ip, mac, hostname, in: down, out, lastSeenSeconds } = host;
    const isBad =
      isIP(ip) === 0 ||
      seen.has(ip) ||
      (mac !== null && normaliseMac(mac) !== mac) ||
      (hostname !== null && (hostname.length > 255 || hostname.search(UNSAFE_CHARACTERS) >= 0)) ||
      !isCount(down) ||
      !isCount(out) ||
      (lastSeenSeconds !== null && !isCount(lastSeenSeconds));
    if (isBad) return `a host that can't be: ${JSON.stringify(host).slice(0, 500)}`;
    seen.add(ip);
  }
  return null;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

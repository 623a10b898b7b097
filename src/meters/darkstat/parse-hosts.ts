import { isAscii } from "node:buffer";
import { isIP } from "node:net";
import type { HostRow } from "../../accounting/types.ts";
import { decodePage } from "./decode.ts";
import { DarkstatError, excerpt } from "./error.ts";
import { type PageOrigin, pageOrigin } from "./parse-page.ts";
import { createPlainRows, type PlainRows } from "./parse-rows.ts";
import { cleanHostname, durationSeconds, macOf, wholeNumber } from "./text.ts";

/** The whole host table of darkstat. */
export interface HostsPage extends PageOrigin {
  /** Which of the columns that come and go were there. */
  readonly columns: Columns;
  readonly hosts: HostRow[];
}

export interface Columns {
  /** False with `--no-macs`, and where no interface is Ethernet. */
  readonly mac: boolean;
  /** False with `--no-lastseen`. */
  readonly lastSeen: boolean;
}

const PAGE = "the host table (/hosts/)";
const HEADING = '<h2 class="pageheader">Hosts</h2>';
const [TABLE, ROW_END, TABLE_END] = ["<table>", "</tr>", "</table>"];
const NUMBER_CELL = '<td class="num">([^<]{0,40})</td>';

/** How the cell of each column looks. Only a name may hold any text: that is what the whole scan is built around. */
const CELLS: Readonly<Record<string, string>> = {
  IP: '<td><a href="[^"<]{0,100}">([^<]{1,50})</a></td>',
  Hostname: "<td>([\\s\\S]*)</td>",
  "MAC Address": "<td><tt>([^<]{0,40})</tt></td>",
  In: NUMBER_CELL,
  Out: NUMBER_CELL,
  Total: NUMBER_CELL,
  "Last seen": '<td class="num">([^<]{0,300})</td>',
};
const OTHER_CELL = "<td[^<>]{0,100}>([^<]{0,300})</td>";
/** More than the cells after a name can ever take. */
const TAIL_LENGTH = 2_000;

/**
 * A `parseHosts` that remembers the texts of the page before: most of the next one are the same, and cost no memory then.
 * @param most so many hosts are read; a longer list is refused (`too-large`) before any of them is
 */
export function createHostsParser(most = Number.POSITIVE_INFINITY): (page: Buffer) => HostsPage {
  const plain = createPlainRows();
  return (page) => readPlain(page, plain, most) ?? readAny(decodePage(page), most);
}

/**
 * Reads `/hosts/?full=yes`. Names are not escaped by darkstat and chosen by whoever answers reverse DNS, so a name may
 * hold anything, tags and whole rows too. All that follows a name is fixed and holds no `<`; hence a row ends only where
 * a complete tail of a row meets the complete head of the next one, and within a row the last tail is the true one.
 * True ends are always found; a name that imitates an end makes one row too many, and the page, which states how many
 * it has, is rejected.
 * @throws DarkstatError `refused-query`, `cut`, `garbled`
 */
export function parseHosts(page: Buffer): HostsPage {
  return createHostsParser()(page);
}

/**
 * Hardly ever does a name hold a `<`, and without one nothing about a row can be read in two ways: such a page is read
 * where it lies, in a fifth of the time and without a copy of it. Null for a page about which anything is unusual:
 * `readAny` judges it, and says what is wrong.
 */
function readPlain(page: Buffer, plain: PlainRows, most: number): HostsPage | null {
  const from = page.indexOf(ROW_END, page.indexOf(TABLE, page.indexOf(HEADING))) + ROW_END.length;
  const to = page.lastIndexOf(TABLE_END);
  if (to < from) return null;
  const around = Buffer.concat([page.subarray(0, from), page.subarray(to)]);
  if (!isAscii(around)) return null;
  try {
    const frame = frameOf(around.toString("latin1"));
    if (frame === null || frame.from !== from || frame.to !== from || frame.count > most) return null;
    const hosts = plain.read(page, from, to, frame.names);
    return hosts?.length === frame.count ? { ...frame.origin, columns: columnsOf(frame.names), hosts } : null;
  } catch {
    return null;
  }
}

function readAny(html: string, most: number): HostsPage {
  const frame = frameOf(html);
  if (frame === null) return { ...pageOrigin(html, PAGE), columns: { mac: false, lastSeen: false }, hosts: [] };
  const { origin, count, names, from, to } = frame;
  if (count > most) throw new DarkstatError("too-large", `${PAGE} lists ${count} hosts; at most ${most} are read`);
  const layout = layoutOf(names);
  const rows = splitRows(html.slice(from, to).trim(), layout);
  if (rows.length !== count) {
    throw new DarkstatError(
      rows.length < count ? "cut" : "garbled",
      `${PAGE} says that it has ${count} rows, but ${rows.length} were found` +
        (rows.length > count ? ": a host name may imitate a row" : ""),
    );
  }
  const hosts = rows.map((row, index) => hostOf(row, index + 1, layout));
  rejectDuplicates(hosts);
  return { ...origin, columns: columnsOf(names), hosts };
}

/** All of a page but its rows. */
interface Frame {
  readonly origin: PageOrigin;
  /** How many rows it states. */
  readonly count: number;
  /** The names of its columns. */
  readonly names: readonly string[];
  /** The rows lie between these places. */
  readonly from: number;
  readonly to: number;
}

/** Null when the page says that the table is empty. */
function frameOf(html: string): Frame | null {
  const origin = pageOrigin(html, PAGE);
  const start = html.indexOf(HEADING);
  if (start < 0) throw new DarkstatError("garbled", `${PAGE} has no heading "Hosts"`);
  const top = html.slice(start, start + 300);
  if (/^<h2[^<]*<\/h2>\s*<p>The table is empty\.<\/p>/.test(top)) return null;
  const count = statedCount(top);
  const table = html.indexOf(TABLE, start);
  const headEnd = html.indexOf(ROW_END, table);
  const to = html.lastIndexOf(TABLE_END);
  if (table < 0 || headEnd < 0 || to < headEnd) throw new DarkstatError("garbled", `${PAGE} holds no whole table`);
  return { origin, count, names: namesOf(html.slice(table, headEnd)), from: headEnd + ROW_END.length, to };
}

/** The number of rows of `(1-9 of 9)`, which must be all that there are. */
function statedCount(top: string): number {
  const match = /^<h2[^<]*<\/h2>\s*\((\d+)-(\d+) of (\d+)\)<br>/.exec(top);
  if (!match) throw new DarkstatError("garbled", `${PAGE} does not say how many rows it has`);
  const [first, last, all] = match.slice(1).map((text) => wholeNumber(text, `the row count of ${PAGE}`));
  if (first !== 1 || last !== all || all === undefined) {
    throw new DarkstatError("cut", `${PAGE} shows only rows ${first} to ${last} of ${all}`);
  }
  return all;
}

/** The names of the columns, by which they are found. */
function namesOf(header: string): string[] {
  const names = [...header.matchAll(/<th>(?:<a [^<>]*>)?([^<]*)(?:<\/a>)?<\/th>/g)].map((match) => match[1] ?? "");
  for (const name of ["IP", "Hostname", "In", "Out", "Total"]) {
    if (names.filter((other) => other === name).length !== 1) {
      throw new DarkstatError(
        "garbled",
        `${PAGE} must have one column "${name}"; its columns are ${excerpt(names.join(", "), 200)}`,
      );
    }
  }
  return names;
}

function columnsOf(names: readonly string[]): Columns {
  return { mac: names.includes("MAC Address"), lastSeen: names.includes("Last seen") };
}

interface Layout {
  readonly head: RegExp;
  readonly tail: RegExp;
  readonly row: RegExp;
  /** Index of each column's text in a match; -1 without that column. */
  readonly at: Readonly<Record<"ip" | "hostname" | "mac" | "in" | "out" | "total" | "lastSeen", number>>;
}

function layoutOf(names: readonly string[]): Layout {
  const cells = names.map((name) => CELLS[name] ?? OTHER_CELL);
  const named = names.indexOf("Hostname");
  const open = "<tr[^<>]{0,60}>\\s*";
  const close = "\\s*</tr>";
  const join = (parts: string[]) => parts.join("\\s*");
  const column = (name: string) => names.indexOf(name) + 1 || -1;
  return {
    head: new RegExp(`${open}${join([...cells.slice(0, named), "<td>"])}`, "y"),
    tail: new RegExp(`${join(["</td>", ...cells.slice(named + 1)])}${close}$`),
    row: new RegExp(`^${open}${join(cells)}${close}$`),
    at: {
      ip: column("IP"),
      hostname: column("Hostname"),
      mac: column("MAC Address"),
      in: column("In"),
      out: column("Out"),
      total: column("Total"),
      lastSeen: column("Last seen"),
    },
  };
}

function splitRows(body: string, { head, tail }: Layout): string[] {
  if (body === "") return [];
  const rows: string[] = [];
  const seam = /<\/tr>\s*(?=<tr)/g;
  let from = 0;
  for (let match = seam.exec(body); match; match = seam.exec(body)) {
    const rowEnd = match.index + "</tr>".length;
    head.lastIndex = seam.lastIndex;
    if (!head.test(body) || !tail.test(body.slice(Math.max(from, rowEnd - TAIL_LENGTH), rowEnd))) continue;
    rows.push(body.slice(from, rowEnd));
    from = seam.lastIndex;
  }
  rows.push(body.slice(from));
  return rows;
}

function hostOf(row: string, number: number, { row: pattern, at }: Layout): HostRow {
  const cells = pattern.exec(row);
  if (!cells) {
    throw new DarkstatError("garbled", `row ${number} of ${PAGE} is not as expected: ${excerpt(row, 200)}`);
  }
  const ip = cells[at.ip] ?? "";
  if (isIP(ip) === 0)
    throw new DarkstatError("garbled", `row ${number} of ${PAGE} names no IP address: ${excerpt(ip)}`);
  const where = (column: string) => `"${column}" of ${ip}`;
  const received = wholeNumber(cells[at.in] ?? "", where("In"));
  const sent = wholeNumber(cells[at.out] ?? "", where("Out"));
  const total = wholeNumber(cells[at.total] ?? "", where("Total"));
  if (received + sent !== total) {
    throw new DarkstatError("garbled", `${ip}: In ${received} and Out ${sent} do not make the stated total ${total}`);
  }
  return {
    ip,
    mac: at.mac < 0 ? null : macOf(cells[at.mac] ?? "", where("MAC Address")),
    hostname: cleanHostname(cells[at.hostname] ?? ""),
    in: received,
    out: sent,
    lastSeenSeconds: at.lastSeen < 0 ? null : lastSeen(cells[at.lastSeen] ?? "", where("Last seen")),
  };
}

/** `2 days, 0 hrs, 9 mins, 19 secs`; or a remark in parentheses: `(never)`, `(clock error: …)`. */
function lastSeen(text: string, what: string): number | null {
  if (text.startsWith("(")) return null;
  const seconds = durationSeconds(text);
  if (seconds === null) {
    throw new DarkstatError("garbled", `${what} is ${excerpt(text)}; a time such as "9 mins, 19 secs" was expected`);
  }
  return seconds;
}

function rejectDuplicates(hosts: readonly HostRow[]): void {
  const seen = new Set<string>();
  for (const { ip } of hosts) {
    if (seen.has(ip)) throw new DarkstatError("garbled", `${PAGE} has ${ip} twice`);
    seen.add(ip);
  }
}

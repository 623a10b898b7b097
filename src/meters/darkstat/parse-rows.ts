import { isIP } from "node:net";
import type { HostRow } from "../../accounting/types.ts";
import { after, afterBlanks, bytesOf, countAt, secondsAt } from "./bytes.ts";
import { decodePage } from "./decode.ts";
import { cleanHostname, macOf } from "./text.ts";
import { createTextTable } from "./text-table.ts";

/** Reads rows in which nothing is unusual, where they lie: a host that was there before costs its row and no string. */
export interface PlainRows {
  /**
   * All hosts between two places of a page, behind the head of the table and before its end.
   * @param columns the names of all columns
   * @returns null when anything about it is not plain. It never throws.
   */
  read(page: Uint8Array, from: number, to: number, columns: readonly string[]): HostRow[] | null;
}

/** How a cell looks, as in the patterns of the way for unusual pages. Its text holds no `<`. */
interface Cell {
  readonly open: Uint8Array;
  /** What ends the rest of the opening tag, where that is not fixed, and how long the rest may be. */
  readonly rest?: Rest;
  readonly close: Uint8Array;
  /** How long its text may be. */
  readonly most: number;
  /** Of its text alone, for names are in any encoding. */
  readonly isAscii: boolean;
}

interface Rest {
  readonly end: Uint8Array;
  readonly most: number;
}

const NUMBER = cellOf('<td class="num">', "</td>", 40);
const CELLS: Readonly<Record<string, Cell>> = {
  IP: { ...cellOf('<td><a href="', "</a></td>", 50), rest: { end: bytesOf('">'), most: 100 } },
  Hostname: { ...cellOf("<td>", "</td>", Number.POSITIVE_INFINITY), isAscii: false },
  "MAC Address": cellOf("<td><tt>", "</tt></td>", 40),
  In: NUMBER,
  Out: NUMBER,
  Total: NUMBER,
  "Last seen": cellOf('<td class="num">', "</td>", 300),
};
const OTHER_CELL: Cell = { ...cellOf("<td", "</td>", 300), rest: { end: bytesOf(">"), most: 100 } };
const ROW = bytesOf("<tr");
const ROW_REST: Rest = { end: bytesOf(">"), most: 60 };
const ROW_END = bytesOf("</tr>");
const MOST_COLUMNS = 16;
const [OPENING, LESS, GREATER, LAST_ASCII] = [0x28, 0x3c, 0x3e, 0x7f];
/** Texts that are remembered: those of a table of 10,000 hosts, three times. */
const REMEMBERED = 60_000;

export function createPlainRows(): PlainRows {
  const ips = createTextTable(ipOf);
  const macs = createTextTable((bytes) => macOf(bytes.toString("latin1"), "MAC Address"));
  const names = createTextTable((bytes) => cleanHostname(decodePage(bytes)));
  /** By the index of its IP: the page that a host was last seen on. */
  let seenOn: number[] = [];
  let pages = 0;
  /** Where the text of each cell of the present row begins and ends. */
  const texts = new Int32Array(2 * MOST_COLUMNS);
  const from = (place: number) => texts[2 * place] as number;
  const to = (place: number) => texts[2 * place + 1] as number;

  function hostOf(page: Uint8Array, at: Places): HostRow | null {
    const ip = ips.find(page, from(at.ip), to(at.ip));
    const name = names.find(page, from(at.hostname), to(at.hostname));
    const mac = at.mac < 0 ? 0 : macs.find(page, from(at.mac), to(at.mac));
    if (ip < 0 || name < 0 || mac < 0 || seenOn[ip] === pages) return null;
    seenOn[ip] = pages;
    const received = countAt(page, from(at.in), to(at.in));
    const sent = countAt(page, from(at.out), to(at.out));
    if (received < 0 || sent < 0 || received + sent !== countAt(page, from(at.total), to(at.total))) return null;
    let lastSeenSeconds: number | null = null;
    if (at.lastSeen >= 0 && page[from(at.lastSeen)] !== OPENING) {
      lastSeenSeconds = secondsAt(page, from(at.lastSeen), to(at.lastSeen));
      if (lastSeenSeconds < 0) return null;
    }
    return {
      ip: ips.made[ip] as string,
      mac: at.mac < 0 ? null : (macs.made[mac] as string | null),
      hostname: names.made[name] as string | null,
      in: received,
      out: sent,
      lastSeenSeconds,
    };
  }

  function rowsOf(page: Uint8Array, start: number, end: number, columns: readonly string[]): HostRow[] | null {
    if (columns.length > MOST_COLUMNS) return null;
    const cells = columns.map((name) => CELLS[name] ?? OTHER_CELL);
    const at = placesOf(columns);
    const hosts: HostRow[] = [];
    for (let next = afterBlanks(page, start); next < end; ) {
      next = scanRow(page, next, end, cells, texts);
      const host = next < 0 ? null : hostOf(page, at);
      if (host === null) return null;
      hosts.push(host);
    }
    return hosts;
  }

  return {
    read(page, start, end, columns) {
      if (ips.made.length + macs.made.length + names.made.length > REMEMBERED) {
        for (const table of [ips, macs, names]) table.forget();
        seenOn = [];
      }
      pages++;
      try {
        return rowsOf(page, start, end, columns);
      } catch {
        return null;
      }
    },
  };
}

function cellOf(open: string, close: string, most: number): Cell {
  return { open: bytesOf(open), close: bytesOf(close), most, isAscii: true };
}

/** Where each column stands in a row; -1 for one that is not there. */
type Places = ReturnType<typeof placesOf>;

function placesOf(columns: readonly string[]) {
  return {
    ip: columns.indexOf("IP"),
    hostname: columns.indexOf("Hostname"),
    mac: columns.indexOf("MAC Address"),
    in: columns.indexOf("In"),
    out: columns.indexOf("Out"),
    total: columns.indexOf("Total"),
    lastSeen: columns.indexOf("Last seen"),
  };
}

/** @throws Error when it is none */
function ipOf(bytes: Buffer): string {
  const ip = bytes.toString("latin1");
  if (isIP(ip) === 0) throw new Error("no IP address");
  return ip;
}

/**
 * Steps over a row and the spaces behind it, and notes where the text of each cell begins and ends.
 * @returns the place behind it; -1 when it is not plain
 */
function scanRow(page: Uint8Array, from: number, end: number, cells: readonly Cell[], texts: Int32Array): number {
  let at = behind(page, after(page, from, ROW), ROW_REST);
  for (let place = 0; place < cells.length; place++) {
    const { open, rest, close, most, isAscii } = cells[place] as Cell;
    at = after(page, afterBlanks(page, at), open);
    if (rest) at = behind(page, at, rest);
    if (at < 0) return -1;
    const start = at;
    while (at < end && page[at] !== LESS && !(isAscii && (page[at] as number) > LAST_ASCII)) at++;
    if (at - start > most) return -1;
    texts[2 * place] = start;
    texts[2 * place + 1] = at;
    at = after(page, at, close);
  }
  at = after(page, afterBlanks(page, at), ROW_END);
  return at < 0 ? -1 : afterBlanks(page, at);
}

/** The place behind the rest of a tag, which is ASCII; -1 when it goes on for too long. */
function behind(page: Uint8Array, from: number, { end, most }: Rest): number {
  for (let at = from; at >= 0 && at <= from + most; at++) {
    const byte = page[at] as number;
    if (byte === end[0]) return after(page, at, end);
    if (byte === LESS || byte === GREATER || byte > LAST_ASCII) return -1;
  }
  return -1;
}

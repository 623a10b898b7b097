import type { ColumnId, Order } from "./columns.ts";
import { changeOf, type Row } from "./row.ts";

/** Names as people of the browser's language sort them: without case, numbers by value. */
export const compareNames = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;

/**
 * The rows in an order, as a new array. Rows without a value (no MAC, never seen) come last in both directions; equal
 * rows stand as in `inNaturalOrder`, which `rows` must be in: so the order is total, and no two rows change places
 * without a reason.
 * @param compareText how names are compared, e.g. an `Intl.Collator`'s `compare`
 */
export function sortRows(rows: readonly Row[], order: Order, compareText: (a: string, b: string) => number): Row[] {
  const keys = keysOf(rows, order.column, compareText);
  const sign = order.direction === "asc" ? 1 : -1;
  const weightOf = (key: number | null | undefined) => (key === null || key === undefined ? Infinity : key * sign);
  return (
    rows
      .map((row, place) => ({ row, weight: weightOf(keys[place]) }))
      // Array.sort is stable, and takes the NaN between two infinities for no difference.
      .sort((a, b) => a.weight - b.weight)
      .map(({ row }) => row)
  );
}

/** The latest day first, the bigger total first, then by id: what decides among rows that are equal otherwise. */
export function inNaturalOrder(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => {
    const [dayA, dayB] = [a.day ?? "", b.day ?? ""];
    if (dayA !== dayB) return dayA < dayB ? 1 : -1;
    if (a.total !== b.total) return b.total - a.total;
    return byCodeUnits(a.id, b.id);
  });
}

/** A number for each row that sorts as its cell does; null where the cell is empty. */
function keysOf(
  rows: readonly Row[],
  column: ColumnId,
  compareText: (a: string, b: string) => number,
): (number | null)[] {
  switch (column) {
    case "name":
      return ranks(rows, (row) => row.who.name, compareText);
    case "addresses":
      return ranks(rows, (row) => row.addresses[0] ?? null, byAddress());
    case "mac":
      return ranks(rows, (row) => row.who.mac, byCodeUnits);
    case "day":
      return ranks(rows, (row) => row.day, byCodeUnits);
    case "change":
      // Infinite is what has no value, and comes last in both directions.
      return rows.map((row) => (changeOf(row) === Infinity ? Number.MAX_VALUE : changeOf(row)));
    case "seen":
      return rows.map((row) => row.lastSeen);
    default:
      return rows.map((row) => row[column]);
  }
}

/**
 * The place of each row's text among the different texts; equal ones share a place. A collator is slow and a month of
 * a thousand devices has each name 31 times: this asks it about each name once.
 */
function ranks(
  rows: readonly Row[],
  textOf: (row: Row) => string | null,
  compare: (a: string, b: string) => number,
): (number | null)[] {
  const texts = rows.map(textOf);
  const different = [...new Set(texts)].filter((text) => text !== null).sort(compare);
  const places = new Map<string | null, number>();
  let place = 0;
  let previous: string | undefined;
  for (const text of different) {
    if (previous !== undefined && compare(previous, text) !== 0) place++;
    places.set(text, place);
    previous = text;
  }
  return texts.map((text) => places.get(text) ?? null);
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Compares addresses by number, working out each one's key once. */
function byAddress(): (a: string, b: string) => number {
  const keys = new Map<string, string>();
  const keyOf = (ip: string) => {
    const known = keys.get(ip) ?? addressKey(ip);
    keys.set(ip, known);
    return known;
  };
  return (a, b) => byCodeUnits(keyOf(a), keyOf(b));
}

/** A text that sorts as the address does: 192.168.1.9 before 192.168.1.10, and IPv4 before IPv6. */
export function addressKey(ip: string): string {
  if (!ip.includes(":")) return `4${ip.replace(/\d+/g, (part) => part.padStart(3, "0"))}`;
  const [head = "", tail] = ip.toLowerCase().split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":").flatMap(embedded));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0");
  return `6${[...left, ...zeros, ...right].map((group) => group.padStart(4, "0")).join("")}`;
}

/** The two groups that an IPv4 address at the end of an IPv6 one stands for. */
function embedded(group: string): string[] {
  const [a, b, c, d] = group.split(".").map(Number);
  if (a === undefined || b === undefined || c === undefined || d === undefined) return [group];
  return [(a * 256 + b).toString(16), (c * 256 + d).toString(16)];
}

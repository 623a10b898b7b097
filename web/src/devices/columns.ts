import { tableText } from "../texts/devices.ts";
import { groupsText } from "../texts/groups.ts";
import type { Usage } from "../wire.ts";

/** The columns of the device table, in the order of each view. */

export type ColumnId =
  | "name"
  | "addresses"
  | "mac"
  | "download"
  | "upload"
  | "total"
  | "share"
  | "change"
  | "seen"
  | "day";
export type ColumnKind = "text" | "bytes" | "share" | "change" | "instant" | "day";
/** One row a device, or one row a device and day. */
export type View = "device" | "day";
export type Direction = "asc" | "desc";

export interface Column {
  readonly id: ColumnId;
  readonly kind: ColumnKind;
  readonly label: string;
  /** What a first click on the header sorts by: names from A, amounts and dates from the top. */
  readonly first: Direction;
  /** Shown in the empty filter box. */
  readonly example: string;
  /** Instants are shown themselves, and not how long ago they were. */
  readonly isExact?: boolean;
}

const { columns: labels, examples } = tableText;
const columnOf = (id: ColumnId, kind: ColumnKind, first: Direction): Column => {
  return { id, kind, label: labels[id], first, example: examples[id] };
};

const COLUMNS: Readonly<Record<ColumnId, Column>> = {
  name: columnOf("name", "text", "asc"),
  addresses: columnOf("addresses", "text", "asc"),
  mac: columnOf("mac", "text", "asc"),
  download: columnOf("download", "bytes", "desc"),
  upload: columnOf("upload", "bytes", "desc"),
  total: columnOf("total", "bytes", "desc"),
  share: columnOf("share", "share", "desc"),
  change: columnOf("change", "change", "desc"),
  seen: columnOf("seen", "instant", "desc"),
  day: columnOf("day", "day", "desc"),
};

const DAY_COLUMN: Column = { ...COLUMNS.day, label: tableText.day };

const SEEN_THEN: Column = { ...COLUMNS.seen, label: tableText.seenThen, isExact: true };

const BY_DEVICE: readonly Column[] = Object.values(COLUMNS);
const BY_DAY: readonly Column[] = [DAY_COLUMN, ...BY_DEVICE.filter(({ id }) => id !== "day" && id !== "change")];
const OF_HOSTS: readonly Column[] = [
  { ...COLUMNS.name, label: labels.host },
  { ...COLUMNS.addresses, label: labels.address },
  ...BY_DEVICE.filter(({ kind, id }) => kind === "bytes" || kind === "share" || id === "seen"),
];

/** The columns of a view, in their order on the page and in the CSV. */
export function columnsOf(view: View): readonly Column[] {
  return view === "day" ? BY_DAY : BY_DEVICE;
}

/** Those that say anything of a range: the last day of one day is that day, and without a range before nothing changed. */
export function shownColumns(view: View, usage: Pick<Usage, "from" | "to" | "today" | "previous" | "by">): Column[] {
  const { from, to, today, previous, by } = usage;
  const idle = new Set<ColumnId>();
  if (view === "device" && from === to) idle.add("day");
  if (previous === null) idle.add("change");
  if (by !== "device") for (const id of ["addresses", "mac"] as const) idle.add(id);
  const shown = columnsOf(view)
    .filter(({ id }) => !idle.has(id))
    .map((column) => (column.id === "name" && by !== "device" ? { ...column, label: groupsText.column[by] } : column));
  // When it was seen last, of days that are over: it may be here right now.
  return view === "device" && to < today ? shown.map((column) => (column.id === "seen" ? SEEN_THEN : column)) : shown;
}

/** The columns of the list of Internet hosts. */
export function columnsOfHosts(): readonly Column[] {
  return OF_HOSTS;
}

/** Whether a text names a column. */
export function isColumnId(text: string): text is ColumnId {
  return Object.hasOwn(COLUMNS, text);
}

export interface Order {
  readonly column: ColumnId;
  readonly direction: Direction;
}

/** The order of a view that nobody has sorted: the largest first; by day, the latest day first. */
export function defaultOrder(view: View): Order {
  return { column: view === "day" ? "day" : "total", direction: "desc" };
}

/** The order after a click on a header: the other way round, or the column's own first direction. */
export function clicked(order: Order, column: Column): Order {
  if (order.column !== column.id) return { column: column.id, direction: column.first };
  return { column: column.id, direction: order.direction === "asc" ? "desc" : "asc" };
}

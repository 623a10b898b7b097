/** The columns of the device table, in the order of each view. */

export type ColumnId = "name" | "addresses" | "mac" | "download" | "upload" | "total" | "share" | "seen" | "day";
export type ColumnKind = "text" | "bytes" | "share" | "instant" | "day";
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
}

const COLUMNS: Readonly<Record<ColumnId, Column>> = {
  name: { id: "name", kind: "text", label: "Name", first: "asc", example: "phone" },
  addresses: { id: "addresses", kind: "text", label: "Addresses", first: "asc", example: "192.168.1." },
  mac: { id: "mac", kind: "text", label: "MAC", first: "asc", example: "02:1a" },
  download: { id: "download", kind: "bytes", label: "Download", first: "desc", example: ">500 MB" },
  upload: { id: "upload", kind: "bytes", label: "Upload", first: "desc", example: "<2 GB" },
  total: { id: "total", kind: "bytes", label: "Total", first: "desc", example: "1..5 GB" },
  share: { id: "share", kind: "share", label: "Share", first: "desc", example: ">5 %" },
  seen: { id: "seen", kind: "instant", label: "Last seen", first: "desc", example: "<2 h" },
  day: { id: "day", kind: "day", label: "Last active", first: "desc", example: ">2026-11-01" },
};

const DAY_COLUMN: Column = { ...COLUMNS.day, label: "Day" };

const BY_DEVICE: readonly Column[] = Object.values(COLUMNS);
const BY_DAY: readonly Column[] = [DAY_COLUMN, ...BY_DEVICE.filter((column) => column.id !== "day")];

/** The columns of a view, in their order on the page and in the CSV. */
export function columnsOf(view: View): readonly Column[] {
  return view === "day" ? BY_DAY : BY_DEVICE;
}

/** Whether a text names a column. */
export function isColumnId(text: string): text is ColumnId {
  return Object.hasOwn(COLUMNS, text);
}

export interface Order {
  readonly column: ColumnId;
  readonly direction: Direction;
}

/** The order of a view that nobody has sorted: the biggest first; by day, the latest day first. */
export function defaultOrder(view: View): Order {
  return { column: view === "day" ? "day" : "total", direction: "desc" };
}

/** The order after a click on a header: the other way round, or the column's own first direction. */
export function clicked(order: Order, column: Column): Order {
  if (order.column !== column.id) return { column: column.id, direction: column.first };
  return { column: column.id, direction: order.direction === "asc" ? "desc" : "asc" };
}

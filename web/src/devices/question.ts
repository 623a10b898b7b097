import type { QueryChanges } from "../state/ranges.ts";
import { type ColumnId, columnsOf, defaultOrder, isColumnId, type Order, type View } from "./columns.ts";
import type { FilterTexts } from "./filter.ts";

/**
 * What the table is asked, as it stands in the address: `q` (search), `f.<column>` (filters), `sort`, `dir`, `view=day`,
 * `page`. What can't be read is taken for not said.
 */
export function viewOf(query: URLSearchParams): View {
  return query.get("view") === "day" ? "day" : "device";
}

export function orderOf(query: URLSearchParams): Order {
  const ordinary = defaultOrder(viewOf(query));
  const sort = query.get("sort");
  const column = columnsOf("device").find(({ id }) => id === sort);
  if (!column) return ordinary;
  const direction = query.get("dir");
  return { column: column.id, direction: direction === "asc" || direction === "desc" ? direction : column.first };
}

/** Changes of the address for an order; the ordinary one is not written down. */
export function orderChanges(order: Order, view: View): QueryChanges {
  const ordinary = defaultOrder(view);
  if (order.column === ordinary.column && order.direction === ordinary.direction) {
    return { sort: null, dir: null, page: null };
  }
  return { sort: order.column, dir: order.direction, page: null };
}

/** Changes of the address for a view. The order stays where a person chose one. */
export function viewChanges(view: View): QueryChanges {
  return { view: view === "day" ? "day" : null, page: null };
}

export function textsOf(query: URLSearchParams): FilterTexts {
  const columns: Partial<Record<ColumnId, string>> = {};
  for (const [name, value] of query) {
    const id = name.startsWith("f.") ? name.slice(2) : "";
    if (isColumnId(id) && value !== "") columns[id] = value;
  }
  return { search: query.get("q") ?? "", columns };
}

export function textChanges({ search, columns }: FilterTexts): QueryChanges {
  const filters = columnsOf("device").map(({ id }) => [`f.${id}`, columns[id] || null] as const);
  return { q: search || null, ...Object.fromEntries(filters), page: null };
}

/** Whether two say the same, whatever the order of their keys. */
export function sameTexts(a: FilterTexts, b: FilterTexts): boolean {
  return (
    a.search === b.search && columnsOf("device").every(({ id }) => (a.columns[id] ?? "") === (b.columns[id] ?? ""))
  );
}

/** The page asked for, from 1, within `pages`. */
export function pageOf(query: URLSearchParams, pages: number): number {
  const page = Number(query.get("page") ?? 1);
  return Number.isInteger(page) ? Math.min(Math.max(page, 1), Math.max(pages, 1)) : 1;
}

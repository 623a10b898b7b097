/**
 * Roles that go without saying, said. On a phone the rows are laid out as cards, and not every browser still takes
 * them for a table then. Spread onto the element.
 */
export const ROLES = {
  table: { role: "table" },
  group: { role: "rowgroup" },
  row: { role: "row" },
  columnHeader: { role: "columnheader" },
  rowHeader: { role: "rowheader" },
  cell: { role: "cell" },
} as const;

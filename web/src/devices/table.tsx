import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { TableRow } from "./cells.tsx";
import type { Column, Order, View } from "./columns.ts";
import type { Filter, FilterTexts } from "./filter.ts";
import { FilterRow, HeaderRow, ProblemRow, SumRow } from "./head.tsx";
import { ROLES } from "./roles.ts";
import type { Row } from "./row.ts";
import type { Sums } from "./rows.ts";

interface TableProps {
  /** Begins the ids within the page. */
  readonly id: string;
  /** The rows of this page. */
  readonly rows: readonly Row[];
  /** How many rows there are on the pages before, and on all. */
  readonly before: number;
  readonly rowCount: number;
  readonly sums: Sums;
  /** What the sums are of, e.g. "8 devices". */
  readonly sumLabel: string;
  /** Bytes that shares are of. */
  readonly whole: number;
  readonly columns: readonly Column[];
  readonly view: View;
  readonly order: Order;
  readonly onSort: (order: Order) => void;
  /** Null while the filters above the columns are not shown. */
  readonly filters: {
    readonly texts: FilterTexts;
    readonly problems: Filter["problems"];
    readonly onType: (texts: FilterTexts) => void;
  } | null;
  /** Told whether the focus is among the rows. */
  readonly onFocused: (focused: boolean) => void;
  /** Stands in the place of rows where there are none. */
  readonly empty: ComponentChildren;
}

/** The table itself; on a phone its rows are laid out as cards. */
export function Table(props: TableProps) {
  const { id, rows, before, rowCount, sums, sumLabel, whole, columns, view } = props;
  const { order, onSort, filters, onFocused, empty } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  // A row that goes takes the focus along without a word.
  useLayoutEffect(() => onFocused(body.current?.contains(document.activeElement) ?? false));

  // Rows are numbered only where not all are on the page: then the browser can't count them.
  const counts = rowCount > rows.length;
  const heads = 2 + (filters ? 2 : 0);
  const indexOf = (row: number) => (counts ? row : undefined);

  return (
    <div class="devices-frame">
      <table
        {...ROLES.table}
        id={`${id}-table`}
        class={`devices-table devices-by-${view}`}
        aria-labelledby={`${id}-title`}
        aria-rowcount={counts ? heads + rowCount : undefined}
      >
        <thead {...ROLES.group}>
          <HeaderRow columns={columns} order={order} onSort={onSort} index={indexOf(1)} />
          {filters && (
            <FilterRow
              columns={columns}
              texts={filters.texts}
              problems={filters.problems}
              onType={filters.onType}
              index={indexOf(2)}
            />
          )}
          {filters && <ProblemRow columns={columns} problems={filters.problems} index={indexOf(3)} />}
          {rowCount > 0 && (
            <SumRow sums={sums} label={sumLabel} columns={columns} whole={whole} index={indexOf(heads)} />
          )}
        </thead>
        <tbody
          {...ROLES.group}
          ref={body}
          onFocusIn={() => onFocused(true)}
          onFocusOut={(event) => onFocused(event.relatedTarget instanceof Node && isWithin(event, event.relatedTarget))}
        >
          {rows.map((row, at) => (
            <TableRow key={row.id} row={row} columns={columns} view={view} index={indexOf(heads + before + at + 1)} />
          ))}
          {rows.length === 0 && (
            <tr {...ROLES.row} class="devices-empty">
              <td {...ROLES.cell} colSpan={columns.length}>
                {empty}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

function isWithin({ currentTarget }: Event, node: Node): boolean {
  return currentTarget instanceof Node && currentTarget.contains(node);
}

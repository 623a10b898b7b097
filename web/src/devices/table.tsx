import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { tableText } from "../texts/devices.ts";
import type { Usage } from "../wire.ts";
import { TableRow, WHY_IDS } from "./cells.tsx";
import type { Column, Order, View } from "./columns.ts";
import type { Filter, FilterTexts } from "./filter.ts";
import { FilterRow, HeaderRow, ProblemRow, SumRow } from "./head.tsx";
import { ROLES } from "./roles.ts";
import type { Row } from "./row.ts";
import type { Sums } from "./rows.ts";

interface TableProps {
  /** The rows of this page. */
  readonly rows: readonly Row[];
  /** How many rows there are on the pages before, and on all. */
  readonly before: number;
  readonly rowCount: number;
  readonly sums: readonly Sums[];
  readonly usage: Usage;
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
  const { rows, before, rowCount, sums, usage, columns, view, order, onSort, filters, onFocused, empty } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  // A row that goes takes the focus along without a word.
  useLayoutEffect(() => onFocused(body.current?.contains(document.activeElement) ?? false));

  // Rows are numbered only where not all are on the page: then the browser can't count them.
  const counts = rowCount > rows.length;
  const heads = 1 + (filters ? 2 : 0) + sums.length;
  const indexOf = (row: number) => (counts ? row : undefined);

  return (
    <div class="devices-frame">
      <p id={WHY_IDS.reconstructed} hidden>
        {tableText.estimatedWhy}
      </p>
      <p id={WHY_IDS.implausible} hidden>
        {tableText.implausibleWhy}
      </p>
      <table
        {...ROLES.table}
        id="devices-table"
        class={`devices-table devices-by-${view}`}
        aria-labelledby="devices-title"
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
          {rowCount > 0 &&
            sums.map((one, at) => (
              <SumRow
                key={one.kind}
                sums={one}
                columns={columns}
                whole={wholeOf(one, usage)}
                listed={unlisted(one, usage)}
                index={indexOf(heads - sums.length + at + 1)}
              />
            ))}
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

function wholeOf({ kind }: Sums, { totals, remoteTotals }: Usage): number {
  const whole = kind === "device" ? totals : remoteTotals;
  return whole === null ? 0 : whole.download + whole.upload;
}

/** How many remote hosts there are where only the biggest are listed, and all that are listed are shown. */
function unlisted({ kind, members }: Sums, { remotes, remoteTotals }: Usage): number | null {
  if (kind === "device" || !remotes || !remoteTotals) return null;
  return members === remotes.length && remoteTotals.hosts > members ? remoteTotals.hosts : null;
}

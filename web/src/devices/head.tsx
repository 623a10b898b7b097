import { useId } from "preact/hooks";
import { formatBytes, formatShare } from "../format.ts";
import { tableText } from "../texts/devices.ts";
import { type Column, type ColumnId, clicked, type Order } from "./columns.ts";
import type { Filter, FilterTexts } from "./filter.ts";
import { ROLES } from "./roles.ts";
import type { Sums } from "./rows.ts";

/** The headers: a click sorts, another turns the order round. */
export function HeaderRow({ columns, order, onSort, index }: HeaderProps) {
  return (
    <tr {...ROLES.row} class="devices-headers" aria-rowindex={index}>
      {columns.map((column) => {
        const sorted = order.column === column.id;
        const direction = order.direction === "asc" ? "ascending" : "descending";
        return (
          <th
            key={column.id}
            {...ROLES.columnHeader}
            scope="col"
            class={`devices-cell devices-${column.id}`}
            aria-sort={sorted ? direction : undefined}
          >
            {/* Names the column of a card's figures, where nothing is to be clicked on. */}
            <span class="devices-head-text">{column.label}</span>
            <button type="button" class="devices-sort" onClick={() => onSort(clicked(order, column))}>
              {column.label}
              <svg class="devices-arrow" width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
                <path d={sorted && order.direction === "asc" ? "M1 7h8L5 2z" : "M1 3h8L5 8z"} />
              </svg>
            </button>
          </th>
        );
      })}
    </tr>
  );
}

interface HeaderProps {
  readonly columns: readonly Column[];
  readonly order: Order;
  readonly onSort: (order: Order) => void;
  readonly index: number | undefined;
}

/** A filter above each column. */
export function FilterRow({ columns, texts, problems, onType, index }: FilterProps) {
  return (
    <tr {...ROLES.row} class="devices-filters" aria-rowindex={index}>
      {columns.map((column) => (
        <td key={column.id} {...ROLES.cell} class={`devices-cell devices-${column.id}`}>
          <FilterBox
            column={column}
            text={texts.columns[column.id] ?? ""}
            invalid={problems[column.id] !== undefined}
            onType={(text) => onType({ ...texts, columns: { ...texts.columns, [column.id]: text } })}
          />
        </td>
      ))}
    </tr>
  );
}

interface FilterProps {
  readonly columns: readonly Column[];
  readonly texts: FilterTexts;
  readonly problems: Filter["problems"];
  readonly onType: (texts: FilterTexts) => void;
  readonly index: number | undefined;
}

function FilterBox({ column, text, invalid, onType }: BoxProps) {
  const id = useId();
  return (
    <>
      <label class="devices-filter-label" for={`${id}box`}>
        <span class="visually-hidden">{tableText.filterBy} </span>
        {column.label}
      </label>
      <input
        type="text"
        id={`${id}box`}
        class="devices-filter"
        name={`f.${column.id}`}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        placeholder={column.example}
        value={text}
        aria-invalid={invalid}
        aria-describedby={invalid ? problemId(column) : undefined}
        onInput={(event) => onType(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || event.isComposing || text === "") return;
          event.stopPropagation();
          onType("");
        }}
      />
    </>
  );
}

interface BoxProps {
  readonly column: Column;
  readonly text: string;
  readonly invalid: boolean;
  readonly onType: (text: string) => void;
}

/** Which filters can't be read and why, right below them. */
export function ProblemRow({ columns, problems, index }: ProblemProps) {
  return (
    <tr {...ROLES.row} class="devices-problems" aria-rowindex={index}>
      <td {...ROLES.cell} colSpan={columns.length}>
        <div role="status">
          {columns.map((column) => {
            const problem = problems[column.id];
            if (problem === undefined) return null;
            return (
              <p key={column.id} class="devices-problem" id={problemId(column)}>
                <strong>{column.label}:</strong> {problem}
              </p>
            );
          })}
        </div>
      </td>
    </tr>
  );
}

interface ProblemProps {
  readonly columns: readonly Column[];
  readonly problems: Filter["problems"];
  readonly index: number | undefined;
}

function problemId({ id }: Column): string {
  return `devices-problem-${id}`;
}

/** What the rows below add up to. */
export function SumRow({ sums, label, columns, whole, index }: SumProps) {
  return (
    <tr {...ROLES.row} class="devices-sums" aria-rowindex={index}>
      {columns.map((column) => {
        const Tag = column.id === "name" ? "th" : "td";
        return (
          <Tag
            key={column.id}
            {...(column.id === "name" ? ROLES.rowHeader : ROLES.cell)}
            scope={column.id === "name" ? "row" : undefined}
            class={`devices-cell devices-${column.id}`}
            data-label={column.label}
          >
            {column.id === "name" ? label : sumCell(column.id, sums, whole)}
          </Tag>
        );
      })}
    </tr>
  );
}

interface SumProps {
  readonly sums: Sums;
  readonly columns: readonly Column[];
  /** What is added up, e.g. "8 devices". */
  readonly label: string;
  /** Bytes of all devices, or all hosts, of the range: what shares are of. */
  readonly whole: number;
  readonly index: number | undefined;
}

function sumCell(id: ColumnId, sums: Sums, whole: number) {
  switch (id) {
    case "download":
    case "upload":
    case "total":
      return <span class="devices-amount">{formatBytes(sums[id])}</span>;
    case "share":
      return <span class="devices-share-text">{formatShare(whole > 0 ? sums.total / whole : 0)}</span>;
    default:
      return null;
  }
}

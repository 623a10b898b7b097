import { tableText } from "../texts/devices.ts";
import type { Column, ColumnKind, Order } from "./columns.ts";

interface SortChoiceProps {
  readonly columns: readonly Column[];
  readonly order: Order;
  readonly onSort: (order: Order) => void;
}

/** What cards are sorted by: they have no headers to click on. */
export function SortChoice({ columns, order, onSort }: SortChoiceProps) {
  const column = columns.find(({ id }) => id === order.column);
  const direction = directionText(column?.kind ?? "text", order.direction);
  const choose = (id: string) => {
    const next = columns.find((one) => one.id === id);
    if (next) onSort({ column: next.id, direction: next.first });
  };
  return (
    <div class="devices-order">
      <label>
        {tableText.sortBy}
        <select value={order.column} onChange={(event) => choose(event.currentTarget.value)}>
          {columns.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        class="button"
        aria-label={tableText.order(direction)}
        onClick={() => onSort({ column: order.column, direction: order.direction === "asc" ? "desc" : "asc" })}
      >
        <svg class="devices-order-arrow" width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
          <path d={order.direction === "asc" ? "M7 12V2M3 6l4-4 4 4" : "M7 2v10M3 8l4 4 4-4"} />
        </svg>
        {direction}
      </button>
    </div>
  );
}

function directionText(kind: ColumnKind, direction: Order["direction"]): string {
  const { text, time, amount } = tableText.orders;
  if (kind === "text") return text[direction];
  return kind === "instant" || kind === "day" ? time[direction] : amount[direction];
}

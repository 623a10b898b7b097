import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { chartText } from "../texts/charts.ts";

export interface FiguresTableProps {
  /** Names the table: what its chart shows. */
  readonly caption: string;
  readonly head: readonly ComponentChildren[];
  /** Made when the table is opened: a year of days by eight devices is not drawn for nobody. */
  readonly rows: () => readonly { readonly id: string; readonly cells: readonly ComponentChildren[] }[];
}

/** The figures of a chart as a table, behind a toggle; its first column names the rows. */
export function FiguresTable({ caption, head, rows }: FiguresTableProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="chart-figures" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span>{chartText.showAsTable}</span>
      </summary>
      {isOpen && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        // biome-ignore lint/a11y/useSemanticElements: a section would be named in the page's outline
        <div class="chart-scroll" role="region" aria-label={chartText.asTable(caption)} tabIndex={0}>
          <table>
            <caption>{caption}</caption>
            <thead>
              <tr>
                {head.map((cell, column) => (
                  <th key={column} scope="col">
                    {cell}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows().map(({ id, cells: [name, ...figures] }) => (
                <tr key={id}>
                  <th scope="row">{name}</th>
                  {figures.map((cell, column) => (
                    <td key={column}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}

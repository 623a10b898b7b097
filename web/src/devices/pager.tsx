import { formatCount } from "../format.ts";
import { tableText } from "../texts/devices.ts";

export const PAGE_SIZES = [50, 100, 250] as const;

interface PagerProps {
  /** From 1. */
  readonly page: number;
  readonly pages: number;
  readonly size: number;
  readonly rows: number;
  readonly onPage: (page: number) => void;
  readonly onSize: (size: number) => void;
}

/** Goes through a table that is longer than one page. */
export function Pager({ page, pages, size, rows, onPage, onSize }: PagerProps) {
  const first = (page - 1) * size + 1;
  return (
    <nav class="devices-pager" aria-label={tableText.pages}>
      <Step label={tableText.firstPage} sign="«" to={1} page={page} pages={pages} onPage={onPage} />
      <Step label={tableText.previousPage} sign="‹" to={page - 1} page={page} pages={pages} onPage={onPage} />
      <span role="status">
        {tableText.pageOf(formatCount(first), formatCount(Math.min(first + size - 1, rows)), formatCount(rows))}
      </span>
      <Step label={tableText.nextPage} sign="›" to={page + 1} page={page} pages={pages} onPage={onPage} />
      <Step label={tableText.lastPage} sign="»" to={pages} page={page} pages={pages} onPage={onPage} />
      <label class="devices-size">
        {tableText.rows}
        <select value={String(size)} onChange={(event) => onSize(Number(event.currentTarget.value))}>
          {PAGE_SIZES.map((choice) => (
            <option key={choice} value={String(choice)}>
              {choice}
            </option>
          ))}
        </select>
      </label>
    </nav>
  );
}

interface StepProps extends Pick<PagerProps, "page" | "pages" | "onPage"> {
  readonly label: string;
  readonly sign: string;
  readonly to: number;
}

function Step({ label, sign, to, page, pages, onPage }: StepProps) {
  const possible = to >= 1 && to <= pages && to !== page;
  // aria-disabled, for a button that is disabled under the finger loses the focus.
  return (
    <button
      type="button"
      class="button devices-step"
      aria-label={label}
      aria-disabled={!possible}
      onClick={() => possible && onPage(to)}
    >
      <span aria-hidden="true">{sign}</span>
    </button>
  );
}

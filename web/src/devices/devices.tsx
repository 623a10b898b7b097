import { useMemo, useRef, useState } from "preact/hooks";
import { formatCount } from "../format.ts";
import { units } from "../state/preferences.ts";
import { navigate, query, selection } from "../state/url.ts";
import { tableText } from "../texts/devices.ts";
import type { Usage } from "../wire.ts";
import { columnsOf, type Order, type View } from "./columns.ts";
import { saveFile } from "./copy.ts";
import { csvFileName, toCsv } from "./csv.ts";
import { type FilterTexts, readFilter } from "./filter.ts";
import { PAGE_SIZES, Pager } from "./pager.tsx";
import { orderChanges, orderOf, pageOf, viewOf } from "./question.ts";
import { isAnyEdited, isEdited } from "./rename.tsx";
import { rowsByDay, rowsByDevice, sumsOf } from "./rows.ts";
import { inNaturalOrder, sortRows } from "./sort.ts";
import { SortChoice } from "./sort-choice.tsx";
import { Table } from "./table.tsx";
import { isTipOpen, TipLayer } from "./tip.tsx";
import { Choices, FilterHelp, Tools } from "./toolbar.tsx";
import { useTyped } from "./typed.ts";
import { type DaysState, useDays } from "./use-days.ts";
import { useHeld } from "./use-held.ts";

const compareText = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;
const NOTHING: FilterTexts = { search: "", columns: {} };

/**
 * The device table: search, filters, order, view and page live in the address; figures change in place with each
 * reading, and nothing changes its place while the focus is in the table, a name is edited or a tip is open.
 */
export function Devices({ usage }: { usage: Usage }) {
  const section = useRef<HTMLElement>(null);
  const [focused, setFocused] = useState(false);
  const [size, setSize] = useState<number>(PAGE_SIZES[0]);
  const { texts: typed, type } = useTyped();
  const texts = typed.value;
  const [filtersWanted, setFiltersWanted] = useState<boolean | null>(null);
  const filtersOpen = filtersWanted ?? Object.keys(texts.columns).length > 0;

  const view = viewOf(query.value);
  const order = orderOf(query.value);
  const columns = columnsOf(view);
  const daysState = useDays(usage, view === "day");
  const { rows, filter, passed, sums } = useAnswer(usage, view, order, texts, daysState);
  const question = JSON.stringify([view, order, texts, usage.from, usage.to, usage.remotes !== null]);
  const shown = useHeld(passed, question, focused || isAnyEdited() || isTipOpen(), isEdited);

  const pages = Math.max(1, Math.ceil(shown.length / size));
  const page = pageOf(query.value, pages);
  // As asked for: the switch must not spring back while the answer is on its way.
  const remote = selection.value.remote && view === "device";

  const turn = (to: number) => {
    navigate({ page: to === 1 ? null : String(to) }, { replace: true });
    // The next page is read from its top.
    if ((section.current?.getBoundingClientRect().top ?? 0) < 0) section.current?.scrollIntoView();
  };
  const sortBy = (next: Order) => navigate(orderChanges(next, view), { replace: true });
  const exportCsv = () =>
    saveFile(csvFileName(usage.from, usage.to), "text/csv;charset=utf-8", toCsv(shown, columns, usage.zone));

  return (
    <>
      <section class="panel devices-panel" aria-labelledby="devices-title" ref={section}>
        <div class="panel-head">
          <h2 id="devices-title">{tableText.title}</h2>
          <Choices view={view} remote={remote} />
        </div>
        <Tools
          texts={texts}
          onType={type}
          filtersOpen={filtersOpen}
          onFilters={setFiltersWanted}
          onExport={exportCsv}
          from={usage.from}
          to={usage.to}
          remote={remote}
        />
        {filtersOpen && <FilterHelp />}
        <p class="visually-hidden" role="status">
          {filter.active ? tableText.matching(formatCount(shown.length), formatCount(rows.length)) : ""}
        </p>
        <SortChoice columns={columns} order={order} onSort={sortBy} />
        <Table
          rows={shown.slice((page - 1) * size, page * size)}
          before={(page - 1) * size}
          rowCount={shown.length}
          sums={sums}
          usage={usage}
          columns={columns}
          view={view}
          order={order}
          onSort={sortBy}
          filters={filtersOpen ? { texts, problems: filter.problems, onType: type } : null}
          onFocused={setFocused}
          empty={
            <Empty
              state={view === "day" ? daysState : null}
              filtered={filter.active && rows.length > 0}
              onClear={() => type(NOTHING)}
            />
          }
        />
        {shown.length > Math.min(...PAGE_SIZES) && (
          <Pager page={page} pages={pages} size={size} rows={shown.length} onPage={turn} onSize={setSize} />
        )}
      </section>
      <TipLayer />
    </>
  );
}

/**
 * Rows of the view, in order, and those of them that pass the filters. Sorted first: then a letter typed into a filter
 * costs no sorting.
 */
function useAnswer(usage: Usage, view: View, order: Order, texts: FilterTexts, { days }: DaysState) {
  const rows = useMemo(() => {
    if (view === "device") return inNaturalOrder(rowsByDevice(usage));
    return days === null ? [] : inNaturalOrder(rowsByDay(days, usage));
  }, [usage, view, days]);
  const sorted = useMemo(() => sortRows(rows, order, compareText), [rows, order.column, order.direction]);
  const filter = useMemo(
    () => readFilter(texts, { zone: usage.zone, today: usage.today, now: usage.now, units: units.value }),
    [texts, usage, units.value],
  );
  const passed = useMemo(() => (filter.active ? sorted.filter(filter.test) : sorted), [sorted, filter]);
  // Another order adds up to the same.
  const sums = useMemo(() => sumsOf(passed), [rows, filter]);
  return { rows, filter, passed, sums };
}

interface EmptyProps {
  /** How the days are doing, in the view by day. */
  readonly state: DaysState | null;
  readonly filtered: boolean;
  readonly onClear: () => void;
}

/** What stands where rows would. */
function Empty({ state, filtered, onClear }: EmptyProps) {
  if (state?.failure && state.days === null) {
    return (
      <>
        <p role="alert">
          {state.failure.message} {state.failure.remedy}
        </p>
        <button type="button" class="button" onClick={state.retry}>
          {tableText.retry}
        </button>
      </>
    );
  }
  if (state !== null && state.days === null) return <p role="status">{tableText.loadingDays}</p>;
  if (!filtered) return <p>{tableText.noActivity}</p>;
  return (
    <>
      <p>{tableText.noMatch}</p>
      <button type="button" class="button" onClick={onClear}>
        {tableText.clearFilters}
      </button>
    </>
  );
}

import { useMemo, useRef, useState } from "preact/hooks";
import { formatCount } from "../format.ts";
import {
  clearFilters,
  deviceRows,
  filterTexts,
  foldedRows,
  isHiddenShown,
  tableFilter,
  typeFilters,
} from "../state/filters.ts";
import { ownerNames } from "../state/owner-names.ts";
import { navigate, query } from "../state/url.ts";
import { tableText } from "../texts/devices.ts";
import { groupsText } from "../texts/groups.ts";
import type { Usage } from "../wire.ts";
import { Explanations } from "./cells.tsx";
import { type Order, shownColumns, type View } from "./columns.ts";
import { saveFile } from "./copy.ts";
import { csvFileName, toCsv } from "./csv.ts";
import { PAGE_SIZES, Pager } from "./pager.tsx";
import { orderChanges, orderOf, pageOf, viewOf } from "./question.ts";
import { isAnyEdited, isEdited } from "./rename.tsx";
import type { Row } from "./row.ts";
import { rowsByDay, sumsOf } from "./rows.ts";
import { compareNames, inNaturalOrder, sortRows } from "./sort.ts";
import { SortChoice } from "./sort-choice.tsx";
import { Table } from "./table.tsx";
import { isTipOpen, TipLayer } from "./tip.tsx";
import { FilterHelp, Tools, ViewChoice } from "./toolbar.tsx";
import { type DaysState, useDays } from "./use-days.ts";
import { useHeld } from "./use-held.ts";
import { usePrinting } from "./use-printing.ts";

/**
 * The device table: search, filters, order, view and page live in the address; figures change in place with each
 * reading, and nothing changes its place while the focus is in the table, a name is edited or a tip is open.
 */
export function Devices({ usage }: { usage: Usage }) {
  const section = useRef<HTMLElement>(null);
  const [focused, setFocused] = useState(false);
  const [chosenSize, setSize] = useState<number>(PAGE_SIZES[0]);
  const isPrinting = usePrinting();
  const texts = filterTexts.value;
  const [filtersWanted, setFiltersWanted] = useState<boolean | null>(null);
  const filtersOpen = filtersWanted ?? Object.keys(texts.columns).length > 0;

  // Groups have no days of their own.
  const view = usage.by === "device" ? viewOf(query.value) : "device";
  const order = orderOf(query.value);
  const columns = useMemo(() => shownColumns(view, usage), [view, usage]);
  const daysState = useDays(usage, view === "day");
  const { rows, passed, sums, folded, foldedPassed } = useAnswer(usage, view, order, daysState);
  const question = JSON.stringify([view, order, texts, usage.from, usage.to]);
  const shown = useHeld(passed, question, focused || isAnyEdited() || isTipOpen(), isEdited);
  const isFiltered = tableFilter.value?.active === true;

  // On paper there is no next page to turn to.
  const size = isPrinting ? Math.max(1, shown.length) : chosenSize;
  const pages = Math.max(1, Math.ceil(shown.length / size));
  const page = pageOf(query.value, pages);

  const turn = (to: number) => {
    navigate({ page: to === 1 ? null : String(to) }, { replace: true });
    // The next page is read from its top.
    if ((section.current?.getBoundingClientRect().top ?? 0) < 0) section.current?.scrollIntoView();
  };
  const sortBy = (next: Order) => navigate(orderChanges(next, view), { replace: true });
  const exportCsv = () =>
    saveFile(csvFileName(usage.from, usage.to), "text/csv;charset=utf-8", toCsv(shown, columns, usage.zone));
  // What is left out of the list is in its sums.
  const leftOut = isFiltered || isHiddenShown.value ? 0 : folded;
  const unlisted = isFiltered ? 0 : (usage.others?.devices ?? 0) + leftOut;
  const listed = sums.members - leftOut;
  const members = formatCount(listed);
  const number = unlisted === 0 ? members : tableText.some(members, formatCount(listed + unlisted));
  const isOne = listed === 1;
  const count = usage.by === "device" ? tableText.devices(number, isOne) : groupsText.members(members, usage.by, isOne);

  return (
    <>
      <section class="panel devices-panel" aria-labelledby="devices-title" ref={section}>
        <div class="panel-head">
          <h2 id="devices-title">{groupsText.titles[usage.by]}</h2>
          {usage.by === "device" && <ViewChoice view={view} />}
        </div>
        {groupsText.notes[usage.by] !== undefined && <p class="devices-note">{groupsText.notes[usage.by]}</p>}
        <Tools
          texts={texts}
          onType={typeFilters}
          filtersOpen={filtersOpen}
          onFilters={setFiltersWanted}
          onExport={exportCsv}
          usage={usage}
        />
        {filtersOpen && <FilterHelp />}
        <p class="visually-hidden" role="status">
          {isFiltered ? tableText.matching(formatCount(shown.length), formatCount(rows.length)) : ""}
        </p>
        <SortChoice columns={columns} order={order} onSort={sortBy} />
        <Table
          id="devices"
          rows={shown.slice((page - 1) * size, page * size)}
          before={(page - 1) * size}
          rowCount={shown.length}
          sums={sums}
          sumLabel={sums.rows === sums.members ? count : tableText.withRows(count, formatCount(sums.rows))}
          whole={usage.totals.download + usage.totals.upload}
          columns={columns}
          view={view}
          order={order}
          onSort={sortBy}
          filters={filtersOpen ? { texts, problems: tableFilter.value?.problems ?? {}, onType: typeFilters } : null}
          onFocused={setFocused}
          empty={
            <Empty
              state={view === "day" ? daysState : null}
              filtered={isFiltered && rows.length > 0}
              hidden={foldedPassed}
              onClear={clearFilters}
            />
          }
        />
        {folded > 0 && <FoldChoice folded={folded} />}
        {shown.length > Math.min(...PAGE_SIZES) && !isPrinting && (
          <Pager page={page} pages={pages} size={size} rows={shown.length} onPage={turn} onSize={setSize} />
        )}
      </section>
      <Explanations />
      <TipLayer />
    </>
  );
}

/**
 * Rows of the view, in order, and those of them that pass the filters. Sorted first: then a letter typed into a filter
 * costs no sorting.
 */
function useAnswer(usage: Usage, view: View, order: Order, { days }: DaysState) {
  const byDevice = deviceRows.value;
  const isWhole = isHiddenShown.value;
  const names = ownerNames.value;
  const filter = tableFilter.value;
  const ofDays = useMemo(
    () => (view === "day" && days !== null ? rowsByDay(days, usage, (id) => names.get(id) ?? null) : []),
    [usage, view, days, names],
  );
  const leftOut = view === "day" ? ofDays.filter(({ who }) => who.isFolded) : foldedRows.value;
  const rows = useMemo(() => {
    if (view === "device") return inNaturalOrder(byDevice);
    return inNaturalOrder(isWhole ? ofDays : ofDays.filter(({ who }) => !who.isFolded));
  }, [byDevice, view, ofDays, isWhole]);
  const sorted = useMemo(() => sortRows(rows, order, compareNames), [rows, order.column, order.direction]);
  const passed = useMemo(() => (filter?.active ? sorted.filter(filter.test) : sorted), [sorted, filter]);
  // Another order adds up to the same.
  const sums = useMemo(
    () => sumsOf(isWhole || filter?.active ? passed : [...passed, ...leftOut]),
    [rows, filter, isWhole],
  );
  const devicesIn = (some: readonly Row[]) => new Set(some.map(({ who }) => who.key)).size;
  const foldedPassed = isWhole || !filter?.active ? 0 : devicesIn(leftOut.filter(filter.test));
  return { rows, passed, sums, folded: devicesIn(leftOut), foldedPassed };
}

/** Hidden and archived devices are in the sums: a button away. */
function FoldChoice({ folded }: { folded: number }) {
  const isShown = isHiddenShown.value;
  return (
    <p class="devices-fold">
      <button
        type="button"
        class="button"
        onClick={() => navigate({ hidden: isShown ? null : "show", page: null }, { replace: true })}
      >
        {isShown ? tableText.leaveHidden : tableText.showHidden(folded)}
      </button>
    </p>
  );
}

interface EmptyProps {
  /** How the days are doing, in the view by day. */
  readonly state: DaysState | null;
  readonly filtered: boolean;
  /** So many hidden and archived devices pass the filters. */
  readonly hidden: number;
  readonly onClear: () => void;
}

/** What stands where rows would. */
function Empty({ state, filtered, hidden, onClear }: EmptyProps) {
  if (state?.failure && state.days === null) {
    return (
      <>
        <p role="alert">
          {state.failure.message} {state.failure.hint}
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
      <p>
        {tableText.noMatch} {hidden > 0 && tableText.hiddenMatch(hidden)}
      </p>
      <button type="button" class="button" onClick={onClear}>
        {tableText.clearFilters}
      </button>
    </>
  );
}

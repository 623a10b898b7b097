import { useMemo, useState } from "preact/hooks";
import { formatCount } from "../format.ts";
import { navigate, selection } from "../state/url.ts";
import { hostsText, tableText } from "../texts/devices.ts";
import type { Usage } from "../wire.ts";
import { columnsOfHosts, defaultOrder, type Order } from "./columns.ts";
import { readFilter } from "./filter.ts";
import { PAGE_SIZES, Pager } from "./pager.tsx";
import { rowsOfHosts, sumsOf } from "./rows.ts";
import { compareNames, inNaturalOrder, sortRows } from "./sort.ts";
import { SortChoice } from "./sort-choice.tsx";
import { Table } from "./table.tsx";
import { useHeld } from "./use-held.ts";

/** The hosts on the Internet that devices talked to: a list of its own, read when somebody wants it. */
export function Hosts({ usage }: { usage: Usage }) {
  // As asked for: the switch must not spring back while the answer is on its way.
  const isWanted = selection.value.remote;
  return (
    <section class="panel devices-panel" aria-labelledby="hosts-title">
      <div class="panel-head">
        <h2 id="hosts-title">{hostsText.title}</h2>
        <button
          type="button"
          class="button"
          aria-expanded={isWanted}
          onClick={() => navigate({ remote: isWanted ? null : "yes" })}
        >
          {isWanted ? hostsText.hide : hostsText.show}
        </button>
      </div>
      {isWanted && usage.remotes === null && <p role="status">{hostsText.loading}</p>}
      {isWanted && usage.remotes !== null && <List usage={usage} />}
    </section>
  );
}

const COLUMNS = columnsOfHosts();

function List({ usage }: { usage: Usage }) {
  const [search, setSearch] = useState("");
  const [order, setOrder] = useState<Order>(defaultOrder("device"));
  const [focused, setFocused] = useState(false);
  const [page, setPage] = useState(1);
  const [size, setSize] = useState<number>(PAGE_SIZES[0]);

  const rows = useMemo(() => inNaturalOrder(rowsOfHosts(usage)), [usage]);
  const passed = useMemo(() => {
    const context = { zone: usage.zone, today: usage.today, now: usage.now, units: 1000 } as const;
    const filter = readFilter({ search, columns: {} }, context);
    return sortRows(filter.active ? rows.filter(filter.test) : rows, order, compareNames);
  }, [rows, search, order]);
  const shown = useHeld(passed, JSON.stringify([search, order, usage.from, usage.to]), focused, () => false);
  const sums = sumsOf(shown);
  const pages = Math.max(1, Math.ceil(shown.length / size));
  const at = Math.min(page, pages);
  const all = usage.remoteTotals;

  return (
    <>
      <p class="devices-about">{hostsText.about}</p>
      <div class="devices-tools">
        <input
          type="text"
          class="devices-search"
          aria-label={hostsText.search}
          placeholder={hostsText.searchHint}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={search}
          onInput={(event) => {
            setSearch(event.currentTarget.value);
            setPage(1);
          }}
        />
      </div>
      <SortChoice columns={COLUMNS} order={order} onSort={setOrder} />
      <Table
        id="hosts"
        rows={shown.slice((at - 1) * size, at * size)}
        before={(at - 1) * size}
        rowCount={shown.length}
        sums={sums}
        sumLabel={labelOf(shown.length, rows.length, all?.hosts ?? rows.length)}
        whole={all === null ? 0 : all.download + all.upload}
        columns={COLUMNS}
        view="device"
        order={order}
        onSort={setOrder}
        filters={null}
        onFocused={setFocused}
        empty={<p>{search === "" ? tableText.noActivity : hostsText.noMatch}</p>}
      />
      {shown.length > Math.min(...PAGE_SIZES) && (
        <Pager page={at} pages={pages} size={size} rows={shown.length} onPage={setPage} onSize={setSize} />
      )}
    </>
  );
}

/** How many there are, where only the largest are listed and all of these are shown. */
function labelOf(shown: number, listed: number, all: number): string {
  const count =
    shown === listed && all > listed ? tableText.some(formatCount(shown), formatCount(all)) : formatCount(shown);
  return hostsText.count(count, shown === 1 && all === 1);
}

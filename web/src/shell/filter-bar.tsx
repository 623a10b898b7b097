import { columnsOf, type View } from "../devices/columns.ts";
import type { FilterTexts } from "../devices/filter.ts";
import { viewOf } from "../devices/question.ts";
import { formatCount } from "../format.ts";
import { clearFilters, figures, filterTexts, isTableOnly, passing, shownUsage, tableFilter } from "../state/filters.ts";
import { query } from "../state/url.ts";
import { filterBarText, tableText } from "../texts/devices.ts";
import { groupsText } from "../texts/groups.ts";

/** Says above all figures that they are of some devices only, and of which: a link that was sent opens with it. */
export function FilterBar() {
  const all = figures.value;
  const shown = shownUsage.value;
  if (tableFilter.value?.active !== true || all === null || shown === null) return null;
  return (
    <section class="shell-notice shell-filtered" aria-label={filterBarText.label}>
      <p>
        <strong>
          {passing.value === null
            ? filterBarText.tableOnly
            : filterBarText.showing(
                formatCount(shown.devices.length),
                groupsText.members(formatCount(all.devices.length), all.by, all.devices.length === 1),
              )}
        </strong>{" "}
        <bdi>{wordsOf(filterTexts.value, viewOf(query.value))}</bdi>
        {passing.value !== null && isTableOnly.value && ` ${filterBarText.partly}`}
      </p>
      <button type="button" class="button" onClick={clearFilters}>
        {tableText.clearFilters}
      </button>
    </section>
  );
}

/** "phone", Download >500 MB */
function wordsOf({ search, columns }: FilterTexts, view: View): string {
  const filters = columnsOf(view).flatMap(({ id, label }) => {
    const text = columns[id]?.trim() ?? "";
    return text === "" ? [] : filterBarText.filter(label, text);
  });
  return [...(search.trim() === "" ? [] : [filterBarText.search(search.trim())]), ...filters].join(", ");
}

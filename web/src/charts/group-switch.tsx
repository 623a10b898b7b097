import { useId } from "preact/hooks";
import { groupsFor } from "../state/ranges.ts";
import { navigate, selection } from "../state/url.ts";
import { chartText } from "../texts/charts.ts";
import type { Usage } from "../wire.ts";

/** By hour, day or month, where the length of the range leaves a choice. */
export function GroupSwitch({ usage }: { usage: Pick<Usage, "from" | "to" | "group"> }) {
  const name = useId();
  const groups = groupsFor(usage.from, usage.to);
  if (groups.length < 2) return null;
  // What was chosen shows at once, and not when its figures come.
  const chosen = selection.value.group ?? usage.group;
  return (
    <fieldset class="segmented chart-switch">
      <legend class="visually-hidden">{chartText.groupBy}</legend>
      {groups.map((group) => (
        <label key={group}>
          <input
            class="visually-hidden"
            type="radio"
            name={name}
            value={group}
            checked={chosen === group}
            onChange={() => navigate({ group })}
          />
          {chartText.groups[group]}
        </label>
      ))}
    </fieldset>
  );
}

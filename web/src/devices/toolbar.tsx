import { useState } from "preact/hooks";
import { urlOf } from "../api.ts";
import { navigate, selection } from "../state/url.ts";
import { tableText } from "../texts/devices.ts";
import type { Usage } from "../wire.ts";
import type { View } from "./columns.ts";
import { copyText } from "./copy.ts";
import type { FilterTexts } from "./filter.ts";
import { viewChanges } from "./question.ts";

/** One row a device, or one a device and day. */
export function ViewChoice({ view }: { view: View }) {
  const choose = (next: View) => navigate(viewChanges(next));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset can't be laid out in a line by every browser
    <div class="segmented" role="group" aria-label={tableText.rowsOfTable}>
      <button type="button" aria-pressed={view === "device"} onClick={() => choose("device")}>
        {tableText.byDevice}
      </button>
      <button type="button" aria-pressed={view === "day"} onClick={() => choose("day")}>
        {tableText.byDay}
      </button>
    </div>
  );
}

interface ToolsProps {
  readonly texts: FilterTexts;
  readonly onType: (texts: FilterTexts) => void;
  readonly filtersOpen: boolean;
  readonly onFilters: (open: boolean) => void;
  readonly onExport: () => void;
  readonly usage: Pick<Usage, "from" | "to" | "by" | "owner">;
}

/** Search, filters, and the ways out. */
export function Tools({ texts, onType, filtersOpen, onFilters, onExport, usage }: ToolsProps) {
  const { from, to, by, owner } = usage;
  const count = Object.values(texts.columns).filter((text) => text.trim() !== "").length;
  return (
    <div class="devices-tools">
      <input
        type="search"
        class="devices-search"
        aria-label={tableText.searchDevices}
        aria-keyshortcuts="/"
        placeholder={by === "device" ? tableText.searchHint : tableText.searchGroups}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        value={texts.search}
        onInput={(event) => onType({ ...texts, search: event.currentTarget.value })}
      />
      <button
        type="button"
        class="button"
        aria-expanded={filtersOpen}
        aria-controls="devices-table"
        onClick={() => onFilters(!filtersOpen)}
      >
        {tableText.filters}
        {count > 0 && <span class="devices-badge">{count}</span>}
      </button>
      <span class="devices-outs">
        <button type="button" class="button" onClick={onExport}>
          {tableText.exportCsv}
        </button>
        {/* That address has all devices. */}
        {by === "device" && owner === null && <CopyLink from={from} to={to} />}
      </span>
    </div>
  );
}

/** Copies the address from which Power Query, or anything else, reads this range. */
function CopyLink({ from, to }: { from: string; to: string }) {
  const [said, setSaid] = useState<"copied" | "refused" | null>(null);
  const address = urlOf("json/history", {
    start: from,
    end: to,
    includePublicIP: selection.value.remote ? "yes" : "no",
  });
  const copy = async () => setSaid((await copyText(address)) ? "copied" : "refused");
  return (
    <span class="devices-copy">
      <button
        type="button"
        class="button"
        title={tableText.copyLinkWhy}
        onClick={() => void copy()}
        onBlur={() => said === "copied" && setSaid(null)}
      >
        {said === "copied" ? tableText.copied : tableText.copyLink}
      </button>
      <span class="visually-hidden" role="status">
        {said === "copied" ? tableText.copiedWhole : ""}
      </span>
      {said === "refused" && (
        <label class="devices-address">
          {tableText.copyByHand}
          <input type="text" readOnly value={address} onFocus={(event) => event.currentTarget.select()} />
        </label>
      )}
    </span>
  );
}

/** What can be written into a filter. */
export function FilterHelp() {
  return (
    <details class="devices-help">
      <summary>{tableText.syntax}</summary>
      <dl>
        {tableText.syntaxLines.map(([examples, meaning]) => (
          <div key={meaning}>
            <dt>
              {examples.map((example) => (
                <code key={example}>{example}</code>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

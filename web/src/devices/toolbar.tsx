import { useState } from "preact/hooks";
import { urlOf } from "../api.ts";
import { navigate } from "../state/url.ts";
import type { View } from "./columns.ts";
import { copyText } from "./copy.ts";
import type { FilterTexts } from "./filter.ts";
import { viewChanges } from "./question.ts";

/** By device or by day, with or without remote hosts. */
export function Choices({ view, remote }: { view: View; remote: boolean }) {
  const choose = (next: View) => navigate(viewChanges(next));
  return (
    <div class="devices-choices">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset can't be laid out in a line by every browser */}
      <div class="segmented" role="group" aria-label="Rows of the table">
        <button type="button" aria-pressed={view === "device"} onClick={() => choose("device")}>
          By device
        </button>
        <button type="button" aria-pressed={view === "day"} onClick={() => choose("day")}>
          By day
        </button>
      </div>
      <label class="devices-remote" aria-disabled={view === "day"}>
        <input
          type="checkbox"
          checked={remote}
          disabled={view === "day"}
          aria-describedby={view === "day" ? "devices-remote-why" : undefined}
          onChange={(event) => navigate({ remote: event.currentTarget.checked ? "yes" : null, page: null })}
        />
        Remote hosts
      </label>
      {view === "day" && (
        <span class="visually-hidden" id="devices-remote-why">
          Remote hosts are shown by device only.
        </span>
      )}
    </div>
  );
}

interface ToolsProps {
  readonly texts: FilterTexts;
  readonly onType: (texts: FilterTexts) => void;
  readonly filtersOpen: boolean;
  readonly onFilters: (open: boolean) => void;
  readonly onExport: () => void;
  readonly from: string;
  readonly to: string;
  readonly remote: boolean;
}

/** Search, filters, and the ways out. */
export function Tools({ texts, onType, filtersOpen, onFilters, onExport, from, to, remote }: ToolsProps) {
  const count = Object.values(texts.columns).filter((text) => text.trim() !== "").length;
  return (
    <div class="devices-tools">
      <input
        type="search"
        class="devices-search"
        aria-label="Search devices"
        aria-keyshortcuts="/"
        placeholder="Search name, address, MAC, vendor"
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
        Filters{count > 0 && <span class="devices-badge">{count}</span>}
      </button>
      <span class="devices-outs">
        <button type="button" class="button" onClick={onExport}>
          Export CSV
        </button>
        <CopyAddress from={from} to={to} remote={remote} />
      </span>
    </div>
  );
}

/** Copies the address from which Power Query, or anything else, reads this range. */
function CopyAddress({ from, to, remote }: { from: string; to: string; remote: boolean }) {
  const [said, setSaid] = useState<"copied" | "refused" | null>(null);
  const address = urlOf("json/history", { start: from, end: to, includePublicIP: remote ? "yes" : "no" });
  const copy = async () => setSaid((await copyText(address)) ? "copied" : "refused");
  return (
    <span class="devices-copy">
      <button
        type="button"
        class="button"
        title="The address of these days as JSON, for Excel's Power Query and Power BI"
        onClick={() => void copy()}
        onBlur={() => said === "copied" && setSaid(null)}
      >
        {said === "copied" ? "Address copied" : "Copy JSON address"}
      </button>
      <span class="visually-hidden" role="status">
        {said === "copied" ? "The address of these days as JSON was copied." : ""}
      </span>
      {said === "refused" && (
        <label class="devices-address">
          Copy it from here:
          <input type="text" readOnly value={address} onFocus={(event) => event.currentTarget.select()} />
        </label>
      )}
    </span>
  );
}

/** How filters are written. */
export function FilterHelp() {
  return (
    <details class="devices-help">
      <summary>How filters are written</summary>
      <dl>
        {HELP.map(([examples, meaning]) => (
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

const HELP: readonly (readonly [examples: readonly string[], meaning: string])[] = [
  [["phone", "!phone"], "Contains it, or doesn't. Case and accents make no difference."],
  [["=tv", '=""'], "Is exactly this, is empty. “!=” turns it round."],
  [[">500 MB", "<1.5 GiB", ">=2k"], "Amounts. MB is 1000², MiB 1024², a bare M is what the page shows."],
  [["500 kB..2 MB", ">1 GB <5 GB"], "Between two amounts. Works for shares and dates, too."],
  [["=1.5 GB"], "All that is shown so."],
  [[">5 %", "1..10 %"], "Shares."],
  [["2026-11-20", "2026-11", ">2026-11-01", "today"], "Dates: a day, a month, after, today, yesterday."],
  [["<2 h", ">7 d", "never"], "Last seen within two hours, longer ago than a week, never."],
];

import { RECONSTRUCTED } from "../charts/words.ts";
import { formatBytes } from "../format.ts";
import type { DayFigures } from "./days.ts";
import { dayName } from "./words.ts";

/** The figures of one day. */
export function DayTip({ figures, running, hint }: { figures: DayFigures; running: boolean; hint: string }) {
  return (
    <>
      <p class="chart-tip-head">
        <span>{dayName(figures.day)}</span>
        <strong>
          {formatBytes(figures.download + figures.upload)}
          {running && <small> so far</small>}
        </strong>
      </p>
      <ul class="chart-tip-list">
        <li>
          <i class="chart-swatch chart-fill-download" />
          Download <span>{formatBytes(figures.download)}</span>
        </li>
        <li>
          <i class="chart-swatch chart-fill-upload" />
          Upload <span>{formatBytes(figures.upload)}</span>
        </li>
      </ul>
      {figures.reconstructed && <p class="chart-tip-note">≈ {RECONSTRUCTED}</p>}
      {figures.implausible && <p class="chart-tip-note">{IMPLAUSIBLE}</p>}
      <p class="chart-tip-note">{hint}</p>
    </>
  );
}

const IMPLAUSIBLE =
  "Far more than is usual here, or than the line can carry: an older version probably counted this day wrongly.";

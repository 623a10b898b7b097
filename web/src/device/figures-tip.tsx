import { formatBytes } from "../format.ts";
import { chartText } from "../texts/charts.ts";
import { deviceText } from "../texts/device.ts";
import type { DayFigures } from "./day-figures.ts";
import { dayName } from "./labels.ts";

/** The figures of one day. */
export function DayTip({ figures, running, hint }: { figures: DayFigures; running: boolean; hint: string }) {
  return (
    <>
      <p class="chart-tip-head">
        <span>{dayName(figures.day)}</span>
        <strong>
          {formatBytes(figures.download + figures.upload)}
          {running && <small> {deviceText.soFar}</small>}
        </strong>
      </p>
      <ul class="chart-tip-list">
        <li>
          <i class="chart-swatch chart-fill-download" />
          {deviceText.download} <span>{formatBytes(figures.download)}</span>
        </li>
        <li>
          <i class="chart-swatch chart-fill-upload" />
          {deviceText.upload} <span>{formatBytes(figures.upload)}</span>
        </li>
      </ul>
      {figures.reconstructed && <p class="chart-tip-note">≈ {chartText.estimated}</p>}
      {figures.implausible && <p class="chart-tip-note">{deviceText.implausibleWhy}</p>}
      <p class="chart-tip-note">{hint}</p>
    </>
  );
}

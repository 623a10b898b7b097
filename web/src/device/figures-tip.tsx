import type { ComponentChildren } from "preact";
import { formatBytes } from "../format.ts";
import { chartText } from "../texts/charts.ts";
import { deviceText } from "../texts/device.ts";

interface FiguresTipProps {
  readonly figures: {
    /** The hour, the day or the month. */
    readonly name: string;
    readonly download: number;
    readonly upload: number;
    readonly running: boolean;
    readonly reconstructed: boolean;
    readonly implausible?: boolean;
  };
  readonly hint: string | null;
  /** What else is to be said, before the hint. */
  readonly children?: ComponentChildren;
}

/** What a device used in an hour, on a day or in a month. */
export function FiguresTip({ figures, hint, children }: FiguresTipProps) {
  const { name, download, upload, running } = figures;
  return (
    <>
      <p class="chart-tip-head">
        <span>{name}</span>
        <strong>
          {formatBytes(download + upload)}
          {running && <small> {deviceText.soFar}</small>}
        </strong>
      </p>
      <ul class="chart-tip-list">
        <li>
          <i class="chart-swatch chart-fill-download" />
          {deviceText.download} <span>{formatBytes(download)}</span>
        </li>
        <li>
          <i class="chart-swatch chart-fill-upload" />
          {deviceText.upload} <span>{formatBytes(upload)}</span>
        </li>
      </ul>
      {figures.reconstructed && <p class="chart-tip-note">≈ {chartText.estimated}</p>}
      {figures.implausible && <p class="chart-tip-note">{deviceText.implausibleWhy}</p>}
      {children}
      {hint !== null && <p class="chart-tip-note">{hint}</p>}
    </>
  );
}

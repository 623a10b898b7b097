import { type Bar, Bars, type Part } from "../charts/bars.tsx";
import { FiguresTable } from "../charts/figures-table.tsx";
import { pickHint } from "../charts/labels.ts";
import { formatBytes, formatDay } from "../format.ts";
import { units } from "../state/preferences.ts";
import { chartText } from "../texts/charts.ts";
import { deviceText } from "../texts/device.ts";
import type { Direction } from "../wire.ts";
import { type DayFigures, lastDays } from "./day-figures.ts";
import { DayTip } from "./day-tip.tsx";
import { dayLabel, dayName } from "./labels.ts";

export interface DayBarsProps {
  readonly days: ReadonlyMap<string, DayFigures>;
  readonly today: string;
  readonly by: Direction;
  readonly onPick: (day: string) => void;
}

const DAYS = 31;

/** The last 31 days as bars, download and upload apart. */
export function DayBars({ days, today, by, onPick }: DayBarsProps) {
  const shown = lastDays(days, today, DAYS);
  const bars = shown.map((figures): Bar => {
    return {
      id: figures.day,
      tick: formatDay(figures.day, "short"),
      label: dayLabel(figures, figures.day === today, chartText.press(deviceText.showDay)),
      parts: partsOf(figures, by),
      running: figures.day === today,
    };
  });
  const title = deviceText.lastDays(DAYS);
  return (
    <section class="panel" aria-labelledby="device-month-title">
      <div class="panel-head">
        <h2 id="device-month-title">{title}</h2>
        <ul class="chart-legend chart-legend-still">
          {(["download", "upload"] as const)
            .filter((direction) => by === "total" || by === direction)
            .map((direction) => (
              <li key={direction}>
                <i class={`chart-swatch chart-fill-${direction}`} aria-hidden="true" />
                {chartText.measures[direction]}
              </li>
            ))}
        </ul>
      </div>
      <Bars
        title={chartText.barKeys(title)}
        about={today}
        bars={bars}
        units={units.value}
        language={navigator.language}
        hours={false}
        onPick={(index) => {
          const day = shown[index]?.day;
          if (day) onPick(day);
        }}
        empty={deviceText.noneInDays(DAYS)}
        tip={(index) => {
          const figures = shown[index];
          return figures ? (
            <DayTip figures={figures} running={figures.day === today} hint={pickHint(deviceText.showDay)} />
          ) : null;
        }}
      />
      <FiguresTable
        caption={title}
        head={[chartText.day, deviceText.download, deviceText.upload, deviceText.total]}
        rows={() =>
          shown.toReversed().map((figures) => ({
            id: figures.day,
            cells: [
              `${dayName(figures.day)}${figures.reconstructed ? " ≈" : ""}`,
              formatBytes(figures.download),
              formatBytes(figures.upload),
              formatBytes(figures.download + figures.upload),
            ],
          }))
        }
      />
    </section>
  );
}

function partsOf(figures: DayFigures, by: Direction): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const direction of ["download", "upload"] as const) {
    const amount = by === "total" || by === direction ? figures[direction] : 0;
    if (amount === 0) continue;
    const to = from + amount;
    parts.push({ id: direction, fill: `chart-fill-${direction}`, from, to, hatched: figures.reconstructed });
    from = to;
  }
  return parts;
}

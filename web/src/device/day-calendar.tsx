import { useState } from "preact/hooks";
import { FiguresTable } from "../charts/figures-table.tsx";
import { type Cell, Heat, HeatLegend, type Missing } from "../charts/heat.tsx";
import { pickHint } from "../charts/labels.ts";
import { boundsOf } from "../charts/levels.ts";
import { MeasureSwitch } from "../charts/measure-switch.tsx";
import { useSize } from "../charts/use-size.ts";
import { formatBytes, formatMonth, formatWeekday } from "../format.ts";
import { chartText } from "../texts/charts.ts";
import { deviceText } from "../texts/device.ts";
import type { Direction } from "../wire.ts";
import { firstWeekdayOf, stretchesOf, weeksOf } from "./calendar.ts";
import { amountOn, type DayFigures, figuresOf } from "./day-figures.ts";
import { FiguresTip } from "./figures-tip.tsx";
import { dayLabel, dayName } from "./labels.ts";

export interface DayCalendarProps {
  readonly days: ReadonlyMap<string, DayFigures>;
  readonly firstDay: string;
  /** Days on which nothing was measured. */
  readonly unmeasured: ReadonlySet<string>;
  readonly today: string;
  readonly by: Direction;
  readonly onPick: (day: string) => void;
}

const LEFT = 34;
const MONTHS = 18;
/** Between the halves of a year that is too wide for one line. */
const BETWEEN = 10;
const SMALLEST = 12;
const LARGEST = 22;

/** A year of days as a calendar of weeks, in as many lines as the page is narrow. */
export function DayCalendar({ days, firstDay, unmeasured, today, by, onPick }: DayCalendarProps) {
  const [frame, { width }] = useSize<HTMLDivElement>();
  const [chosen, choose] = useState("recent");
  const stretches = stretchesOf(firstDay, today);
  const { from, to } = stretches.find((stretch) => stretch.id === chosen) ?? { from: today, to: today };
  const weeks = weeksOf(from, to, firstWeekdayOf(navigator.language));

  let lines = 1;
  const pitchIn = (lines: number) => (width - LEFT) / Math.ceil(weeks.length / lines);
  while (lines < 6 && pitchIn(lines) < SMALLEST) lines += 1;
  const perLine = Math.ceil(weeks.length / lines);
  const pitch = Math.min(LARGEST, pitchIn(lines));
  const lineHeight = MONTHS + 7 * pitch + BETWEEN;
  const size = Math.max(1, pitch - (pitch > 13 ? 3 : 2));

  const cells: (Cell & { readonly figures: DayFigures })[] = [];
  const texts: { x: number; y: number; text: string; end: boolean }[] = [];
  for (const [index, week] of weeks.entries()) {
    const x = LEFT + (index % perLine) * pitch;
    const y = Math.floor(index / perLine) * lineHeight;
    if (week.month !== null) {
      // The year belongs to the first name and to each January.
      const name = formatMonth(week.month, "short");
      texts.push({ x, y: y + 11, text: shortMonth(name), end: false });
    }
    for (const [row, day] of week.days.entries()) {
      if (index % perLine === 0 && row % 2 === 0) {
        const named = weeks[1]?.days[row] ?? day;
        if (named)
          texts.push({
            x: LEFT - 7,
            y: y + MONTHS + row * pitch + size / 2 + 4,
            text: formatWeekday(named),
            end: true,
          });
      }
      if (day === null) continue;
      const figures = figuresOf(days, day);
      const missing = day < firstDay ? "absent" : unmeasured.has(day) ? "unmeasured" : null;
      cells.push({
        id: day,
        x,
        y: y + MONTHS + row * pitch,
        amount: amountOn(figures, by),
        label: dayLabel(figures, day === today, missing, chartText.press(deviceText.showDay)),
        hatched: figures.reconstructed,
        missing,
        figures,
      });
    }
  }
  const missing = new Set(cells.flatMap((cell): Missing[] => (cell.missing === null ? [] : [cell.missing])));
  const bounds = boundsOf(cells.map((cell) => cell.amount));
  const ends = [dayName(from), dayName(to)] as const;

  return (
    <section class="panel" aria-labelledby="device-days-title">
      <div class="panel-head">
        <h2 id="device-days-title">{deviceText.daily}</h2>
        <MeasureSwitch />
        {stretches.length > 1 && (
          <label class="device-choice">
            <span class="visually-hidden">{deviceText.period}</span>
            <select value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
              {stretches.map(({ id }) => (
                <option key={id} value={id}>
                  {id === "recent" ? deviceText.lastTwelveMonths : id}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <div class="chart-frame" ref={frame}>
        {width > 0 && (
          <Heat
            title={deviceText.calendarKeys(...ends)}
            about={`${from} ${to}`}
            width={width}
            height={lines * lineHeight - BETWEEN}
            size={[size, size]}
            cells={cells}
            bounds={bounds}
            walk={{ count: cells.length, across: 7, down: 1 }}
            start={cells.length - 1}
            texts={texts}
            onPick={(index) => {
              const day = cells[index]?.id;
              if (day) onPick(day);
            }}
            tip={(index) => {
              const { figures, missing } = cells[index] ?? {};
              if (!figures) return null;
              const shown = { ...figures, name: dayName(figures.day), running: figures.day === today };
              return (
                <FiguresTip figures={shown} hint={pickHint(deviceText.showDay)}>
                  {missing && <p class="chart-tip-note">{chartText.missing[missing]}</p>}
                </FiguresTip>
              );
            }}
          />
        )}
      </div>
      <HeatLegend bounds={bounds} missing={missing} />
      <FiguresTable
        caption={deviceText.calendarCaption(...ends)}
        head={[chartText.day, deviceText.download, deviceText.upload, deviceText.total]}
        rows={() =>
          cells
            .filter(({ figures }) => figures.download + figures.upload > 0)
            .toReversed()
            .map(({ figures }) => ({
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

/** "Nov 2026" without its year, in whatever order the language has them. */
function shortMonth(name: string): string {
  return name.replace(/[\s.]*\d{4}[.\s]*\p{L}?\.?\s*/u, "").trim() || name;
}

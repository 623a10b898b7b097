import { addDays } from "../../../src/shared/calendar-days.ts";
import { FiguresTable } from "../charts/figures-table.tsx";
import { type Cell, Heat, HeatLegend } from "../charts/heat.tsx";
import { boundsOf } from "../charts/levels.ts";
import { useSize } from "../charts/use-size.ts";
import { formatBytes, formatDayRange, formatHour, formatWeekday } from "../format.ts";
import { chartText } from "../texts/charts.ts";
import { deviceText } from "../texts/device.ts";
import type { DeviceDetail } from "../wire.ts";
import { firstWeekdayOf } from "./calendar.ts";

/** A Monday: its week gives the names of the weekdays. */
const MONDAY = "2024-01-01";
const LEFT = 40;
const TOP = 18;
const HOURS = 24;

/** The typical week of a device: how much it uses on average in each hour of each weekday. */
export function WeekMap({ week }: { week: DeviceDetail["week"] }) {
  const [frame, { width }] = useSize<HTMLDivElement>();
  const first = firstWeekdayOf(navigator.language);
  // Rows in the order in which weeks are written here; the data begin with Monday.
  const weekdays = Array.from({ length: 7 }, (_, row) => (row + first - 1) % 7);
  const pitch = Math.max(4, (width - LEFT) / HOURS);
  const tall = Math.max(16, Math.min(26, pitch));
  const gap = pitch > 14 ? 3 : 1.5;

  const cells: Cell[] = weekdays.flatMap((weekday, row) =>
    Array.from({ length: HOURS }, (_, hour) => {
      const amount = week.hours[weekday]?.[hour] ?? 0;
      const when = deviceText.weekdayHour(weekdayName(weekday), hourName(hour));
      return {
        id: `${weekday} ${hour}`,
        x: LEFT + hour * pitch,
        y: TOP + row * tall,
        amount,
        label: amount === 0 ? deviceText.weekCellNone(when) : deviceText.weekCell(when, formatBytes(amount)),
        hatched: false,
        missing: null,
      };
    }),
  );
  const bounds = boundsOf(cells.map((cell) => cell.amount));
  const everyHours = pitch * 3 > 44 ? 3 : 6;
  const texts = [
    ...weekdays.map((weekday, row) => ({
      x: LEFT - 8,
      y: TOP + row * tall + (tall - gap) / 2 + 4,
      text: weekdayName(weekday, "short"),
      end: true,
    })),
    ...Array.from({ length: HOURS / everyHours }, (_, i) => ({
      x: LEFT + i * everyHours * pitch,
      y: 11,
      text: hourName(i * everyHours),
      end: false,
    })),
  ];

  return (
    <section class="panel" aria-labelledby="device-week-title">
      <div class="panel-head">
        <h2 id="device-week-title">{deviceText.week}</h2>
        {bounds.length > 0 && <span class="device-aside">{deviceText.weekOf(formatDayRange(week.from, week.to))}</span>}
      </div>
      {bounds.length === 0 ? (
        <p class="chart-nothing">{deviceText.weekPending}</p>
      ) : (
        <>
          <div class="chart-frame" ref={frame}>
            {width > 0 && (
              <Heat
                title={deviceText.weekKeys}
                about={week.from}
                width={width}
                height={TOP + 7 * tall}
                size={[Math.max(1, pitch - gap), tall - gap]}
                cells={cells}
                bounds={bounds}
                walk={{ count: cells.length, across: 1, down: HOURS }}
                start={0}
                texts={texts}
                onPick={null}
                tip={(index) => {
                  const cell = cells[index];
                  const [weekday = 0, hour = 0] = (cell?.id ?? "").split(" ").map(Number);
                  return (
                    <p class="chart-tip-head">
                      <span>{deviceText.weekdayHour(weekdayName(weekday), hourName(hour))}</span>
                      <strong>{formatBytes(cell?.amount ?? 0)}</strong>
                    </p>
                  );
                }}
              />
            )}
          </div>
          <HeatLegend bounds={bounds} />
          <FiguresTable
            caption={deviceText.week}
            head={[chartText.hour, ...weekdays.map((weekday) => weekdayName(weekday))]}
            rows={() =>
              Array.from({ length: HOURS }, (_, hour) => ({
                id: String(hour),
                cells: [hourName(hour), ...weekdays.map((weekday) => formatBytes(week.hours[weekday]?.[hour] ?? 0))],
              }))
            }
          />
        </>
      )}
    </section>
  );
}

function weekdayName(weekday: number, style: "short" | "long" = "long"): string {
  return formatWeekday(addDays(MONDAY, weekday), style);
}

function hourName(hour: number): string {
  return formatHour(`${MONDAY}T${String(hour).padStart(2, "0")}`);
}

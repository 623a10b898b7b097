import { type Bar, type BarSegment, Bars } from "../charts/bars.tsx";
import { daysOfBucket, finerText } from "../charts/buckets.ts";
import { FiguresTable } from "../charts/figures-table.tsx";
import { GapNotes, GapTip, gapWords } from "../charts/gap-notes.tsx";
import { deviceGapsOf, type Gap, isAhead, isWhole } from "../charts/gaps.ts";
import { GroupSwitch } from "../charts/group-switch.tsx";
import { bucketName, bucketTick, nothingIn, pickHint } from "../charts/labels.ts";
import { MeasureSwitch } from "../charts/measure-switch.tsx";
import { formatBytes } from "../format.ts";
import { units } from "../state/preferences.ts";
import { chartText } from "../texts/charts.ts";
import { deviceText } from "../texts/device.ts";
import type { Direction, Usage, UsageDevice } from "../wire.ts";
import { FiguresTip } from "./figures-tip.tsx";

export interface DeviceTrendProps {
  /** The range, with this device alone in it, or with none where it used nothing. */
  readonly usage: Usage;
  readonly firstDay: string;
  readonly by: Direction;
  /** A bar was picked: show these days (both included). */
  readonly onNarrow: (from: string, to: string) => void;
}

/** How the range went for one device: bars of download and upload. */
export function DeviceTrend({ usage, firstDay, by, onNarrow }: DeviceTrendProps) {
  const { buckets, group } = usage;
  const finer = finerText(group);
  const title = chartText.trendTitle(by, group);
  const series = usage.devices[0]?.series;
  const figures = buckets.map((bucket, index) => ({
    name: bucketName(bucket, group),
    download: series?.download[index] ?? 0,
    upload: series?.upload[index] ?? 0,
    reconstructed: series?.reconstructed.includes(index) ?? false,
    running: bucket.from <= usage.now && usage.now < bucket.to,
    ahead: isAhead(usage, bucket),
    gaps: deviceGapsOf(usage, bucket, buckets[index + 1]?.day ?? null, firstDay),
  }));
  const bars = figures.map((one, index): Bar => {
    const bucket = buckets[index] as Usage["buckets"][number];
    const notes = [
      one.running ? deviceText.soFar : "",
      gapWords(one.gaps),
      one.reconstructed ? deviceText.partlyEstimated : "",
    ].filter((note) => note !== "");
    const [download, upload] = [formatBytes(one.download), formatBytes(one.upload)];
    const figuresText = deviceText.dayFigures(
      one.name,
      formatBytes(one.download + one.upload),
      notes,
      download,
      upload,
    );
    const text = one.ahead ? chartText.aheadOf(one.name) : figuresText;
    return {
      id: String(bucket.from),
      tick: bucketTick(bucket, group, buckets.length > 25),
      label: finer === null || one.ahead ? text : `${text} ${chartText.press(finer)}`,
      segments: segmentsOf(one, by),
      running: one.running,
      gaps: one.gaps,
    };
  });

  return (
    <section class="panel chart-trend" aria-labelledby="device-trend-title">
      <div class="panel-head">
        <h2 id="device-trend-title">{title}</h2>
        <GroupSwitch usage={usage} />
        <MeasureSwitch />
      </div>
      <Bars
        title={chartText.barKeys(title)}
        about={`${usage.from} ${usage.to} ${group}`}
        bars={bars}
        units={units.value}
        language={navigator.language}
        hours={group === "hour"}
        onPick={
          finer === null
            ? null
            : (index) => {
                const days = daysOfBucket(usage, index);
                if (days !== null) onNarrow(...days);
              }
        }
        empty={nothingIn(usage)}
        tip={(index) => {
          const one = figures[index];
          if (!one) return null;
          if (one.ahead) {
            return (
              <p class="chart-tip-head">
                <span>{one.name}</span> <strong>{chartText.ahead}</strong>
              </p>
            );
          }
          return (
            <FiguresTip figures={one} hint={finer === null ? null : pickHint(finer)}>
              <GapTip gaps={one.gaps} />
            </FiguresTip>
          );
        }}
      />
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
      <GapNotes bars={bars} />
      <FiguresTable
        caption={title}
        head={[chartText.time, deviceText.download, deviceText.upload, deviceText.total]}
        rows={() =>
          figures.map((one, index) => ({
            id: String(buckets[index]?.from),
            cells: [one.reconstructed ? `${one.name} ≈` : one.name, ...cellsOf(one)],
          }))
        }
      />
    </section>
  );
}

interface BarFigures {
  readonly download: number;
  readonly upload: number;
  readonly ahead: boolean;
  readonly gaps: readonly Gap[];
}

/** Download, upload and total as a table has them; why there are none where nothing is known. */
function cellsOf({ download, upload, ahead, gaps }: BarFigures): string[] {
  if (ahead) return ["", "", chartText.ahead];
  if (download + upload === 0 && isWhole(gaps)) return ["", "", gapWords(gaps)];
  return [formatBytes(download), formatBytes(upload), formatBytes(download + upload)];
}

type Figures = Pick<UsageDevice, "download" | "upload" | "reconstructed">;

function segmentsOf(figures: Figures, by: Direction): BarSegment[] {
  const segments: BarSegment[] = [];
  let from = 0;
  for (const direction of ["download", "upload"] as const) {
    const amount = by === "total" || by === direction ? figures[direction] : 0;
    if (amount === 0) continue;
    const to = from + amount;
    segments.push({ id: direction, fill: `chart-fill-${direction}`, from, to, hatched: figures.reconstructed });
    from = to;
  }
  return segments;
}

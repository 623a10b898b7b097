import { useState } from "preact/hooks";
import { formatBytes } from "../format.ts";
import { rankBy, units } from "../state/preferences.ts";
import { colourOf } from "../state/top-devices.ts";
import { chartText } from "../texts/charts.ts";
import type { Usage } from "../wire.ts";
import { type Bar, Bars } from "./bars.tsx";
import { daysOfBucket, finerText } from "./buckets.ts";
import { FiguresTable } from "./figures-table.tsx";
import { GapNotes, GapTip, gapWords } from "./gap-notes.tsx";
import { type Gap, gapsOf, isAhead, isWhole } from "./gaps.ts";
import { GroupSwitch } from "./group-switch.tsx";
import { bucketName, bucketTick, fillOf, nameOf, nothingIn, pickHint } from "./labels.ts";
import { type Layer, layersOf, OTHERS, pile, type Segment } from "./layers.ts";
import { MeasureSwitch } from "./measure-switch.tsx";

export interface TrendProps {
  readonly usage: Usage;
  /** A bar was picked: show these days (both included). */
  readonly onNarrow: (from: string, to: string) => void;
}

/** How the range went: stacked bars by hour, day or month; the top devices in their colours, the rest as others. */
export function Trend({ usage, onNarrow }: TrendProps) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const by = rankBy.value;
  const { buckets, group } = usage;
  const layers = layersOf(usage, by, colourOf);
  const shown = layers.filter((layer) => !hidden.has(layer.id));
  const piles = buckets.map((_, index) => pile(shown, index));
  const hint = finerText(group);
  const title = chartText.trendTitle(by, group);
  const isPartly = piles.some((segments) => segments.some((segment) => segment.reconstructed));

  const bars = buckets.map((bucket, index): Bar => {
    const segments = piles[index] ?? [];
    const running = bucket.from <= usage.now && usage.now < bucket.to;
    const gaps = gapsOf(usage, bucket);
    const name = bucketName(bucket, group);
    return {
      id: String(bucket.from),
      tick: bucketTick(bucket, group, buckets.length > 25),
      label: isAhead(usage, bucket)
        ? chartText.aheadOf(name)
        : labelOf(
            name,
            segments,
            [running ? chartText.soFar : "", gapWords(gaps)],
            hint === null ? "" : chartText.press(hint),
          ),
      segments: segments.map(({ layer, from, to, reconstructed }) => ({
        id: layer.id,
        fill: fillOf(layer),
        from,
        to,
        hatched: reconstructed,
      })),
      running,
      gaps,
    };
  });

  function narrow(index: number): void {
    const days = daysOfBucket(usage, index);
    if (days !== null) onNarrow(...days);
  }

  function toggle(id: string): void {
    const next = new Set(hidden);
    if (!next.delete(id)) next.add(id);
    setHidden(next);
  }

  return (
    <section class="panel chart-trend" aria-labelledby="chart-trend-title">
      <header class="panel-head">
        <h2 id="chart-trend-title">{title}</h2>
        <GroupSwitch usage={usage} />
        <MeasureSwitch />
      </header>
      <Bars
        title={chartText.barKeys(title)}
        about={`${usage.from} ${usage.to} ${group}`}
        bars={bars}
        units={units.value}
        language={navigator.language}
        hours={group === "hour"}
        onPick={hint === null ? null : narrow}
        empty={shown.length < layers.length ? chartText.allHidden : nothingIn(usage)}
        tip={(index) => {
          const bucket = buckets[index];
          if (!bucket) return null;
          return (
            <TrendTip
              name={bucketName(bucket, group)}
              ahead={isAhead(usage, bucket)}
              segments={piles[index] ?? []}
              running={bars[index]?.running ?? false}
              gaps={bars[index]?.gaps ?? []}
              hint={hint === null ? null : pickHint(hint)}
            />
          );
        }}
      />
      <Legend layers={layers} hidden={hidden} onToggle={toggle} />
      {isPartly && (
        <p class="chart-note">
          <span class="chart-hatch-key" aria-hidden="true" /> {chartText.estimated}
        </p>
      )}
      <GapNotes bars={bars} />
      <FiguresTable
        caption={title}
        head={[chartText.time, ...shown.map((layer) => <bdi key={layer.id}>{nameOf(layer)}</bdi>), chartText.total]}
        rows={() =>
          buckets.map((bucket, index) => ({
            id: String(bucket.from),
            cells: [
              bucketName(bucket, group),
              ...shown.map((layer) => (isAhead(usage, bucket) ? "" : amountText(layer, index))),
              isAhead(usage, bucket) ? chartText.ahead : totalText(piles[index] ?? [], bars[index]?.gaps ?? []),
            ],
          }))
        }
      />
    </section>
  );
}

function amountText(layer: Layer, index: number): string {
  return `${layer.reconstructed.has(index) ? "≈ " : ""}${formatBytes(layer.values[index] ?? 0)}`;
}

/** Nothing is not what was used while nobody counted. */
function totalText(segments: readonly Segment[], gaps: readonly Gap[]): string {
  return segments.length === 0 && isWhole(gaps) ? chartText.unmeasured : formatBytes(segments.at(-1)?.to ?? 0);
}

function labelOf(name: string, segments: readonly Segment[], notes: readonly string[], hint: string): string {
  const total = formatBytes(segments.at(-1)?.to ?? 0);
  const parts = segments.map(({ layer, from, to }) => `${nameOf(layer)} ${formatBytes(to - from)}`);
  const partly = segments.some((segment) => segment.reconstructed) ? chartText.partlyEstimated : "";
  const said = [total, ...notes, partly].filter((text) => text !== "");
  return [`${name}: ${said.join(", ")}.`, parts.length > 0 ? `${parts.join(", ")}.` : "", hint]
    .filter((text) => text !== "")
    .join(" ");
}

interface TrendTipProps {
  readonly name: string;
  readonly segments: readonly Segment[];
  /** Its time is yet to come. */
  readonly ahead: boolean;
  readonly running: boolean;
  readonly gaps: readonly Gap[];
  readonly hint: string | null;
}

function TrendTip({ name, segments, ahead, running, gaps, hint }: TrendTipProps) {
  return (
    <>
      <p class="chart-tip-head">
        <span>{name}</span>
        <strong>
          {ahead ? chartText.ahead : totalText(segments, gaps)}
          {running && <small> {chartText.soFar}</small>}
        </strong>
      </p>
      {segments.length > 0 && (
        <ul class="chart-tip-list">
          {/* As they lie in the bar: the uppermost first. */}
          {segments.toReversed().map(({ layer, from, to, reconstructed }) => (
            <li key={layer.id}>
              <i class={`chart-swatch ${fillOf(layer)}`} />
              <bdi>{nameOf(layer)}</bdi>
              <span>
                {reconstructed && "≈ "}
                {formatBytes(to - from)}
              </span>
            </li>
          ))}
        </ul>
      )}
      {segments.some((segment) => segment.reconstructed) && <p class="chart-tip-note">≈ {chartText.estimated}</p>}
      <GapTip gaps={gaps} />
      {hint !== null && !ahead && <p class="chart-tip-note">{hint}</p>}
    </>
  );
}

function Legend(props: { layers: readonly Layer[]; hidden: ReadonlySet<string>; onToggle: (id: string) => void }) {
  const { layers, hidden, onToggle } = props;
  if (layers.length === 0) return null;
  return (
    <ul class="chart-legend" aria-label={chartText.legend}>
      {layers.map((layer) => (
        <li key={layer.id}>
          <button type="button" aria-pressed={!hidden.has(layer.id)} onClick={() => onToggle(layer.id)}>
            <i class={`chart-swatch ${fillOf(layer)}`} aria-hidden="true" />
            {layer.id === OTHERS ? <span>{nameOf(layer)}</span> : <bdi>{nameOf(layer)}</bdi>}
          </button>
        </li>
      ))}
    </ul>
  );
}

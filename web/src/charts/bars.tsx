import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Units } from "../intl.ts";
import { axisFor, everyNth } from "./axis.ts";
import type { Gap } from "./gaps.ts";
import { markProps, useMarks } from "./marks.ts";
import { Tip } from "./tip.tsx";
import { useSize } from "./use-size.ts";

/** A segment of a bar, in bytes from the bottom. */
export interface BarSegment {
  readonly id: string;
  /** What gives it its colour: `--series-N` and the like are set by `chart-fill-…`. */
  readonly fill: string;
  readonly from: number;
  readonly to: number;
  /** Reconstructed: hatched. */
  readonly hatched: boolean;
}

export interface Bar {
  readonly id: string;
  /** Below the bar, where there is room. */
  readonly tick: string;
  /** What a screen reader says of it, with its figures. */
  readonly label: string;
  readonly segments: readonly BarSegment[];
  /** It is not over yet. */
  readonly running: boolean;
  /** What of its time has no figures. */
  readonly gaps: readonly Gap[];
}

export interface BarsProps {
  /** What the whole chart shows, for screen readers. */
  readonly title: string;
  /** What the bars are of: other bars when it changes, the same with new figures when not. */
  readonly about: string;
  readonly bars: readonly Bar[];
  readonly units: Units;
  readonly language: string;
  /** The bars are hours: labels go by 3, 6 or 12. */
  readonly hours: boolean;
  readonly onPick: ((index: number) => void) | null;
  readonly tip: (index: number) => ComponentChildren;
  /** Said in the middle when there is nothing to draw. */
  readonly empty: string;
}

const LEFT = 62;
const TOP = 10;
const BOTTOM = 26;
/** Pixels of a letter in the labels below the bars, generously. */
const LETTER = 7.2;

/** Stacked bars over time. One tab stop; the arrow keys move along the bars. */
export function Bars(props: BarsProps) {
  const { title, about, bars, units, language, hours, onPick, tip, empty } = props;
  const [frame, { width, height }] = useSize<HTMLDivElement>();
  const hatch = useId();
  const gapHatch = useId();
  const start = Math.max(
    0,
    bars.findLastIndex((bar) => bar.running || bar.segments.length > 0),
  );
  const marks = useMarks(about, { count: bars.length, across: 1, down: 0 }, start, onPick);

  const axis = axisFor(Math.max(0, ...bars.map((bar) => bar.segments.at(-1)?.to ?? 0)), units, language);
  const bottom = height - BOTTOM;
  const room = Math.max(0, width - LEFT) / Math.max(1, bars.length);
  const thickness = Math.max(1, Math.min(room - (room > 6 ? 2 : room > 3 ? 1 : 0), room * 0.82, 64));
  const yOf = (bytes: number) => bottom - (bytes / axis.max) * (bottom - TOP);
  const nth = everyNth(room, Math.max(0, ...bars.map((bar) => bar.tick.length)) * LETTER + 12, hours);
  const active = marks.active === null ? undefined : bars[marks.active];

  return (
    <div class="chart-frame chart-bars" ref={frame}>
      {width > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: SVG has no fieldset
        <svg
          {...marks.chart}
          class="chart-svg"
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          role="group"
          aria-label={title}
        >
          <defs>
            <pattern id={gapHatch} width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <line class="chart-gap-line" x1="1" y1="0" x2="1" y2="7" />
            </pattern>
            <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <line class="chart-hatch" x1="1.5" y1="0" x2="1.5" y2="6" />
            </pattern>
          </defs>
          <svg aria-hidden="true" overflow="visible">
            {axis.ticks.map(({ bytes, label }) => (
              <g key={label} class={bytes === 0 ? "chart-base" : "chart-grid"}>
                <line x1={LEFT} x2={width} y1={Math.round(yOf(bytes)) + 0.5} y2={Math.round(yOf(bytes)) + 0.5} />
                <text x={LEFT - 8} y={yOf(bytes)} dy="0.32em" text-anchor="end">
                  {label}
                </text>
              </g>
            ))}
            {bars.map(
              (bar, index) =>
                index % nth === 0 && (
                  <text
                    key={bar.id}
                    class={bar.running ? "chart-tick chart-tick-now" : "chart-tick"}
                    x={Math.min(LEFT + (index + 0.5) * room, width - (bar.tick.length * LETTER) / 2)}
                    y={height - 7}
                  >
                    {bar.tick}
                  </text>
                ),
            )}
          </svg>
          {bars.map((bar, index) => {
            const x = LEFT + index * room + (room - thickness) / 2;
            const isActive = marks.active === index;
            return (
              <g key={bar.id} class={isActive ? "chart-bar chart-bar-active" : "chart-bar"}>
                {bar.running && (
                  <rect class="chart-now" x={LEFT + index * room} y={TOP} width={room} height={bottom - TOP} />
                )}
                {bar.gaps.map((gap) => (
                  <rect
                    key={gap.fromTime}
                    class={`chart-gap chart-gap-${gap.kind}`}
                    fill={gap.kind === "unmeasured" ? `url(#${gapHatch})` : undefined}
                    x={LEFT + (index + gap.from) * room}
                    y={TOP}
                    width={Math.max(1, (gap.to - gap.from) * room)}
                    height={bottom - TOP}
                  />
                ))}
                <rect
                  class={onPick ? "chart-hit chart-hit-pick" : "chart-hit"}
                  x={LEFT + index * room + 0.5}
                  y={TOP - 6}
                  width={Math.max(1, room - 1)}
                  height={bottom - TOP + 6}
                  rx={3}
                  role={onPick ? "button" : "img"}
                  aria-label={bar.label}
                  {...markProps(index)}
                />
                {bar.segments.map((segment) => {
                  const top = yOf(segment.to);
                  const full = yOf(segment.from) - top;
                  // A hairline of the surface keeps neighbours apart where colours alone would not.
                  const tall = Math.max(full - (full > 3 ? 1 : 0), Math.min(full, 0.6));
                  return (
                    <g key={segment.id} class={segment.fill}>
                      <rect class="chart-part" x={x} y={top} width={thickness} height={tall} />
                      {segment.hatched && (
                        <rect
                          x={x}
                          y={top}
                          width={thickness}
                          height={tall}
                          fill={`url(#${hatch})`}
                          class="chart-over"
                        />
                      )}
                    </g>
                  );
                })}
              </g>
            );
          })}
        </svg>
      )}
      {active === undefined && bars.every((bar) => bar.segments.length === 0) && <p class="chart-empty">{empty}</p>}
      {active !== undefined && marks.active !== null && (
        <Tip
          anchor={{
            x: LEFT + (marks.active + 0.5) * room,
            y: Math.min(yOf(active.segments.at(-1)?.to ?? 0) + 24, height / 2),
            beside: room / 2,
          }}
        >
          {tip(marks.active)}
        </Tip>
      )}
    </div>
  );
}

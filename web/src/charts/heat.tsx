import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { formatBytes } from "../format.ts";
import { chartText } from "../texts/charts.ts";
import type { Walk } from "./keys.ts";
import { levelOf } from "./levels.ts";
import { markProps, useMarks } from "./marks.ts";
import { Tip } from "./tip.tsx";

export interface Cell {
  readonly id: string;
  /** Pixels from the left and the top. */
  readonly x: number;
  readonly y: number;
  readonly amount: number;
  /** What a screen reader says of it, with its figures. */
  readonly label: string;
  /** Estimated: hatched. */
  readonly hatched: boolean;
  /** Why there can be no amount: `absent` before the device was first seen, `unmeasured` where nobody counted. */
  readonly missing: Missing | null;
}

export type Missing = "absent" | "unmeasured";

export interface HeatProps {
  readonly title: string;
  /** What the cells are of: other cells when it changes, the same with new figures when not. */
  readonly about: string;
  readonly width: number;
  readonly height: number;
  /** Width and height of a cell. */
  readonly size: readonly [number, number];
  readonly cells: readonly Cell[];
  readonly bounds: readonly number[];
  /** How the arrow keys go through `cells`. */
  readonly walk: Walk;
  /** The cell that Tab leads to at first. */
  readonly start: number;
  readonly texts: readonly { readonly x: number; readonly y: number; readonly text: string; readonly end: boolean }[];
  readonly onPick: ((index: number) => void) | null;
  readonly tip: (index: number) => ComponentChildren;
}

/** Amounts as colours of cells. One tab stop; the arrow keys move through the cells. */
export function Heat(props: HeatProps) {
  const { title, about, width, height, size, cells, bounds, walk, start, texts, onPick, tip } = props;
  const hatch = useId();
  const marks = useMarks(about, walk, start, onPick);
  const [wide, tall] = size;
  const active = marks.active === null ? undefined : cells[marks.active];
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: SVG has no fieldset */}
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
          <pattern id={hatch} width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <line class="chart-hatch" x1="1" y1="0" x2="1" y2="4" />
          </pattern>
        </defs>
        <svg aria-hidden="true" overflow="visible">
          {texts.map(({ x, y, text, end }) => (
            <text key={`${x} ${y}`} class="chart-heat-text" x={x} y={y} text-anchor={end ? "end" : "start"}>
              {text}
            </text>
          ))}
        </svg>
        {cells.map((cell, index) => (
          <g key={cell.id}>
            <rect
              class={`chart-cell ${lookOf(cell, bounds)}${onPick ? " chart-hit-pick" : ""}`}
              x={cell.x}
              y={cell.y}
              width={wide}
              height={tall}
              rx={Math.min(3, wide / 4)}
              role={onPick ? "button" : "img"}
              aria-label={cell.label}
              {...markProps(index)}
            />
            {cell.hatched && (
              <rect class="chart-over" x={cell.x} y={cell.y} width={wide} height={tall} fill={`url(#${hatch})`} />
            )}
          </g>
        ))}
      </svg>
      {active !== undefined && marks.active !== null && (
        <Tip anchor={{ x: active.x + wide / 2, y: active.y + tall / 2, beside: wide / 2 }}>{tip(marks.active)}</Tip>
      )}
    </>
  );
}

function lookOf({ amount, missing }: Cell, bounds: readonly number[]): string {
  return missing !== null && amount === 0 ? `chart-missing-${missing}` : `chart-level-${levelOf(amount, bounds)}`;
}

interface HeatLegendProps {
  readonly bounds: readonly number[];
  /** Why amounts are missing somewhere. */
  readonly missing?: ReadonlySet<Missing>;
}

/** What the colours of a heat map mean. */
export function HeatLegend({ bounds, missing }: HeatLegendProps) {
  if (bounds.length === 0) return null;
  return (
    <ul class="chart-heat-legend" aria-label={chartText.colours}>
      {Array.from({ length: bounds.length + 2 }, (_, level) => {
        const bound = bounds[level - 1];
        const text =
          level === 0 ? chartText.none : bound === undefined ? chartText.more : chartText.upTo(formatBytes(bound));
        return (
          <li key={level}>
            <i class={`chart-swatch chart-level-${level}`} aria-hidden="true" />
            {text}
          </li>
        );
      })}
      {[...(missing ?? [])].map((why) => (
        <li key={why}>
          <i class={`chart-swatch chart-missing-${why}`} aria-hidden="true" />
          {chartText.missing[why]}
        </li>
      ))}
    </ul>
  );
}

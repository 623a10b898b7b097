/** The slices of a doughnut. Pure. */
import { arc, pie } from "d3-shape";
import type { Layer } from "./layers.ts";

export interface Slice {
  readonly layer: Layer;
  /** Of the whole, 0 to 1. */
  readonly share: number;
  /** Outline around (0, 0), as SVG writes it. */
  readonly path: string;
}

/**
 * The slices of all layers, clockwise from the top in their order, a thin gap between two.
 * @param radius pixels to the outer edge, and to the inner
 */
export function slicesOf(layers: readonly Layer[], radius: { outer: number; inner: number }): Slice[] {
  const whole = layers.reduce((sum, layer) => sum + layer.total, 0);
  const outline = arc<{ startAngle: number; endAngle: number; padAngle: number }>()
    .innerRadius(radius.inner)
    .outerRadius(radius.outer)
    .padRadius(radius.outer);
  const angles = pie<Layer>()
    .value((layer) => layer.total)
    .sort(null)
    // One slice alone is a ring: a gap would cut it open.
    .padAngle(layers.length > 1 ? 1.5 / radius.outer : 0)([...layers]);
  return angles.map(({ data, startAngle, endAngle, padAngle }) => ({
    layer: data,
    share: whole > 0 ? data.total / whole : 0,
    path: outline({ startAngle, endAngle, padAngle }) ?? "",
  }));
}

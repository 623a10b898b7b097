/** The slices of a doughnut. Pure. */
import { arc, pie } from "d3-shape";
import type { Layer } from "./layers.ts";

export interface Slice {
  readonly layer: Layer;
  /** Of what everyone used, 0 to 1. */
  readonly share: number;
  /** Outline around (0, 0), as SVG writes it. */
  readonly path: string;
}

/**
 * The slices of all layers, clockwise from the top in their order, a thin gap between two.
 * @param everything bytes that shares are of: what all used, also those whom a filter leaves out
 * @param radius pixels to the outer edge, and to the inner
 */
export function slicesOf(
  layers: readonly Layer[],
  everything: number,
  radius: { outer: number; inner: number },
): Slice[] {
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
    share: everything > 0 ? data.total / everything : 0,
    path: outline({ startAngle, endAngle, padAngle }) ?? "",
  }));
}

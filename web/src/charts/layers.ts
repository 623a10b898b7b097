/** What the trend is made of: a layer for each top device, one for all others. Pure. */
import type { Direction, Usage, UsageDevice } from "../wire.ts";

export const OTHERS = "others";

/** One colour of the chart: a device's figures, or those of several that have no colour of their own. */
export interface Layer {
  /** Key of the device, or `OTHERS`. */
  readonly id: string;
  /** Null for the others. */
  readonly device: UsageDevice | null;
  /** 1 to 7 as in `--series-1`; null for the others. */
  readonly colour: number | null;
  /** How many devices are in it. */
  readonly count: number;
  /** Bytes for each bucket. */
  readonly values: readonly number[];
  readonly total: number;
  /** Indexes of the buckets of which a part was reconstructed. */
  readonly reconstructed: ReadonlySet<number>;
}

/**
 * The layers of a range, the largest first and the others last. Devices that used nothing in this direction have none.
 * @param colourOf the colour of a device that has one of its own
 */
export function layersOf(
  usage: Pick<Usage, "buckets" | "devices" | "others">,
  by: Direction,
  colourOf: (key: string) => number | null,
): Layer[] {
  const used = usage.devices.filter((device) => totalOf(device, by) > 0);
  const own: Layer[] = [];
  const rest: Pick<UsageDevice, "download" | "upload" | "series">[] = [];
  for (const device of used) {
    const colour = colourOf(device.key);
    if (colour === null) rest.push(device);
    else own.push(layerOf(device.key, device, colour, [device], usage.buckets.length, by));
  }
  // Too many to be listed: they come as one already.
  const { others } = usage;
  const count = rest.length + (others?.devices ?? 0);
  if (others !== null) rest.push(others);
  own.sort((a, b) => b.total - a.total || (a.id < b.id ? -1 : 1));
  return rest.length === 0 ? own : [...own, { ...layerOf(OTHERS, null, null, rest, usage.buckets.length, by), count }];
}

function layerOf(
  id: string,
  device: UsageDevice | null,
  colour: number | null,
  devices: readonly Pick<UsageDevice, "download" | "upload" | "series">[],
  buckets: number,
  by: Direction,
): Layer {
  const values = new Array<number>(buckets).fill(0);
  const reconstructed = new Set<number>();
  let total = 0;
  for (const { series, ...sums } of devices) {
    for (let i = 0; i < buckets; i++) values[i] = (values[i] ?? 0) + valueAt(series, by, i);
    for (const i of series.reconstructed) if (valueAt(series, by, i) > 0) reconstructed.add(i);
    total += totalOf(sums, by);
  }
  return { id, device, colour, count: devices.length, values, total, reconstructed };
}

/** A part of a bar: from where to where it reaches, in bytes. */
export interface Segment {
  readonly layer: Layer;
  readonly from: number;
  readonly to: number;
  readonly reconstructed: boolean;
}

/** Piles the layers up for one bucket, the largest at the bottom; nothing is where nothing was used. */
export function pile(layers: readonly Layer[], bucket: number): Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  for (const layer of layers) {
    const value = layer.values[bucket] ?? 0;
    if (value <= 0) continue;
    segments.push({ layer, from, to: from + value, reconstructed: layer.reconstructed.has(bucket) });
    from += value;
  }
  return segments;
}

function totalOf(device: { download: number; upload: number }, by: Direction): number {
  return by === "total" ? device.download + device.upload : device[by];
}

function valueAt(series: { download: number[]; upload: number[] }, by: Direction, index: number): number {
  const download = by === "upload" ? 0 : (series.download[index] ?? 0);
  const upload = by === "download" ? 0 : (series.upload[index] ?? 0);
  return download + upload;
}

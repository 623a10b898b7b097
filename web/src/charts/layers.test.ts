import { describe, expect, test } from "vitest";
import { deviceWith } from "../testing.ts";
import type { UsageDevice } from "../wire.ts";
import { layersOf, OTHERS, pile } from "./layers.ts";

function device(key: string, download: number[], upload: number[], reconstructed: number[] = []): UsageDevice {
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  return deviceWith(key, {
    download: sum(download),
    upload: sum(upload),
    reconstructed: reconstructed.length > 0,
    series: { download, upload, reconstructed },
  });
}

const buckets = ["2026-01-01", "2026-01-02"].map((day, i) => ({ from: i, to: i + 1, label: day, day }));
const colours: Record<string, number> = { tv: 3, nas: 1 };
const colourOf = (key: string) => colours[key] ?? null;
const devices = [
  device("nas", [1, 2], [50, 60], [0]),
  device("tv", [100, 200], [5, 0]),
  device("phone", [7, 0], [1, 0], [0]),
  device("tablet", [3, 10], [0, 0], [1]),
  device("idle", [0, 0], [0, 0]),
];

describe("the layers of a range", () => {
  test("are the devices with a colour, the largest first, then the others as one", () => {
    const layers = layersOf({ buckets, others: null, devices }, "total", colourOf);
    expect(layers.map(({ id, colour, count, values, total }) => ({ id, colour, count, values, total }))).toEqual([
      { id: "tv", colour: 3, count: 1, values: [105, 200], total: 305 },
      { id: "nas", colour: 1, count: 1, values: [51, 62], total: 113 },
      { id: OTHERS, colour: null, count: 2, values: [11, 10], total: 21 },
    ]);
  });

  test("have those that are too many to be listed among the others", () => {
    const series = { download: [40, 0], upload: [0, 2], reconstructed: [1] };
    const others = { devices: 300, download: 40, upload: 2, series };
    const layers = layersOf({ buckets, others, devices: devices.slice(0, 3) }, "total", colourOf);
    expect(layers.at(-1)).toMatchObject({ id: OTHERS, count: 301, values: [48, 2], total: 50 });
    expect([...(layers.at(-1)?.reconstructed ?? [])]).toEqual([0, 1]);
  });

  test("are ranked by the direction that is looked at", () => {
    expect(
      layersOf({ buckets, others: null, devices }, "upload", colourOf).map(({ id, values }) => [id, values]),
    ).toEqual([
      ["nas", [50, 60]],
      ["tv", [5, 0]],
      [OTHERS, [1, 0]],
    ]);
    expect(layersOf({ buckets, others: null, devices }, "download", colourOf).map(({ id }) => id)).toEqual([
      "tv",
      "nas",
      OTHERS,
    ]);
  });

  test("know which buckets were reconstructed, in the direction that is looked at", () => {
    const total = layersOf({ buckets, others: null, devices }, "total", colourOf);
    expect(total.map(({ reconstructed }) => [...reconstructed].sort())).toEqual([[], [0], [0, 1]]);
    // The tablet uploaded nothing: nothing of that can have been reconstructed.
    const upload = layersOf({ buckets, others: null, devices }, "upload", colourOf);
    expect(upload.map(({ reconstructed }) => [...reconstructed])).toEqual([[0], [], [0]]);
  });

  test("hold every byte of the range", () => {
    const layers = layersOf({ buckets, others: null, devices }, "total", colourOf);
    const all = devices.reduce((sum, one) => sum + one.download + one.upload, 0);
    expect(layers.flatMap(({ values }) => values).reduce((sum, value) => sum + value, 0)).toBe(all);
  });

  test("are none where nothing was used", () => {
    expect(layersOf({ buckets, others: null, devices: [device("tv", [0, 0], [0, 0])] }, "total", colourOf)).toEqual([]);
  });
});

describe("the pile of a bucket", () => {
  test("puts each layer on the one before, and leaves out who used nothing", () => {
    const layers = layersOf({ buckets, others: null, devices }, "upload", colourOf);
    expect(pile(layers, 0).map(({ layer, from, to }) => [layer.id, from, to])).toEqual([
      ["nas", 0, 50],
      ["tv", 50, 55],
      [OTHERS, 55, 56],
    ]);
    expect(pile(layers, 1).map(({ layer, from, to }) => [layer.id, from, to])).toEqual([["nas", 0, 60]]);
  });

  test("says which parts were reconstructed", () => {
    const layers = layersOf({ buckets, others: null, devices }, "total", colourOf);
    expect(pile(layers, 1).map(({ reconstructed }) => reconstructed)).toEqual([false, false, true]);
  });
});

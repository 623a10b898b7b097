import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const css = readFileSync(new URL("../web/src/styles/tokens.css", import.meta.url), "utf8");

/** Red, green and blue as light, 0 to 1 each. */
type Light = readonly [number, number, number];
type Matrix = readonly [Light, Light, Light];

/** What people with each kind of colour vision see: Machado, Oliveira and Fernandes 2009, severity 1. */
const VISIONS: Readonly<Record<string, Matrix>> = {
  ordinary: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** Distance in Oklab that every two keep. Okabe and Ito's seven beside a grey come to 0.02. */
const APART = 0.08;

/** What download and upload keep from the colours of devices: they never stand in one chart. */
const APART_FROM_DEVICES = 0.06;

const colours = [...css.matchAll(/--([\w-]+):\s*light-dark\((#[\da-f]{6}), (#[\da-f]{6})\)/g)];
const light = new Map(colours.map(([, name, value]) => [name, value]));
const dark = new Map(colours.map(([, name, , value]) => [name, value]));

const DEVICES = [1, 2, 3, 4, 5, 6, 7, "other"].map((name) => `series-${name}`);
const DIRECTIONS = ["download", "upload"];

describe.each([
  ["light", light],
  ["dark", dark],
])("the colours of charts, %s", (_, tokens) => {
  const colour = (name: string): Light => lightOf(tokens.get(name) ?? "");

  test.each(Object.keys(VISIONS))("stay apart for %s", (vision) => {
    const seen = (name: string) => oklab(through(VISIONS[vision] as Matrix, colour(name)));
    const apart = (one: string, other: string) => {
      const [a, b] = [seen(one), seen(other)];
      return Math.hypot(...a.map((value, axis) => value - (b[axis] ?? 0)));
    };
    for (const [i, one] of DEVICES.entries()) {
      for (const other of DEVICES.slice(i + 1)) expect(apart(one, other), `${one} and ${other}`).toBeGreaterThan(APART);
    }
    for (const one of DIRECTIONS) {
      for (const other of DEVICES) {
        expect(apart(one, other), `${one} and ${other}`).toBeGreaterThan(APART_FROM_DEVICES);
      }
    }
    expect(apart("download", "upload")).toBeGreaterThan(APART);
  });

  test("are seen against the surface, 3:1", () => {
    for (const name of [...DEVICES, ...DIRECTIONS])
      expect(contrast(colour(name), colour("surface")), name).toBeGreaterThanOrEqual(3);
  });
});

function lightOf(hex: string): Light {
  expect(hex).toMatch(/^#[\da-f]{6}$/);
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return [r, g, b];
}

function through(matrix: Matrix, [r, g, b]: Light): Light {
  const [x, y, z] = matrix.map((row) => Math.max(0, Math.min(1, row[0] * r + row[1] * g + row[2] * b)));
  return [x ?? 0, y ?? 0, z ?? 0];
}

function oklab([r, g, b]: Light): Light {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** WCAG's contrast ratio. */
function contrast(one: Light, other: Light): number {
  const luminance = ([r, g, b]: Light) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

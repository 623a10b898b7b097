/** An axis of bytes whose marks are round in the units that a person reads. Pure. */
import { bytesParts, type Units } from "../intl.ts";

export interface Axis {
  /** Bytes at the upper end; at least 1. */
  readonly max: number;
  /** From 0 upwards, evenly spaced. */
  readonly ticks: readonly { readonly bytes: number; readonly label: string }[];
}

const ROUND = [1, 2, 2.5, 5, 10];

/**
 * An axis that holds `biggest`, with about `wanted` steps. All marks are in one unit, so that their lengths compare at
 * a glance: "0.5 GB, 1 GB, 1.5 GB".
 */
export function axisFor(biggest: number, units: Units, language: string, wanted = 4): Axis {
  if (!(biggest > 0)) return { max: 1, ticks: [{ bytes: 0, label: "0" }] };
  let unit = 1;
  while (biggest >= unit * units) unit *= units;
  const step = roundStep(biggest / unit / wanted, unit === 1) * unit;
  const steps = Math.max(1, Math.ceil(biggest / step - 1e-9));
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 3 });
  const name = bytesParts(unit, units, language).unit;
  const ticks = Array.from({ length: steps + 1 }, (_, i) => ({
    bytes: i * step,
    label: i === 0 ? "0" : `${number.format((i * step) / unit)}\u00a0${name}`,
  }));
  return { max: steps * step, ticks };
}

/** The smallest round number that is not below. Bytes come whole. */
function roundStep(atLeast: number, whole: boolean): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  const factor = ROUND.find((round) => round * power >= atLeast * (1 - 1e-9)) ?? 10;
  return whole ? Math.max(1, Math.ceil(factor * power)) : factor * power;
}

/**
 * Which of the marks below the bars get a label, so that none touches the next: every 1st, 2nd, 3rd, 6th, 12th of the
 * hours, every nth of all else.
 * @param room pixels that one bar has
 * @param label pixels that the longest label takes, with the gap to the next
 */
export function everyNth(room: number, label: number, hours: boolean): number {
  const least = Math.max(1, Math.ceil(label / Math.max(room, 0.01)));
  if (!hours) return least;
  return [1, 2, 3, 4, 6, 12, 24].find((step) => step >= least) ?? Math.ceil(least / 24) * 24;
}

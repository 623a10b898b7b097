/** An axis of bytes whose marks are round in the units that a person reads. Pure. */
import { scaleOf, type Units } from "../intl.ts";

export interface Axis {
  /** Bytes at the upper end; at least 1. */
  readonly max: number;
  /** From 0 upwards, evenly spaced. */
  readonly ticks: readonly { readonly bytes: number; readonly label: string }[];
}

const ROUND = [1, 2, 2.5, 5, 10];

/**
 * An axis that holds `largest`, with about `wanted` steps. All marks are in one unit, so that their lengths compare at
 * a glance: "0.5 GB, 1 GB, 1.5 GB".
 */
export function axisFor(largest: number, units: Units, language: string, wanted = 4): Axis {
  if (!(largest > 0)) return { max: 1, ticks: [{ bytes: 0, label: "0" }] };
  const { perByte, step: toNext, names } = scaleOf(units);
  let place = 0;
  let unit = 1;
  for (; largest * perByte >= unit * toNext && place < names.length - 1; place += 1) unit *= toNext;
  // In units of the axis, be they bytes or bits.
  const step = roundStep((largest * perByte) / unit / wanted, place === 0);
  const steps = Math.max(1, Math.ceil((largest * perByte) / unit / step - 1e-9));
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 3 });
  const bytesOf = (marks: number) => (marks * step * unit) / perByte;
  const ticks = Array.from({ length: steps + 1 }, (_, i) => ({
    bytes: bytesOf(i),
    label: i === 0 ? "0" : `${number.format(i * step)}\u00a0${names[place]}`,
  }));
  return { max: bytesOf(steps), ticks };
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

import { scaleOf, type Units } from "../intl.ts";
import { filterText } from "../texts/devices.ts";
import { type Reading, type ReadValue, type Span, shortened } from "./comparison.ts";

const PREFIXES = "kmgtp";
const AMOUNT =
  /^(?<number>[\d.,'’_\s]+?)\s*(?<prefix>[kmgtp](?<binary>i?))?(?:(?<bits>bits?)|(?<bytes>b(?:ytes?)?))?$/iu;
const UNIT = /[a-z]+$/iu;
const PERCENT = /^(?<number>[\d.,'’_\s]+?)\s*%?$/u;

/**
 * Reads amounts such as `500 MB`, `1.5GiB`, `2k` or `1500` (bytes). `kB`, `MB` are always 1000, `KiB`, `MiB` always
 * 1024 and `Mbit` an eighth of `MB`, so that a link means the same to everyone; a bare `k` or `M` is what the page shows. `=1.5 GB` means every
 * amount that would be written so with one decimal, for no amount is 1,500,000,000 to the byte.
 */
export function readAmount(units: Units): ReadValue {
  return (text, other) => {
    const written = /[a-z]/iu.test(text) ? text : `${text} ${UNIT.exec(other)?.[0] ?? ""}`.trim();
    const groups = AMOUNT.exec(written)?.groups;
    const { number, prefix, binary, bits, bytes } = groups ?? {};
    if (number === undefined) {
      return { problem: filterText.amount(shortened(text)) };
    }
    const power = prefix === undefined ? 0 : PREFIXES.indexOf(prefix.charAt(0).toLowerCase()) + 1;
    // Without a unit, a number is bytes, and a prefix alone is of the unit that the page shows.
    const shown = scaleOf(power === 0 ? 1000 : units);
    const step = binary ? 1024 : bits || bytes ? 1000 : shown.step;
    const perByte = bits ? 8 : binary || bytes ? 1 : shown.perByte;
    return spanOf(number, step ** power / perByte);
  };
}

/** Reads shares such as `5 %` or `0.5`, in percent; the test gets them as 0 to 1. */
export const readPercent: ReadValue = (text) => {
  const number = PERCENT.exec(text)?.groups?.number;
  if (number === undefined) return { problem: filterText.share(shortened(text)) };
  return spanOf(number, 0.01);
};

/** Reads changes such as `50 %`, `+50` or `-20 %`, in percent; the test gets them as 0.5 and -0.2. */
export const readChange: ReadValue = (text, other) => {
  const [, sign = "", amount = ""] = /^([+\-−]?)\s*(.*)$/su.exec(text) ?? [];
  const reading = readPercent(amount, other);
  if ("problem" in reading) return { problem: filterText.change(shortened(text)) };
  if (sign === "" || sign === "+") return reading;
  const { first, last, alikeFirst, alikeLast } = reading.test;
  return { test: { first: -last, last: -first, alikeFirst: -alikeLast, alikeLast: -alikeFirst } };
};

function spanOf(text: string, unit: number): Reading<Span> {
  const reading = readNumber(text);
  if ("problem" in reading) return reading;
  const { value, decimals } = reading.test;
  const half = (unit * 10 ** -decimals) / 2;
  const at = value * unit;
  return { test: { first: at, last: at, alikeFirst: at - half, alikeLast: at + half } };
}

/**
 * Reads a number as people of any language write it, for a link is opened in another language than it was made in:
 * point or comma before decimals, spaces, apostrophes, and the other of the two between thousands. `1,500` alone could be either.
 */
function readNumber(text: string): Reading<{ value: number; decimals: number }> {
  const plain = text.replace(/[\s'’_]/gu, "");
  if (/^\d{1,3},\d{3}$/u.test(plain) && !plain.startsWith("0,")) {
    const [whole, rest] = plain.split(",");
    return { problem: filterText.ambiguous(shortened(text), `${whole}.${rest}`, `${whole}${rest}`) };
  }
  const normal = /^(?:\d+[.,]?\d*|[.,]\d+)$/u.test(plain)
    ? plain.replace(",", ".")
    : /^\d{1,3}(?:,\d{3})+(?:\.\d*)?$/u.test(plain)
      ? plain.replaceAll(",", "")
      : /^\d{1,3}(?:\.\d{3})+(?:,\d*)?$/u.test(plain)
        ? plain.replaceAll(".", "").replace(",", ".")
        : undefined;
  if (normal === undefined) return { problem: filterText.number(shortened(text)) };
  return { test: { value: Number(normal), decimals: normal.split(".")[1]?.length ?? 0 } };
}

import { filterText } from "../texts/devices.ts";

/**
 * What all filters on amounts and dates share: `>500 MB`, `>=`, `<`, `<=`, `=`, `!=`, `a..b`, `..b`, `a..`, and several
 * of them side by side, of which all must hold (`>1 GB <5 GB`).
 */

/**
 * What a written value stands for. `2026-11` is all of a month: from `first` to `last`. `1.5 GB` is one point for `>`
 * and `<`, but equals all that would be written so: from `alikeFirst` to `alikeLast`.
 */
export interface Span {
  readonly first: number;
  readonly last: number;
  readonly alikeFirst: number;
  readonly alikeLast: number;
}

/** What reading a filter gives: a test, or why it can't be read, in one sentence with an example. */
export type Reading<Test> = { readonly test: Test } | { readonly problem: string };

export type NumberTest = (value: number | null) => boolean;

/** Reads one value. `other` is the text at the other end of a `..`, from which a missing unit may be taken. */
export type ReadValue = (text: string, other: string) => Reading<Span>;

const TERM = /(?:[<>]=?|!=?|=|≥|≤|≠)?[^<>=!≥≤≠]+/gu;
const PARTS = /^([<>]=?|!=?|=|≥|≤|≠)?(.*)$/su;
const RANGE = /\.{2,3}|…|–/u;
const PLAIN: Readonly<Record<string, string>> = { "≥": ">=", "≤": "<=", "≠": "!=", "!": "!=", "": "=" };

/** Reads comparisons of values that `readValue` understands. Nothing is ever equal to, above or below null. */
export function readComparisons(text: string, readValue: ReadValue): Reading<NumberTest> {
  const terms = text.match(TERM) ?? [];
  if (terms.join("") !== text) return { problem: unfinished(text) };
  const tests: NumberTest[] = [];
  for (const term of terms) {
    const reading = readTerm(term.trim(), readValue);
    if ("problem" in reading) return reading;
    tests.push(reading.test);
  }
  return { test: (value) => tests.every((test) => test(value)) };
}

/** What is said while only an operator has been typed. */
export function unfinished(text: string): string {
  return filterText.unfinished(shortened(text));
}

/** A text as it is quoted in a message. */
export function shortened(text: string): string {
  const plain = text.trim();
  return plain.length > 30 ? `${plain.slice(0, 30)}…` : plain;
}

function readTerm(term: string, readValue: ReadValue): Reading<NumberTest> {
  const [, sign = "", rest = ""] = PARTS.exec(term) ?? [];
  const operator = PLAIN[sign] ?? sign;
  const value = rest.trim();
  if (value === "") return { problem: unfinished(term) };
  if (RANGE.test(value)) {
    return sign === "" ? readRange(value, readValue) : { problem: filterText.rangeWithSign(shortened(term), sign) };
  }
  const reading = readValue(value, "");
  if ("problem" in reading) return reading;
  return { test: comparison(operator, reading.test) };
}

function readRange(text: string, readValue: ReadValue): Reading<NumberTest> {
  const ends = text.split(RANGE).map((end) => end.trim());
  const [low = "", high = ""] = ends;
  if (ends.length !== 2 || (low === "" && high === "")) {
    return { problem: filterText.rangeEnds(shortened(text)) };
  }
  const from = low === "" ? null : readValue(low, high);
  const to = high === "" ? null : readValue(high, low);
  if (from && "problem" in from) return from;
  if (to && "problem" in to) return to;
  const swapped = from && to && from.test.first > to.test.first;
  const first = (swapped ? to : from)?.test.first ?? -Infinity;
  const last = (swapped ? from : to)?.test.last ?? Infinity;
  return { test: (value) => value !== null && first <= value && value <= last };
}

function comparison(operator: string, span: Span): NumberTest {
  const { first, last, alikeFirst, alikeLast } = span;
  const alike = (value: number) => alikeFirst <= value && value <= alikeLast;
  switch (operator) {
    case ">":
      return (value) => value !== null && value > last;
    case ">=":
      return (value) => value !== null && value >= first;
    case "<":
      return (value) => value !== null && value < first;
    case "<=":
      return (value) => value !== null && value <= last;
    case "!=":
      return (value) => value === null || !alike(value);
    default:
      return (value) => value !== null && alike(value);
  }
}

import type { Units } from "../intl.ts";
import { filterText } from "../texts/devices.ts";
import { readAmount, readChange, readPercent } from "./amounts.ts";
import { type Column, type ColumnId, columnsOf } from "./columns.ts";
import { type NumberTest, type Reading, readComparisons, shortened, unfinished } from "./comparison.ts";
import { agesTurned, type Clock, dayNumber, readDay, readInstant } from "./dates.ts";
import { hasDigits, macDigits, macReadings } from "./mac.ts";
import { changeOf, fold, type Row } from "./row.ts";

/**
 * What a person writes into the search box and the filters above the columns.
 *
 * Search: words, all of which must occur in name, hostname, vendor, MAC or an address; `"two words"`, `!without`.
 * A MAC is found in whatever way it is written.
 * Names, addresses, MACs: `phone` (contains), `!phone`, `=phone` (is), `!=phone`, `=""` (is empty); `"!x"` for the
 * text itself. Upper and lower case and accents make no difference.
 * Amounts, shares, dates: see comparison.ts, amounts.ts and dates.ts.
 */
export interface FilterTexts {
  readonly search: string;
  readonly columns: Readonly<Partial<Record<ColumnId, string>>>;
}

export interface FilterContext extends Clock {
  readonly units: Units;
}

export interface Filter {
  readonly test: (row: Row) => boolean;
  /** Whether anything is filtered: what can't be read filters nothing. */
  readonly active: boolean;
  /** Why a column's filter can't be read. */
  readonly problems: Readonly<Partial<Record<ColumnId, string>>>;
}

/** Of these the filters that choose devices by who they are, and not by figures or dates. */
export function textFiltersOf({ search, columns }: FilterTexts): FilterTexts {
  const { name, addresses, mac } = columns;
  const kept = Object.entries({ name, addresses, mac }).filter(([, text]) => text !== undefined);
  return { search, columns: Object.fromEntries(kept) };
}

/** Reads all filters. Those that can't be read filter nothing and are named in `problems`. */
export function readFilter(texts: FilterTexts, context: FilterContext): Filter {
  const tests: ((row: Row) => boolean)[] = [];
  const problems: Partial<Record<ColumnId, string>> = {};
  const search = readSearch(texts.search);
  if (search) tests.push(search);
  for (const column of columnsOf("device")) {
    const text = texts.columns[column.id]?.trim() ?? "";
    if (text === "") continue;
    const reading = readColumn(column, text, context);
    if ("problem" in reading) problems[column.id] = reading.problem;
    else tests.push(reading.test);
  }
  return { test: (row) => tests.every((test) => test(row)), active: tests.length > 0, problems };
}

function readColumn(column: Column, text: string, context: FilterContext): Reading<(row: Row) => boolean> {
  switch (column.id) {
    case "name":
      return mapped(readText(text), (test) => (row) => test([row.who.foldedName]));
    case "addresses":
      return mapped(readText(text), (test) => (row) => test(row.addresses));
    case "mac":
      return mapped(readText(text, MAC_TESTS), (test) => (row) => test(row.who.mac === null ? [] : [row.who.mac]));
    case "share":
      return mapped(readComparisons(text, readPercent), (test) => (row) => test(row.share));
    case "change":
      return mapped(readChanges(text), (test) => (row) => test(changeOf(row)));
    case "seen":
      return mapped(readSeen(text, context), (test) => (row) => test(row.lastSeen));
    case "day":
      return mapped(
        readComparisons(text, readDay(context)),
        (test) => (row) => test(row.day === null ? null : dayNumber(row.day)),
      );
    default: {
      const { id } = column;
      return mapped(readComparisons(text, readAmount(context.units)), (test) => (row) => test(row[id]));
    }
  }
}

function mapped<A, B>(reading: Reading<A>, change: (test: A) => B): Reading<B> {
  return "problem" in reading ? reading : { test: change(reading.test) };
}

function readSeen(text: string, context: Clock): Reading<NumberTest> {
  const never = /^(?<not>!=?|≠)?\s*(?:=\s*)?never$/iu.exec(text);
  if (never) {
    const not = never.groups?.not !== undefined;
    return { test: (value) => (value === null) !== not };
  }
  return readComparisons(agesTurned(text), readInstant(context));
}

function readChanges(text: string): Reading<NumberTest> {
  const wanted = /^(?<not>!=?|≠)?\s*=?\s*none$/iu.exec(text);
  if (!wanted) return readComparisons(text, readChange);
  const not = wanted.groups?.not !== undefined;
  return { test: (value) => value !== null && (value === Infinity) !== not };
}

type TextTest = (folded: readonly string[]) => boolean;

/** How one text is compared with what is wanted. */
interface TextComparison {
  readonly contains: (text: string, wanted: string) => boolean;
  readonly is: (text: string, wanted: string) => boolean;
}

const TEXT_TESTS: TextComparison = {
  contains: (text, wanted) => text.includes(wanted),
  is: (text, wanted) => text === wanted,
};

const MAC_TESTS: TextComparison = {
  contains: (mac, wanted) => mac.includes(wanted) || macReadings(wanted).some((digits) => hasDigits(mac, digits)),
  is: (mac, wanted) => macReadings(wanted).includes(macDigits(mac)),
};

function readText(text: string, compare = TEXT_TESTS): Reading<TextTest> {
  const [, sign = "", rest = ""] = /^(!=?|=|≠)?\s*(.*)$/su.exec(text) ?? [];
  const quoted = /^"(.*)"$/su.exec(rest)?.[1];
  if (rest === "") return { problem: unfinished(text) };
  const wanted = fold(quoted ?? rest);
  if (wanted === "" && (sign === "" || sign === "!")) {
    return { problem: filterText.empty(shortened(text)) };
  }
  const is: TextTest = (texts) => (wanted === "" ? texts.length === 0 : texts.some((one) => compare.is(one, wanted)));
  const contains: TextTest = (texts) => texts.some((one) => compare.contains(one, wanted));
  const test = sign.endsWith("=") || sign === "≠" ? is : contains;
  return { test: sign === "" || sign === "=" ? test : (texts) => !test(texts) };
}

/** Null when nothing is searched for. */
function readSearch(text: string): ((row: Row) => boolean) | null {
  const words = [...text.matchAll(/(!?)(?:"([^"]*)"?|([^\s"]+))/gu)]
    .map(([, not, quoted, plain]) => ({ not: not === "!", word: fold(quoted ?? plain ?? "") }))
    .filter(({ word }) => word !== "" && word !== "!")
    .map((one) => ({ ...one, digits: macReadings(one.word) }));
  if (words.length === 0) return null;
  const holds = (row: Row, word: string, digits: readonly string[]) =>
    row.who.foldedAll.includes(word) ||
    row.addresses.some((address) => address.includes(word)) ||
    (row.who.mac !== null && digits.some((some) => hasDigits(row.who.mac ?? "", some)));
  return (row) => words.every(({ not, word, digits }) => holds(row, word, digits) !== not);
}

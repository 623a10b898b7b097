/**
 * Text cells of CSV, for the dashboard's file, for `whitestat export` and back again by `whitestat import`.
 *
 * Names come from the network, and a spreadsheet runs a cell that begins with = + - or @ as a formula. It decides where a
 * cell begins by the separator of its own language, whatever the file was written with: in `a;=1+1` a German Excel finds
 * `=1+1`. So the guard, an apostrophe, stands before such a sign wherever some spreadsheet may begin a cell: at the
 * beginning, and behind every separator and line break; spaces and quotes in between are dropped by some, so they count
 * for nothing. The full-width signs are taken for the plain ones by some.
 */

/** What may separate the cells of a file. */
export type Separator = "," | ";" | "\t";

const SIGNS = "=+\\-@＝＋－＠";
/** A sign that may begin a cell, with the apostrophes before it: a name's own ones are kept apart from ours by their number. */
const START = `(?:^|[,;|\\t\\r\\n])(?:[^\\S\\t\\r\\n]|")*`;
const UNGUARDED = new RegExp(`(${START}'*)(?=[${SIGNS}])`, "gu");
const GUARDED = new RegExp(`(${START}'*)'(?=[${SIGNS}])`, "gu");

/** A text as a cell that no spreadsheet takes for a formula. `unguarded` gives the text back. */
export function guarded(text: string): string {
  return text.replace(UNGUARDED, "$1'");
}

/** The text that `guarded` was given. */
export function unguarded(cell: string): string {
  return cell.replace(GUARDED, "$1");
}

/** A line of cells by RFC 4180: what holds a separator of any kind, a quote or a line break is quoted. */
export function csvLine(cells: readonly string[], separator: Separator): string {
  return `${cells.map(quoted).join(separator)}\r\n`;
}

function quoted(cell: string): string {
  return /[",;\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** The byte order mark by which spreadsheets know UTF-8. */
export const BYTE_ORDER_MARK = "\uFEFF";

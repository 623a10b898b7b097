/** What separates cells and digits in a reader's spreadsheet: where the comma is the decimal sign, semicolons do. */
import { BYTE_ORDER_MARK, csvLine, type Separator } from "../../src/shared/csv.ts";

function decimalSign(language: string): string {
  const parts = new Intl.NumberFormat(language).formatToParts(0.5);
  return parts.find(({ type }) => type === "decimal")?.value ?? ".";
}

function separatorOf(language: string): Separator {
  return decimalSign(language) === "," ? ";" : ",";
}

/** Lines of cells as a CSV file that this reader's spreadsheet opens. */
export function csvOf(lines: readonly (readonly string[])[], language: string): string {
  return BYTE_ORDER_MARK + lines.map((cells) => csvLine(cells, separatorOf(language))).join("");
}

/** A number of six decimals: 12.05 would be the 12th of May where the comma is the decimal sign. */
export function decimalText(number: number, language: string): string {
  return number.toFixed(6).replace(".", decimalSign(language) === "," ? "," : ".");
}

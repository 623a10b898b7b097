/** The columns of the old answers, in their order. */
export const LEGACY_COLUMNS = [
  "IP",
  "MAC",
  "Hostname",
  "LastSeen",
  "KBIn",
  "KBOut",
  "DATE",
  "LSTDAY_KBIn",
  "LSTDAY_KBOut",
] as const;

/** A format of the old answers. A row is `open`, its cells with `between` between them, and `close`. */
export interface LegacyFormat {
  readonly contentType: string;
  readonly head: string;
  readonly tail: string;
  /** Opens a row that so many others are before. ASCII, as everything here but the names. */
  open(before: number): string;
  readonly between: string;
  readonly close: string;
  /** The cell of an address or a name. */
  text(value: string): string;
  /** Around a cell with a time. */
  readonly quote: string;
  /** The cell of a time that never was: any time would be invented. */
  readonly never: string;
  /** What stands behind a whole number of KB, by hundredths. */
  readonly fractions: readonly string[];
}

/** As pandas writes hundredths: `.00` to `.99`. */
const TWO_DECIMALS = Array.from({ length: 100 }, (_, n) => `.${String(n).padStart(2, "0")}`);

/** `{"columns":[…],"data":[[…],…]}`. */
export const JSON_FORMAT: LegacyFormat = {
  contentType: "application/json",
  head: `{"columns":${JSON.stringify(LEGACY_COLUMNS)},"data":[`,
  tail: "]}",
  open: (before) => (before === 0 ? "[" : ",["),
  between: ",",
  close: "]",
  text: (value) => JSON.stringify(value),
  quote: '"',
  never: "null",
  fractions: TWO_DECIMALS.map((text) => text.replace(/\.?0+$/, "")),
};

/**
 * The HTML table as the original's pandas wrote it, to the space, so that Excel's web queries find what they know:
 * a first column of row numbers without a name, and two decimals.
 */
export const TABLE_FORMAT: LegacyFormat = {
  contentType: "text/html; charset=utf-8",
  head: `<table border="1" class="dataframe">
  <thead>
    <tr style="text-align: right;">
      <th></th>
${LEGACY_COLUMNS.map((column) => `      <th>${column}</th>\n`).join("")}    </tr>
  </thead>
  <tbody>
`,
  tail: "  </tbody>\n</table>",
  open: (before) => `    <tr>\n      <th>${before}</th>\n      <td>`,
  between: "</td>\n      <td>",
  close: "</td>\n    </tr>\n",
  text: escapeText,
  quote: "",
  never: "None",
  fractions: TWO_DECIMALS,
};

/** As pandas escapes: enough between tags, where all of this stands, and quotes stay readable. */
function escapeText(text: string): string {
  return text.replace(/[&<>]/g, (sign) => (sign === "&" ? "&amp;" : sign === "<" ? "&lt;" : "&gt;"));
}

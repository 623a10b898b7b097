import type { LegacyRow } from "./legacy-rows.ts";

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

/** What the original shows where there is no name (and we where there is no MAC). */
const NOTHING = "(none)";

/** Names and addresses return on every day: quoted once. A stream of years may name very many. */
const KEEP_QUOTED = 10_000;

/** A format of the old answers, written piece by piece: so a history of years needs no more memory than a month. */
export interface LegacyFormat {
  readonly contentType: string;
  readonly head: string;
  /** The text of a row; `before` is how many rows came before it. */
  row(row: LegacyRow, before: number): string;
  readonly tail: string;
}

/** `{"columns":[…],"data":[[…],…]}`. A host that never sent has `null` as LastSeen: any time would be invented. */
export function jsonFormat(localText: (at: number) => string): LegacyFormat {
  const quoted = new Map<string, string>();
  const quote = (text: string): string => {
    let known = quoted.get(text);
    if (known === undefined) {
      known = JSON.stringify(text);
      if (quoted.size >= KEEP_QUOTED) quoted.clear();
      quoted.set(text, known);
    }
    return known;
  };
  return {
    contentType: "application/json",
    head: `{"columns":${JSON.stringify(LEGACY_COLUMNS)},"data":[`,
    row(row, before) {
      const seen = row.seenAt === null ? "null" : `"${localText(row.seenAt)}"`;
      return `${before === 0 ? "" : ","}[${quote(row.ip)},${quote(row.mac ?? NOTHING)},${quote(row.hostname ?? NOTHING)},${seen},${kilobytes(row.in, SHORTEST)},${kilobytes(row.out, SHORTEST)},"${row.day} 00:00:00",${kilobytes(row.counterIn, SHORTEST)},${kilobytes(row.counterOut, SHORTEST)}]`;
    },
    tail: "]}",
  };
}

const TABLE_HEAD = `<table border="1" class="dataframe">
  <thead>
    <tr style="text-align: right;">
      <th></th>
${LEGACY_COLUMNS.map((column) => `      <th>${column}</th>\n`).join("")}    </tr>
  </thead>
  <tbody>
`;

/**
 * The HTML table as the original's pandas wrote it, to the blank, so that Excel's web queries find what they know:
 * a first column of row numbers without a name, and two decimals. A host that never sent shows `None`.
 */
export function tableFormat(localText: (at: number) => string): LegacyFormat {
  return {
    contentType: "text/html; charset=utf-8",
    head: TABLE_HEAD,
    row(row, before) {
      return `    <tr>
      <th>${before}</th>
      <td>${escapeText(row.ip)}</td>
      <td>${escapeText(row.mac ?? NOTHING)}</td>
      <td>${escapeText(row.hostname ?? NOTHING)}</td>
      <td>${row.seenAt === null ? "None" : localText(row.seenAt)}</td>
      <td>${kilobytes(row.in, TWO_DECIMALS)}</td>
      <td>${kilobytes(row.out, TWO_DECIMALS)}</td>
      <td>${row.day} 00:00:00</td>
      <td>${kilobytes(row.counterIn, TWO_DECIMALS)}</td>
      <td>${kilobytes(row.counterOut, TWO_DECIMALS)}</td>
    </tr>
`;
    },
    tail: "  </tbody>\n</table>",
  };
}

/**
 * Bytes as the original's KB: 1024 bytes, two decimals. Put together from whole numbers, for a history has a hundred
 * thousand of them, and turning fractions into text is the slowest thing done to each.
 */
function kilobytes(bytes: number, fractions: readonly string[]): string {
  const hundredths = Math.round((bytes * 100) / 1024);
  const whole = Math.floor(hundredths / 100);
  return whole + (fractions[hundredths - whole * 100] ?? "");
}

/** What stands behind the whole number, by hundredths: as pandas writes it, `.00` to `.99`. */
const TWO_DECIMALS = Array.from({ length: 100 }, (_, n) => `.${String(n).padStart(2, "0")}`);
/** The same as JSON has it, without zeros at the end. */
const SHORTEST = TWO_DECIMALS.map((text) => text.replace(/\.?0+$/, ""));

/** As pandas escapes: enough between tags, where all of this stands, and quotes stay readable. */
function escapeText(text: string): string {
  return text.replace(/[&<>]/g, (sign) => (sign === "&" ? "&amp;" : sign === "<" ? "&lt;" : "&gt;"));
}

/** The columns of the old responses, in their order. */
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

/** The cells of a row, in the order of the columns. Amounts are in KB; a time that never was is null, for any would be invented. */
export type LegacyCells = readonly [
  ip: string,
  mac: string,
  hostname: string,
  lastSeen: string | null,
  kbIn: number,
  kbOut: number,
  date: string,
  counterIn: number,
  counterOut: number,
];

/** A format of the old responses. */
export interface LegacyFormat {
  readonly contentType: string;
  readonly head: string;
  readonly tail: string;
  /** Rows, which so many others are before. */
  rows(rows: readonly LegacyCells[], before: number): string;
}

/** `{"columns":[…],"data":[[…],…]}`. */
export const JSON_FORMAT: LegacyFormat = {
  contentType: "application/json",
  head: `{"columns":${JSON.stringify(LEGACY_COLUMNS)},"data":[`,
  tail: "]}",
  rows: (rows, before) => (before === 0 ? "" : ",") + JSON.stringify(rows).slice(1, -1),
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
  rows(rows, before) {
    let text = "";
    for (const [index, cells] of rows.entries()) text += tableRow(cells, before + index);
    return text;
  },
};

function tableRow(cells: LegacyCells, number: number): string {
  const [ip, mac, hostname, lastSeen, kbIn, kbOut, date, counterIn, counterOut] = cells;
  return `    <tr>
      <th>${number}</th>
      <td>${escapeText(ip)}</td>
      <td>${escapeText(mac)}</td>
      <td>${escapeText(hostname)}</td>
      <td>${lastSeen ?? "None"}</td>
      <td>${twoDecimals(kbIn)}</td>
      <td>${twoDecimals(kbOut)}</td>
      <td>${date}</td>
      <td>${twoDecimals(counterIn)}</td>
      <td>${twoDecimals(counterOut)}</td>
    </tr>
`;
}

const HUNDREDTHS = Array.from({ length: 100 }, (_, n) => `.${String(n).padStart(2, "0")}`);

/** As `toFixed(2)`, in half the time. Amounts have two decimals already. */
function twoDecimals(amount: number): string {
  const hundredths = Math.round(amount * 100);
  const whole = Math.floor(hundredths / 100);
  return whole + (HUNDREDTHS[hundredths - whole * 100] ?? "");
}

/** As pandas escapes: enough between tags, where all of this stands, and quotes stay readable. */
function escapeText(text: string): string {
  if (!/[&<>]/.test(text)) return text;
  return text.replace(/[&<>]/g, (sign) => (sign === "&" ? "&amp;" : sign === "<" ? "&lt;" : "&gt;"));
}

import { csvOf } from "../csv.ts";
import { billText } from "../texts/bill.ts";
import type { BillCheck } from "../wire.ts";

/** The days of a bill check as CSV: whole bytes, the sums in the last line. */
export function billCsv(check: BillCheck, language: string): string {
  const { days } = check;
  const sum = (of: "download" | "upload" | "free") => String(days.reduce((all, day) => all + day[of], 0));
  return csvOf(
    [
      billText.csvColumns,
      ...days.map(({ day, download, upload, free, counted, sum: soFar, spread, measured }) => [
        day,
        ...[download, upload, free, counted, soFar].map(String),
        spread === null ? "" : String(spread),
        measured ? "" : billText.unmeasured,
      ]),
      [
        billText.total,
        ...[sum("download"), sum("upload"), sum("free"), String(check.ours), String(check.ours)],
        check.bytes === null ? "" : String(check.bytes),
        "",
      ],
    ],
    language,
  );
}

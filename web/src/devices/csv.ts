import { guarded } from "../../../src/shared/csv.ts";
import { csvOf, decimalText } from "../csv.ts";
import { tableText } from "../texts/devices.ts";
import { householdText } from "../texts/household.ts";
import type { Column } from "./columns.ts";
import { changeOf, type Row } from "./row.ts";

/**
 * A table as CSV by RFC 4180 (CRLF, quotes doubled), with the byte order mark by which Excel knows UTF-8.
 *
 * Amounts are whole bytes, the share is 0 to 1, days and times are `2026-11-22` and `2026-11-22 13:45:07` by the
 * server's clock: spreadsheets of every language read these alike. Not so what separates cells: where the comma is the
 * decimal sign, a spreadsheet expects semicolons, and the share has a comma. Behind the table's columns come a device's
 * owner and type, and last a mark that the page shows at figures. No text runs as a formula: names come from whoever answers reverse DNS.
 * @param language the reader's, as browsers name it
 */
export function toCsv(
  rows: readonly Row[],
  columns: readonly Column[],
  zone: string,
  language = readersLanguage(),
): string {
  const { csv } = tableText;
  const local = localTimes(zone);
  // A group and a host on the internet have neither.
  const areDevices = columns.some(({ id }) => id === "mac");
  const lines = [
    [...columns.flatMap(headersOf), ...(areDevices ? [csv.owner, csv.type] : []), csv.remark],
    ...rows.map((row) => [
      ...columns.flatMap((column) => cellsOf(row, column, local, language)),
      ...(areDevices ? [guarded(row.who.owner ?? ""), typeOf(row)] : []),
      remarkOf(row),
    ]),
  ];
  return csvOf(lines, language);
}

function readersLanguage(): string {
  return navigator.language;
}

/** `whitestat-2026-11-01-to-2026-11-22.csv` */
export function csvFileName(from: string, to: string): string {
  return from === to ? `whitestat-${from}.csv` : `whitestat-${from}-to-${to}.csv`;
}

function headersOf(column: Column): string | string[] {
  if (column.kind === "change") return [tableText.csv.before, column.label];
  return column.kind === "bytes" ? tableText.csv.bytes(column.label) : column.label;
}

function cellsOf(row: Row, column: Column, local: (at: number) => string, language: string): string | string[] {
  switch (column.id) {
    case "name":
      return guarded(row.who.name);
    case "addresses":
      return guarded(row.addresses.join(" "));
    case "mac":
      return guarded(row.who.mac ?? "");
    case "share":
      return decimalText(row.share, language);
    case "change": {
      const change = changeOf(row);
      const before = row.previous === null ? "" : String(row.previous.download + row.previous.upload);
      return [before, change === null || change === Infinity ? "" : decimalText(change, language)];
    }
    case "seen":
      return row.lastSeen === null ? "" : local(row.lastSeen);
    case "day":
      return row.day ?? "";
    default:
      return String(row[column.id]);
  }
}

function typeOf({ who: { type } }: Row): string {
  return type === null || type === "unknown" ? "" : householdText.types[type];
}

function remarkOf({ reconstructed, implausible }: Row): string {
  const { csv } = tableText;
  return [reconstructed ? csv.estimated : "", implausible ? csv.implausible : ""].filter((text) => text).join(" ");
}

function localTimes(zone: string): (at: number) => string {
  // Swedish writes dates as ISO 8601 does.
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  return (at) => format.format(at);
}

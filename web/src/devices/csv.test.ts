import fc from "fast-check";
import { expect, test } from "vitest";
import { unguarded } from "../../../src/shared/csv.ts";
import { columnsOf } from "./columns.ts";
import { csvFileName, toCsv } from "./csv.ts";
import { rowWith } from "./testing.ts";

/** Reads CSV by RFC 4180, letter by letter: written apart from the writer, to disagree with it where it errs. */
function parseCsv(text: string, separator = ","): string[][] {
  const lines: string[][] = [];
  let cells: string[] = [];
  let cell = "";
  let inQuotes = false;
  for (let at = text.startsWith("\uFEFF") ? 1 : 0; at < text.length; at++) {
    const letter = text[at];
    if (inQuotes) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') cell += text[at++];
      else inQuotes = false;
    } else if (letter === '"' && cell === "") inQuotes = true;
    else if (letter === separator) {
      cells.push(cell);
      cell = "";
    } else if (letter === "\r" && text[at + 1] === "\n") {
      at++;
      lines.push([...cells, cell]);
      cells = [];
      cell = "";
    } else cell += letter;
  }
  expect({ inQuotes, cell, cells }).toEqual({ inQuotes: false, cell: "", cells: [] });
  return lines;
}

const anna = rowWith({
  who: { key: "02:00:00:00:00:05", name: 'Anna, "A"', mac: "02:00:00:00:00:05", owner: "=Anna", type: "phone" },
  addresses: ["192.168.1.5", "fe80::5"],
  download: 1_234_567_890,
  upload: 10,
  share: 0.1205,
  lastSeen: Date.parse("2026-07-01T22:30:05Z"),
  day: "2026-07-02",
  previous: { download: 999_999_999, upload: 1 },
  reconstructed: true,
});

test("the file is what the table shows, in its columns and order", () => {
  const other = rowWith({ who: { key: "x", name: "<script>", mac: null }, download: 1, implausible: true });
  expect(toCsv([anna, other], columnsOf("device"), "Europe/Berlin", "en")).toBe(
    "\uFEFFName,Addresses,MAC,Download (bytes),Upload (bytes),Total (bytes),Share,Total before (bytes),Change,Last seen,Last day with traffic,Owner,Type,Remark\r\n" +
      '"Anna, ""A""",192.168.1.5 fe80::5,02:00:00:00:00:05,1234567890,10,1234567900,0.120500,1000000000,0.234568,' +
      "2026-07-02 00:30:05,2026-07-02,'=Anna,Phone,estimated\r\n" +
      "<script>,,,1,0,1,0.000000,,,,,,,implausible\r\n",
  );
});

test("where the comma is the decimal sign, semicolons separate, and the share has a comma", () => {
  for (const language of ["de", "fr-FR", "pt-BR"]) {
    const text = toCsv([anna], columnsOf("device"), "Europe/Berlin", language);
    const [header, line] = parseCsv(text, ";");
    expect(header?.slice(0, 3)).toEqual(["Name", "Addresses", "MAC"]);
    expect(line?.slice(0, 1)).toEqual(['Anna, "A"']);
    expect(line?.slice(3, 7)).toEqual(["1234567890", "10", "1234567900", "0,120500"]);
  }
  expect(toCsv([anna], columnsOf("device"), "UTC", "ar-EG")).toContain(",0.120500,");
});

test("by day, the day comes first", () => {
  const [header, line] = parseCsv(toCsv([anna], columnsOf("day"), "UTC"));
  expect(header?.slice(0, 2)).toEqual(["Day", "Name"]);
  expect(line?.slice(0, 2)).toEqual(["2026-07-02", 'Anna, "A"']);
});

test.each([
  ["=1+1", "'=1+1"],
  ["＝1", "'＝1"],
  ["a;=cmd|'/C calc'!A0", "a;'=cmd|'/C calc'!A0"],
])("%j is no formula for a spreadsheet", (name, cell) => {
  const [, line] = parseCsv(toCsv([rowWith({ who: { name } })], columnsOf("device"), "UTC"));
  expect(line?.[0]).toBe(cell);
});

test("any name survives the way through the file", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.array(fc.string({ unit: "grapheme" })), (name, more) => {
      const rows = [name, ...more].map((text) => rowWith({ who: { name: text } }));
      const [header, ...lines] = parseCsv(toCsv(rows, columnsOf("device"), "UTC"));
      expect(lines.map((line) => line.length)).toEqual(rows.map(() => header?.length));
      expect(lines.map((line) => unguarded(line[0] ?? ""))).toEqual([name, ...more]);
    }),
    { examples: [["'=1", ["'@", "''-"]]] },
  );
});

test("no rows give the header alone", () => {
  expect(parseCsv(toCsv([], columnsOf("device"), "UTC"))).toHaveLength(1);
});

test("the file is named after its days", () => {
  expect(csvFileName("2026-11-01", "2026-11-22")).toBe("whitestat-2026-11-01-to-2026-11-22.csv");
  expect(csvFileName("2026-11-22", "2026-11-22")).toBe("whitestat-2026-11-22.csv");
});

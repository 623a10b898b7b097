import type { AlertsReport } from "../../shared/alerts-api.ts";
import { alertText } from "../../shared/days-in-text.ts";
import { UNSAFE_CHARACTERS } from "../../shared/untrusted-text.ts";

type Told = AlertsReport["history"][number];

export interface FeedAbout {
  /** ms UTC: since when this installation measures. It tells its feed from those of others, and never changes. */
  readonly since: number;
}

/** Tag URIs (RFC 4151) under a name that nobody can own: ids need not lead anywhere, only stay. */
const TAG = "tag:whitestat.invalid,2026:";
const ICS_LINE_OCTETS = 75;

/**
 * What was told as an Atom feed (RFC 4287), the latest first. An entry keeps its id for as long as it is listed. Links are
 * relative: the address that a program reads it from may hold a token.
 */
export function atomOf(history: readonly Told[], { since }: FeedAbout): string {
  const [latest] = history;
  const entries = history.map(({ id, at, rule, level, title, text }) =>
    [
      "  <entry>",
      `    <id>${TAG}alert/${xml(id)}</id>`,
      `    <title>${xml(title)}</title>`,
      `    <updated>${new Date(at).toISOString()}</updated>`,
      `    <published>${new Date(at).toISOString()}</published>`,
      `    <category term="${xml(rule)}"/>`,
      `    <category term="${xml(level)}"/>`,
      '    <link rel="alternate" type="text/html" href="../../../?open=alerts"/>',
      `    <content type="text">${xml(alertText({ rule, text }))}</content>`,
      "  </entry>",
    ].join("\n"),
  );
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `  <id>${TAG}alerts/${since}</id>`,
    "  <title>WhiteStat alerts</title>",
    `  <updated>${new Date(latest?.at ?? since).toISOString()}</updated>`,
    "  <author><name>WhiteStat</name></author>",
    '  <link rel="self" type="application/atom+xml" href="atom"/>',
    '  <link rel="alternate" type="text/html" href="../../../?open=alerts"/>',
    ...entries,
    "</feed>",
    "",
  ].join("\n");
}

/** What was told as a calendar (RFC 5545): an event without length for each, which blocks no time. */
export function icsOf(history: readonly Told[]): string {
  const events = history.flatMap(({ id, at, rule, level, title, text }) => [
    "BEGIN:VEVENT",
    `UID:${icsText(id)}@whitestat.invalid`,
    `DTSTAMP:${icsTime(at)}`,
    `DTSTART:${icsTime(at)}`,
    `SUMMARY:${icsText(title)}`,
    `DESCRIPTION:${icsText(alertText({ rule, text }))}`,
    `CATEGORIES:${icsText(rule)},${icsText(level)}`,
    "TRANSP:TRANSPARENT",
    "END:VEVENT",
  ]);
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//WhiteStat//Alerts//EN",
    "CALSCALE:GREGORIAN",
    "METHOD:PUBLISH",
    "NAME:WhiteStat alerts",
    "X-WR-CALNAME:WhiteStat alerts",
    "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    ...events,
    "END:VCALENDAR",
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join("");
}

/** Names in it are untrusted: nothing of them may be markup, or no character of XML. */
function xml(text: string): string {
  return cleaned(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function icsText(text: string): string {
  return cleaned(text)
    .replace(/[\\;,]/g, "\\$&")
    .replaceAll("\n", "\\n");
}

/** Line breaks stay; halves of characters, and what is none, are shown as such. */
function cleaned(text: string): string {
  return text
    .toWellFormed()
    .split(/\r\n|[\r\n]/)
    .map((line) => line.replace(UNSAFE_CHARACTERS, "\ufffd").replace(/[\ufffe\uffff]/g, "\ufffd"))
    .join("\n");
}

/** 20260131T120000Z */
function icsTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
}

/** A line in pieces of at most 75 octets, each further one after a space; no character is torn. */
function folded(line: string): string {
  const pieces: string[] = [];
  let [piece, octets] = ["", 0];
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > ICS_LINE_OCTETS) {
      pieces.push(piece);
      [piece, octets] = ["", 1];
    }
    piece += character;
    octets += size;
  }
  return [...pieces, piece].join("\r\n ");
}

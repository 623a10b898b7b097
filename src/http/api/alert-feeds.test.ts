import { expect, test } from "vitest";
import type { AlertsReport } from "../../shared/alerts-api.ts";
import { testApp, testDeps } from "../testing.ts";
import { atomOf, icsOf } from "./alert-feeds.ts";

type Told = AlertsReport["history"][number];
const AT = Date.UTC(2026, 10, 26, 12, 0, 5);
const HOSTILE = `</title><script>alert(1)</script> & "x" ]]> \u0000\u202e\ud800 \\;,\r\nEND:VEVENT\nBEGIN:VALARM 📺📺📺📺📺📺📺📺📺📺📺📺📺📺📺📺📺📺📺📺📺`;

const told = (more: Partial<Told> = {}): Told => ({
  id: "msg_0123456789abcdef01234567",
  at: AT,
  rule: "new-device",
  level: "info",
  title: "New device: Phone",
  text: "Phone (3c:22:fb:10:20:02): never seen before.",
  snoozed: false,
  heldUntil: null,
  deliveries: [],
  ...more,
});

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** Reads XML as strictly as a parser must: anything that isn't well-formed throws. No doctype, no comments, no CDATA. */
function readXml(text: string): Element {
  const head = '<?xml version="1.0" encoding="utf-8"?>\n';
  expect(text.startsWith(head)).toBe(true);
  expect(text).not.toMatch(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
  const unescaped = (raw: string): string => {
    expect(raw).not.toMatch(/[<>]|&(?!(?:amp|lt|gt|quot);)/);
    return raw.replace(/&(amp|lt|gt|quot);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">", quot: '"' })[name as "amp"]);
  };
  const root: Element = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  const body = text.slice(head.length);
  const pattern = /([^<]*)(?:<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>|$)/gy;
  for (let match = pattern.exec(body); match !== null && match[0] !== ""; match = pattern.exec(body)) {
    const [, before = "", isEnd, name, attributes = "", isEmpty] = match;
    const parent = open.at(-1) as Element;
    parent.text += unescaped(before);
    if (name === undefined) break;
    if (isEnd === "/") {
      expect(open.pop()?.name).toBe(name);
      continue;
    }
    const pairs = [...attributes.matchAll(/ ([a-z]+)="([^"]*)"/g)].map(([, key, value]) => [
      key,
      unescaped(value ?? ""),
    ]);
    const element: Element = { name, attributes: Object.fromEntries(pairs), children: [], text: "" };
    parent.children.push(element);
    if (isEmpty !== "/") open.push(element);
  }
  expect(open).toEqual([root]);
  expect(pattern.lastIndex === 0 || pattern.lastIndex === body.length).toBe(true);
  expect(root.children).toHaveLength(1);
  return root.children[0] as Element;
}

/** What RFC 4287 demands of a feed. */
function checkAtom(feed: Element): Element[] {
  const all = (of: Element, name: string) => of.children.filter((child) => child.name === name);
  expect([feed.name, feed.attributes]).toEqual(["feed", { xmlns: "http://www.w3.org/2005/Atom" }]);
  expect(all(feed, "author")[0]?.children[0]?.text).toBe("WhiteStat");
  const entries = all(feed, "entry");
  for (const one of [feed, ...entries]) {
    for (const name of ["id", "title", "updated"]) expect(all(one, name)).toHaveLength(1);
    expect(all(one, "id")[0]?.text).toMatch(/^tag:[a-z.]+,\d{4}:\S+$/);
    expect(all(one, "updated")[0]?.text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    for (const { attributes } of all(one, "link")) expect(["self", "alternate"]).toContain(attributes.rel);
  }
  for (const entry of entries) expect(all(entry, "content")[0]?.attributes).toEqual({ type: "text" });
  const ids = entries.map((entry) => all(entry, "id")[0]?.text);
  expect(new Set(ids).size).toBe(ids.length);
  return entries;
}

/** Reads a calendar as RFC 5545 has it: the properties of each event. */
function readIcs(text: string): Map<string, string>[] {
  expect(text.endsWith("\r\n")).toBe(true);
  expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
  const raw = text.slice(0, -2).split("\r\n");
  for (const line of raw) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
  // No character was torn: what is folded is well-formed, line by line.
  for (const line of raw) expect(line.isWellFormed()).toBe(true);
  const lines = text.slice(0, -2).replaceAll("\r\n ", "").split("\r\n");
  expect(lines.slice(0, 3)).toEqual(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//WhiteStat//Alerts//EN"]);
  expect(lines.at(-1)).toBe("END:VCALENDAR");
  const events: Map<string, string>[] = [];
  let event: Map<string, string> | null = null;
  for (const line of lines.slice(1, -1)) {
    const [, name = "", value = ""] = /^([A-Z-]+)(?:;[A-Z]+=[A-Z]+)?:(.*)$/u.exec(line) ?? [];
    expect(name).not.toBe("");
    if (name === "BEGIN") {
      expect([event, value]).toEqual([null, "VEVENT"]);
      event = new Map();
    } else if (name === "END") {
      for (const needed of ["UID", "DTSTAMP", "DTSTART"]) expect(event?.has(needed)).toBe(true);
      events.push(event as Map<string, string>);
      event = null;
    } else if (event !== null) {
      expect(event.has(name)).toBe(false);
      event.set(name, value);
    }
  }
  expect(event).toBeNull();
  return events;
}

test("an Atom feed has an entry for each alert, whatever its names hold", () => {
  const history = [told({ id: "msg_2", title: HOSTILE, text: HOSTILE }), told()];
  const feed = readXml(atomOf(history, { since: AT - 1000 }));
  const entries = checkAtom(feed);
  expect(entries).toHaveLength(2);
  const title = entries[0]?.children.find(({ name }) => name === "title")?.text ?? "";
  expect(title).toContain(`</title><script>alert(1)</script> & "x" ]]> \ufffd\ufffd\ufffd`);
  expect(title).toContain("📺");
  expect(feed.children.find(({ name }) => name === "updated")?.text).toBe("2026-11-26T12:00:05.000Z");
});

test("a kind that nobody knows yet ends no attribute", () => {
  const rule = 'x" y="<&>' as Told["rule"];
  const [entry] = checkAtom(readXml(atomOf([told({ rule })], { since: AT })));
  const categories = entry?.children.filter(({ name }) => name === "category").map(({ attributes }) => attributes);
  expect(categories).toEqual([{ term: rule }, { term: "info" }]);
});

test("ids stay, and those of two installations differ; a feed without alerts is one", () => {
  const ids = (text: string) => [...text.matchAll(/<id>([^<]*)<\/id>/g)].map(([, id]) => id);
  expect(ids(atomOf([told()], { since: 5 }))).toEqual(ids(atomOf([told({ title: "renamed" })], { since: 5 })));
  expect(ids(atomOf([told()], { since: 6 }))[0]).not.toBe(ids(atomOf([told()], { since: 5 }))[0]);
  expect(checkAtom(readXml(atomOf([], { since: 5 })))).toEqual([]);
  expect(readIcs(icsOf([]))).toEqual([]);
});

test("a calendar has an event for each alert: folded, escaped, in UTC", () => {
  const [event, other] = readIcs(icsOf([told({ id: "msg_2", title: HOSTILE, text: HOSTILE }), told()]));
  expect(event?.get("SUMMARY")).toContain(
    '</title><script>alert(1)</script> & "x" ]]> \ufffd\ufffd\ufffd \\\\\\;\\,\\nEND:VEVENT\\n',
  );
  expect(event?.get("SUMMARY")).toContain("📺".repeat(21));
  expect(other?.get("DTSTART")).toBe("20261126T120005Z");
  expect(other?.get("UID")).toBe("msg_0123456789abcdef01234567@whitestat.invalid");
  expect(other?.get("CATEGORIES")).toBe("new-device,info");
});

/** Characters of one to four octets, and emoji of several. */
const CHARACTERS = ["x", "ß", "€", "📺", "👨\u200d👩\u200d👧", "🇩🇪"];

test("a calendar's lines are folded by octets, wherever in a line a character of several begins", () => {
  for (const character of CHARACTERS) {
    for (let before = 0; before < 80; before++) {
      const title = `${"a".repeat(before)}${character.repeat(40)}`;
      const text = icsOf([told({ title })]);
      const [event] = readIcs(text);
      expect(event?.get("SUMMARY")).toBe(title);
      // What is full is full: a line is folded only where the next character would not fit.
      const lines = text.split("\r\n");
      for (const [at, line] of lines.entries()) {
        if (lines[at + 1]?.startsWith(" ")) expect(Buffer.byteLength(line)).toBeGreaterThan(75 - 4);
      }
      // As a program reads it that unfolds octets, and decodes afterwards.
      const octets = Buffer.from(text).toString("latin1").replaceAll("\r\n ", "");
      expect(Buffer.from(octets, "latin1").toString()).toContain(`SUMMARY:${title}\r\n`);
    }
  }
});

test.each<[string, string, string]>([
  ["markup", "<script>alert(1)</script>", "<script>alert(1)</script>"],
  ["the end of a CDATA section", "]]><x/>", "]]><x/>"],
  ["entities", "&amp; &lt; &#60; &bomb;", "&amp; &lt; &#60; &bomb;"],
  ["quotes", `" onload="x' `, `" onload="x' `],
  ["line breaks of each kind", "a\r\nb\rc\nd", "a\nb\nc\nd"],
  ["other line breaks", "a\u2028b\u2029c\u0085d\u000be", "a\ufffdb\ufffdc\ufffdd\ufffde"],
  ["control characters", "a\u0000\u0001\u0008\u001b\u007f\u009fb\tc", "a\ufffd\ufffd\ufffd\ufffd\ufffd\ufffdb\ufffdc"],
  ["what is no character", "a\ufffe\uffff\ud800b\udc00", "a\ufffd\ufffd\ufffdb\ufffd"],
  ["marks that turn text round", "a\u202eb\u2066c\u200f", "a\ufffdb\ufffdc\ufffd"],
  ["a property of calendars", "x:y;z=1,2\\n", "x:y;z=1,2\\n"],
  ["spaces at both ends", "  a  ", "  a  "],
  ["a very long line", "long ".repeat(20_000), "long ".repeat(20_000)],
  ["nothing", "", ""],
])("both feeds say a name as it is, or with what may not be in it shown: %s", (_, name, shown) => {
  const history = [told({ title: name, text: name })];
  const [entry] = checkAtom(readXml(atomOf(history, { since: AT })));
  for (const part of ["title", "content"]) {
    expect(entry?.children.find((child) => child.name === part)?.text).toBe(shown);
  }
  const [event] = readIcs(icsOf(history));
  const unescaped = (text = "") => text.replace(/\\([\\;,n])/g, (_all, one) => (one === "n" ? "\n" : one));
  expect(unescaped(event?.get("SUMMARY"))).toBe(shown);
  expect(unescaped(event?.get("DESCRIPTION"))).toBe(shown);
});

test("both are answered with their types, and not again to who has them", async () => {
  const app = testApp(await testDeps());
  for (const [path, type] of [
    ["atom", "application/atom+xml; charset=utf-8"],
    ["ics", "text/calendar; charset=utf-8"],
  ] as const) {
    const response = await app.request(`/api/v1/alerts/${path}`);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, type]);
    const etag = response.headers.get("etag") ?? "";
    const again = await app.request(`/api/v1/alerts/${path}`, { headers: { "if-none-match": etag } });
    expect(again.status).toBe(304);
    if (path === "atom") checkAtom(readXml(await response.text()));
    else readIcs(await response.text());
  }
});

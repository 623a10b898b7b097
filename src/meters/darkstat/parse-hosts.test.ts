import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createHostsParser, parseHosts as parsePage } from "./parse.ts";
import { createDarkstatModel } from "./simulated/index.ts";
import { hostsPage, type PageStyle } from "./simulated/pages.ts";
import { cleanHostname } from "./text.ts";

const parseHosts = (html: string) => parsePage(Buffer.from(html));
const fixture = (path: string) => readFileSync(new URL(`./fixtures/${path}`, import.meta.url), "utf8");
const page = fixture("3.0.719-default/hosts.html");
const codeOf = (html: string): unknown => {
  try {
    parseHosts(html);
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return "accepted";
};

test("an error names no more of the page's columns than a line has room for", () => {
  const wide = page.replace(">Total<", `>${"x".repeat(100_000)}<`);
  expect(() => parseHosts(wide)).toThrow(/^.{50,400}$/);
});

describe("captured pages", () => {
  test("a table of 3.0.719 is read in full", () => {
    const { hosts, ...rest } = parseHosts(page);
    expect(rest).toEqual({ version: "3.0.719", interface: "br0", columns: { mac: true, lastSeen: true } });
    expect(hosts).toHaveLength(13);
    expect(hosts[0]).toEqual({
      ip: "192.168.77.11",
      mac: "02:00:00:0c:29:01",
      hostname: null,
      in: 709_628,
      out: 10_075,
      lastSeenSeconds: 4,
    });
    expect(hosts[6]).toEqual({
      ip: "ff02::1:ff05:a0b",
      mac: "33:33:ff:05:0a:0b",
      hostname: null,
      in: 72,
      out: 0,
      lastSeenSeconds: null,
    });
    expect(hosts[12]?.ip).toBe("::");
  });

  test.each([
    ["3.0.719-local-only", "3.0.719", 3, true, true],
    ["3.0.719-no-lastseen", "3.0.719", 6, true, false],
    ["3.0.719-no-macs", "3.0.719", 8, false, true],
    ["3.0.721-base", "3.0.721-git", 4, true, true],
    ["3.0.721-default", "3.0.721-git", 10, true, true],
    ["3.0.721-no-macs-no-lastseen", "3.0.721-git", 4, false, false],
  ])("%s: columns are found by their header", (folder, version, rows, mac, lastSeen) => {
    const parsed = parseHosts(fixture(`${folder}/hosts.html`));
    expect(parsed).toMatchObject({ version, interface: "br0", columns: { mac, lastSeen } });
    expect(parsed.hosts).toHaveLength(rows);
    expect(parsed.hosts.every((host) => (host.mac !== null) === mac)).toBe(true);
    expect(parsed.hosts.some((host) => host.lastSeenSeconds !== null)).toBe(lastSeen);
    expect(parsed.hosts.every((host) => host.in + host.out > 0)).toBe(true);
  });

  test("an empty table has no hosts and is no error", () => {
    expect(parseHosts(fixture("3.0.719-default/hosts-empty.html")).hosts).toEqual([]);
  });

  test("a full table with a link to a next page is complete", () => {
    const { hosts } = parseHosts(fixture("3.0.719-default/hosts-forty.html"));
    expect(hosts).toHaveLength(40);
    expect(hosts.every((host) => host.mac === null)).toBe(true);
  });

  test("the first thirty of forty rows are rejected", () => {
    const thirty = fixture("3.0.719-default/hosts-thirty.html");
    expect(codeOf(thirty)).toBe("cut");
    expect(() => parseHosts(thirty)).toThrow("shows only rows 1 to 30 of 40");
  });
});

describe("what is not whole is rejected whole", () => {
  test("a page cut at any place is rejected", () => {
    for (let length = 0; length < page.trimEnd().length; length += 1) {
      expect(["cut", "garbled"], `cut after ${length}`).toContain(codeOf(page.slice(0, length)));
    }
  });

  test("a row fewer than stated is a cut page", () => {
    expect(codeOf(page.replace(/<tr class="alt1">[\s\S]*?<\/tr>\n/, ""))).toBe("cut");
  });

  test("an error line at status 200 is a refused query", () => {
    expect(() => parseHosts('Error: invalid value for "sort".\n')).toThrow(/refused the query.*invalid value/);
    expect(codeOf("Error: x\n")).toBe("refused-query");
  });

  test.each([
    ["a page of another program", "<html><head><title>Router</title></head></html>"],
    ["an address twice", page.replaceAll("192.168.77.12", "192.168.77.11")],
    ["a total that is not the sum", page.replace("719,703", "719,704")],
    ["a number that is none", page.replace(/709,628/, "709,6x8")],
    ["a comma in the wrong place", page.replace(/709,628/, "70,9628")],
    ["a negative number", page.replace(/709,628/, "-709,628")],
    ["a number too large to add", page.replace("709,628", "18,446,744,073,709,551,615")],
    ["an address that is none", page.replaceAll("192.168.77.12", "192.168.77.300")],
    ["a MAC that is none", page.replace("00:0c:29:05:0a:0b", "00:0c:29:05:0a")],
    ["a column missing", page.replace(" <th>Hostname</th>\n", "")],
    ["a time that is none", page.replace(">6 secs<", ">6 weeks<")],
  ])("%s", (_, html) => {
    expect(codeOf(html)).toBe("garbled");
  });

  test("a number that could not be added exactly is told as such", () => {
    const html = page.replace("709,628", "9,007,199,254,740,993");
    expect(() => parseHosts(html)).toThrow(
      /"In" of 192\.168\.77\.11 is 9,007,199,254,740,993; at most \d+ can be counted/,
    );
  });

  test("the message names the host and the figure", () => {
    expect(() => parseHosts(page.replace("719,703", "719,704"))).toThrow(/192\.168\.77\.11: In 709628 .* 719704/);
  });

  test("a clock error is no last sign of life", () => {
    const html = page.replace(">6 secs<", ">(clock error: last = 1700000000, now = 5)<");
    expect(parseHosts(html).hosts.at(-1)?.lastSeenSeconds).toBeNull();
  });

  test("days, hours and minutes of the last sign of life are added up", () => {
    const html = page.replace(">6 secs<", ">2 days, 0 hrs, 9 mins, 19 secs<");
    expect(parseHosts(html).hosts.at(-1)?.lastSeenSeconds).toBe(2 * 86_400 + 9 * 60 + 19);
  });
});

describe("host names are hostile", () => {
  const styles: PageStyle[] = [
    { version: "3.0.719", interface: "br0", columns: { mac: true, lastSeen: true } },
    { version: "3.0.721", interface: "br0", columns: { mac: false, lastSeen: true } },
    { version: "3.0.721", interface: "br0", columns: { mac: true, lastSeen: false } },
    { version: "3.0.719", interface: "br0", columns: { mac: false, lastSeen: false } },
  ];
  const rendered = (names: readonly string[], style: PageStyle) => {
    const model = createDarkstatModel({ now: () => 1_700_000_000_000 });
    names.forEach((hostname, index) => {
      const ip = `10.0.0.${index + 1}`;
      model.traffic({ ip, mac: `02:00:00:00:00:0${index}`, hostname }, "198.51.100.1", 1_000 - index, 7 * index);
    });
    return hostsPage(model, style, { sort: "in", full: true, start: 0 });
  };
  const tail = '</td>\n <td><tt>aa:aa:aa:aa:aa:aa</tt></td>\n <td class="num">1</td>\n <td class="num">1</td>\n';
  const wholeTail = `${tail} <td class="num">2</td>\n <td class="num">1 sec</td></tr>`;
  const head = '<tr class="alt1">\n <td><a href="./6.6.6.6/">6.6.6.6</a></td>\n <td>';
  const nasty = fc.array(
    fc.constantFrom(
      ...["</td>", "<td>", "</tr>", "<tr>", "\n ", "</table>", "</html>\n", "<tt>", '"', "'", "&amp;", "\0", "\u202e"],
      ...[tail, wholeTail, head, "(1-1 of 1)<br>", "<p>The table is empty.</p>", "x", "<table>", "Error: "],
      ...['<td class="num">5</td>', "</div>\n</body>\n</html>\n", '<h2 class="pageheader">Hosts</h2>'],
    ),
    { maxLength: 12 },
  );

  test("whatever names hold, every other field is right, or the page is rejected", () => {
    fc.assert(
      fc.property(fc.array(nasty, { minLength: 1, maxLength: 4 }), fc.constantFrom(...styles), (parts, style) => {
        const names = parts.map((part) => part.join(""));
        const clean = parseHosts(
          rendered(
            names.map(() => ""),
            style,
          ),
        ).hosts;
        const html = rendered(names, style);
        let hosts: typeof clean;
        try {
          hosts = parseHosts(html).hosts;
        } catch (error) {
          // Only a name that imitates the seam of two rows may cost the page.
          expect(html).toMatch(/<\/tr>\s*<tr[\s\S]*<\/tr>\s*<tr/);
          expect(names.join("")).toMatch(/<tr/);
          return void expect(error).toMatchObject({ code: "garbled" });
        }
        expect(hosts.map((host) => ({ ...host, hostname: null }))).toEqual(clean);
        const held = new Map(hosts.map((host) => [host.ip, host.hostname]));
        names.forEach((name, index) => {
          expect(held.get(`10.0.0.${index + 1}`)).toBe(cleanHostname(name));
        });
      }),
      { numRuns: 1_000 },
    );
  });

  test("a name that imitates cells is only a name", () => {
    const name = `x</td>\n <td><tt>00:00:00:00:00:01</tt></td>\n <td class="num">9</td>`;
    const { hosts } = parseHosts(rendered([name], styles[0] as PageStyle));
    expect(hosts.find((host) => host.ip === "10.0.0.1")).toMatchObject({
      in: 1_000,
      mac: "02:00:00:00:00:00",
      hostname: 'x</td> <td><tt>00:00:00:00:00:01</tt></td> <td class="num">9</td>',
    });
  });

  test.each([
    ["the end of a row, and half a beginning", `x${wholeTail}\n<tr class="alt1">\n <td>6.6.6.6</td>`],
    ["the beginning of a row without a whole end before it", `x</td></tr>\n${head}y`],
  ])("a name that imitates %s is only a name", (_, name) => {
    const { hosts } = parseHosts(rendered([name, "other"], styles[0] as PageStyle));
    expect(hosts.map(({ ip, hostname }) => [ip, hostname]).sort()).toEqual([
      ["10.0.0.1", cleanHostname(name)],
      ["10.0.0.2", "other"],
      ["198.51.100.1", null],
    ]);
  });

  test("a name that imitates a whole row costs the page, for nobody can tell them apart", () => {
    expect(codeOf(rendered([`x${wholeTail}\n${head}y`], styles[0] as PageStyle))).toBe("garbled");
  });

  test("a name of 10 kB is cut to 255 characters", () => {
    const { hosts } = parseHosts(rendered(["a".repeat(10_000)], styles[0] as PageStyle));
    expect(hosts.find((host) => host.ip === "10.0.0.1")?.hostname).toBe("a".repeat(255));
  });

  test.each([
    ["", null],
    ["(none)", null],
    ["(resolving...)", null],
    ["  ", null],
    ["\u202e\u200b\u0007", null],
    ["tv (living room)", "tv (living room)"],
    ["phone\r\nLOG: forged", "phone LOG: forged"],
    ["evil\u202egnp.exe", "evil gnp.exe"],
    ["👩‍💻-laptop", "👩‍💻-laptop"],
    [`${"a".repeat(254)}😀`, "a".repeat(254)],
    ["\ud800x", "\ufffdx"],
  ])("the name %j is kept as %j", (name, kept) => {
    expect(cleanHostname(name)).toBe(kept);
  });
});

describe("a page is read alike", () => {
  /** Something unusual outside of the rows: such a page is taken for text as a whole. */
  const unusual = (html: string) => html.replace("</table>\n", "</table>\n<!-- ü -->");
  const outcomeOf = (read: () => unknown): unknown => {
    try {
      return read();
    } catch (error) {
      return (error as { code?: unknown }).code;
    }
  };
  const bit = fc.constantFrom(
    ...["<", ">", "</td>", "<td>", "</tr>", "<tr>", '"', ",", "0", "9", "\n", " ", "\u00a0", "é"],
    ...["(", ")", "%", "::", "", "\t\r\n", "1 sec", "(never)", "<th>Other</th>", '<td class="num">', "</table>"],
  );

  test.each([
    "3.0.719-default/hosts.html",
    "3.0.719-default/hosts-forty.html",
    "3.0.721-default/hosts.html",
    "3.0.721-no-macs-no-lastseen/hosts.html",
  ])("where it lies and as a text, whatever is done to its rows: %s", (path) => {
    const html = fixture(path);
    const [from, to] = [html.indexOf("<table>"), html.lastIndexOf("</table>")];
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(to - from), fc.nat(3), bit), { maxLength: 3 }), (changes) => {
        let page = html;
        for (const [at, cut, text] of changes) page = page.slice(0, from + at) + text + page.slice(from + at + cut);
        expect(outcomeOf(() => parseHosts(page))).toEqual(outcomeOf(() => parseHosts(unusual(page))));
      }),
      { numRuns: 500 },
    );
  });

  test("with the memory of the pages before, and without it", () => {
    const parse = createHostsParser();
    const pages = [
      page,
      page.replaceAll("192.168.77.12", "192.168.77.99"),
      fixture("3.0.721-default/hosts.html"),
      page,
    ];
    for (const html of pages) expect(parse(Buffer.from(html))).toEqual(parseHosts(html));
  });

  test("when a page that was rejected came before", () => {
    const parse = createHostsParser();
    expect(() => parse(Buffer.from(page.replace("719,703", "719,704")))).toThrow();
    expect(parse(Buffer.from(page))).toEqual(parseHosts(page));
  });

  test("with names in Latin-1 beside names in UTF-8", () => {
    const named = page
      .replace(/<td>[^<]*<\/td>/, "<td>b\xfcro</td>")
      .replace("<td>(none)</td>", "<td>k\xc3\xbcche</td>");
    const { hosts } = parsePage(Buffer.from(named, "latin1"));
    expect(hosts.flatMap(({ hostname }) => hostname ?? [])).toEqual(["büro", "küche"]);
  });

  test("when somebody chose names that fall on one place of a table", () => {
    const names: string[] = [];
    for (let n = 0; names.length < 200; n++) if (placeOf(`host-${n}`) === 7) names.push(`host-${n}`);
    const model = createDarkstatModel({ now: () => 1_700_000_000_000 });
    names.forEach((hostname, index) => {
      model.traffic({ ip: `10.0.0.${index + 1}`, mac: "02:00:00:00:00:01", hostname }, "198.51.100.1", 1_000, 7);
    });
    const style = { version: "3.0.719", interface: "br0", columns: { mac: true, lastSeen: true } } as const;
    const html = hostsPage(model, style, { sort: "in", full: true, start: 0 });
    const read = parseHosts(html).hosts.flatMap(({ hostname }) => hostname ?? []);
    expect(read.sort()).toEqual(names.sort());
  });
});

/** As the table of texts does it while it is small. */
function placeOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash ^ (hash >>> 15)) & 1_023;
}

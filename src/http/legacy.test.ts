import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createCalendar } from "../accounting/calendar.ts";
import { zoneOf } from "../accounting/testing.ts";
import { ROUTER } from "../store/testing/settlements.ts";
import { remoteUse, testApp, testDeps, type Use } from "./testing.ts";

type V5Row = [string, string, string, string, number, number, string, number, number];
const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
const v5 = (name: string) => JSON.parse(fixture(name)) as { columns: string[]; data: V5Row[] };

const calendar = createCalendar(zoneOf("Europe/Berlin"));

/** The captured answer as uses, bytes as a takeover makes them. */
function usesOf(rows: readonly V5Row[]): Use[] {
  return rows.map(([ip, mac, name, seen, kbIn, kbOut, date, counterIn, counterOut]) => ({
    ip,
    mac,
    kind: mac === ROUTER ? "remote" : "device",
    hostname: name === "(none)" ? null : name,
    day: date.slice(0, 10),
    in: Math.round(kbIn * 1024),
    out: Math.round(kbOut * 1024),
    seenAt: instantOf(seen),
    counterIn: Math.round(counterIn * 1024),
    counterOut: Math.round(counterOut * 1024),
  }));
}

function instantOf(local: string): number {
  const wanted = Date.parse(`${local.replace(" ", "T")}Z`);
  const guess = [1, 2].map((hours) => wanted - hours * 3_600_000).find((at) => calendar.localText(at) === local);
  if (guess === undefined) throw new Error(`no instant ${local}`);
  return guess;
}

const rounded = (rows: readonly V5Row[]) =>
  rows.map((row) => row.map((field) => (typeof field === "number" ? Math.round(field * 100) / 100 : field)));

const v5App = testApp(await testDeps(usesOf(v5("v5-history.json").data)));

describe("over the figures that the original answered from", () => {
  const app = v5App;
  const history = "/history?start=2021-03-30&end=2021-04-01";

  test.each(["/json", "/json/"])("%s answers as version 5 did", async (path) => {
    const response = await app.request(path);
    expect(response.headers.get("content-type")).toBe("application/json");
    const answer = (await response.json()) as { columns: string[]; data: V5Row[] };
    expect(answer.columns).toEqual(v5("v5-today.json").columns);
    expect(answer.data).toEqual(rounded(v5("v5-today.json").data));
  });

  test("/json/history answers as version 5 did", async () => {
    const answer = (await (await app.request(`/json${history}`)).json()) as { data: V5Row[] };
    expect(answer.data).toEqual(rounded(v5("v5-history.json").data));
  });

  test.each(["/table", "/table/"])("%s is the table of version 5, to the byte", async (path) => {
    const response = await app.request(path);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await response.text()).toBe(fixture("v5-table.html"));
  });

  test.each(["", "/"])("/table/history%s is the table of version 5, to the byte", async (slash) => {
    const answer = await app.request(`/table/history${slash}?start=2021-03-31 00:00:00&end=2021-03-30T00:00:00`);
    expect(await answer.text()).toBe(fixture("v5-table-history.html"));
  });
});

const rowsOf = async (response: Response) => ((await response.json()) as { data: unknown[][] }).data;

test("routers, and what IPFilter leaves out, are in no answer", async () => {
  const app = testApp(
    await testDeps([
      { ip: "192.168.1.1", mac: "02:00:00:00:00:01" },
      { ip: "192.168.1.254", mac: ROUTER },
      { ip: "fd00::3", mac: "02:00:00:00:00:03" },
      remoteUse("203.0.113.1"),
      remoteUse("2001:db8::1"),
    ]),
  );
  expect((await rowsOf(await app.request("/json"))).map(([ip]) => ip)).toEqual(["203.0.113.1", "192.168.1.1"]);
});

test("remote hosts are left out by includePublicIP=no, and by nothing else", async () => {
  const app = testApp(await testDeps([{ ip: "192.168.1.1", mac: "02:00:00:00:00:01" }, remoteUse("203.0.113.1")]));
  const count = async (path: string) => (await rowsOf(await app.request(path))).length;
  expect(await count("/json?includePublicIP=no")).toBe(1);
  expect(await count("/json/history?start=2021-04-01&includePublicIP=No")).toBe(1);
  expect(await count("/json?includePublicIP=yes")).toBe(2);
  expect(await count("/json?includePublicIP=")).toBe(2);
});

test("a given name goes before the host's own; none is (none), as is a MAC that isn't there", async () => {
  const deps = await testDeps([
    { ip: "192.168.1.1", mac: "02:00:00:00:00:01", hostname: "dns-1", in: 4 },
    { ip: "192.168.1.2", in: 3 },
    { ip: "192.168.1.3", mac: "02:00:00:00:00:03", hostname: "dns-3", in: 2 },
    remoteUse("203.0.113.1", { in: 1, mac: null }),
  ]);
  await deps.names.rename("02:00:00:00:00:01", "Anna's phone");
  const rows = await rowsOf(await testApp(deps).request("/json"));
  expect(rows.map((row) => row.slice(0, 3))).toEqual([
    ["192.168.1.1", "02:00:00:00:00:01", "Anna's phone"],
    ["192.168.1.2", "(none)", "(none)"],
    ["192.168.1.3", "02:00:00:00:00:03", "dns-3"],
    ["203.0.113.1", "(none)", "(none)"],
  ]);
});

test("a host that never sent has no invented time", async () => {
  const app = testApp(await testDeps([{ ip: "192.168.1.1", mac: "02:00:00:00:00:01", seenAt: null }]));
  expect((await rowsOf(await app.request("/json")))[0]?.[3]).toBeNull();
  expect(await (await app.request("/table")).text()).toContain("<td>None</td>");
});

test("KB have two decimals, in JSON as numbers", async () => {
  const bytes = [0, 1, 5, 6, 51, 102, 1024, 1126, 1_047_552, 2 ** 42 + 3];
  const app = testApp(
    await testDeps(
      bytes.map((counterIn, n) => ({ ip: `192.168.1.${n}`, mac: `02:00:00:00:00:0${n}`, in: 100 - n, counterIn })),
    ),
  );
  expect((await rowsOf(await app.request("/json"))).map((row) => row[7])).toEqual(
    bytes.map((count) => Math.round((count / 1024) * 100) / 100),
  );
  const cells = [...(await (await app.request("/table")).text()).matchAll(/<td>(.*)<\/td>\s+<td>.*<\/td>\s+<\/tr>/g)];
  expect(cells.map(([, cell]) => cell)).toEqual(bytes.map((count) => (count / 1024).toFixed(2)));
});

test("no data is an empty table in the same format", async () => {
  const app = testApp(await testDeps());
  const columns = v5("v5-today.json").columns;
  expect(await (await app.request("/json")).json()).toEqual({ columns, data: [] });
  expect(await (await app.request("/json/history?start=0001-01-01")).json()).toMatchObject({
    error: { code: "bad-date" },
  });
  expect(await (await app.request("/json/history?start=1990-01-01")).json()).toEqual({ columns, data: [] });
  expect(await (await app.request("/table")).text()).toMatch(
    /<th>LSTDAY_KBOut<\/th>\s+<\/tr>\s+<\/thead>\s+<tbody>\s+<\/tbody>\n<\/table>$/,
  );
});

test("untrusted names arrive whole in JSON and escaped in the table", async () => {
  const hostname = `</td><script>alert("1")</script>&"\u2028`;
  const app = testApp(await testDeps([{ ip: "192.168.1.1", mac: "02:00:00:00:00:01", hostname }]));
  expect((await rowsOf(await app.request("/json")))[0]?.[2]).toBe(hostname);
  const table = await (await app.request("/table")).text();
  expect(table).toContain("&lt;/td&gt;&lt;script&gt;");
  expect(table).not.toContain("<script");
});

const dayOf = (n: number) => new Date(Date.UTC(2020, 0, 1 + n)).toISOString().slice(0, 10);
const yearsOfUses = Array.from({ length: 400 }, (_, n): Use[] => [
  { ip: "192.168.1.1", mac: "02:00:00:00:00:01", day: dayOf(n) },
  { ip: "192.168.1.2", mac: "02:00:00:00:00:02", day: dayOf(n), in: 2048 },
]).flat();
const yearsDeps = await testDeps(yearsOfUses);

describe("a history of years", () => {
  const deps = yearsDeps;
  const spans: string[] = [];
  const store = {
    ...deps.store,
    deviceDays: (from: string, to: string) => {
      spans.push(`${from} ${to}`);
      return deps.store.deviceDays(from, to);
    },
  };
  const app = testApp({ ...deps, store });

  test("has each day once, the latest first, read by a few days at a time", async () => {
    const rows = await rowsOf(await app.request("/json/history?start=1990-01-01&end=2999-12-31"));
    expect(rows.map((row) => `${String(row[6]).slice(0, 10)} ${row[0]}`)).toEqual(
      Array.from({ length: 400 }, (_, n) => [`${dayOf(399 - n)} 192.168.1.2`, `${dayOf(399 - n)} 192.168.1.1`]).flat(),
    );
    expect(spans).toHaveLength(100);
    expect(spans.at(-1)).toBe("2020-01-01 2020-01-04");
  });

  test("is not read for whoever asks for its head only", async () => {
    spans.length = 0;
    const head = await app.request("/json/history?start=1990-01-01", { method: "HEAD" });
    expect(head.headers.get("content-type")).toBe("application/json");
    expect(spans).toEqual([]);
  });

  test("numbers the rows of its table through", async () => {
    const table = await (await app.request("/table/history?start=2019-01-01&end=2020-06-30")).text();
    const numbers = [...table.matchAll(/<th>(\d+)<\/th>/g)].map(([, number]) => Number(number));
    expect(numbers).toEqual(Array.from({ length: 182 * 2 }, (_, n) => n));
    expect(table.endsWith("</tbody>\n</table>")).toBe(true);
  });
});

test.each(["/json", "/table"])(
  "a day of a flood has every device at %s, and is written as it is taken",
  async (path) => {
    const count = 1_000;
    const deps = await testDeps(
      Array.from({ length: count }, (_, n) => ({
        ip: `10.0.${n >> 8}.${n & 255}`,
        mac: `02:aa:00:00:0${n >> 8}:${(n & 255).toString(16).padStart(2, "0")}`,
      })),
    );
    let written = 0;
    const store = {
      ...deps.store,
      deviceDays: async (from: string, to: string) =>
        (await deps.store.deviceDays(from, to)).map((row) => ({
          ...row,
          get counterOut() {
            written += 1;
            return row.counterOut;
          },
        })),
    };
    // Four megabytes in all.
    const names = { ...deps.names, nameOf: () => "x".repeat(4_000) };
    const response = await testApp({ ...deps, store, names }).request(path);
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(count / 2);
    expect((await response.text()).match(/10\.0\.\d+\.\d+/g)).toHaveLength(count);
    expect(written).toBe(count);
  },
);

test("who has an answer already gets 304, until a name changes it", async () => {
  const deps = await testDeps([{ ip: "192.168.1.1", mac: "02:00:00:00:00:01", day: "2021-03-01" }]);
  const app = testApp(deps);
  const path = "/json/history?start=2021-03-01&end=2021-03-02";
  const etag = (await app.request(path)).headers.get("etag") ?? "";
  const again = () => app.request(path, { headers: { "If-None-Match": `"other", ${etag}` } });
  expect((await again()).status).toBe(304);
  await deps.names.rename("02:00:00:00:00:01", "new");
  expect((await again()).status).toBe(200);
});

test("an answer that is given again asks the store for nothing but its revision", async () => {
  const deps = await testDeps([{ ip: "192.168.1.1", mac: "02:00:00:00:00:01" }]);
  const asked: (string | symbol)[] = [];
  const store = new Proxy(deps.store, {
    get(target, question) {
      asked.push(question);
      return Reflect.get(target, question);
    },
  });
  const app = testApp({ ...deps, store });
  const first = await (await app.request("/json")).text();
  expect(asked).toContain("devices");
  asked.length = 0;
  expect(await (await app.request("/json")).text()).toBe(first);
  expect(asked).toEqual(["revision"]);
});

test("a bad date is an envelope in JSON and a readable page at the table", async () => {
  const app = testApp(await testDeps());
  const json = await app.request("/json/history?start=31.12.2020", { headers: { Accept: "text/html" } });
  expect(json.status).toBe(400);
  expect(await json.json()).toEqual({
    error: {
      code: "bad-date",
      message: 'start: "31.12.2020" is not a date.',
      hint: expect.stringContaining("start=2021-01-30"),
    },
  });
  const table = await app.request("/table/history?end=<b>");
  expect(table.status).toBe(400);
  expect(table.headers.get("content-type")).toMatch(/^text\/html/);
  expect(await table.text()).toContain("end: &quot;&lt;b&gt;&quot; is not a date.");
});

test("/json/lansegments is an array", async () => {
  expect(await (await testApp(await testDeps()).request("/json/lansegments/")).json()).toEqual([
    "192.168.1",
    "192.168.0",
  ]);
});

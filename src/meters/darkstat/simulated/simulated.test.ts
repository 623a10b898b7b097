import { readFileSync } from "node:fs";
import { request } from "node:http";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { parseHosts } from "../parse.ts";
import { createDarkstatModel, createFakeDarkstat, type FakeDarkstat, type FakeDarkstatOptions } from "./index.ts";
import { frontPage, graphsXml, hostsPage, metricsText, type PageStyle } from "./pages.ts";

const fixture = (path: string) => readFileSync(new URL(`../fixtures/${path}`, import.meta.url), "utf8");
const captured = Date.UTC(2026, 10, 22, 9, 29, 12);
const running: FakeDarkstat[] = [];
afterEach(async () => {
  for (const fake of running.splice(0)) await fake.stop();
});

/** Hosts as a captured page shows them, so that the simulated one should be equal to the byte. */
function replica(folder: string, iface = "br0", file = "hosts.html") {
  const page = parseHosts(Buffer.from(fixture(`${folder}/${file}`)));
  const names = [...fixture(`${folder}/${file}`).matchAll(/<\/a><\/td>\n <td>(.*)<\/td>/g)].map(
    (match) => match[1] ?? "",
  );
  const model = createDarkstatModel({ now: () => captured });
  const hosts = page.hosts.map((host, index) => ({
    ip: host.ip,
    mac: host.mac ?? "00:00:00:00:00:00",
    hostname: names[index] ?? "",
    in: host.in,
    out: host.out,
    sentAt: host.lastSeenSeconds === null ? null : captured - host.lastSeenSeconds * 1_000,
  }));
  model.restart({ import: { hosts } });
  const version = folder.startsWith("3.0.721") ? "3.0.721" : "3.0.719";
  const style: PageStyle = {
    version,
    interface: iface,
    columns: { mac: !folder.includes("no-macs"), lastSeen: !folder.includes("no-lastseen") },
  };
  return { model, style };
}

/** With every number replaced, runs of commas too. */
const shape = (text: string) => text.replace(/\d[\d,]*/g, "0").replace(/\b(sec|min|hr)s?\b/g, "$1");

const FOLDERS = [
  "3.0.719-default",
  "3.0.719-local-only",
  "3.0.719-no-lastseen",
  "3.0.719-no-macs",
  "3.0.721-base",
  "3.0.721-default",
  "3.0.721-no-macs-no-lastseen",
];

describe("pages are those of darkstat", () => {
  test.each(FOLDERS)("%s: the host table is equal to the byte", (folder) => {
    const { model, style } = replica(folder);
    expect(hostsPage(model, style, { sort: "in", full: true, start: 0 })).toBe(fixture(`${folder}/hosts.html`));
  });

  test.each(FOLDERS)("%s: the other pages are equal but for the numbers", (folder) => {
    const { model, style } = replica(folder);
    expect(shape(frontPage(model, style))).toBe(shape(fixture(`${folder}/index.html`)));
    expect(shape(graphsXml(model))).toBe(shape(fixture(`${folder}/graphs.xml`)));
    // The order of the bars is that of the clock.
    const places = (xml: string, name: string) =>
      [...(xml.split(`<${name}>`)[1]?.split(`</${name}>`)[0] ?? "").matchAll(/p="(\d+)"/g)].map((match) => match[1]);
    expect(places(graphsXml(model), "days")).toEqual(places(fixture(`${folder}/graphs.xml`), "days"));
    expect(places(graphsXml(model), "hours")).toEqual(places(fixture(`${folder}/graphs.xml`), "hours"));
  });

  test("an empty table and a table of thirty of forty are equal to the byte", () => {
    const { style } = replica("3.0.719-default", "lo");
    const empty = createDarkstatModel({ now: () => captured });
    expect(hostsPage(empty, style, { sort: "in", full: true, start: 0 })).toBe(
      fixture("3.0.719-default/hosts-empty.html"),
    );
    const forty = replica("3.0.719-default", "lo", "hosts-forty.html");
    const cut = (text: string) => text.slice(text.lastIndexOf("</table>"));
    for (const [file, full] of [
      ["hosts-forty.html", true],
      ["hosts-thirty.html", false],
    ] as const) {
      const page = hostsPage(forty.model, forty.style, { sort: "total", full, start: 0 });
      expect(cut(page)).toBe(cut(fixture(`3.0.719-default/${file}`)));
      expect(page).toContain(full ? "(1-40 of 40)<br>" : "(1-30 of 40)<br>");
    }
  });

  test("metrics have the lines of 3.0.721", () => {
    const { model, style } = replica("3.0.721-base");
    const sorted = (text: string) => text.split("\n").sort();
    expect(sorted(metricsText(model, style))).toEqual(sorted(fixture("3.0.721-base/metrics.txt")));
  });
});

describe("counters move as darkstat's do", () => {
  const clock = { now: captured };
  const create = (options: Partial<Parameters<typeof createDarkstatModel>[0]> = {}) =>
    createDarkstatModel({ now: () => clock.now, ...options });
  const sums = (model: ReturnType<typeof create>) => {
    const hosts = [...model.hosts.values()];
    return [hosts.reduce((sum, host) => sum + host.in, 0), hosts.reduce((sum, host) => sum + host.out, 0)];
  };

  test("the books balance to the byte after any traffic", () => {
    const move = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 6, max: 9 }), fc.nat(9_999), fc.nat(9_999));
    fc.assert(
      fc.property(fc.array(move), (moves) => {
        const model = create();
        for (const [a, b, down, up] of moves) model.traffic({ ip: `10.0.0.${a}` }, `10.0.0.${b}`, down, up);
        expect(sums(model)).toEqual([model.totals().bytes, model.totals().bytes]);
      }),
      { numRuns: 50 },
    );
  });

  test("a full table is cut to the biggest, and who comes back starts from nothing", () => {
    const model = create({ hostsMax: 10, hostsKeep: 4 });
    for (let index = 1; index <= 9; index += 1)
      model.traffic({ ip: `10.0.0.${index}` }, "198.51.100.1", index * 100, 0);
    expect(model.hosts.size).toBe(10);
    model.traffic({ ip: "10.0.0.99" }, "198.51.100.1", 1, 0);
    expect([...model.hosts.keys()].sort()).toEqual(
      ["10.0.0.7", "10.0.0.8", "10.0.0.9", "10.0.0.99", "198.51.100.1"].sort(),
    );
    model.traffic({ ip: "10.0.0.1" }, "198.51.100.1", 5, 0);
    expect(model.hosts.get("10.0.0.1")?.in).toBe(5);
    expect(sums(model)[0]).toBeLessThan(model.totals().bytes);
  });

  test("an address that is passed on keeps its counters", () => {
    const model = create();
    model.traffic({ ip: "10.0.0.1", mac: "02:00:00:00:00:01" }, "198.51.100.1", 5, 6);
    model.setMac("10.0.0.1", "02:00:00:00:00:02");
    expect(model.hosts.get("10.0.0.1")).toMatchObject({ mac: "02:00:00:00:00:02", in: 5, out: 6 });
    model.relay("10.0.0.1", "02:00:00:00:00:fe");
    expect(model.hosts.get("10.0.0.1")?.mac).toBe("02:00:00:00:00:fe");
  });

  test("a restart begins at zero, with a new start; an import brings back hosts alone", () => {
    const model = create();
    model.traffic({ ip: "10.0.0.1" }, "198.51.100.1", 5, 6);
    model.drop(3);
    const state = model.exportState();
    model.traffic({ ip: "10.0.0.1" }, "198.51.100.1", 5, 6);
    const epoch = model.epoch();
    clock.now += 60_000;
    model.restart({ import: state });
    expect(model.epoch()).not.toBe(epoch);
    expect(model.totals()).toEqual({ bytes: 0, packets: 0, captured: 0, dropped: 0, uptimeSeconds: 0 });
    expect(model.hosts.get("10.0.0.1")).toMatchObject({ in: 5, out: 6 });
    model.restart();
    expect(model.hosts.size).toBe(0);
  });

  test("SIGUSR1 empties the tables and leaves the kernel's counters", () => {
    const model = create();
    model.traffic({ ip: "10.0.0.1" }, "198.51.100.1", 5_000, 6);
    model.drop(3);
    model.sigusr1();
    expect(model.totals()).toMatchObject({ bytes: 0, packets: 0, captured: 8, dropped: 3 });
  });

  test("with --local-only remote hosts have no row, but count in the total", () => {
    const model = create({ localOnly: (ip) => ip.startsWith("10.") });
    model.traffic({ ip: "10.0.0.1" }, "198.51.100.1", 5, 6);
    expect([...model.hosts.keys()]).toEqual(["10.0.0.1"]);
    expect(model.totals().bytes).toBe(11);
  });

  test("only who sends is seen, and a clock set back is a clock error", () => {
    const model = create();
    model.traffic({ ip: "10.0.0.1" }, "198.51.100.1", 5, 0);
    const style: PageStyle = { version: "3.0.719", interface: "br0", columns: { mac: true, lastSeen: true } };
    const render = () => hostsPage(model, style, { sort: "in", full: true, start: 0 });
    expect(render()).toContain('<td class="num">(never)</td>');
    clock.now -= 100_000;
    expect(render()).toMatch(/\(clock error: last = \d+, now = \d+\)/);
    expect(parseHosts(Buffer.from(render())).hosts.map((host) => host.lastSeenSeconds)).toEqual([null, null]);
  });

  test.each([-1, 0.5, Number.NaN])("%d bytes are refused", (bytes) => {
    expect(() => create().traffic({ ip: "10.0.0.1" }, "198.51.100.1", bytes, 0)).toThrow(RangeError);
  });
});

describe("HTTP is that of darkstat", () => {
  async function serve(options: Partial<FakeDarkstatOptions> = {}) {
    const fake = createFakeDarkstat({ now: () => captured, ...options });
    running.push(fake);
    return { fake, url: await fake.start() };
  }
  const get = (url: string, method = "GET") =>
    new Promise<{ status: number; headers: string[]; body: string }>((resolve, reject) => {
      const call = request(url, { agent: false, method }, async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        const headers = response.rawHeaders.filter((_, index) => index % 2 === 0);
        resolve({ status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks).toString("utf8") });
      });
      call.on("error", reject);
      call.end();
    });

  test("headers are the captured ones, in their order, without Connection", async () => {
    const { url } = await serve();
    const names = [...fixture("3.0.719-default/hosts.headers").matchAll(/^([\w-]+):/gm)].map((match) => match[1]);
    expect((await get(`${url}hosts/?full=yes&sort=in`)).headers).toEqual(names);
  });

  test.each([
    ["hosts/?sort=foo", 'Error: invalid value for "sort".\n'],
    ["hosts/?start=99999", 'Error: "start" is out of bounds.\n'],
  ])("%s is answered with an error line at status 200", async (path, body) => {
    const { url } = await serve();
    expect(await get(url + path)).toMatchObject({ status: 200, body });
  });

  test("what is not there is 404: metrics too, in 3.0.719", async () => {
    const { url } = await serve();
    expect(await get(`${url}metrics`)).toMatchObject({ status: 404 });
    expect(await get(`${url}hosts`)).toMatchObject({ status: 404 });
    const newer = await serve({ version: "3.0.721", base: "x" });
    expect(newer.url).toMatch(/\/x\/$/);
    expect(await get(`${newer.url}metrics`)).toMatchObject({ status: 200 });
    expect(await get(url, "POST")).toMatchObject({ status: 501 });
    expect(await get(`${url}?${"a".repeat(5_000)}`)).toMatchObject({ status: 413 });
  });

  test("requests are answered one at a time: a hung one holds up the next", async () => {
    const { fake, url } = await serve();
    fake.fault("drip", { times: 1, path: "graphs" });
    const order: string[] = [];
    const slow = request(`${url}graphs.xml`, { agent: false }).end();
    const slowGone = new Promise<void>((resolve) => {
      slow.on("error", () => resolve());
      slow.on("response", (response) => response.on("error", () => {}));
    });
    await new Promise<void>((resolve) => fake.onRequest(() => resolve()));
    const next = get(url).then(() => order.push("front"));
    await new Promise((resolve) => setImmediate(resolve));
    order.push("slow one given up");
    slow.destroy(new Error("given up"));
    await Promise.all([slowGone, next]);
    expect(order).toEqual(["slow one given up", "front"]);
  });

  test("ten thousand hosts are served and read", async () => {
    const { fake, url } = await serve({ hostsMax: 20_000 });
    for (let index = 0; index < 10_000; index += 1) {
      fake.traffic({ ip: `10.1.${index >> 8}.${index & 255}` }, "198.51.100.1", index, 1);
    }
    const { hosts } = parseHosts(Buffer.from((await get(`${url}hosts/?full=yes&sort=in`)).body));
    expect(hosts).toHaveLength(10_001);
    expect(hosts.reduce((sum, host) => sum + host.in, 0)).toBe(fake.totals().bytes);
  });
});

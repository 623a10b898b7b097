import { describe, expect, test } from "vitest";
import type { Days, Usage } from "../shared/api.ts";
import type { Step } from "../shared/household-api.ts";
import { createLiveUpdates } from "./api/live-updates.ts";
import { RULES } from "./rules.ts";
import { codeOf, cookiesOf, house, NOON, remoteUse, STATUS, testDeps, type Use } from "./testing.ts";

const DAY = 86_400_000;
const [ANNA, BEN] = [1, 2];
const PHONE = "02:00:00:00:00:01";
/** Ben's, nobody's, and one that was Ben's and is Anna's since yesterday. */
const [LAPTOP, CAMERA, TABLET] = ["02:ca:fe:00:00:02", "02:ca:fe:00:00:03", "02:00:00:00:00:04"];
/** That was Anna's, and is Ben's since yesterday. */
const GAME = "02:00:00:00:00:05";
/** The only meter. */
const SOURCE = "lan";
/** Whatever is so large is somebody else's, and below every instant. */
const [MUCH, INSTANTS] = [7_000_000_000, 1_500_000_000_000];
const WORDS = ["canary", "02:ca:fe", "192.168.1.66", "192.168.1.68", "203.0.113", "Ben", "unplugged", "127.0.0.1:667"];
const large = { in: MUCH, out: MUCH };
const USES: Use[] = [
  { ip: "192.168.1.5", mac: PHONE, in: 1_000, out: 500 },
  { ip: "192.168.1.5", mac: PHONE, day: "2021-03-20", in: 1_000, out: 500 },
  ...["2021-03-20", "2021-04-01"].flatMap((day): Use[] => [
    { ip: "192.168.1.66", mac: LAPTOP, hostname: "canary-laptop", day, ...large },
    { ip: "192.168.1.67", mac: CAMERA, hostname: "canary-camera", day, ...large },
    remoteUse("203.0.113.9", { hostname: "canary.example.com", day, ...large }),
  ]),
  { ip: "192.168.1.66", mac: LAPTOP, day: "2021-03-19", ...large },
  { ip: "192.168.1.68", mac: TABLET, day: "2021-03-20", ...large },
  { ip: "192.168.1.8", mac: GAME, day: "2021-03-20", in: 1_000, out: 500, traffic: "internet" },
  { ip: "192.168.1.68", mac: GAME, hostname: "canary-game", traffic: "internet", ...large },
  { ip: "192.168.1.7", mac: TABLET, in: 100, out: 50 },
];
const STEPS: Step[] = [
  { do: "add-owner", name: "Anna" },
  { do: "add-owner", name: "Ben canary" },
  { do: "hand-over", devices: [PHONE], owner: ANNA, from: null },
  { do: "hand-over", devices: [LAPTOP, TABLET], owner: BEN, from: null },
  { do: "hand-over", devices: [TABLET], owner: ANNA, from: "2021-03-31" },
  { do: "hand-over", devices: [GAME], owner: ANNA, from: null },
  { do: "hand-over", devices: [GAME], owner: BEN, from: "2021-03-31" },
  { do: "describe", devices: [GAME], name: "Ben's game" },
  { do: "describe", devices: [LAPTOP], name: "Ben's laptop" },
];

async function family(now?: () => number) {
  const live = createLiveUpdates();
  const problem = { code: "clock" as const, since: NOON, message: `${LAPTOP} unplugged`, hint: "canary" };
  const status = () => ({ ...STATUS, problems: [problem] });
  const notes = [{ at: NOON, code: "router-found" as const, detail: { mac: CAMERA } }];
  const deps = await testDeps(USES, { live, status, notes, ...(now === undefined ? {} : { now }) });
  await deps.household.change(STEPS);
  const home = await house("password", { deps, ...(now === undefined ? {} : { now }) });
  const person = await home.signIn();
  return { ...home, live, person };
}

/** Every number in a text. */
const numbersIn = (text: string) => [...text.matchAll(/(?<![\w.-])\d+(?:\.\d+)?/g)].map(([one]) => Number(one));

function expectNothingOfOthers(where: string, text: string): void {
  for (const word of WORDS) expect(`${where}: ${text}`).not.toContain(word);
  expect([where, numbersIn(text).filter((one) => one >= MUCH && one < INSTANTS)]).toEqual([where, []]);
}

const PARTS = ["traffic=internet", "traffic=lan", `source=${SOURCE}`, `source=${SOURCE}&traffic=internet`];
const EVERY_PART = ["device", "owner", "type", "network", "source"].flatMap((by) =>
  ["traffic=all", ...PARTS].map((part) => `by=${by}&${part}`),
);

describe("a view link of one owner", () => {
  const QUERIES = {
    "/api/v1/usage": [
      ...["", "owner=2", "owner=none", "remote=yes", "by=owner", "by=type", "by=owner&owner=2&remote=yes"],
      ...["hour", "day", "month"].map((group) => `from=2021-03-10&to=2021-04-01&group=${group}&remote=yes&by=owner`),
      ...EVERY_PART.map((part) => `from=2021-03-10&to=2021-04-01&owner=2&${part}`),
      // What was used before and isn't any more.
      "from=2021-03-21&to=2021-03-21",
      "from=2021-03-21&to=2021-03-21&traffic=internet",
    ],
    "/api/v1/usage/changes": ["", "owner=2", "from=2021-03-10&group=day&remote=yes", ...EVERY_PART],
    "/api/v1/usage/csv": ["", "owner=2", "by=owner", "from=2021-03-10&group=month", ...EVERY_PART],
    "/api/v1/days": [
      "",
      "owner=2",
      "owner=none",
      "from=2021-03-10&to=2021-04-01",
      ...PARTS.map((part) => `from=2021-03-10&${part}`),
    ],
    "/api/v1/status": [""],
    "/api/v1/events": [],
  };

  test("shows that one, and nothing of the others, on every route that it opens", async () => {
    const { link, open, get, person, app } = await family();
    const viewer = await open(await link(person, ANNA));
    expect(viewer).toMatch(/^whitestat-\w+-view=wsv_/);
    const opened: string[] = [];
    for (const { method, path } of app.routes) {
      const name = `${method} ${path}`;
      if (path === "/api/v1/events") continue;
      const response = await app.request(path.replace(":key", encodeURIComponent(LAPTOP)), {
        method,
        headers: {
          cookie: viewer,
          "content-type": path === "/signin" ? "application/x-www-form-urlencoded" : "application/json",
        },
        ...(method === "GET" ? {} : { body: "{}" }),
      });
      expectNothingOfOthers(name, await response.text());
      if (response.status === 403) continue;
      opened.push(name);
      expect(RULES[name]?.need).toMatch(/^(public|shell|view)$/);
    }
    expect(opened.filter((name) => RULES[name]?.need === "view").sort()).toEqual(
      Object.keys(QUERIES)
        .filter((path) => !path.endsWith("/events"))
        .map((path) => `GET ${path}`)
        .sort(),
    );
    for (const [path, queries] of Object.entries(QUERIES)) {
      for (const query of queries) {
        const response = await get(`${path}?${query}`, viewer);
        expect([path, query, response.status]).toEqual([path, query, 200]);
        expectNothingOfOthers(`${path}?${query}`, await response.text());
      }
    }
  });

  test("gets nothing of all else, whatever is asked for with it, nor of an answer's headers", async () => {
    const { link, open, person, app } = await family();
    const viewer = await open(await link(person, ANNA));
    const questions = [
      ...[
        `plan?of=owner:${ANNA}`,
        `plan?of=device:${PHONE}`,
        "plan?of=line&past=all",
        `plan?of=meter:${SOURCE}`,
        "plans",
      ],
      ...["plan/check", `plan/check?of=meter:${SOURCE}&bytes=1`, "alerts", "alerts/atom", "alerts/ics", "household"],
      ...[
        "proposals",
        "unusual",
        "settings",
        "mqtt",
        "name-sources",
        "openapi.json",
        `devices/${PHONE}?traffic=internet`,
      ],
      ...[`devices/${PHONE}/removal`, "access/sessions", "access/links", "access/tokens", "access/audit"],
    ].map((question) => `/api/v1/${question}`);
    const old = [
      "/",
      "/history",
      "/json",
      "/json/history",
      "/table",
      "/table/history",
      "/metrics",
      "/json/lansegments",
    ];
    for (const question of [...questions, ...old]) {
      for (const method of ["GET", "HEAD"]) {
        const response = await app.request(question, { method, headers: { cookie: viewer } });
        const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
        expect([method, question, response.status]).toEqual([method, question, 403]);
        expectNothingOfOthers(`${method} ${question}`, `${headers}\n${await response.text()}`);
      }
    }
  });

  test("doesn't tell what became of a device in other hands: its name, whose it is, where and when it was used", async () => {
    const { link, open, get, person } = await family();
    const viewer = await open(await link(person, ANNA));
    const query = "from=2021-03-10&to=2021-04-01";
    const game = { key: GAME, owner: null, name: null, hostname: null, learnt: null, lastDay: "2021-03-30" };
    const usage = (await (await get(`/api/v1/usage?${query}`, viewer)).json()) as Usage;
    expect(usage.devices).toContainEqual(expect.objectContaining({ ...game, addresses: ["192.168.1.8"] }));
    // What is Anna's by now has its name, and the addresses since then.
    expect(usage.devices).toContainEqual(
      expect.objectContaining({ key: TABLET, owner: ANNA, addresses: ["192.168.1.7"], lastDay: "2021-04-01" }),
    );
    const days = (await (await get(`/api/v1/days?${query}`, viewer)).json()) as Days;
    expect(days.devices).toContainEqual(expect.objectContaining(game));
    const later = await (await get("/api/v1/usage?from=2021-03-21&to=2021-03-21", viewer)).json();
    expect((later as Usage).previous?.gone).toContainEqual(expect.objectContaining(game));
    // Who signed in asks the same, and is told; his tag is none for the tablet.
    const own = await get(`/api/v1/days?${query}&owner=${ANNA}`, person);
    expect(await own.json()).toMatchObject({
      devices: expect.arrayContaining([expect.objectContaining({ key: GAME, owner: BEN })]),
    });
    const again = await get(`/api/v1/days?${query}`, viewer, { "if-none-match": own.headers.get("etag") ?? "" });
    expect(again.status).toBe(200);
  });

  test("does show that one's figures, with the days of a device that was somebody else's before left out", async () => {
    const { link, open, get, person } = await family();
    const viewer = await open(await link(person, ANNA));
    const usage = await (await get("/api/v1/usage?from=2021-03-10&to=2021-04-01&group=day", viewer)).json();
    expect(usage).toMatchObject({ owner: ANNA, totals: { download: 3_100, upload: 1_550, devices: 3 } });
    expect(await (await get("/api/v1/access", viewer)).json()).toMatchObject({
      signedIn: false,
      as: { kind: "view", name: "Tablet", expiresAt: null },
      owner: { id: ANNA, name: "Anna" },
      mayRead: true,
      mayWrite: false,
      mayManage: false,
      hasPassword: null,
    });
  });

  test("gets no patch to an answer that was made for somebody else", async () => {
    const { link, open, get, person } = await family();
    const viewer = await open(await link(person, ANNA));
    const { tag } = (await (await get(`/api/v1/usage/changes?owner=${ANNA}`, person)).json()) as { tag: string };
    const text = await (await get(`/api/v1/usage/changes?owner=${ANNA}&since=${tag}`, viewer)).text();
    expect(JSON.parse(text)).not.toHaveProperty("patch");
  });

  test("streams that one's present, and ends when it is revoked", async () => {
    const { link, open, get, person, live, access, send } = await family();
    const path = await link(person, ANNA);
    const viewer = await open(path);
    const stream = (await get("/api/v1/events", viewer)).body?.getReader();
    live.announce(NOON);
    live.announceProblems();
    let text = "";
    while (!text.includes("event: status")) text += new TextDecoder().decode((await stream?.read())?.value);
    expect(text).toContain("event: reading");
    expectNothingOfOthers("events", text);
    const [{ id } = { id: "" }] = (await access.keys()).links();
    expect((await send(`/access/links/${id}/revoke`, {}, person)).status).toBe(200);
    expect((await stream?.read())?.done).toBe(true);
    expect((await get("/api/v1/usage", viewer)).status).toBe(401);
    expect((await get(`/${path}`)).status).toBe(404);
  });
});

describe("a view link", () => {
  test("of everybody shows everything, and changes nothing", async () => {
    const { link, open, person, app } = await family();
    const viewer = await open(await link(person, null));
    for (const { method, path } of app.routes) {
      const { need = "" } = RULES[`${method} ${path}`] ?? {};
      if (need === "public" || path.endsWith("/events")) continue;
      const response = await app.request(path.replace(":key", encodeURIComponent(PHONE)), {
        method,
        headers: { cookie: viewer, "content-type": "application/json" },
        ...(method === "GET" ? {} : { body: "{}" }),
      });
      const isOpen = ["read", "view", "shell"].includes(need);
      expect([`${method} ${path}`, response.status === 403]).toEqual([`${method} ${path}`, !isOpen]);
    }
  });

  test("is over when it is over, also for who listens", async () => {
    let at = NOON;
    const { link, open, get, person, live } = await family(() => at);
    const path = await link(person, null, NOON + DAY);
    const response = await get(`/${path}`);
    expect(response.headers.getSetCookie()[0]).toMatch(/; Max-Age=86400; HttpOnly; SameSite=Lax$/);
    const viewer = cookiesOf(response);
    const stream = (await get("/api/v1/events", viewer)).body?.getReader();
    await stream?.read();
    at += DAY - 1;
    expect((await get("/json", viewer)).status).toBe(200);
    at += 1;
    expect((await get("/json", viewer)).status).toBe(401);
    expect((await get(`/${path}`)).status).toBe(404);
    live.announce(NOON);
    expect((await stream?.read())?.done).toBe(true);
    expect(await open(path)).toBe("");
  });

  test("leads to the dashboard under its base, and is made for owners that there are, and for the future", async () => {
    const deps = { ...(await testDeps()), basePath: "/stats" };
    const { signIn, link, get, send } = await house("password", { deps });
    const person = await signIn();
    const response = await get(`/${await link(person, null)}`);
    expect([response.status, response.headers.get("location")]).toEqual([303, "/stats/"]);
    expect(response.headers.getSetCookie()[0]).toContain("; Path=/stats;");
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
    const made = async (body: object) => {
      const answer = await send("/access/links", { name: "x", owner: null, expiresAt: null, ...body }, person);
      return [answer.status, await codeOf(answer)];
    };
    expect(await made({ owner: 7 })).toEqual([404, "unknown-owner"]);
    expect(await made({ expiresAt: NOON })).toEqual([400, "bad-access"]);
    expect(await made({ name: " " })).toEqual([400, "bad-access"]);
  });

  test.each(["open", "read-only"] as const)("isn't made while AUTH is %s: everybody sees everything", async (mode) => {
    const { signIn, send, get } = await house(mode);
    const person = mode === "open" ? "" : await signIn();
    const response = await send("/access/links", { name: "x", owner: null, expiresAt: null }, person);
    expect([response.status, await codeOf(response)]).toEqual([409, "sign-in-off"]);
    expect((await get("/view/wsv_x")).status).toBe(303);
  });

  test("doesn't make less of a person who opens it", async () => {
    const { link, open, get, person } = await family();
    const both = `${person}; ${await open(await link(person, ANNA))}`;
    expect(await (await get("/api/v1/access", both)).json()).toMatchObject({ as: { kind: "person" }, owner: null });
  });
});

import { describe, expect, test } from "vitest";
import { deviceDetailSchema, errorSchema, usageSchema } from "../../shared/api.ts";
import { changedSchema, householdSchema, removableSchema, type Step } from "../../shared/household-api.ts";
import type { AppDeps } from "../app.ts";
import { testApp, testDeps, type Use } from "../testing.ts";

/** 2021-04-01 12:00 in Berlin is the present of these tests. */
const TODAY = "2021-04-01";
const PHONE = "02:00:00:00:00:01";
const OTHER = "02:00:00:00:00:02";
const TV = "04:5d:4b:00:00:03";
const ROUTER = "02:ff:ff:ff:ff:01";
const phone = (more: Partial<Use> = {}): Use => ({ mac: PHONE, ip: "192.168.1.20", in: 100, out: 10, ...more });
const other = (more: Partial<Use> = {}): Use => ({ mac: OTHER, ip: "192.168.1.21", in: 7, out: 1, ...more });
const tv = (more: Partial<Use> = {}): Use => ({
  mac: TV,
  ip: "192.168.1.22",
  in: 5000,
  out: 3,
  hostname: "LGwebOSTV",
  ...more,
});

async function open(uses: readonly Use[] = [phone(), other(), tv()], more: Partial<AppDeps> = {}) {
  const app = testApp(await testDeps(uses, more));
  const send = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    app.request(`/api/v1/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const get = async (path: string): Promise<unknown> => {
    const response = await app.request(`/api/v1/${path}`);
    const body: unknown = await response.json();
    if (response.status !== 200) throw new Error(`${response.status} ${JSON.stringify(body)}`);
    return body;
  };
  return {
    app,
    send,
    household: async () => householdSchema.parse(await get("household")),
    usage: async (query = "") => usageSchema.parse(await get(`usage?${query}`)),
    detail: async (key: string) => deviceDetailSchema.parse(await get(`devices/${key}`)),
    removable: async (key: string, query = "") => removableSchema.parse(await get(`devices/${key}/removal?${query}`)),
    async change(...steps: Step[]) {
      const response = await send("household/changes", { steps });
      const body: unknown = await response.json();
      if (response.status !== 200) throw new Error(`${response.status} ${JSON.stringify(body)}`);
      return changedSchema.parse(body);
    },
    async undo(id: number | undefined) {
      const response = await send(`household/changes/${id}/undo`, {});
      expect(response.status).toBe(200);
      return changedSchema.parse(await response.json());
    },
    async refused(...steps: unknown[]) {
      const response = await send("household/changes", { steps });
      return { status: response.status, ...errorSchema.parse(await response.json()).error };
    },
  };
}

describe("the household", () => {
  test("has every device with what it is taken for, hidden ones too, and no router", async () => {
    const router = { mac: ROUTER, ip: "192.168.1.1", in: 1, out: 1 };
    const { household, change } = await open([phone(), tv({ day: "2021-03-30" }), router]);
    await change({ do: "describe", devices: [PHONE], hidden: true, type: "watch", note: "two\nlines" });
    const { devices, owners, today } = await household();
    expect([today, owners]).toEqual([TODAY, []]);
    expect(devices).toMatchObject([
      { key: PHONE, type: "watch", typeGuessed: false, guess: "unknown", hidden: true, note: "two\nlines", owners: [] },
      { key: TV, type: "tv", typeGuessed: true, guess: "tv", hidden: false, archived: false, note: null },
    ]);
    expect(devices).toHaveLength(2);
    expect((await household()).routers).toMatchObject([{ mac: ROUTER, router: true, said: null, setting: null }]);
  });

  test("what is hidden stays in every total, marked", async () => {
    const { usage, change } = await open();
    const before = await usage();
    await change(
      { do: "describe", devices: [PHONE, TV], hidden: true },
      { do: "describe", devices: [TV], archived: true },
    );
    const after = await usage();
    expect(after.totals).toEqual(before.totals);
    expect(after.devices.map(({ key, hidden, archived }) => [key, hidden, archived])).toEqual([
      [TV, true, true],
      [PHONE, true, false],
      [OTHER, false, false],
    ]);
  });

  test("a merge is right for the whole past, and its undo brings everything back", async () => {
    const uses = [phone({ day: "2020-03-01", in: 40 }), other({ day: "2020-03-02", in: 2 }), phone(), other(), tv()];
    const { usage, change, undo, household, detail } = await open(uses);
    await change({ do: "add-owner", name: "Anna" }, { do: "describe", devices: [OTHER], name: "Anna's phone" });
    await change({ do: "hand-over", devices: [OTHER], owner: 1, from: null });
    const past = "from=2020-03-01&to=2020-03-31";
    const [before, beforePast, people] = [await usage(), await usage(past), await household()];
    const merged = await change({ do: "merge", device: PHONE, with: [OTHER] });
    expect(merged.change?.text).toBe(`Merged 1 device into ${PHONE}`);
    expect((await usage(past)).devices).toMatchObject([{ key: PHONE, download: 42, name: "Anna's phone", owner: 1 }]);
    expect((await usage()).devices.map(({ key, download }) => [key, download])).toEqual([
      [TV, 5000],
      [PHONE, 107],
    ]);
    expect((await detail(OTHER)).about.interfaces.map(({ key, merged }) => [key, merged])).toEqual([
      [PHONE, null],
      [OTHER, "page"],
    ]);
    await undo(merged.change?.id);
    expect([await usage(), await usage(past)]).toEqual([before, beforePast]);
    const { changes, ...rest } = await household();
    const { changes: _, ...peopleBefore } = people;
    expect(rest).toEqual(peopleBefore);
    expect(changes.map(({ kind, undone }) => [kind, undone])).toEqual([
      ["merge", true],
      ["hand-over", false],
      ["add-owner", false],
    ]);
  });

  test("splits what MAC_MAC.txt merges, and says which of the two merged it", async () => {
    const fileMerges = () => new Map([[OTHER, PHONE]]);
    const { usage, change, undo, detail } = await open(undefined, { fileMerges });
    // The first change has the file's merge applied in this test, as a start of the product would.
    await change({ do: "describe", devices: [TV], note: "x" });
    expect((await detail(PHONE)).about.interfaces[1]).toMatchObject({ key: OTHER, merged: "file" });
    const { change: split } = await change({ do: "split", device: PHONE, interfaces: [OTHER] });
    expect((await usage()).devices.map(({ key }) => key)).toEqual([TV, PHONE, OTHER]);
    await undo(split?.id);
    expect((await usage()).devices.map(({ key }) => key)).toEqual([TV, PHONE]);
  });

  test("whose a device is goes by the day", async () => {
    const { change, household, detail, usage } = await open();
    expect((await change({ do: "add-owner", name: "Anna" }, { do: "add-owner", name: "Ben" })).owners).toEqual([1, 2]);
    await change({ do: "hand-over", devices: [PHONE, TV], owner: 1, from: null });
    await change({ do: "hand-over", devices: [PHONE], owner: 2, from: TODAY });
    await change({ do: "hand-over", devices: [TV], owner: 2, from: "2021-04-02" });
    expect((await household()).owners).toEqual([
      { id: 1, name: "Anna", colour: 1, devices: 1 },
      { id: 2, name: "Ben", colour: 2, devices: 1 },
    ]);
    expect((await detail(PHONE)).about.owners).toEqual([
      { from: null, owner: 1 },
      { from: TODAY, owner: 2 },
    ]);
    expect((await usage()).devices.map(({ owner }) => owner)).toEqual([1, 2, null]);
    await change({ do: "delete-owner", owner: 2 });
    expect((await detail(PHONE)).about.owners).toEqual([
      { from: null, owner: 1 },
      { from: TODAY, owner: null },
    ]);
  });

  test("a name by either of the old ways can be undone as well", async () => {
    const { app, household, undo } = await open();
    const headers = { "content-type": "application/json" };
    await app.request(`/api/v1/devices/${PHONE}/name`, { method: "PUT", headers, body: '{"name": "one"}' });
    await app.request("/json/hostname", { method: "POST", headers, body: JSON.stringify({ mac: PHONE, name: "two" }) });
    const nameNow = async () => (await household()).devices.find(({ key }) => key === PHONE)?.name;
    expect(await nameNow()).toBe("two");
    const [second, first] = (await household()).changes;
    await undo(second?.id);
    expect(await nameNow()).toBe("one");
    await undo(first?.id);
    expect(await nameNow()).toBeNull();
  });

  test("an answer that the past decides is another one after a change", async () => {
    const { app, change } = await open();
    const first = await app.request(`/api/v1/devices/${PHONE}`);
    const headers = { "if-none-match": first.headers.get("etag") ?? "" };
    expect((await app.request(`/api/v1/devices/${PHONE}`, { headers })).status).toBe(304);
    await change({ do: "describe", devices: [PHONE], note: "new" });
    expect((await app.request(`/api/v1/devices/${PHONE}`, { headers })).status).toBe(200);
  });
});

describe("a removal", () => {
  /** With the internet host of each, so that the meter counted as much in either direction. */
  const balanced = (use: Use): Use[] => [
    use,
    { ...use, mac: ROUTER, ip: "8.8.8.8", in: use.out ?? 0, out: use.in ?? 0 },
  ];
  const days = [
    phone({ day: "2021-03-30", in: 1 }),
    phone({ day: "2021-03-31", in: 9e12, out: 0 }),
    phone(),
    tv({ hostname: null }),
  ].flatMap(balanced);

  test("is shown before, is confirmed by its bytes, keeps the books balanced, and is undone", async () => {
    const { removable, change, usage, household, undo } = await open(days);
    const range = "from=2021-03-30";
    const before = await usage(range);
    expect(before.balance.balanced).toBe(true);
    const what = await removable(PHONE, "from=2021-03-31&to=2021-03-31");
    expect(what).toMatchObject({ days: 1, firstDay: "2021-03-31", download: 9e12, upload: 0, bytes: 9e12 });
    const { from, to, bytes } = what;
    const removed = await change({ do: "remove", device: PHONE, from, to, bytes });
    expect(removed.change?.text).toBe(`Removed a day of ${PHONE}`);
    const after = await usage(range);
    expect(after.devices.find(({ key }) => key === PHONE)?.download).toBe(101);
    expect(after.balance).toMatchObject({
      balanced: true,
      removed: { in: 9e12, out: 0 },
      counted: before.balance.counted,
    });
    const id = removed.change?.id;
    expect((await household()).removals).toMatchObject([{ id, device: PHONE, days: 1, download: 9e12, from, to }]);
    await undo(id);
    expect(await usage(range)).toEqual(before);
    const { removals, changes } = await household();
    expect([removals, changes[0]]).toMatchObject([[], { id, undone: true }]);
  });

  test("of a whole device is that of all days, at addresses that IPFilter excludes, too", async () => {
    const { removable, change, usage } = await open([...days, ...balanced(phone({ ip: "fe80::1", in: 1000, out: 0 }))]);
    const what = await removable(PHONE);
    expect(what).toMatchObject({ from: "1970-01-01", to: TODAY, days: 3, download: 9e12 + 1101, upload: 20 });
    await change({ do: "remove", device: PHONE, from: what.from, to: what.to, bytes: what.bytes });
    expect((await usage("from=2021-03-30")).devices.map(({ key }) => key)).toEqual([TV]);
    expect((await usage("from=2021-03-30")).balance.balanced).toBe(true);
  });

  test("of other figures than were confirmed is refused, but for what today added since", async () => {
    const { refused, change } = await open(days);
    const step = { do: "remove", device: PHONE, from: "2021-03-31", to: "2021-03-31", bytes: 5 } as const;
    expect(await refused(step)).toMatchObject({ status: 409, code: "not-confirmed" });
    expect(await refused({ ...step, from: "2021-03-01", to: "2021-03-02", bytes: 0 })).toMatchObject({
      code: "bad-change",
    });
    expect(await refused({ ...step, from: "2021-04-02" })).toMatchObject({ code: "bad-change" });
    expect(await refused({ ...step, from: "2021-02-30" })).toMatchObject({ code: "bad-change" });
    expect(await refused({ ...step, device: "02:00:00:00:00:99" })).toMatchObject({ code: "unknown-device" });
    expect(await refused(step, { do: "units", units: 1024 })).toMatchObject({ status: 400, code: "bad-change" });
    expect(await refused({ ...step, to: TODAY, bytes: 9e12 + 111 })).toMatchObject({ status: 409 });
    expect((await change({ ...step, to: TODAY, bytes: 9e12 + 109 })).change).not.toBeNull();
  });
});

describe("what can't be is refused, says why, and changes nothing", () => {
  const hide = { do: "describe", devices: [PHONE], hidden: true };
  test.each([
    ["an unknown device", [hide, { do: "merge", device: PHONE, with: ["02:00:00:00:00:99"] }], 404, "unknown-device"],
    ["an unknown owner", [hide, { do: "hand-over", devices: [PHONE], owner: 9, from: null }], 404, "unknown-owner"],
    [
      "a day that is none",
      [hide, { do: "hand-over", devices: [PHONE], owner: null, from: "2021-02-30" }],
      400,
      "bad-change",
    ],
    ["a name of two lines", [hide, { do: "describe", devices: [PHONE], name: "a\nb" }], 400, "bad-change"],
    ["a name that turns text round", [hide, { do: "add-owner", name: "a\u202eb" }], 400, "bad-change"],
    ["half a character", [hide, { do: "add-owner", name: "a\ud800" }], 400, "bad-change"],
    ["an owner without a name", [hide, { do: "add-owner", name: " " }], 400, "bad-change"],
    ["an owner's name that is too long", [hide, { do: "add-owner", name: "x".repeat(61) }], 400, "bad-change"],
    [
      "two owners of one name",
      [
        { do: "add-owner", name: "Anna" },
        { do: "add-owner", name: "ANNA" },
      ],
      400,
      "bad-change",
    ],
    [
      "a note that is too long",
      [hide, { do: "describe", devices: [PHONE], note: "x".repeat(2001) }],
      400,
      "bad-change",
    ],
    ["a type that is none", [hide, { do: "describe", devices: [PHONE], type: "toaster" }], 400, "bad-change"],
    ["a name for two", [hide, { do: "describe", devices: [PHONE, TV], name: "x" }], 400, "bad-change"],
    ["a split of the first interface", [hide, { do: "split", device: PHONE, interfaces: [PHONE] }], 400, "bad-change"],
    ["a split of another's", [hide, { do: "split", device: PHONE, interfaces: [TV] }], 400, "bad-change"],
    ["a router that is no MAC", [hide, { do: "router", mac: "192.168.1.1", router: true }], 400, "bad-change"],
    ["a step that is none", [hide, { do: "explode" }], 400, "bad-change"],
    ["a field that is none", [{ ...hide, secret: true }], 400, "bad-change"],
    ["the prototype of all objects", [{ do: "describe", devices: ["__proto__"], hidden: true }], 404, "unknown-device"],
    ["no step", [], 400, "bad-change"],
    ["too many steps", new Array(51).fill(hide), 400, "bad-change"],
  ])("%s", async (_, steps, status, code) => {
    const { refused, household } = await open();
    const answer = await refused(...steps);
    expect(answer).toMatchObject({ status, code });
    expect(answer.message.length).toBeGreaterThan(10);
    const { devices, owners, changes } = await household();
    expect([devices.some(({ hidden }) => hidden), owners, changes]).toEqual([false, [], []]);
  });

  test("a body that is no change, one of another site, and one that is none of JSON's", async () => {
    const { send } = await open();
    const codeOf = async (response: Promise<Response>) => errorSchema.parse(await (await response).json()).error.code;
    expect(await codeOf(send("household/changes", "{"))).toBe("bad-json");
    expect(await codeOf(send("household/changes", []))).toBe("bad-change");
    expect(await codeOf(send("household/changes", "x".repeat(600_000)))).toBe("too-large");
    const foreign = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    expect(await codeOf(send("household/changes", { steps: [hide] }, foreign))).toBe("foreign-origin");
    expect(await codeOf(send("household/changes/1/undo", {}, foreign))).toBe("foreign-origin");
    expect(await codeOf(send("household/changes", { steps: [hide] }, { "content-type": "text/plain" }))).toBe(
      "wrong-type",
    );
    for (const id of ["1", "0", "x", "-1", "1e3", "9".repeat(30)]) {
      expect(await codeOf(send(`household/changes/${id}/undo`, {})), id).toBe("unknown-change");
    }
  });

  test("an undo that something later builds on", async () => {
    const { change, undo, send } = await open();
    const { change: added } = await change({ do: "add-owner", name: "Anna" });
    const { change: handed } = await change({ do: "hand-over", devices: [PHONE], owner: 1, from: null });
    const response = await send(`household/changes/${added?.id}/undo`, {});
    expect(response.status).toBe(409);
    expect(errorSchema.parse(await response.json()).error).toMatchObject({ code: "overtaken" });
    await undo(handed?.id);
    await undo(added?.id);
    expect((await send(`household/changes/${added?.id}/undo`, {})).status).toBe(409);
  });

  test("a name that can't be written leaves all as it was", async () => {
    const names = { nameOf: () => null, rename: () => Promise.reject(new Error("ENOSPC")) };
    const { refused, household } = await open(undefined, { names });
    expect(await refused(hide, { do: "describe", devices: [PHONE], name: "x" })).toMatchObject({
      status: 503,
      code: "not-saved",
    });
    expect((await household()).devices.some(({ hidden }) => hidden)).toBe(false);
  });
});

test("hostile names stay text", async () => {
  const hostile = '<script>alert("1")</script>';
  const { change, household, app } = await open();
  await change({ do: "add-owner", name: hostile }, { do: "describe", devices: [PHONE], name: hostile, note: hostile });
  const { owners, devices } = await household();
  expect([owners[0]?.name, devices.find(({ key }) => key === PHONE)?.note]).toEqual([hostile, hostile]);
  const response = await app.request("/api/v1/household");
  expect(response.headers.get("content-type")).toBe("application/json");
});

import { afterEach, describe, expect, test } from "vitest";
import { type Receiver, startReceiver } from "../../channels/testing.ts";
import { ALERT_KINDS, type AlertsInput, type AlertsReport, alertsReportSchema } from "../../shared/alerts-api.ts";
import { NOON, testApp, testDeps, testStore } from "../testing.ts";

type App = ReturnType<typeof testApp>;

let receiver: Receiver | null = null;
afterEach(async () => {
  await receiver?.close();
  receiver = null;
});

const send = (app: App, path: string, body: unknown, method = "PUT", headers: Record<string, string> = {}) =>
  app.request(`/api/v1/${path}`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

async function reportOf(response: Response | Promise<Response>): Promise<AlertsReport> {
  const answer = await response;
  expect(answer.status).toBe(200);
  return alertsReportSchema.parse(await answer.json());
}

async function inputOf(app: App, more: Partial<AlertsInput> = {}): Promise<AlertsInput> {
  const { rules, quiet } = await reportOf(app.request("/api/v1/alerts"));
  return { rules, quiet, channels: [], ...more };
}

test("rules, quiet hours and channels are set, kept, and told without secrets", async () => {
  const store = await testStore();
  const app = testApp(await testDeps([], { store }));
  const before = await inputOf(app);
  expect(before).toMatchObject({ quiet: null, channels: [], rules: { unusual: true, silent: { minutes: 30 } } });
  const channels = [{ name: "Phone", url: "gotify://gotify.lan/s3cr3t-t0ken", enabled: true }];
  const rules = {
    ...before.rules,
    silent: { minutes: 5 },
    usage: [{ device: null, bytes: 5e10, per: "day", counts: "both" }],
  };
  const set = await reportOf(send(app, "alerts", { rules, quiet: { from: 22, to: 7 }, channels }));
  expect(set).toMatchObject({ rules, quiet: { from: 22, to: 7 } });
  expect(set.channels).toMatchObject([{ name: "Phone", label: "Gotify, gotify.lan", enabled: true, waiting: 0 }]);
  expect(JSON.stringify(set)).not.toContain("s3cr3t");

  // Another start of the program, which sends the channel back without its URL.
  const again = testApp(await testDeps([], { store }));
  const [channel] = (await reportOf(again.request("/api/v1/alerts"))).channels;
  const kept = [{ id: channel?.id, name: "Tablet", enabled: false }];
  const renamed = await reportOf(send(again, "alerts", { rules, quiet: null, channels: kept }));
  expect(renamed.channels).toMatchObject([
    { id: channel?.id, name: "Tablet", label: "Gotify, gotify.lan", enabled: false },
  ]);
  expect((await reportOf(send(again, "alerts", { rules, quiet: null, channels: [] }))).channels).toEqual([]);
});

test("which kinds go to a channel is answered, kept where it isn't said, and refused where nothing, too much or no kind is chosen", async () => {
  const app = testApp(await testDeps());
  const before = await inputOf(app);
  const put = (channel: object) => send(app, "alerts", { ...before, channels: [channel] });
  const made = { name: null, url: "gotify://gotify.lan/s3cr3t-t0ken", enabled: true };
  const [channel] = (await reportOf(put({ ...made, kinds: ["plan", "unusual"] }))).channels;
  expect(channel?.kinds).toEqual(["plan", "unusual"]);
  const kept = { id: channel?.id, name: null, enabled: true };
  const kindsOf = async (kinds: object) => (await reportOf(put({ ...kept, ...kinds }))).channels[0]?.kinds;
  expect(await kindsOf({})).toEqual(["plan", "unusual"]);
  for (const kinds of [[], ["everything"], new Array(ALERT_KINDS.length + 1).fill("plan"), "plan"]) {
    expect([kinds, (await put({ ...kept, kinds })).status]).toEqual([kinds, 400]);
  }
  expect(await kindsOf({})).toEqual(["plan", "unusual"]);
  expect(await kindsOf({ kinds: [...ALERT_KINDS] })).toEqual([...ALERT_KINDS]);
  expect(await kindsOf({ kinds: null })).toBeNull();
});

test("a test is sent at once, and answers with what the other side said", async () => {
  receiver = await startReceiver(({ headers }) =>
    headers["x-gotify-key"] === "right" ? { body: '{"id":1}' } : { status: 401, body: "no such token: wr0ng-t0ken" },
  );
  const app = testApp(await testDeps());
  const test = (body: object) => send(app, "alerts/test", body, "POST");
  const good = { url: `gotify://${receiver.host}/right` };
  expect(await (await test(good)).json()).toEqual({ ok: true, answer: 'HTTP 200: {"id":1}' });
  expect(JSON.parse(receiver.received[0]?.body ?? "")).toMatchObject({ title: "WhiteStat test" });
  const bad = await (await test({ url: `gotify://${receiver.host}/wr0ng-t0ken` })).json();
  expect(bad).toEqual({ ok: false, answer: "HTTP 401: no such token: ***" });
  const input = await inputOf(app, { channels: [{ name: null, url: good.url, enabled: false }] });
  const [channel] = (await reportOf(send(app, "alerts", input))).channels;
  expect(await (await test({ channel: channel?.id })).json()).toMatchObject({ ok: true });
  // A second one, while the first is on its way.
  const both = await Promise.all([test({ channel: channel?.id }), test({ channel: channel?.id })]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 503]);
  // A test is no alert: it stands in no history.
  expect((await reportOf(app.request("/api/v1/alerts"))).history).toEqual([]);
});

test("alerts are snoozed until an instant, all or those of a kind", async () => {
  const app = testApp(await testDeps());
  const until = NOON + 3_600_000;
  await reportOf(send(app, "alerts/snooze", { rule: "unusual", until }));
  const both = await reportOf(send(app, "alerts/snooze", { rule: null, until: until + 1 }));
  expect(both.snoozed).toEqual([
    { rule: "unusual", until },
    { rule: null, until: until + 1 },
  ]);
  expect((await reportOf(send(app, "alerts/snooze", { rule: "unusual", until: null }))).snoozed).toHaveLength(1);
});

describe("what can't be set is answered with what is allowed, and changes nothing", () => {
  test.each<[string, (input: AlertsInput) => object, RegExp, number]>([
    ["a rule that is none", (input) => ({ ...input, rules: { ...input.rules, silence: true } }), /"silence"/, 400],
    [
      "a share of nothing",
      (input) => ({ ...input, rules: { ...input.rules, plan: { percents: [0], forecast: true } } }),
      /rules\.plan/,
      400,
    ],
    ["an hour too late", (input) => ({ ...input, quiet: { from: 24, to: 7 } }), /quiet\.from/, 400],
    ["no channels", ({ rules, quiet }) => ({ rules, quiet }), /channels/, 400],
    [
      "a new one without a URL",
      (input) => ({ ...input, channels: [{ name: null, enabled: true }] }),
      /channels\.0\.url/,
      400,
    ],
    [
      "one that is not there",
      (input) => ({ ...input, channels: [{ id: "x", name: null, enabled: true }] }),
      /no channel x/,
      404,
    ],
    [
      "a URL of nothing",
      (input) => ({ ...input, channels: [{ name: null, url: "ftp://s3cret@x", enabled: true }] }),
      /ftp/,
      400,
    ],
  ])("%s", async (_, change, message, status) => {
    const app = testApp(await testDeps());
    const before = await inputOf(app);
    const answer = await send(app, "alerts", change(before));
    expect(answer.status).toBe(status);
    const body = await answer.text();
    expect(JSON.parse(body).error.message).toMatch(message);
    expect(body).not.toContain("s3cret");
    expect(await inputOf(app)).toEqual(before);
  });

  test("tests of nothing, and snoozes of what is none", async () => {
    const app = testApp(await testDeps());
    expect((await send(app, "alerts/test", {}, "POST")).status).toBe(400);
    expect((await send(app, "alerts/test", { channel: "x" }, "POST")).status).toBe(404);
    expect((await send(app, "alerts/test", { url: "nonsense" }, "POST")).status).toBe(400);
    expect((await send(app, "alerts/snooze", { rule: "everything", until: 1 })).status).toBe(400);
  });

  test("pages of other sites can set and send nothing", async () => {
    const app = testApp(await testDeps());
    const foreign = { "sec-fetch-site": "cross-site" };
    expect((await send(app, "alerts", await inputOf(app), "PUT", foreign)).status).toBe(403);
    expect((await send(app, "alerts/test", { url: "ntfy://x" }, "POST", foreign)).status).toBe(403);
    expect((await send(app, "alerts/test", { url: "ntfy://x" }, "POST", { "content-type": "text/plain" })).status).toBe(
      415,
    );
  });
});

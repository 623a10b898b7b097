import { describe, expect, test } from "vitest";
import { usageWith } from "../testing.ts";
import type { ApiStatus, Usage } from "../wire.ts";
import { type Formats, type Known, noticesOf } from "./notice-rules.ts";

const NOW = Date.parse("2026-11-22T10:42:30Z");
const MINUTE = 60_000;

const formats: Formats = {
  time: (at) => new Date(at).toISOString().slice(11, 16),
  instant: (at) => new Date(at).toISOString().slice(0, 16),
  duration: (ms) => `${ms / 1000} s`,
  share: (share) => `${Math.round(share * 100)} %`,
  day: (day) => day,
  range: (from, to) => `${from} to ${to}`,
};

const usageOf = (changes: Partial<Usage> = {}) =>
  usageWith([], { totals: { download: 100, upload: 10, devices: 1 }, ...changes });

function statusOf(changes: Partial<ApiStatus> = {}, meter: Partial<ApiStatus["meter"]> = {}): ApiStatus {
  return {
    version: "12.0.0",
    startedAt: NOW - 60 * MINUTE,
    demo: false,
    ipv6: "excluded",
    meters: [],
    meter: {
      name: null,
      isView: false,
      url: "http://127.0.0.1:667",
      kind: "darkstat",
      embedded: false,
      whyNotKernel: null,
      version: "3.0.719",
      interface: "eth0",
      readAt: NOW - 10_000,
      intervalMs: 30_000,
      measuringSince: NOW - 9000 * MINUTE,
      seenShare: null,
      missedShare: 0,
      ...meter,
    },
    problems: [],
    now: NOW,
    today: "2026-11-22",
    zone: "UTC",
    range: { first: "2026-05-01", last: "2026-11-22" },
    notes: [],
    ...changes,
  };
}

const EMPTY = { totals: { download: 0, upload: 0, devices: 0 } };

function noticed(changes: Partial<Known>) {
  return noticesOf(
    {
      usage: usageOf(),
      status: statusOf(),
      failure: null,
      ipv6: { wasIncluded: false, failure: null },
      mayWrite: true,
      proposals: 0,
      liveness: { state: "live", readAt: NOW - 10_000 },
      lostSince: 0,
      now: NOW,
      ...changes,
    },
    formats,
  );
}

describe("notices", () => {
  test("there are none when all is well, and none before anything is known", () => {
    expect(noticed({})).toEqual([]);
    expect(noticed({ usage: null, status: null, liveness: { state: "waiting", readAt: null } })).toEqual([]);
  });

  test("the first minutes say since when is measured and when figures come", () => {
    const at = NOW - 10_000;
    const status = statusOf({ range: null }, { readAt: at, measuringSince: at });
    const [notice, ...rest] = noticed({ status, usage: usageOf(EMPTY) });
    expect(`${notice?.title} ${notice?.text}`).toBe(
      "Measuring since 10:42: the first figures come with the next reading, at 10:42.",
    );
    expect(rest).toEqual([]);
  });

  test("the first minutes are over with the first figures", () => {
    const at = NOW - 10_000;
    expect(noticed({ status: statusOf({}, { readAt: at, measuringSince: at }) })).toEqual([]);
  });

  test("before the first reading it is starting, unless it is known what keeps it from it", () => {
    const never = { readAt: null, measuringSince: null };
    const liveness = { state: "late", readAt: null } as const;
    const starting = noticed({ status: statusOf({ range: null }, never), usage: usageOf(EMPTY), liveness });
    expect(starting.map(({ id }) => id)).toEqual(["first"]);
    const problem = { code: "darkstat-missing", since: NOW, message: "No darkstat.", hint: "Install it." } as const;
    const status = statusOf({ range: null, problems: [problem] }, never);
    const without = noticed({ status, usage: usageOf(EMPTY), liveness });
    expect(without.map(({ id }) => id)).toEqual(["problem darkstat-missing"]);
  });

  test("a problem says what, since when, for how long, and what to do", () => {
    const since = NOW - 120 * MINUTE;
    const problem = { code: "meter-unreachable", since, message: "It is gone.", hint: "Start it." } as const;
    const [notice, ...rest] = noticed({
      status: statusOf({ problems: [problem] }),
      liveness: { state: "late", readAt: since },
    });
    expect(notice).toMatchObject({ tone: "bad", title: "It is gone.", text: "Since 08:42 (7200 s). Start it." });
    expect(rest).toEqual([]);
  });

  test("a problem of another day is dated", () => {
    const problem = { code: "books", since: NOW - 30 * 60 * MINUTE, message: "m", hint: "r" } as const;
    expect(noticed({ status: statusOf({ problems: [problem] }) })[0]?.text).toContain("2026-11-21T04:42");
  });

  test("a lost connection is told once, and not as an error of the figures too", () => {
    const failure = { code: "unreachable", message: "Can't reach WhiteStat.", hint: null };
    const lost = noticed({ liveness: { state: "lost", readAt: NOW }, lostSince: NOW - MINUTE, failure });
    expect(lost.map(({ id }) => id)).toEqual(["lost"]);
    expect(lost[0]?.title).toContain("10:41");
    expect(noticed({ failure })[0]).toMatchObject({ tone: "bad", action: { does: "retry" } });
  });

  test("an empty range names the days that have figures, and leads to the nearest", () => {
    const usage = usageOf({ ...EMPTY, from: "2026-01-01", to: "2026-01-31" });
    expect(noticed({ usage })[0]).toMatchObject({
      title: "No data for 2026-01-01 to 2026-01-31.",
      text: "Data is available for 2026-05-01 to 2026-11-22.",
      action: { does: { from: "2026-05-01", to: "2026-11-22" } },
    });
  });

  test("an idle day within what was measured is said to be idle", () => {
    const usage = usageOf({ ...EMPTY, from: "2026-06-01", to: "2026-06-01" });
    expect(noticed({ usage })[0]?.title).toBe("No activity in this period");
  });

  test("where a part has no figures, none are offered that are there of all only", () => {
    for (const part of [{ traffic: "lan" }, { owner: 1 }, { owner: "none" }, { source: "attic" }] as const) {
      const usage = usageOf({ ...EMPTY, from: "2026-11-16", to: "2026-11-22", ...part });
      const [notice, ...rest] = noticed({ usage });
      expect(notice).toMatchObject({ title: "No activity in this period" });
      expect(notice).not.toHaveProperty("action");
      expect(rest).toEqual([]);
    }
    const all = usageOf({ ...EMPTY, from: "2026-11-16", to: "2026-11-22" });
    expect(noticed({ usage: all })[0]).toHaveProperty("action");
  });

  test("what a meter can't tell with whom it was is not called no activity", () => {
    const usage = usageOf({ ...EMPTY, traffic: "lan", unknownTraffic: { download: 5, upload: 0 } });
    expect(noticed({ usage })).toEqual([]);
  });

  test("that an owner was deleted is no failure of the figures", () => {
    const failure = { code: "unknown-owner", message: "There is no owner 9.", hint: "GET household lists them." };
    expect(noticed({ usage: null, failure })).toEqual([]);
  });

  test("what is excluded or dropped is told from one percent on", () => {
    const balance = { ...usageOf().balance, seenShare: null, missedShare: 0.08 };
    expect(noticed({ usage: usageOf({ hiddenShare: 0.12, balance }) }).map(({ title }) => title)).toEqual([
      "8 % of packets were dropped.",
      "12 % of today's traffic is IPv6 and isn't included.",
    ]);
    expect(noticed({ usage: usageOf({ balance: { ...balance, seenShare: 0.51 } }) }).map(({ title }) => title)).toEqual(
      ["The meter counted 51 % of what its interface carried."],
    );
    expect(noticed({ usage: usageOf({ balance: { ...balance, seenShare: 0.9999 } }) })).toEqual([]);
    const problem = { code: "packets-missed", since: NOW, message: "darkstat dropped 8 %.", hint: "m" } as const;
    const told = noticed({ usage: usageOf({ balance }), status: statusOf({ problems: [problem] }) });
    expect(told.map(({ id }) => id)).toEqual(["problem packets-missed"]);
    expect(
      noticed({ usage: usageOf({ hiddenShare: 0.009, balance: { ...balance, seenShare: null, missedShare: 0.009 } }) }),
    ).toEqual([]);
  });

  test("IPv6 can be included where IPFilter is the default, and that be undone where it was done", () => {
    const usage = usageOf({ hiddenShare: 0.12 });
    expect(noticed({ usage })[0]?.action?.does).toBe("include-ipv6");
    const [own] = noticed({ usage, status: statusOf({ ipv6: "filtered" }) });
    expect(own).toMatchObject({ title: "12 % of today's traffic isn't included:" });
    expect(own?.action).toBeUndefined();
    const ipv6 = { wasIncluded: true, failure: null };
    const status = statusOf({ ipv6: "included" });
    expect(noticed({ status, ipv6 })[0]?.action).toEqual({ label: "Undo", does: "exclude-ipv6" });
    expect(noticed({ status })).toEqual([]);
    const failure = { message: "IPFilter could not be saved.", hint: "Make room." };
    expect(noticed({ usage, ipv6: { wasIncluded: false, failure } }).map(({ tone, title }) => [tone, title])).toEqual([
      ["bad", "IPFilter could not be saved."],
      ["hint", "12 % of today's traffic is IPv6 and isn't included."],
    ]);
  });

  test("who may only read is offered no change", () => {
    const usage = usageOf({ hiddenShare: 0.12 });
    const notices = noticed({ usage, proposals: 2, mayWrite: false });
    expect(notices.map(({ id, action }) => [id, action])).toEqual([["hidden", undefined]]);
  });

  test("the demo says that it is one", () => {
    expect(noticed({ status: statusOf({ demo: true }) })[0]?.tone).toBe("demo");
  });

  test("devices that look like one are told once, as a hint, with the way to them", () => {
    const notices = noticed({ proposals: 2 }).filter(({ id }) => id.startsWith("proposals"));
    expect(notices.map(({ tone, action }) => [tone, action?.does])).toEqual([["hint", "proposals"]]);
    expect(noticed({ proposals: 0 }).some(({ id }) => id.startsWith("proposals"))).toBe(false);
  });
});

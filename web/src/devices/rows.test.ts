import { expect, test } from "vitest";
import type { Days, UsageDevice } from "../../../src/shared/api.ts";
import { deviceWith as device, usageWith as usageOf } from "../testing.ts";
import { holdOrder } from "./hold.ts";
import { besidesName } from "./row.ts";
import { rowsByDay, rowsByDevice, rowsOfGone, rowsOfHosts, sumsOf, withFresh } from "./rows.ts";
import { rowWith } from "./testing.ts";

const detail = (key: string, name: string | null = null) => {
  const { addresses, download, upload, lastSeen, lastActiveDay, reconstructed, implausible, previous, series, ...who } =
    device(key, { name });
  return who;
};

test("a device's share is of all devices, a host's of all hosts, listed or not", () => {
  const remote = { ip: "1.1.1.1", hostname: "one.example", download: 10, upload: 0, lastSeen: 5 };
  const usage = usageOf([device("a", { download: 30, upload: 0 }), device("b", { download: 10, upload: 60 })], {
    remotes: [remote],
    remoteTotals: { download: 30, upload: 10, hosts: 7 },
  });
  const told = [...rowsByDevice(usage), ...rowsOfHosts(usage)].map(({ who, total, share }) => [who.id, total, share]);
  expect(told).toEqual([
    ["device:a", 30, 0.3],
    ["device:b", 70, 0.7],
    ["host:1.1.1.1", 10, 0.25],
  ]);
  expect(rowsOfHosts(usageOf())).toEqual([]);
});

test("a device that used something in the range before only has a row of nothing, with what it used", () => {
  const gone = [{ ...detail("c", "Cellar"), download: 5, upload: 2 }];
  const previous = { from: "2026-11-21", to: "2026-11-21", until: null, download: 5, upload: 2, devices: 1, gone };
  expect(rowsOfGone(usageOf([], { previous }))).toMatchObject([
    { who: { key: "c", name: "Cellar" }, total: 0, previous: { download: 5, upload: 2 } },
  ]);
});

test("beside its name stands what the name does not say: a vendor that had to be the name is not said twice", () => {
  const beside = (fields: Partial<UsageDevice>) =>
    rowsByDevice(usageOf([device("02:00:00:00:00:01", fields)])).map(({ who }) => besidesName(who));
  expect(beside({ vendor: "Acme" })).toEqual([[]]);
  expect(beside({ vendor: "Acme", hostname: "tv" })).toEqual([["Acme"]]);
  expect(beside({ vendor: "Acme", hostname: "tv", name: "Anna's" })).toEqual([["tv", "Acme"]]);
  expect(beside({ vendor: "Acme", name: "Anna's" })).toEqual([["Acme"]]);
  expect(beside({})).toEqual([[]]);
});

test("nothing used gives a share of nothing, not of NaN", () => {
  expect(rowsByDevice(usageOf([device("a")]))[0]?.share).toBe(0);
});

const days: Days = {
  from: "2026-01-01",
  to: "2026-01-02",
  devices: [detail("a"), detail("b")],
  rows: [
    ["2026-01-02", 0, "10.0.0.1", 30, 10, 99, 1],
    ["2026-01-02", 1, null, 60, 0, null, 2],
    ["2026-01-01", 0, "10.0.0.1", 5, 5, null, 0],
  ],
  unlisted: 0,
};

test("by day, each device and day is a row, and the share is of that day", () => {
  const rows = rowsByDay(days, usageOf([device("a", { name: "Anna" })]));
  expect(
    rows.map((row) => [
      row.day,
      row.who.given ?? row.who.key,
      row.total,
      row.share,
      row.reconstructed,
      row.implausible,
    ]),
  ).toEqual([
    ["2026-01-02", "Anna", 40, 0.4, true, false],
    ["2026-01-02", "b", 60, 0.6, false, true],
    ["2026-01-01", "Anna", 10, 1, false, false],
  ]);
  expect(new Set(rows.map((row) => row.id)).size).toBe(3);
});

test("fresh days replace those from the day they begin with, whatever the order of devices in the answer", () => {
  const fresh: Days = {
    from: "2026-01-02",
    to: "2026-01-02",
    devices: [detail("c"), detail("b", "Bert")],
    rows: [
      ["2026-01-02", 1, null, 70, 0, null, 0],
      ["2026-01-02", 0, "10.0.0.3", 1, 0, null, 0],
    ],
    unlisted: 0,
  };
  const merged = withFresh(days, fresh, "2026-01-02");
  expect(rowsByDay(merged, usageOf([])).map((row) => [row.day, row.who.given ?? row.who.key, row.total])).toEqual([
    ["2026-01-02", "Bert", 70],
    ["2026-01-02", "c", 1],
    ["2026-01-01", "a", 10],
  ]);
});

test("in a sum a device counts once, however many days it has", () => {
  const first = rowWith({ id: "1", who: { key: "a" }, download: 5, upload: 1 });
  const rows = [first, { ...rowWith({ id: "2", download: 6, upload: 2 }), who: first.who }];
  expect(sumsOf(rows)).toEqual({ rows: 2, members: 1, download: 11, upload: 3, total: 14 });
  expect(sumsOf([])).toEqual({ rows: 0, members: 0, download: 0, upload: 0, total: 0 });
});

test("while rows are held, figures change in place, new rows come last and an edited row stays", () => {
  const row = (id: string, download: number) => rowWith({ id, download });
  const held = holdOrder(
    [row("a", 3), row("edited", 2), row("gone", 1)],
    [row("new", 9), row("a", 4)],
    (id) => id === "edited",
  );
  expect(held.map(({ id, download }) => [id, download])).toEqual([
    ["a", 4],
    ["edited", 2],
    ["new", 9],
  ]);
});

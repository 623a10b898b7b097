import { expect, test } from "vitest";
import { columnsOf, shownColumns } from "../devices/columns.ts";
import { rowsByDevice } from "../devices/rows.ts";
import { deviceWith, usageWith } from "../testing.ts";
import type { UsageGroup } from "../wire.ts";
import { groupIn, inGroups } from "./groups.ts";

function group(key: string, fields: Partial<UsageGroup> = {}): UsageGroup {
  return {
    key,
    name: null,
    colour: null,
    download: 0,
    upload: 0,
    lastSeen: null,
    lastActiveDay: null,
    previous: null,
    reconstructed: false,
    implausible: false,
    series: { download: [], upload: [], reconstructed: [] },
    members: [],
    ...fields,
  };
}

test("figures by device are left as they are", () => {
  const usage = usageWith([deviceWith("02:00:00:00:00:01", { download: 5 })]);
  expect(inGroups(usage)).toBe(usage);
});

test("figures by owner have a row for each owner, and one for what is nobody's", () => {
  const groups = [
    group("3", { name: "Anna", colour: 2, download: 60, upload: 20, previous: { download: 40, upload: 0 } }),
    group("none", { download: 20, reconstructed: true }),
  ];
  const usage = usageWith([], { by: "owner", groups, totals: { download: 80, upload: 20, devices: 4 } });
  const rows = rowsByDevice(inGroups(usage));
  expect(rows.map(({ who, total, share, reconstructed }) => [who.kind, who.name, total, share, reconstructed])).toEqual(
    [
      ["group", "Anna", 80, 0.8, false],
      ["group", "Nobody", 20, 0.2, true],
    ],
  );
  expect(groupIn(rows[0]?.who.key ?? "")).toEqual({ by: "owner", key: "3" });
});

test("an owner may be called as a device's key is, and is no device for it", () => {
  const usage = usageWith([], { by: "owner", groups: [group("7", { name: "02:00:00:00:00:01" })] });
  expect(rowsByDevice(inGroups(usage))[0]?.who).toMatchObject({ kind: "group", key: "owner 7", mac: null });
  expect(groupIn("02:00:00:00:00:01")).toBeNull();
  expect(groupIn("fe80::1")).toBeNull();
});

test("types are called in words", () => {
  const usage = usageWith([], { by: "type", groups: [group("smart-home"), group("unknown")] });
  expect(inGroups(usage).devices.map(({ name }) => name)).toEqual(["Smart home", "Unknown"]);
});

test("groups have no addresses and no MAC to show, and their column is called by what they are", () => {
  const usage = usageWith([], { by: "owner", groups: [] });
  const ids = shownColumns("device", usage).map(({ id }) => id);
  expect(ids).not.toContain("mac");
  expect(ids).not.toContain("addresses");
  expect(shownColumns("device", usage)[0]?.label).toBe("Owner");
  expect(columnsOf("device")[0]?.label).toBe("Name");
});

test("hidden and archived devices are known by their rows, and found by their owner's name and type", () => {
  const devices = [
    deviceWith("02:00:00:00:00:01", { name: "Old", archived: true }),
    deviceWith("02:00:00:00:00:02", { name: "Plug", hidden: true }),
    deviceWith("02:00:00:00:00:03", { name: "Mine", owner: 3, type: "smart-home" }),
  ];
  const rows = rowsByDevice(usageWith(devices), (id) => (id === 3 ? "Änna" : null));
  expect(rows.map(({ who }) => who.isFolded)).toEqual([true, true, false]);
  expect(rows[2]?.who.foldedAll).toContain("anna");
  expect(rows[2]?.who.foldedAll).toContain("smart home");
});

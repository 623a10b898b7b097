import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { KernelError } from "./error.ts";
import { lanNetworks } from "./lan.ts";
import { createKernelMeter, type KernelMeterOptions } from "./meter.ts";
import { errorOf } from "./nft.ts";
import { buildRules, probeRules } from "./rules.ts";

/*
 * What the meter asks of nft, and what it makes of the answers. The real nft, with real packets, is in test/lab.
 */

const LISTED = readFileSync(new URL("fixtures/nft-1.0.6.json", import.meta.url), "utf8");
const LAN = lanNetworks([], []);
const NONE = errorOf("Error: No such file or directory\nlist table netdev whitestat\n                  ^^^^^^^^^\n");

/** A meter on an nft that lists these, one after the other and the last one on; and what it was told to do. */
function meterOn(listings: readonly (string | Error)[], more: Partial<KernelMeterOptions> = {}) {
  const applied: string[] = [];
  let listed = 0;
  const meter = createKernelMeter({
    async nft(args, input = "") {
      if (args[0] === "-f") {
        applied.push(input);
        return "";
      }
      const listing = listings[Math.min(listed++, listings.length - 1)];
      if (typeof listing === "string") return listing;
      throw listing;
    },
    devices: ["lan0"],
    lan: () => LAN,
    indexOf: async () => 2,
    uptimeMs: async () => 70_999,
    now: () => 1_000_000,
    newRun: () => "ab12",
    ...more,
  });
  return { meter, applied };
}

test("its table is one that Debian 12's nft lists, too, when a newer nft made it: no set of intervals by its type", () => {
  const made = buildRules("whitestat", "ab12", { generation: 1, startedAtMs: 1 }, [{ name: "lan0", index: 2 }], LAN);
  const intervals = (made + probeRules(["lan0"])).match(/add set .*interval.*/g) ?? [];
  expect(intervals).toHaveLength(3);
  for (const set of intervals) expect(set).not.toMatch(/\{ type /);
});

test("a table that is there is gone on with, and nothing is changed", async () => {
  const { meter, applied } = meterOn([LISTED]);
  const snapshot = await meter.read();
  expect(applied).toEqual([]);
  expect(snapshot).toMatchObject({
    epoch: "kernel ab12.2",
    at: 1_000_000,
    before: { bytes: 168, packets: 2, dropped: 0, uptimeSeconds: 61 },
    program: "nftables",
    version: "1.0.6",
    interface: "lan0",
  });
});

test("a table that is missing is made, on the interfaces that were asked for, with nothing to tell after a start", async () => {
  const { meter, applied } = meterOn([NONE, LISTED], { devices: ["lan0", "wlan0"] });
  const snapshot = await meter.read(undefined, { epoch: "kernel old.1", counted: 5, at: 1 });
  expect(applied).toHaveLength(1);
  expect(applied[0]).toContain('devices = { "lan0", "wlan0" }');
  expect(applied[0]?.match(/^(?:add|delete) \w+ netdev (\w+)/gm)?.every((line) => line.endsWith(" whitestat"))).toBe(
    true,
  );
  expect(snapshot.notes).toBeUndefined();
});

test("a table that goes missing under way is told of, with the time that may lack", async () => {
  const { meter } = meterOn([LISTED, LISTED, NONE, LISTED]);
  const { epoch, before } = await meter.read();
  const again = await meter.read(undefined, { epoch, counted: before.bytes, at: 1_000_000 });
  expect(again.notes).toEqual([
    { code: "not-counted", detail: { from: 1_000_000, to: 1_000_000, reason: "flushed", interface: "lan0" } },
  ]);
});

test("an interface that came back is hooked to anew, and the counters stay", async () => {
  const { meter, applied } = meterOn([LISTED], { indexOf: async () => 7 });
  const snapshot = await meter.read(undefined, { epoch: "kernel ab12.2", counted: 168, at: 900_000 });
  expect(applied).toHaveLength(1);
  expect(applied[0]).not.toMatch(/(add|delete) (table|set)|generation\./);
  expect(applied[0]).toContain("on.6c616e30.7");
  expect(snapshot.notes).toMatchObject([{ code: "not-counted", detail: { reason: "interface", from: 900_000 } }]);
});

test("what was counted until the interface went is handed out first; then it is said that the interface is gone", async () => {
  const { meter } = meterOn([LISTED], { indexOf: async () => null });
  const snapshot = await meter.read(undefined, { epoch: "kernel ab12.2", counted: 100, at: 900_000 });
  expect(snapshot.before.bytes).toBe(168);
  const standing = { epoch: "kernel ab12.2", counted: 168, at: 900_000 };
  await expect(meter.read(undefined, standing)).rejects.toMatchObject({ code: "no-interface", isGone: true });
});

test("the generation before is handed out until the books have all of it, then the next one, as its continuation", async () => {
  const { meter, applied } = meterOn([LISTED]);
  const old = await meter.read(undefined, { epoch: "kernel ab12.1", counted: 10, at: 900_000 });
  expect(old.epoch).toBe("kernel ab12.1");
  const next = await meter.read(undefined, { epoch: "kernel ab12.1", counted: old.before.bytes, at: 1_000_000 });
  expect(next).toMatchObject({ epoch: "kernel ab12.2", continues: "kernel ab12.1" });
  await meter.saved("kernel ab12.1");
  expect(applied).toEqual([]);
  await meter.saved("kernel ab12.2");
  expect(applied).toHaveLength(1);
  expect(applied[0]).toContain("delete set netdev whitestat sent4_in_1");
  expect(applied[0]).not.toMatch(/_2$/m);
});

test("a generation that has grown large is followed by the next one, once it was read", async () => {
  const one = JSON.parse(LISTED) as { nftables: Record<string, { name?: string }>[] };
  one.nftables = one.nftables.filter((item) => !/_2$|^generation\.2/.test(item.set?.name ?? item.counter?.name ?? ""));
  const { meter, applied } = meterOn([JSON.stringify(one)], { mostAddresses: 2 });
  await meter.read();
  expect(applied).toEqual([]);
  await meter.read(undefined, { epoch: "kernel ab12.1", counted: 10, at: 900_000 });
  expect(applied[0]).toContain("add counter netdev whitestat generation.2.70999");
});

test("names of hosts come from whoever knows them", async () => {
  const { meter } = meterOn([LISTED], { nameOf: (ip) => (ip === "192.168.79.2" ? "laptop" : null) });
  const { hosts } = await meter.read();
  expect(hosts.map(({ ip, hostname }) => [ip, hostname])).toContainEqual(["192.168.79.2", "laptop"]);
});

test.each([
  [
    "Operation not permitted (you must be root)\nnetlink: Error: cache initialization failed: Operation not permitted",
    "refused",
  ],
  ["Error: Could not process rule: Operation not supported\nadd chain netdev whitestat outgoing", "unsupported"],
  ["/dev/stdin:3:1-9: Error: syntax error, unexpected egress", "unsupported"],
  ["Error: Could not process rule: Device or resource busy", "failed"],
])("what nft complains of is told apart: %s", async (complaint, code) => {
  const { meter } = meterOn([errorOf(complaint)]);
  await expect(meter.read()).rejects.toMatchObject({ code, isGone: true });
  expect(errorOf(complaint)).toBeInstanceOf(KernelError);
});

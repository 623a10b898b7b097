import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseTable, type Table } from "./listing.ts";

/** What nft 1.0.6 listed of a table that a gateway filled: pings, a tagged frame, one with two tags, one of PPPoE. */
const LISTED = readFileSync(new URL("fixtures/nft-1.0.6.json", import.meta.url), "utf8");
const read = (json: string) => parseTable(json) as Table;
const changed = (change: (items: Record<string, { name?: string }>[]) => void) => {
  const listed = JSON.parse(LISTED) as { nftables: Record<string, { name?: string }>[] };
  change(listed.nftables);
  return JSON.stringify(listed);
};

test("a table is read with its run, interfaces, hooks and generations", () => {
  const table = read(LISTED);
  expect(table).toMatchObject({ version: "1.0.6", run: "ab12", devices: [{ name: "lan0", index: 2 }], isHooked: true });
  expect(table.generations.map(({ generation, startedAtMs }) => [generation, startedAtMs])).toEqual([
    [1, 1234],
    [2, 9999],
  ]);
});

test("three pings of 84 bytes are as long on their way in as on their way out, whose lengths hold the Ethernet header", () => {
  const [first] = read(LISTED).generations;
  const client = first?.internet.sent.get("02:00:00:0c:29:01 192.168.79.2");
  const gateway = first?.internet.sent.get("02:00:00:00:00:fe 192.168.79.1");
  expect(client).toMatchObject({ bytes: 252, packets: 3 });
  expect(gateway).toMatchObject({ bytes: 252, packets: 3 });
  expect(first?.internet.received.get("02:00:00:00:00:fe 192.168.79.1")).toMatchObject({ bytes: 252, packets: 3 });
});

test("a frame with a VLAN tag is counted without it; PPPoE and two tags are said to be left out", () => {
  const [first] = read(LISTED).generations;
  expect(first?.internet.sent.get("02:00:00:0c:29:01 192.168.79.77")).toMatchObject({ bytes: 500, packets: 1 });
  expect(first?.foreign).toEqual({ bytes: 1012, packets: 2 });
  expect(first?.unlisted).toEqual({ bytes: 0, packets: 0 });
});

test("what stayed on the LAN stands in sets of its own", () => {
  const [first] = read(LISTED).generations;
  expect([...(first?.lan.sent.values() ?? [])].map(({ ip }) => ip)).toContain("fd00:79::2");
  expect([...(first?.internet.sent.keys() ?? [])].some((key) => key.includes("fd00:"))).toBe(false);
});

test("an element that is listed twice is counted once, as it was last", () => {
  const twice = changed((items) => {
    for (const { set } of items as { set?: { name: string; elem?: unknown[] } }[]) {
      if (set?.name === "sent4_in_1") set.elem = [...(set.elem ?? []), ...(set.elem ?? [])];
    }
  });
  expect(read(twice).generations).toEqual(read(LISTED).generations);
});

test("a table of other rules, or with parts of it gone, can only be made anew", () => {
  const without = (what: string, name: RegExp) =>
    changed((items) => {
      for (const item of items) if (name.test(item[what]?.name ?? "")) delete item[what];
    });
  expect(parseTable(LISTED.replace("run.2.ab12", "run.3.ab12"))).toBeNull();
  expect(parseTable(LISTED.replace("run.2.ab12", "run.1.ab12"))).toBe("older");
  expect(parseTable(without("counter", /^run/))).toBeNull();
  expect(parseTable(without("counter", /^generation\.2/))).toBeNull();
  expect(read(without("chain", /^outgoing$/)).isHooked).toBe(false);
});

test.each(["", "{}", "[]", '{"nftables": 1}', "Error: syntax error"])("what is no listing is refused: %j", (text) => {
  expect(() => parseTable(text)).toThrow(expect.objectContaining({ code: "garbled" }));
});

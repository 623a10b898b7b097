import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseFlowTables } from "../meters/kernel/flow-tables.ts";
import { parseTable, type Table } from "../meters/kernel/listing.ts";
import { errorOf } from "../meters/kernel/nft.ts";
import { flowFindings, kernelFindings, tableFindings } from "./doctor-meter.ts";

const LISTED = readFileSync(new URL("../meters/kernel/fixtures/nft-1.0.6.json", import.meta.url), "utf8");
const table = parseTable(LISTED) as Table;
const [first, second] = table.generations as [Table["generations"][number], Table["generations"][number]];
const texts = (findings: readonly { grade: string; text: string; hint: string }[]) =>
  findings.map(({ grade, text, hint }) => `${grade}: ${text} ${hint}`).join("\n");

/** As libnftables-json(5) describes it; a kernel with flow tables was not at hand. */
const FLOW = JSON.stringify({
  nftables: [
    { metainfo: { version: "1.0.6" } },
    {
      flowtable: {
        family: "inet",
        table: "fw4",
        name: "ft",
        handle: 3,
        hook: "ingress",
        prio: 0,
        dev: ["eth1", "wlan0"],
      },
    },
    { flowtable: { family: "ip", table: "other", name: "one", handle: 4, hook: "ingress", prio: 0, dev: "eth0" } },
  ],
});

test("says where the kernel counts, and what is gone of it, by listing alone", async () => {
  const asked: string[] = [];
  const nft = async (args: readonly string[]) => {
    asked.push(args.join(" "));
    if (args.includes("table")) throw errorOf("Error: No such file or directory");
    return '{"nftables": []}';
  };
  const root = await mkdtemp(join(tmpdir(), "whitestat-doctor-"));
  const found = texts(
    await kernelFindings({ nft, devices: ["br0"], leftOut: ["eth1 is left out."] }, "whitestat", root),
  );
  expect(found).toMatch(/^ok: The kernel counts on br0/m);
  expect(found).toMatch(/^note: eth1 is left out/m);
  expect(found).toMatch(/^problem: There is no interface br0/m);
  expect(found).toMatch(/^note: Nothing is counted at the moment/m);
  expect(asked.every((args) => args.startsWith("-j list "))).toBe(true);
});

test("says which interfaces are ports of one bridge, where frames pass twice", async () => {
  const nft = async () => '{"nftables": []}';
  const root = await mkdtemp(join(tmpdir(), "whitestat-doctor-"));
  for (const [device, master] of [
    ["eth1", "br0"],
    ["wlan0", "br0"],
    ["eth2", "br1"],
  ]) {
    const folder = join(root, "sys/class/net", device as string, "master");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "uevent"), `DEVTYPE=bridge\nINTERFACE=${master}\nIFINDEX=3\n`);
  }
  const found = async (...devices: string[]) => texts(await kernelFindings({ nft, devices, leftOut: [] }, "ws", root));
  expect(await found("eth1", "eth2")).not.toContain("ports of");
  expect(await found("eth1", "eth2", "wlan0")).toMatch(
    /^note: eth1 and wlan0 are ports of br0: what their devices send to each other counts twice, .* Set HOST_INTERFACE to br0/m,
  );
});

test("says how much is counted, and what of it is left out", () => {
  expect(texts(tableFindings({ ...table, generations: [second] }))).toBe("ok: It has counted 168 B of 2 addresses. ");
  expect(texts(tableFindings({ ...table, generations: [first] }))).toMatch(
    /^note: 1\.0 kB were neither IPv4 nor IPv6 \(PPPoE/m,
  );
  const full = { ...second, unlisted: { bytes: 5_000, packets: 5 } };
  expect(texts(tableFindings({ ...table, generations: [full] }))).toMatch(/^problem: 5\.0 kB found no room/m);
});

test("finds flow tables: a problem on a bridge, whose ports are named; a note elsewhere", () => {
  const tables = parseFlowTables(FLOW);
  expect(tables).toEqual([
    { name: "inet fw4 ft", devices: ["eth1", "wlan0"] },
    { name: "ip other one", devices: ["eth0"] },
  ]);
  expect(texts(flowFindings(tables, ["br0"], ["br0"]))).toMatch(
    /^problem: .*around br0.*HOST_INTERFACE=eth1\|wlan0\|eth0/,
  );
  expect(texts(flowFindings(tables, ["eth0"], []))).toMatch(/^note: .*inet fw4 ft/);
  expect(flowFindings([], ["br0"], ["br0"])).toEqual([]);
});

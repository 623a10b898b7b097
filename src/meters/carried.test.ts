import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../store/testing/settlements.ts";
import { readCarried, withCarried } from "./carried.ts";

interface Machine {
  readonly [path: string]: string | number;
}

function machineOf(root: string, files: Machine): void {
  for (const [path, content] of Object.entries({ "proc/sys/kernel/random/boot_id": "b00t\n", ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${content}`);
  }
}

/** 100 packets of 1,014 bytes came in, 50 of 114 went out. */
function device(name: string, more: Machine = {}): Machine {
  const at = `sys/class/net/${name}`;
  return {
    [`${at}/type`]: "1\n",
    [`${at}/ifindex`]: "4\n",
    [`${at}/statistics/rx_bytes`]: "101400\n",
    [`${at}/statistics/rx_packets`]: "100\n",
    [`${at}/statistics/tx_bytes`]: "5700\n",
    [`${at}/statistics/tx_packets`]: "50\n",
    ...more,
  };
}

test.each([
  ["a virtual cable counts Ethernet headers both ways", {}, 100_000 + 5_000],
  ["a bridge counts none of what comes in", { "sys/class/net/x/bridge/bridge_id": "8000.02" }, 101_400 + 5_000],
  ["nor does a VLAN", { "proc/net/vlan/x": "x VID: 5" }, 101_400 + 5_000],
  ["a tunnel has none", { "sys/class/net/x/type": "65534\n" }, 101_400 + 5_700],
])("%s: they are left out", async (_, more, bytes) => {
  using folder = temporaryFolder();
  machineOf(folder.path, device("x", more));
  expect(await readCarried(["x"], folder.path)).toEqual({ life: "b00t x:4", bytes, headerBytes: 0 });
});

test("of a card's packets what may be merged is left out on both sides, of all interfaces alike", async () => {
  using folder = temporaryFolder();
  machineOf(folder.path, {
    ...device("eth0", { "sys/class/net/eth0/device/uevent": "DRIVER=e1000e" }),
    ...device("x"),
  });
  expect(await readCarried(["x", "eth0"], folder.path)).toEqual({
    life: "b00t x:4 eth0:4",
    bytes: 2 * 105_000 - 300 * 80,
    headerBytes: 72,
  });
});

test("with one of the interfaces gone nothing is known, and a reading is handed out all the same", async () => {
  using folder = temporaryFolder();
  machineOf(folder.path, device("x"));
  expect(await readCarried(["x", "gone"], folder.path)).toBeNull();
  const meter = { url: "kernel:x", read: async () => ({ epoch: "one" }) as never, series: async () => [] };
  expect(await withCarried(meter, () => readCarried(["gone"], folder.path)).read()).toEqual({ epoch: "one" });
  expect(await withCarried(meter, () => readCarried(["x"], folder.path)).read()).toMatchObject({
    epoch: "one",
    carried: { bytes: 105_000 },
  });
});

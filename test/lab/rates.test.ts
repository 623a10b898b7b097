import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WhiteStat } from "../lib/whitestat.ts";
import { ratesObstacle } from "./available.ts";
import { startOnGateway } from "./kernel-product.ts";
import { createLab, type Lab } from "./lab.ts";
import { createComparing, isSame, type Load, runLoad } from "./rates.ts";

const obstacle = ratesObstacle();

/** `npm run test:lab-rates` has the other combinations, a gigabit, and what goes wrong meanwhile. */
const LOADS: readonly (Load & { readonly offload: "on" | "off" })[] = [
  { mbit: 300, family: "IPv6", protocol: "TCP", direction: "download", offload: "off" },
  { mbit: 300, family: "IPv4", protocol: "UDP", direction: "upload", offload: "on" },
];

describe.skipIf(obstacle)(`a busy line${obstacle ? ` (${obstacle})` : ""}`, () => {
  let lab: Lab;
  let product: WhiteStat;
  const folder = mkdtempSync(join(tmpdir(), "whitestat-rates-"));

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    lab = await createLab({ full: true });
    product = await startOnGateway(lab, folder);
  });
  afterAll(async () => {
    await lab?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(LOADS)(
    "of $mbit Mbit/s, $family $protocol $direction, offload $offload, each client's figures are its interface's",
    async ({ offload, ...load }) => {
      await lab.useOffload(offload === "on");
      const comparing = await createComparing(lab, product);
      await runLoad(lab, load, 1);
      const found = await comparing.end(product);
      expect(Math.max(...found.map(({ carried }) => carried))).toBeGreaterThan(10_000_000);
      expect(found.filter((one) => !isSame(one))).toEqual([]);
    },
  );
});

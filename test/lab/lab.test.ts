import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../lib/commands.ts";
import { labObstacle } from "./available.ts";
import { createLab, type Lab, SERVER } from "./lab.ts";

const obstacle = labObstacle();

describe.skipIf(obstacle)(`the lab${obstacle ? ` (${obstacle})` : ""}`, () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await createLab();
  });
  afterAll(() => lab?.dispose());

  /** What darkstat counts, once it has read the packets from its buffer. */
  async function expectCounted(ip: string, bytes: { in: number; out: number }): Promise<void> {
    await eventually(async () => expect(await lab.darkstat.counted(ip)).toEqual(bytes), 5000);
  }

  describe("with darkstat", () => {
    let before: { in: number; out: number };
    beforeEach(async () => {
      before = await lab.interfaceCounters("a");
      await lab.darkstat.start();
      return async () => {
        await lab.darkstat.crash().catch(() => {});
      };
    });

    async function since(client: "a" | "b" = "a") {
      const now = await lab.interfaceCounters(client);
      return { in: now.in - before.in, out: now.out - before.out };
    }

    test("a download is the same number of bytes on the client's interface and in darkstat", async () => {
      await lab.transfer("a", 300_000, "download");
      const bytes = await since();
      expect(bytes.in).toBeGreaterThan(300_000);
      expect(bytes.in).toBeLessThan(300_000 * 1.1);
      await expectCounted("192.168.77.11", bytes);
      await expectCounted(SERVER.ip, { in: bytes.out, out: bytes.in });
      expect(await lab.darkstat.totals()).toEqual({ bytes: bytes.in + bytes.out, dropped: 0 });
    });

    test("an upload is the same number of bytes on the client's interface and in darkstat", async () => {
      await lab.transfer("a", 300_000, "upload");
      const bytes = await since();
      expect(bytes.out).toBeGreaterThan(300_000);
      await expectCounted("192.168.77.11", bytes);
    });

    test("the wires are shaped to 16 Mbit/s, and a transfer is held up by that", async () => {
      await lab.transfer("a", 1_000_000, "download");
      const [shape] = JSON.parse(await lab.exec("server", ["tc", "-s", "-j", "qdisc", "show", "dev", "eth0"]));
      expect(shape).toMatchObject({ kind: "tbf", options: { rate: 2_000_000 } });
      expect(shape.overlimits).toBeGreaterThan(0);
    });

    test("a crash loses what was counted, a stop keeps it for an import", async () => {
      await lab.transfer("a", 50_000, "download");
      const first = await since();
      await expectCounted("192.168.77.11", first);
      await lab.darkstat.stop();
      await lab.darkstat.start({ importing: true });
      expect(await lab.darkstat.counted("192.168.77.11")).toEqual(first);
      expect((await lab.darkstat.totals()).bytes).toBe(0);
      await lab.darkstat.crash();
      await lab.darkstat.start();
      expect(await lab.darkstat.counted("192.168.77.11")).toBeNull();
    });

    test("a kept export can be imported later, when it is stale", async () => {
      await lab.transfer("a", 50_000, "download");
      const first = await since();
      await expectCounted("192.168.77.11", first);
      await lab.darkstat.stop();
      const kept = await lab.darkstat.keepExport();
      await lab.darkstat.start({ importing: true });
      await lab.transfer("a", 50_000, "download");
      await expectCounted("192.168.77.11", await since());
      await lab.darkstat.stop();
      await lab.darkstat.start({ importing: kept });
      expect(await lab.darkstat.counted("192.168.77.11")).toEqual(first);
    });

    test("a reset begins anew without a restart", async () => {
      await lab.transfer("a", 50_000, "download");
      await expectCounted("192.168.77.11", await since());
      lab.darkstat.reset();
      await eventually(async () => expect(await lab.darkstat.counted("192.168.77.11")).toBeNull(), 5000);
    });
  });

  test("a renumbered client talks from its new address, and one that loses its address goes silent", async () => {
    await lab.darkstat.start();
    const before = await lab.interfaceCounters("a");
    await lab.renumber("a", "192.168.77.12");
    expect(lab.clients.b.ip).toBeNull();
    await lab.transfer("a", 20_000, "download");
    const now = await lab.interfaceCounters("a");
    await expectCounted("192.168.77.12", { in: now.in - before.in, out: now.out - before.out });
    expect(await lab.darkstat.counted("192.168.77.11")).toBeNull();
    await expect(lab.transfer("b", 20_000, "download")).rejects.toThrow();
    await lab.renumber("b", "192.168.77.11");
    await lab.transfer("b", 20_000, "download");
    await lab.darkstat.crash();
  });

  test("another network card shows in darkstat", async () => {
    await lab.darkstat.start();
    await lab.setMac("c", "02:00:00:0c:29:99");
    await lab.transfer("c", 20_000, "upload");
    const page = await eventually(async () => {
      const text = await (await fetch(`${lab.darkstat.url}/hosts/?full=yes`)).text();
      expect(text).toContain("192.168.77.13");
      return text;
    });
    expect(page).toContain("02:00:00:0c:29:99");
    await lab.darkstat.crash();
  });

  test("nothing is left behind, not even of a lab whose process was killed", async () => {
    const other = await createLab();
    await other.dispose();
    const made = spawnSync("ip", ["netns", "list"], { encoding: "utf8" }).stdout;
    expect(made.match(new RegExp(`wslab-${process.pid}-\\w+-gateway`, "g"))).toHaveLength(1);

    // A process id that can't be alive: beyond the kernel's largest.
    spawnSync("ip", ["netns", "add", "wslab-4194305-dead-gateway"]);
    await (await createLab()).dispose();
    expect(spawnSync("ip", ["netns", "list"], { encoding: "utf8" }).stdout).not.toContain("wslab-4194305");
  });
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../lib/commands.ts";
import { deviceInDatabase, startWhiteStat, type WhiteStat } from "../lib/whitestat.ts";
import { labObstacle } from "./available.ts";
import { type ClientName, createLab, GATEWAY, type Lab, SERVER } from "./lab.ts";

const obstacle = labObstacle();
const HOME = { a: "192.168.77.11", b: "192.168.77.12", c: "192.168.77.13" } as const;

/** Figures come as KB with two decimals: half of the last one is 5 bytes, a tenth of the smallest packet. */
const ROUNDING = 0.0051;

describe.skipIf(obstacle)(`WhiteStat on real darkstat${obstacle ? ` (${obstacle})` : ""}`, () => {
  let lab: Lab;
  let store: string;
  let product: WhiteStat | undefined;
  let before: Record<ClientName, { in: number; out: number }>;

  beforeAll(async () => {
    lab = await createLab();
  });
  afterAll(() => lab?.dispose());

  beforeEach(async () => {
    store = mkdtempSync(join(tmpdir(), "whitestat-end-to-end-"));
    for (const client of ["a", "b", "c"] as const) await lab.renumber(client, HOME[client]);
    before = {
      a: await lab.interfaceCounters("a"),
      b: await lab.interfaceCounters("b"),
      c: await lab.interfaceCounters("c"),
    };
  });
  afterEach(async () => {
    await product?.kill();
    product = undefined;
    await lab.darkstat.crash().catch(() => {});
    rmSync(store, { recursive: true, force: true });
  });

  async function startProduct(): Promise<WhiteStat> {
    product = await startWhiteStat({
      store,
      env: { DARKSTAT_URL: lab.darkstat.url },
    });
    return product;
  }

  /** KB that crossed a client's own interface since the test began. */
  async function carried(client: ClientName): Promise<{ in: number; out: number }> {
    const now = await lab.interfaceCounters(client);
    return { in: (now.in - before[client].in) / 1024, out: (now.out - before[client].out) / 1024 };
  }

  /** The product's figures become what the client's interface says, in the answers and in the file. */
  async function expectFiguresOf(...clients: ClientName[]): Promise<void> {
    const running = product;
    if (!running) throw new Error("start the product first");
    for (const client of clients) {
      const { mac } = lab.clients[client];
      await eventually(async () => expectSame(await running.device(mac), await carried(client), client), 10_000);
      await eventually(async () => expectSame(deviceInDatabase(store, mac), await carried(client), client), 10_000);
    }
  }

  /** Waits until the product has read that darkstat counts this for an address. */
  async function expectRead(ip: string): Promise<void> {
    await eventually(async () => {
      const counted = await lab.darkstat.counted(ip);
      const row = (await product?.rows())?.find((candidate) => candidate.IP === ip);
      expect(counted).not.toBeNull();
      expect(Math.abs((row?.LSTDAY_KBIn ?? -1) - (counted?.in ?? 0) / 1024)).toBeLessThan(ROUNDING);
    }, 10_000);
  }

  test("every device's download and upload are those of its own interface", async () => {
    await lab.darkstat.start();
    await lab.transfer("a", 40_000, "download");
    await startProduct();
    await lab.transfer("a", 400_000, "download");
    await lab.transfer("b", 200_000, "upload");
    await Promise.all([lab.transfer("a", 100_000, "upload"), lab.transfer("c", 150_000, "download")]);
    await expectFiguresOf("a", "b", "c");

    const rows = (await product?.rows()) ?? [];
    expect(rows.map((row) => row.IP)).not.toContain(GATEWAY.ip);
    const [a, b, c] = [await carried("a"), await carried("b"), await carried("c")];
    const server = rows.find((row) => row.IP === SERVER.ip);
    expect(server?.KBIn).toBeCloseTo(a.out + b.out + c.out, 1);
    expect(server?.KBOut).toBeCloseTo(a.in + b.in + c.in, 1);
    expect((await lab.darkstat.totals()).dropped).toBe(0);
  });

  test("a crash and restart of darkstat cost nothing that had been read, and count nothing twice", async () => {
    await lab.darkstat.start();
    await startProduct();
    await lab.transfer("a", 300_000, "download");
    await expectFiguresOf("a");
    await lab.darkstat.crash();
    await lab.darkstat.start();
    // More than before the crash: a difference to the old counter would be too little.
    await lab.transfer("a", 500_000, "download");
    await lab.transfer("b", 50_000, "upload");
    await expectFiguresOf("a", "b");
  });

  test("an outage of darkstat is survived, with what it counted before and after", async () => {
    await lab.darkstat.start();
    await startProduct();
    await lab.transfer("a", 100_000, "download");
    await expectFiguresOf("a");
    const said = product?.said().length;
    await lab.darkstat.crash();
    await eventually(async () => expect(product?.said().slice(said)).toMatch(/darkstat/i));
    await expectFiguresOf("a");
    await lab.darkstat.start();
    await lab.transfer("a", 60_000, "download");
    await expectFiguresOf("a");
  });

  test("a clean import goes on where it was", async () => {
    await lab.darkstat.start();
    await startProduct();
    await lab.transfer("a", 300_000, "download");
    await expectFiguresOf("a");
    await lab.darkstat.stop();
    await lab.darkstat.start({ importing: true });
    await lab.transfer("a", 80_000, "download");
    await expectFiguresOf("a");
  });

  test("a stale import invents nothing and counts on from there", async () => {
    await lab.darkstat.start();
    await startProduct();
    await lab.transfer("a", 200_000, "download");
    await lab.transfer("b", 100_000, "download");
    await expectFiguresOf("a", "b");
    await lab.darkstat.stop();
    const stale = await lab.darkstat.keepExport();
    await lab.darkstat.start({ importing: true });
    await lab.transfer("a", 150_000, "download");
    await expectFiguresOf("a", "b");
    await lab.darkstat.crash();
    await lab.darkstat.start({ importing: stale });
    await expectRead(HOME.a);
    await expectFiguresOf("a", "b");
    await lab.transfer("a", 70_000, "download");
    await lab.transfer("b", 70_000, "download");
    await expectFiguresOf("a", "b");
  });

  test("a reset of darkstat's counters is a new beginning, not a loss", async () => {
    await lab.darkstat.start();
    await startProduct();
    await lab.transfer("a", 200_000, "download");
    await expectFiguresOf("a");
    lab.darkstat.reset();
    await eventually(async () => expect(await lab.darkstat.counted(HOME.a)).toBeNull());
    await lab.transfer("a", 250_000, "download");
    await expectFiguresOf("a");
  });

  test("a renumbered client stays one device, and who takes its old address pays only for what came after", async () => {
    await lab.darkstat.start();
    await startProduct();
    await lab.transfer("a", 300_000, "download");
    await lab.transfer("b", 30_000, "download");
    await expectFiguresOf("a", "b");
    await lab.renumber("a", "192.168.77.44");
    await lab.transfer("a", 100_000, "upload");
    await expectFiguresOf("a", "b");
    await lab.renumber("b", HOME.a);
    await lab.transfer("b", 60_000, "download");
    await expectFiguresOf("a", "b");
  });

  test("kill -9 of ours, with traffic before, meanwhile and after: every byte is there, once", async () => {
    await lab.darkstat.start();
    await startProduct();
    await lab.transfer("a", 200_000, "download");
    const meanwhile = lab.transfer("a", 600_000, "download");
    await product?.kill();
    await meanwhile;
    await lab.transfer("b", 40_000, "upload");
    await startProduct();
    await expectFiguresOf("a", "b");
    await lab.transfer("a", 50_000, "download");
    await product?.kill();
    await startProduct();
    await expectFiguresOf("a", "b");
  });

  test("a stop in good order leaves the file complete, and the next start goes on", async () => {
    await lab.darkstat.start();
    const running = await startProduct();
    await lab.transfer("a", 120_000, "download");
    await expectFiguresOf("a");
    expect(await running.stop()).toBe(0);
    expectSame(deviceInDatabase(store, lab.clients.a.mac), await carried("a"), "a");
    await lab.transfer("a", 30_000, "download");
    await startProduct();
    await expectFiguresOf("a");
  });

  test("the embedded darkstat outlives kill -9 of ours, and its figures do too", async () => {
    const host = new URL(lab.darkstat.url).hostname;
    const startEmbedded = async () => {
      product = await startWhiteStat({
        store,
        host,
        env: { HOST_INTERFACE: "br0", METER: "darkstat" },
        launch: (command, env) => lab.start("gateway", command, env),
      });
      await eventually(async () => expect((await fetch(`${product?.url}/healthz`)).status).toBe(200));
    };
    await startEmbedded();
    // Its darkstat may still be starting while we are already answering.
    await eventually(async () => {
      await lab.transfer("c", 1000, "download");
      expect((await product?.device(lab.clients.c.mac))?.in).toBeGreaterThan(0);
    });
    before.a = await lab.interfaceCounters("a");
    await lab.transfer("a", 100_000, "download");
    await expectFiguresOf("a");
    await product?.kill();
    await lab.transfer("a", 90_000, "download");
    await startEmbedded();
    await expectFiguresOf("a");
    expect(await product?.stop()).toBe(0);
    const everyone = "for p in $(ip netns pids $(ip netns identify $$)); do cat /proc/$p/comm 2>&1; done; true";
    const left = await lab.exec("gateway", ["sh", "-c", everyone]);
    expect(left).not.toContain("darkstat");
  });
});

function expectSame(figures: { in: number; out: number }, truth: { in: number; out: number }, who: string): void {
  // One row a day: at midnight there are two, each with a rounding of its own.
  const isSame = (a: number, b: number) => Math.abs(a - b) <= 2 * ROUNDING;
  if (isSame(figures.in, truth.in) && isSame(figures.out, truth.out)) return;
  const text = (kb: { in: number; out: number }) => `in ${kb.in.toFixed(2)} KB, out ${kb.out.toFixed(2)} KB`;
  throw new Error(`${who}: figures say ${text(figures)}; its interface says ${text(truth)}`);
}

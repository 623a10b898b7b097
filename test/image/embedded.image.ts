import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { labObstacle } from "../lab/available.ts";
import { createLab, type Lab } from "../lab/lab.ts";
import { eventually } from "../lib/commands.ts";
import { type Container, createEngine, type Engine, imageObstacle, usage } from "./engine.ts";

const IMAGE = "localhost/whitestat:latest";
const obstacle = imageObstacle(IMAGE) ?? labObstacle();
const PORT = 777;
/** Figures come as KB with two decimals. */
const ROUNDING = 0.0051;

describe.skipIf(obstacle)(`the image with its own darkstat${obstacle ? ` (${obstacle})` : ""}`, () => {
  let engine: Engine;
  let lab: Lab;
  /** The gateway's network, as `--network host` is on a gateway. */
  let network: string;
  /** Where the test reaches the gateway, by a link that darkstat doesn't listen on. */
  let address: string;

  beforeAll(async () => {
    engine = createEngine(IMAGE);
    lab = await createLab();
    network = `ns:/run/netns/${(await lab.exec("gateway", ["ip", "netns", "identify"])).trim()}`;
    address = new URL(lab.darkstat.url).hostname;
  });
  afterEach(() => engine?.dispose());
  afterAll(() => lab?.dispose());

  async function start({
    store = engine.folder(),
    capabilities = ["NET_RAW", "NET_ADMIN"],
    options = [] as string[],
  } = {}) {
    return engine.run([
      ...["--network", network, "--volume", `${store}:/data`, "--env", "HOST_INTERFACE=br0", "--env", "METER=darkstat"],
      ...["--env", "IdleSeconds=1", "--env", "UpdateDBSeconds=1"],
      ...capabilities.flatMap((name) => ["--cap-add", name]),
      ...options,
    ]);
  }

  async function measuring(container: Container): Promise<void> {
    await container.says(/WhiteStat .* is at/);
    await firstReading(container, `http://${address}:${PORT}`);
  }

  async function firstReading(container: Container, base: string): Promise<void> {
    await eventually(async () => {
      const { readAt } = (await (await fetch(`${base}/healthz`)).json()) as { readAt: string | null };
      if (readAt === null) throw new Error(`No reading yet. It said: ${await container.said()}`);
    });
  }

  async function clientA(): Promise<{ in: number; out: number }> {
    const rows = await usage(`http://${address}:${PORT}/json`);
    const own = rows.filter(({ MAC, IP }) => MAC === lab.clients.a.mac && String(IP).startsWith("192.168.77."));
    const sum = (column: string) => own.reduce((total, row) => total + Number(row[column]), 0);
    return { in: sum("KBIn"), out: sum("KBOut") };
  }

  /** What crossed the client's own interface since `before`, in KB, is what the product says of it. */
  async function expectTransfer(before: { in: number; out: number }): Promise<void> {
    const now = await lab.interfaceCounters("a");
    await eventually(async () => {
      const told = await clientA();
      expect(Math.abs(told.in - (now.in - before.in) / 1024)).toBeLessThan(ROUNDING);
      expect(Math.abs(told.out - (now.out - before.out) / 1024)).toBeLessThan(ROUNDING);
    });
  }

  test("it counts a transfer between namespaces to the byte, and a restart keeps it", async () => {
    const store = engine.folder();
    const before = await lab.interfaceCounters("a");
    const first = await start({ store });
    await measuring(first);
    await lab.transfer("a", 400_000, "download");
    await lab.transfer("a", 50_000, "upload");
    await expectTransfer(before);
    expect((await lab.interfaceCounters("a")).in - before.in).toBeGreaterThan(400_000);

    expect((await first.stop()).code).toBe(0);
    const second = await start({ store });
    await measuring(second);
    await lab.transfer("a", 100_000, "download");
    await expectTransfer(before);
    await second.stop();
  });

  test("neither Node nor darkstat runs as root, and Node has no right to capture", async () => {
    const container = await start({ options: ["--read-only"] });
    await measuring(container);
    const processes = await container.exec("ps", "-o", "pid,user,comm,args");
    expect(processes.stdout).toMatch(/darkstat -?-?/);
    // But the one that asks, which came from outside.
    expect(processes.stdout.replace(/^.* ps -o .*$/m, "")).not.toMatch(/\broot\b/);
    const node = /^\s*(\d+) .*max-semi-space-size/m.exec(processes.stdout)?.[1];
    const status = await container.exec("grep", "CapEff", `/proc/${node}/status`);
    // NET_BIND_SERVICE alone; or with what the engine adds for users who aren't root, which Docker does not.
    const effective = BigInt(`0x${/CapEff:\s*(\w+)/.exec(status.stdout)?.[1]}`);
    expect(effective & 0x400n).toBe(0x400n);
    expect(effective & ~0x3400n).toBe(0n);
  });

  test("it captures with everything dropped but what darkstat needs", async () => {
    const before = await lab.interfaceCounters("a");
    const container = await start({
      capabilities: ["NET_RAW", "SETGID", "SETUID"],
      options: ["--cap-drop", "all", "--read-only", "--env", "SERVER_PORT=7777"],
    });
    await container.says(/http:\/\/localhost:7777\//);
    const base = `http://${address}:7777`;
    await firstReading(container, base);
    await lab.transfer("a", 30_000, "download");
    const counted = (await lab.interfaceCounters("a")).in - before.in;
    await eventually(async () => {
      const row = (await usage(`${base}/json`)).find(({ MAC }) => MAC === lab.clients.a.mac);
      expect(Math.abs(Number(row?.KBIn) - counted / 1024)).toBeLessThan(ROUNDING);
    });
  });

  test("a user whom the image doesn't know may run it, and its darkstat ends with it", async () => {
    const before = await lab.interfaceCounters("a");
    const container = await start({ store: engine.folder(1026), options: ["--user", "1026:100"] });
    await measuring(container);
    await lab.transfer("a", 20_000, "download");
    await expectTransfer(before);
    const { code, ms } = await container.stop();
    expect({ code, inTime: ms < 5_000 }).toEqual({ code: 0, inTime: true });
    await eventually(async () => expect(await lab.exec("gateway", ["ss", "-Hltnp"])).not.toMatch(/darkstat/));
  });

  test("without the right to capture it says which one is lacking and how to give it", async () => {
    const container = await start({ capabilities: [], options: ["--cap-drop", "NET_RAW"] });
    await container.says(
      /this container lacks the capability NET_RAW. Start it with --network host --cap-add NET_RAW, or set DARKSTAT_URL/,
    );
  });

  test("under no-new-privileges it says that this is what keeps it from capturing", async () => {
    // Podman hands --cap-add on to the user itself. Docker doesn't, and nor does su, which stands in for it.
    const ended = await engine.runToEnd(
      ["--user", "0", "--cap-add", "NET_RAW", "--security-opt", "no-new-privileges", "--entrypoint", "busybox"],
      ["su", "-s", "/usr/bin/sh", "whitestat", "-c", "PATH=/usr/local/bin:/usr/sbin:/usr/bin darkstat --version"],
    );
    expect(ended.stderr).toMatch(/error: this container runs under no-new-privileges/);
    expect(ended.code).toBe(1);
  });

  test("in a network of its own it warns that it sees nobody else's traffic", async () => {
    const container = await engine.run(["--volume", `${engine.folder()}:/data`, "--cap-add", "NET_RAW"]);
    await container.says(/This container has a network of its own.*Run it with --network host/);
  });
});

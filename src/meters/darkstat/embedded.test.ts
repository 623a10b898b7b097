import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createDarkstatClient } from "./client.ts";
import { createEmbedded, type Embedded, type EmbeddedOptions } from "./embedded.ts";
import { findDarkstat, isOurs } from "./process.ts";

let folder: string;
let running: Embedded[];
let children: ChildProcess[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "whitestat-embedded-"));
  await mkdir(join(folder, "bin"));
  await mkdir(join(folder, "data"));
  running = [];
  children = [];
});

afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  for (const each of running) await each.stop();
  // Only of a test that failed.
  const left = await record();
  if (left?.pid && (await isOurs(left.pid, left))) process.kill(left.pid, "SIGKILL");
  await rm(folder, { recursive: true });
});

const front = new URL("./fixtures/3.0.719-default/index.html", import.meta.url);

/** Puts a program named darkstat in the way, which does what the file `mode` says when it is started. */
async function plant(mode: string): Promise<void> {
  const script = `#!${process.execPath}
const { readFileSync } = require("node:fs");
const mode = readFileSync(${JSON.stringify(join(folder, "mode"))}, "utf8");
if (mode.startsWith("die ")) {
  require("node:fs").appendFileSync(${JSON.stringify(join(folder, "deaths"))}, "x");
  process.stderr.write("darkstat (1): error: " + mode.slice(4) + " (" + process.pid + ")\\n");
  process.exit(1);
}
if (mode === "stubborn") process.on("SIGTERM", () => {});
const option = (name) => process.argv[process.argv.indexOf(name) + 1];
const page = readFileSync(${JSON.stringify(fileURLToPath(front))}, "utf8").replace("(darkstat br0)", "(darkstat " + option("-i") + ")");
require("node:http").createServer((_, response) => response.end(page)).listen(Number(option("-p")), option("-b"));
`;
  await writeFile(join(folder, "mode"), mode);
  await writeFile(join(folder, "bin", "darkstat"), script, { mode: 0o755 });
}

/** An embedded darkstat over the planted program, and a way to wait for what it tells. */
function embed(options: Partial<EmbeddedOptions> = {}) {
  const log: string[] = [];
  const waiting: (() => void)[] = [];
  const embedded = createEmbedded({
    iface: "br0",
    dataDir: join(folder, "data"),
    now: () => 1_700_000_000_000,
    log: (_, message) => log.push(message),
    onChange: () => {
      for (const look of waiting) look();
    },
    path: join(folder, "bin"),
    besidesPath: [],
    backoff: { firstMs: 20, mostMs: 100, settledMs: 60_000 },
    ...options,
  });
  running.push(embedded);
  const until = (what: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => what() && resolve();
      waiting.push(look);
      look();
    });
  return { embedded, log, until };
}

const record = async (): Promise<{ pid: number; port: number; iface: string } | null> =>
  JSON.parse(await readFile(join(folder, "data", "darkstat.json"), "utf8").catch(() => "null"));
/** A process that has ended but was not waited for by its parent yet is dead. */
const lives = (pid: number) => {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};
/** Its command line is gone a moment before it is: what looks by that may be ahead of what looks by its state. */
const hasEnded = async (pid: number) => {
  for (let looks = 0; lives(pid); looks += 1) {
    if (looks === 500) return false;
    await delay(10);
  }
  return true;
};
const pidOf = async () => (await record())?.pid ?? 0;

describe("a darkstat of ours", () => {
  test("is started, answers on loopback, and ends with us", async () => {
    await plant("ok");
    const { embedded } = embed();
    expect(embedded.url()).toBeNull();
    await embedded.start();
    const noted = await record();
    expect(embedded.url()).toBe(`http://127.0.0.1:${noted?.port}/`);
    expect(embedded.interface()).toBe("br0");
    expect(embedded.problem()).toBeNull();
    await embedded.stop();
    expect(await hasEnded(noted?.pid ?? 0)).toBe(true);
    expect(embedded.url()).toBeNull();
    expect(await record()).toBeNull();
  });

  test("writes through no link that stands where its own files go", async () => {
    await plant("ok");
    const victim = join(folder, "victim");
    await writeFile(victim, "precious");
    for (const name of ["darkstat.log", "darkstat.json.new"]) await symlink(victim, join(folder, "data", name));
    await embed().embedded.start();
    expect(await readFile(victim, "utf8")).toBe("precious");
    expect((await lstat(join(folder, "data", "darkstat.log"))).isFile()).toBe(true);
  });

  test("that dies is started again, and the problem passes", async () => {
    await plant("ok");
    const { embedded, until, log } = embed();
    await embedded.start();
    const first = await pidOf();
    process.kill(first, "SIGKILL");
    await until(() => embedded.problem() !== null);
    expect(embedded.problem()).toMatchObject({
      code: "meter-unreachable",
      message: "The embedded darkstat on br0 ended by signal SIGKILL.",
    });
    expect(embedded.url()).toBeNull();
    await until(() => embedded.url() !== null);
    expect(embedded.problem()).toBeNull();
    expect(await pidOf()).not.toBe(first);
    expect(log).toHaveLength(2);
  });

  test("that may not capture says so once, with the hint, and works when it is allowed", async () => {
    await plant("die pcap_open_live(): br0: You don't have permission to perform this capture on that device");
    const { embedded, until, log } = embed();
    await embedded.start();
    expect(embedded.problem()).toMatchObject({
      code: "capture-refused",
      since: 1_700_000_000_000,
      hint: expect.stringContaining(`+ep ${join(folder, "bin", "darkstat")}\``),
    });
    // Its words are others each time: they hold its process number.
    while ((await readFile(join(folder, "deaths"), "utf8")).length < 3) await delay(10);
    await writeFile(join(folder, "mode"), "ok");
    await until(() => embedded.url() !== null);
    expect(log).toEqual([expect.stringContaining("isn't permitted to capture"), "darkstat is running again, on br0."]);
  });

  test("that is not installed is told with the command, and used as soon as it is there", async () => {
    const { embedded, until } = embed();
    await embedded.start();
    expect(embedded.problem()).toMatchObject({
      code: "darkstat-missing",
      hint: expect.stringContaining("apt-get install darkstat"),
    });
    await plant("ok");
    await until(() => embedded.url() !== null);
  });

  test("that has nothing to listen on asks for HOST_INTERFACE", async () => {
    await plant("ok");
    const network = () => Promise.resolve({ route: "", ipv6Route: "", forwards: false, interfaces: [] });
    const { embedded } = embed({ iface: undefined, network });
    await embedded.start();
    expect(embedded.problem()).toMatchObject({
      code: "capture-refused",
      hint: expect.stringContaining("HOST_INTERFACE"),
    });
  });

  test("that heeds no SIGTERM is killed", async () => {
    await plant("stubborn");
    const { embedded } = embed();
    await embedded.start();
    const pid = await pidOf();
    await embedded.stop();
    expect(await hasEnded(pid)).toBe(true);
  });

  test("is ended by the signal it was started with", async () => {
    await plant("ok");
    const { embedded, until } = embed();
    const controller = new AbortController();
    await embedded.start(controller.signal);
    const pid = await pidOf();
    controller.abort();
    await until(() => embedded.url() === null);
    await embedded.stop();
    expect(await hasEnded(pid)).toBe(true);
  });

  test("can be started again after a stop", async () => {
    await plant("ok");
    const { embedded } = embed();
    await embedded.start();
    expect(() => embedded.start()).toThrow(/started already/);
    await embedded.stop();
    await embedded.start();
    expect(embedded.url()).not.toBeNull();
  });
});

describe("after our kill -9", () => {
  /** Another process of ours that starts a darkstat, and is killed. */
  async function killedProcess(): Promise<void> {
    const source = `
      import { createEmbedded } from ${JSON.stringify(new URL("./embedded.ts", import.meta.url).href)};
      const embedded = createEmbedded({ iface: "br0", dataDir: process.argv[1], now: Date.now, log() {}, path: process.argv[2] });
      await embedded.start();
      process.stdout.write("up");
    `;
    const args = ["--input-type=module", "-e", source, join(folder, "data"), join(folder, "bin")];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    await new Promise((resolve) => child.stdout.once("data", resolve));
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  test("darkstat lives on, is taken over, watched, and ended with us", async () => {
    await plant("ok");
    await killedProcess();
    const left = await record();
    expect(left && lives(left.pid)).toBe(true);
    const { embedded, until } = embed();
    await embedded.start();
    expect(embedded.url()).toBe(`http://127.0.0.1:${left?.port}/`);
    expect(await record()).toEqual(left);

    process.kill(left?.pid ?? 0, "SIGKILL");
    await until(() => embedded.problem() !== null);
    await until(() => embedded.url() !== null);
    expect(await pidOf()).not.toBe(left?.pid);

    const next = await pidOf();
    await embedded.stop();
    expect(await hasEnded(next)).toBe(true);
  });

  test("one that was taken over is ended by a stop", async () => {
    await plant("ok");
    await killedProcess();
    const left = await pidOf();
    const { embedded } = embed();
    await embedded.start();
    expect(await pidOf()).toBe(left);
    await embedded.stop();
    expect(await hasEnded(left)).toBe(true);
    expect(await record()).toBeNull();
  });

  test("one whose process number was not noted yet is found", async () => {
    await plant("ok");
    await killedProcess();
    const left = await record();
    await writeFile(join(folder, "data", "darkstat.json"), JSON.stringify({ ...left, pid: null }));
    const { embedded } = embed();
    await embedded.start();
    expect(await record()).toEqual(left);
  });

  test("one on another interface than the wanted is ended and replaced", async () => {
    await plant("ok");
    await killedProcess();
    const left = await pidOf();
    const { embedded } = embed({ iface: "br1" });
    await embedded.start();
    expect(embedded.interface()).toBe("br1");
    expect(await hasEnded(left)).toBe(true);
  });

  test("a process that has got the number since is left alone", async () => {
    await plant("ok");
    const stranger = spawn("sleep", ["60"]);
    children.push(stranger);
    await new Promise((resolve) => stranger.once("spawn", resolve));
    const noted = { pid: stranger.pid, port: 40_000, iface: "br0" };
    await writeFile(join(folder, "data", "darkstat.json"), JSON.stringify(noted));
    const { embedded } = embed();
    await embedded.start();
    expect(await pidOf()).not.toBe(stranger.pid);
    await embedded.stop();
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  });

  test.each(["", "{", "[]", '{"pid":1}', '{"pid":-1,"port":5,"iface":"br0"}', '{"pid":1,"port":5,"iface":""}'])(
    "a note that makes no sense, %j, is overwritten",
    async (text) => {
      await plant("ok");
      await writeFile(join(folder, "data", "darkstat.json"), text);
      const { embedded } = embed();
      await embedded.start();
      expect(await record()).toMatchObject({ iface: "br0", pid: expect.any(Number) });
    },
  );
});

describe("the real darkstat", () => {
  const real = { iface: "lo", path: "", besidesPath: ["/usr/sbin"] };

  /** Why it cannot be tried here; null when it can. */
  async function obstacle(): Promise<string | null> {
    if (!(await findDarkstat("", ["/usr/sbin"]))) return "darkstat is not installed (apt-get install darkstat)";
    const { embedded } = embed(real);
    await embedded.start();
    const problem = embedded.problem();
    await embedded.stop();
    return problem && `packets can't be captured here: ${problem.message}`;
  }

  test("captures on the loopback, balances to the byte, and is restarted when it dies", async ({ skip }) => {
    const reason = await obstacle();
    if (reason) skip(reason);
    const { embedded, until } = embed(real);
    await embedded.start();
    const socket = createSocket("udp4");
    await new Promise<void>((resolve) => socket.send(Buffer.alloc(972), 9, "127.9.9.9", () => resolve()));
    socket.close();

    const read = async () => createDarkstatClient({ url: embedded.url() ?? "", now: Date.now }).read();
    await expect
      .poll(async () => (await read()).hosts.find(({ ip }) => ip === "127.9.9.9"), { timeout: 5_000 })
      .toMatchObject({ in: 1_000, mac: null });
    const snapshot = await read();
    const sum = (pick: (host: (typeof snapshot.hosts)[number]) => number) =>
      snapshot.hosts.reduce((total, host) => total + pick(host), 0);
    expect(sum((host) => host.in)).toBe(sum((host) => host.out));
    expect(sum((host) => host.in)).toBeGreaterThanOrEqual(snapshot.before.bytes);
    expect(sum((host) => host.in)).toBeLessThanOrEqual(snapshot.after.bytes);
    const series = await createDarkstatClient({ url: embedded.url() ?? "", now: Date.now }).series();
    expect(series.length).toBeGreaterThan(100);

    process.kill(await pidOf(), "SIGKILL");
    await until(() => embedded.problem() !== null);
    await until(() => embedded.url() !== null);
    expect((await read()).hosts.every(({ ip }) => ip !== "127.9.9.9")).toBe(true);
    const last = await pidOf();
    await embedded.stop();
    expect(await hasEnded(last)).toBe(true);
  });

  test("says what is wrong with an interface that is not there", async ({ skip }) => {
    const reason = await obstacle();
    if (reason) skip(reason);
    const { embedded } = embed({ ...real, iface: "nosuch0" });
    await embedded.start();
    expect(embedded.problem()).toMatchObject({
      code: "capture-refused",
      message: "There is no network interface nosuch0 to capture on.",
    });
  });
});

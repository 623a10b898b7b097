import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DEFAULT_SEGMENTS } from "../../src/accounting/address.ts";
import { settle } from "../../src/accounting/settle.ts";
import { policyIn } from "../../src/accounting/testing.ts";
import type { Books } from "../../src/accounting/types.ts";
import { lanNetworks } from "../../src/meters/kernel/lan.ts";
import { createKernelMeter } from "../../src/meters/kernel/meter.ts";
import { errorOf } from "../../src/meters/kernel/nft.ts";
import { eventually } from "../lib/commands.ts";
import { PROGRAM, type WhiteStat } from "../lib/whitestat.ts";
import { kernelObstacle } from "./available.ts";
import {
  type Amount,
  healthOf,
  notesOf,
  reportedOf,
  startOnGateway,
  startOnRebooted,
  TOLERANCE,
  toleranceOf,
} from "./kernel-product.ts";
import { type ClientName, createLab, GATEWAY, type Lab, SERVER } from "./lab.ts";

const TRAFFIC = fileURLToPath(new URL("./traffic.mjs", import.meta.url));
const obstacle = kernelObstacle();
const HOME = { a: "192.168.77.11", b: "192.168.77.12", c: "192.168.77.13" } as const;
const MANY = 20_000_000;

describe.skipIf(obstacle)(`WhiteStat on the kernel's counters${obstacle ? ` (${obstacle})` : ""}`, () => {
  let lab: Lab;
  let store: string;
  let product: WhiteStat | undefined;
  /** What each client's interface had carried when the test began, and what may be left out of the figures since. */
  let before: Record<ClientName, Amount>;

  beforeAll(async () => {
    lab = await createLab({ full: true });
  });
  afterAll(() => lab?.dispose());

  beforeEach(async () => {
    store = mkdtempSync(join(tmpdir(), "whitestat-kernel-"));
    // So that it can step down from root, where the clone is readable for others.
    chmodSync(store, 0o755);
    for (const client of ["a", "b", "c"] as const) await lab.renumber(client, HOME[client]);
    await nft("flush", "ruleset");
    await startProduct();
    before = { a: await countersOf("a"), b: await countersOf("b"), c: await countersOf("c") };
  });
  afterEach(async () => {
    await product?.kill();
    product = undefined;
    rmSync(store, { recursive: true, force: true });
  });

  const nft = (...args: string[]) => lab.exec("gateway", ["nft", ...args]);
  const countersOf = (client: ClientName): Promise<Amount> => lab.interfaceCounters(client);

  async function startProduct(more: Record<string, string> = {}): Promise<WhiteStat> {
    product = await startOnGateway(lab, store, more);
    return product;
  }

  const running = () => product as WhiteStat;

  /** The figures become what the clients' interfaces carried since the test began. */
  async function expectFiguresOf(...clients: ClientName[]): Promise<void> {
    for (const client of clients) {
      await eventually(async () => {
        const now = await countersOf(client);
        const figures = await reportedOf(running(), lab, client);
        for (const side of ["in", "out"] as const) {
          const carried = now[side] - before[client][side];
          const text = `${client} ${side}: ${Math.round(figures[side])} B, its interface ${carried} B`;
          expect(Math.abs(figures[side] - carried), text).toBeLessThanOrEqual(toleranceOf(carried));
        }
      }, 20_000);
    }
  }

  test("every device's figures are those of its own interface: IPv4 and IPv6, TCP and UDP, up and down", async () => {
    for (const server of [SERVER.ip, SERVER.ip6]) {
      await Promise.all([lab.transfer("a", MANY, "download", server), lab.transfer("b", MANY, "upload", server)]);
      await Promise.all([
        lab.datagrams("b", MANY / 4, "download", server),
        lab.datagrams("c", MANY / 4, "upload", server),
      ]);
    }
    await expectFiguresOf("a", "b", "c");
    expect((await reportedOf(running(), lab, "a")).in).toBeGreaterThan(2 * MANY);
    const health = await healthOf(running());
    expect(health.problems).toEqual([]);
    expect(health.meter.seenShare).toBeGreaterThan(1 - TOLERANCE.share);
  });

  test("kill -9 of ours, with traffic before, meanwhile and after: every byte is there, once", async () => {
    await lab.transfer("a", MANY, "download");
    const meanwhile = lab.transfer("a", 4 * MANY, "download");
    await product?.kill();
    await meanwhile;
    await lab.transfer("b", MANY, "upload", SERVER.ip6);
    await startProduct();
    await lab.transfer("b", MANY / 10, "download");
    await expectFiguresOf("a", "b");
    expect(await notesOf(running())).toEqual(["first-reading"]);
  });

  test("a client that is renumbered stays one device", async () => {
    await lab.transfer("a", MANY, "download");
    await lab.renumber("a", "192.168.77.44");
    await lab.transfer("a", MANY, "upload");
    await expectFiguresOf("a");
  });

  test("an address that another client takes between two readings is charged to each by what it used", async () => {
    await lab.transfer("a", MANY / 10, "download");
    await expectFiguresOf("a");
    product?.signal("SIGSTOP");
    await lab.transfer("a", MANY, "download");
    await lab.renumber("b", HOME.a);
    await lab.transfer("b", MANY / 2, "download");
    await lab.transfer("b", MANY / 4, "upload");
    product?.signal("SIGCONT");
    await expectFiguresOf("a", "b");
  });

  test("of a ruleset that somebody flushes only what passed until it was noticed is lost, and a note tells", async () => {
    await lab.transfer("a", MANY, "download");
    await expectFiguresOf("a");
    await nft("flush", "ruleset");
    await eventually(async () => expect(await nft("list", "tables")).toContain("whitestat"));
    await lab.transfer("a", MANY / 2, "upload");
    await lab.transfer("b", MANY / 2, "download");
    await expectFiguresOf("a", "b");
    expect(await notesOf(running())).toContain("not-counted");
    expect(await notesOf(running())).not.toContain("meter-restarted");
  });

  test("an interface that goes and comes back is counted on again, what it had counted is kept, and a note tells", async () => {
    await lab.transfer("a", MANY, "download");
    await lab.renewBridge();
    await eventually(async () => expect(await notesOf(running())).toContain("not-counted"));
    await lab.transfer("a", MANY / 2, "upload");
    await lab.transfer("b", MANY / 2, "download", SERVER.ip6);
    await expectFiguresOf("a", "b");
  });

  test("a reboot in good order costs nothing, though interfaces and counters begin anew", async () => {
    await Promise.all([lab.transfer("a", MANY, "download"), lab.transfer("b", MANY, "upload", SERVER.ip6)]);
    await expectFiguresOf("a", "b", "c");
    await running().stop();
    for (const client of ["a", "b", "c"] as const) {
      const [began, now] = [before[client], await countersOf(client)];
      before[client] = { in: began.in - now.in, out: began.out - now.out };
    }
    await lab.rebootGateway();
    product = await startOnRebooted(lab, store);
    await lab.transfer("a", MANY / 2, "download");
    await expectFiguresOf("a", "b", "c");
  });

  test("the table is left for who starts it again, and goes with Ctrl+C; other tables are never touched", async () => {
    await nft("add", "table", "inet", "fw4");
    await product?.stop();
    expect(await nft("list", "tables")).toContain("table netdev whitestat");
    await lab.transfer("a", MANY / 10, "download");
    const running = await startProduct();
    await expectFiguresOf("a");
    running.signal("SIGINT");
    await eventually(async () => expect(await nft("list", "tables")).toBe("table inet fw4\n"));
  });

  test("two meters have a table each; one that is a view is shown by itself, and added to nothing", async () => {
    const before = product;
    await before?.stop();
    // Client b is seen at its port as well as at the bridge.
    const { url } = await startProduct({ HOST_INTERFACE: "lan=br0|port=b", METER_VIEWS: "port" });
    expect((await nft("list", "tables")).trim().split("\n").sort()).toEqual([
      "table netdev whitestat-lan",
      "table netdev whitestat-port",
    ]);
    const start = await countersOf("b");
    await lab.transfer("b", MANY, "download");
    await eventually(async () => {
      const carried = (await countersOf("b")).in - start.in;
      for (const query of ["", "?source=lan", "?source=port"]) {
        const usage = (await (await fetch(`${url}/api/v1/usage${query}`)).json()) as {
          devices: { key: string; download: number }[];
        };
        const counted = usage.devices.find(({ key }) => key === lab.clients.b.mac)?.download ?? 0;
        expect(Math.abs(counted - carried), `${query}: ${counted}, its interface ${carried}`).toBeLessThanOrEqual(
          toleranceOf(carried),
        );
      }
    });
    product?.signal("SIGINT");
    await eventually(async () => expect(await nft("list", "tables")).toBe(""));
  });

  describe("what stays on the LAN", () => {
    /** The other client answers as the server does; neighbours are fixed in the lab. */
    async function meet(nas: ClientName, pc: ClientName): Promise<void> {
      const { a, b, c } = lab.clients;
      const all = { a, b, c };
      for (const [one, other] of [
        [nas, pc],
        [pc, nas],
      ] as const) {
        const to = all[other];
        for (const ip of [to.ip ?? "", `fd77::1${"abc".indexOf(other) + 1}`]) {
          await lab.exec(one, ["ip", "neigh", "replace", ip, "lladdr", to.mac, "dev", "eth0", "nud", "permanent"]);
        }
      }
    }

    /** Bytes of a client, by what was asked for. */
    async function trafficOf(client: ClientName, traffic: string): Promise<Amount> {
      const usage = (await (await fetch(`${product?.url}/api/v1/usage?traffic=${traffic}`)).json()) as {
        devices: { key: string; download: number; upload: number }[];
      };
      const row = usage.devices.find(({ key }) => key === lab.clients[client].mac);
      return { in: row?.download ?? 0, out: row?.upload ?? 0 };
    }

    /** More than was sent, by its headers and acknowledgements, and not much more. */
    async function expectAbout(client: ClientName, traffic: string, expected: Amount): Promise<void> {
      await eventually(async () => {
        const figures = await trafficOf(client, traffic);
        for (const side of ["in", "out"] as const) {
          const [found, least] = [figures[side], expected[side]];
          const text = `${client} ${traffic} ${side}: ${found}, expected ${least}`;
          expect(found, text).toBeGreaterThanOrEqual(least);
          expect(found, text).toBeLessThan(least * 1.05 + MANY / 20);
        }
      }, 20_000);
    }

    test("a copy from a NAS to a PC is LAN traffic of both, and none of the internet's, by IPv4 and IPv6, over kill -9", async () => {
      await product?.kill();
      // The NAS's port: on the bridge itself only what is routed passes.
      const nasPort = { HOST_INTERFACE: "a" };
      await startProduct(nasPort);
      await meet("a", "b");
      await lab.start("b", [process.execPath, TRAFFIC, "serve"]).says(/ready/);
      await lab.transfer("a", MANY, "upload", HOME.b);
      await lab.transfer("a", MANY / 2, "download", SERVER.ip);
      const meanwhile = lab.transfer("a", MANY, "upload", "fd77::12");
      await product?.kill();
      await meanwhile;
      await lab.transfer("a", MANY / 2, "upload", SERVER.ip6);
      await startProduct(nasPort);
      await lab.transfer("a", MANY / 4, "download", HOME.b);
      await expectAbout("a", "lan", { in: MANY / 4, out: 2 * MANY });
      await expectAbout("b", "lan", { in: 2 * MANY, out: MANY / 4 });
      await expectAbout("a", "internet", { in: MANY / 2, out: MANY / 2 });
      await expectAbout("b", "internet", { in: 0, out: 0 });
      const { in: down, out: up } = await trafficOf("a", "all");
      const parts = [await trafficOf("a", "lan"), await trafficOf("a", "internet")];
      expect(Math.abs(down - parts.reduce((sum, part) => sum + part.in, 0))).toBeLessThan(MANY / 100);
      expect(Math.abs(up - parts.reduce((sum, part) => sum + part.out, 0))).toBeLessThan(MANY / 100);
      expect((await healthOf(running())).problems).toEqual([]);
    });

    test("an address that another device takes between two readings keeps each one's LAN traffic apart", async () => {
      await product?.kill();
      await startProduct({ HOST_INTERFACE: "a" });
      await meet("a", "b");
      await lab.start("b", [process.execPath, TRAFFIC, "serve"]).says(/ready/);
      await lab.start("c", [process.execPath, TRAFFIC, "serve"]).says(/ready/);
      await lab.transfer("a", MANY / 10, "upload", HOME.b);
      await expectAbout("b", "lan", { in: MANY / 10, out: 0 });
      product?.signal("SIGSTOP");
      await lab.transfer("a", MANY, "upload", HOME.b);
      await lab.renumber("c", HOME.b);
      await meet("a", "c");
      await lab.transfer("a", MANY / 2, "upload", HOME.b);
      product?.signal("SIGCONT");
      await expectAbout("b", "lan", { in: MANY + MANY / 10, out: 0 });
      await expectAbout("c", "lan", { in: MANY / 2, out: 0 });
      await expectAbout("b", "internet", { in: 0, out: 0 });
    });

    test("a table of the version before is made anew, and a note tells what may lack", async () => {
      await lab.transfer("a", MANY / 10, "download");
      await expectFiguresOf("a");
      await product?.kill();
      const listed = await nft("list", "table", "netdev", "whitestat");
      const older = listed.replace(/counter run\.\d+\./, "counter run.1.");
      await lab.exec("gateway", [
        "sh",
        "-c",
        'nft delete table netdev whitestat; printf "%s" "$1" | nft -f -',
        "sh",
        older,
      ]);
      await startProduct();
      await eventually(async () => expect(await notesOf(running())).toContain("not-counted"));
      before = { ...before, b: await countersOf("b") };
      await lab.transfer("b", MANY / 10, "download");
      await expectFiguresOf("b");
    });
  });

  test("steps down from root, and keeps the right to change its table and that to its port, no other", async () => {
    const status = await readFile(`/proc/${product?.pid()}/status`, "utf8");
    if (product?.said().includes("WhiteStat runs as root")) {
      // A clone that only root can read.
      expect(status).toMatch(/^Uid:\s0\s/m);
      return;
    }
    expect(status).toMatch(/^Uid:\s[1-9]/m);
    for (const set of ["Eff", "Prm", "Inh", "Amb", "Bnd"]) {
      expect(status).toMatch(new RegExp(`^Cap${set}:\\s0+1400$`, "m"));
    }
  });

  test("a table that has grown large goes on in a new one, to the byte, over a crash of ours in between as well", async () => {
    await product?.stop();
    await nft("flush", "ruleset");
    const make = () =>
      createKernelMeter({
        nft: (args, input = "") =>
          lab
            .exec("gateway", ["sh", "-c", 'printf "%s" "$1" | { shift; nft "$@"; }', "sh", input, ...args])
            .catch(({ message }: Error) => Promise.reject(errorOf(message.slice(message.indexOf("Error:"))))),
        devices: ["br0"],
        lan: () => lanNetworks(DEFAULT_SEGMENTS, []),
        indexOf: async () => Number(await lab.exec("gateway", ["cat", "/sys/class/net/br0/ifindex"])),
        uptimeMs: async () => Number((await readFile("/proc/uptime", "utf8")).split(" ")[0]) * 1000,
        now: () => Date.now(),
        newRun: () => "large",
        mostAddresses: 2,
      });
    const policy = policyIn("UTC");
    const charged = new Map<string, number>();
    let books: Books | null = null;
    let meter = make();
    const epochs: string[] = [];
    async function read(): Promise<void> {
      const snapshot = await meter.read(undefined, books);
      const reading = { ...snapshot, source: "kernel", meter: meter.url, elapsedMs: null, series: [] };
      const settlement = settle(books, reading, policy);
      books = settlement.books;
      epochs.push(snapshot.epoch);
      expect(settlement.notes.map(({ code }) => code).filter((code) => code !== "first-reading")).toEqual([]);
      for (const { mac, in: down } of settlement.charges) charged.set(mac ?? "", (charged.get(mac ?? "") ?? 0) + down);
    }
    await read();
    const start = await countersOf("a");
    for (const step of ["read", "read", "crash", "read", "saved", "read", "crash", "read", "saved", "read"]) {
      await lab.transfer("a", MANY / 10, "download");
      if (step === "crash") meter = make();
      if (step === "saved") await meter.saved(epochs.at(-1) ?? "");
      await read();
    }
    await read();
    await read();
    const carried = (await countersOf("a")).in - start.in;
    expect(Math.abs((charged.get(lab.clients.a.mac) ?? 0) - carried)).toBeLessThanOrEqual(
      carried * TOLERANCE.share + 1024,
    );
    expect(new Set(epochs).size).toBeGreaterThan(2);
  });

  test("on a client, its gateway is a router by the default route of either family, unless that is contradicted", async () => {
    const variables = ["TZ=UTC", `DATA_STORE=${join(store, "client")}`, "HOST_INTERFACE=eth0", "SERVER_PORT=7777"];
    const started = lab.start("a", ["env", "-u", "DARKSTAT_URL", ...variables, process.execPath, PROGRAM]);
    await started.says(/02:00:00:00:00:fe is a router, as the next hop of this machine's default route/, 60_000);
    await started.says(/WhiteStat \S+ is at /, 60_000);
    await started.end("SIGTERM");
    const doctor = (...more: string[]) =>
      lab.exec("a", [
        "env",
        "-u",
        "DARKSTAT_URL",
        ...variables,
        ...more,
        "sh",
        "-c",
        `${process.execPath} ${PROGRAM} doctor; true`,
      ]);
    const reason = "02:00:00:00:00:fe is taken for a router: it is the next hop of this machine's default route";
    expect(await doctor()).toContain(reason);
    expect(await doctor("LAN_ROUTERS_TO_SKIP=auto|!02:00:00:00:00:fe")).not.toContain("taken for a router");
    await lab.exec("a", ["ip", "route", "del", "default"]);
    expect(await doctor()).toContain(reason);
    await lab.exec("a", ["ip", "-6", "route", "del", "default"]);
    expect(await doctor()).not.toContain("taken for a router");
    await lab.exec("a", ["ip", "route", "add", "default", "via", GATEWAY.ip, "dev", "eth0"]);
    await lab.exec("a", ["ip", "-6", "route", "add", "default", "via", GATEWAY.ip6, "dev", "eth0"]);
  });

  test("without the right to count, a darkstat of our own does, and it is said why", async () => {
    await product?.kill();
    const weak = `setpriv --inh-caps=-net_admin --bounding-set=-net_admin ${process.execPath} ${PROGRAM} doctor; true`;
    const said = await lab.exec("gateway", ["env", `DATA_STORE=${store}`, "HOST_INTERFACE=br0", "sh", "-c", weak]);
    expect(said).toMatch(/kernel's own counters would be exact, but: this process has not the capability NET_ADMIN/);
  });
});

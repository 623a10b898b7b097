import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { findProgram } from "../../scripts/lib/programs.mjs";
import { eventually } from "../lib/commands.ts";
import { PROGRAM, type WhiteStat } from "../lib/whitestat.ts";
import { kernelObstacle } from "./available.ts";
import { healthOf, reportedOf, startOnGateway, toleranceOf } from "./kernel-product.ts";
import { createLab, GATEWAY, type HostName, type Lab, SERVER } from "./lab.ts";

/** Places where a meter may stand that see frames in another way than a gateway's bridge does. */

const obstacle = kernelObstacle();
const MANY = 4_000_000;
/** Sends frames as they are, by a socket that takes them so; every Debian has perl. */
const SEND = `
  use Socket;
  my ($device, $count, $hex) = @ARGV;
  socket(my $raw, 17, 3, 0) or die "socket: $!";
  open(my $file, "/sys/class/net/$device/ifindex"); chomp(my $index = <$file>);
  my $to = pack("S n i S C C a8", 17, 0, $index, 0, 0, 6, "");
  for (1 .. $count) { send($raw, pack("H*", $hex), 0, $to) or die "send: $!" }`;

describe.skipIf(obstacle)(
  `where a kernel's meter stands${obstacle ? ` (${obstacle})` : ""}`,
  { timeout: 120_000 },
  () => {
    let lab: Lab;
    let store: string;
    let product: WhiteStat | undefined;

    beforeAll(async () => {
      lab = await createLab({ full: true });
    });
    afterAll(() => lab?.dispose());
    beforeEach(async () => {
      for (const host of ["gateway", "a"] as const) await lab.exec(host, ["nft", "flush", "ruleset"]);
      store = mkdtempSync(join(tmpdir(), "whitestat-places-"));
      chmodSync(store, 0o755);
    });
    afterEach(async () => {
      await product?.kill();
      product = undefined;
      rmSync(store, { recursive: true, force: true });
    });

    const running = () => product as WhiteStat;
    const doctor = (host: HostName, ...variables: string[]) => {
      const own = ["TZ=UTC", `DATA_STORE=${join(store, "data")}`, "IPFilter=.*", ...variables];
      return lab.exec(host, [
        "env",
        "-u",
        "DARKSTAT_URL",
        ...own,
        "sh",
        "-c",
        `${process.execPath} ${PROGRAM} doctor; true`,
      ]);
    };

    test("on two ports of a bridge, what passes between them counts on both, and doctor says so", async () => {
      product = await startOnGateway(lab, store, { HOST_INTERFACE: "a|b" });
      const before = await lab.interfaceCounters("a");
      await lab.transfer("a", MANY, "download");
      await eventually(async () => {
        const carried = (await lab.interfaceCounters("a")).in - before.in;
        expect(Math.abs((await reportedOf(running(), lab, "a")).in - carried)).toBeLessThanOrEqual(
          toleranceOf(carried),
        );
      });
      expect(await doctor("gateway", "HOST_INTERFACE=a|b")).toMatch(/a and b are ports of br0: .* counts twice/);
    });

    test("on a mirror port, each device has what its own interface carried", async () => {
      // A switch mirrors what passes the port of client a to a card that has no address.
      await lab.exec("gateway", ["ip", "link", "add", "tap0", "type", "veth", "peer", "name", "mirror0"]);
      for (const device of ["tap0", "mirror0"])
        await lab.exec("gateway", ["ip", "link", "set", device, "arp", "off", "up"]);
      await lab.exec("gateway", ["tc", "qdisc", "add", "dev", "a", "clsact"]);
      for (const side of ["ingress", "egress"]) {
        const all = ["protocol", "all", "u32", "match", "u32", "0", "0"];
        const mirrored = ["action", "mirred", "egress", "mirror", "dev", "tap0"];
        await lab.exec("gateway", ["tc", "filter", "add", "dev", "a", side, ...all, ...mirrored]);
      }
      try {
        product = await startOnGateway(lab, store, { HOST_INTERFACE: "mirror0" });
        const before = await lab.interfaceCounters("a");
        await lab.transfer("a", MANY, "download");
        await lab.transfer("a", MANY, "upload", SERVER.ip6);
        await eventually(async () => {
          const now = await lab.interfaceCounters("a");
          const reported = await reportedOf(running(), lab, "a");
          for (const side of ["in", "out"] as const) {
            const carried = now[side] - before[side];
            expect(Math.abs(reported[side] - carried), `${side}: ${reported[side]} of ${carried}`).toBeLessThanOrEqual(
              toleranceOf(carried),
            );
          }
        });
        expect((await healthOf(running())).problems).toEqual([]);
      } finally {
        await lab.exec("gateway", ["tc", "qdisc", "del", "dev", "a", "clsact"]);
        await lab.exec("gateway", ["ip", "link", "del", "tap0"]);
      }
    });

    test("a gateway with one port sees each frame come and go, and doctor says that it counts twice", async () => {
      const [a, b] = [lab.clients.a, lab.clients.b];
      await lab.exec("a", [
        "sh",
        "-c",
        "echo 1 > /proc/sys/net/ipv4/ip_forward; for f in /proc/sys/net/ipv4/conf/*/send_redirects; do echo 0 > $f; done",
      ]);
      const neighbour = (host: HostName, address: string | null, mac: string, device: string) =>
        lab.exec(host, ["ip", "neigh", "replace", address ?? "", "lladdr", mac, "nud", "permanent", "dev", device]);
      // Client a is the gateway of client b, in both directions.
      await neighbour("b", GATEWAY.ip, a.mac, "eth0");
      await neighbour("a", b.ip, b.mac, "eth0");
      await neighbour("gateway", b.ip, a.mac, "br0");
      const remotes = ["203.0.113.9", "192.0.2.9", "198.18.255.9", "100.20.30.40"];
      for (const address of remotes) {
        await lab.exec("server", ["ip", "addr", "add", `${address}/32`, "dev", "eth0"]);
        await lab.exec("gateway", ["ip", "route", "add", `${address}/32`, "via", SERVER.ip, "dev", "wan"]);
      }
      const variables = ["TZ=UTC", `DATA_STORE=${join(store, "data")}`, "HOST_INTERFACE=eth0", "SERVER_PORT=7777"];
      const command = ["env", "-u", "DARKSTAT_URL", ...variables, "IdleSeconds=1", process.execPath, PROGRAM];
      const started = lab.start("a", command);
      try {
        await started.says(/WhiteStat \S+ is at /, 60_000);
        for (const address of remotes) {
          await lab.transfer("b", MANY / 10, "download", address);
          await lab.transfer("b", MANY / 10, "upload", address);
        }
      } finally {
        await started.end("SIGTERM");
      }
      const said = await doctor("a", "HOST_INTERFACE=eth0", "SERVER_PORT=7777");
      expect(said).toMatch(/Traffic is seen twice, on its way to 02:00:00:0c:29:01 and sent on by it/);
      expect(said).toContain("Let the kernel count on one side of that gateway only");
    });

    test.skipIf(!findProgram("perl", process.env))(
      "on a card, frames of a VLAN are counted once and without the tag, and doctor tells of PPPoE that it can't read",
      async () => {
        product = await startOnGateway(lab, store, { HOST_INTERFACE: "a" });
        const hex = (text: string) => text.replaceAll(/[:\s]/g, "");
        const ends = `${GATEWAY.mac} 02:00:00:00:aa:01`;
        // IPv4 and UDP, 1,000 bytes, from 192.168.77.99 to the server.
        const packet = hex(`45 00 03 e8 00 00 00 00 40 11 00 00 c0 a8 4d 63 c6 33 64 02`).padEnd(2_000, "0");
        const send = (count: number, frame: string) =>
          lab.exec("a", ["perl", "-e", SEND, "eth0", String(count), hex(frame)]);
        await send(500, `${ends} 8100 0014 0800 ${packet}`);
        await eventually(async () => {
          const rows = (await running().rows()).filter(({ MAC }) => MAC === "02:00:00:00:aa:01");
          // KB have two decimals.
          expect(rows.map(({ IP, KBOut }) => [IP, Math.round(KBOut * 1.024)])).toEqual([["192.168.77.99", 500]]);
        });
        await send(3_000, `${ends} 8864 11 00 0001 03ea 0021 ${packet}`);
        await eventually(async () => {
          const said = await doctor("gateway", "HOST_INTERFACE=a");
          expect(said).toMatch(/3\.0 MB were neither IPv4 nor IPv6 \(PPPoE/);
        }, 40_000);
      },
    );
  },
);

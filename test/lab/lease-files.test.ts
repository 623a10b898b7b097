import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findProgram } from "../../scripts/lib/programs.mjs";
import { eventually } from "../lib/commands.ts";
import type { WhiteStat } from "../lib/whitestat.ts";
import { kernelObstacle } from "./available.ts";
import { dhcpClients } from "./dhcp.ts";
import { startOnGateway } from "./kernel-product.ts";
import { createLab, type Lab } from "./lab.ts";

/**
 * Names of devices from the files of real DHCP servers. Each runs on the gateway as Debian built it, keeps its leases where it does by
 * default, and gives them to real clients; the product is told nothing of it.
 */

const missing = (...programs: readonly (readonly [program: string, packageName: string])[]) => {
  const first = programs.find(([program]) => !findProgram(program, process.env));
  return first === undefined ? null : `${first[0]} is missing: apt-get install ${first[1]}`;
};
const obstacle = kernelObstacle() ?? missing(["dhclient", "isc-dhcp-client"]);

const PHONE = 1;
const TWINS = [2, 3] as const;
const NAMELESS = 4;
const GUEST = 5;
const FOR_EVER = 6;
const SHORT = 7;
const TABLET = 8;
const LAPTOP = 9;
const HOSTILE = 0x10;

/** What hosts call themselves, as a string of dhclient.conf. */
const HOSTILE_NAMES = [
  "<script>alert(1)</script>",
  String.raw`}\"; lease 192.168.77.9 { hardware ethernet 02:00:00:00:77:01; client-hostname \"forged`,
  String.raw`a\012b`,
  "a,b",
  "}",
  "192.168.81.1",
  "localhost",
  "nas.lan",
];

const named = (name: string) => `send host-name "${name}";`;
/** For DHCPv6, which has no other name; and what some clients send instead of one with DHCP. */
const fqdn = (name: string) => `send fqdn.fqdn "${name}."; send fqdn.encoded on; send fqdn.server-update on;`;
const mac = (host: number) => `02:00:00:00:77:${host.toString(16).padStart(2, "0")}`;
const hostile = (names: readonly (string | null)[]) =>
  Object.fromEntries(names.map((name, at) => [mac(HOSTILE + at), name]));
const POOL = ["192.168.77.50", "192.168.77.99"] as const;
const POOL6 = ["fd77::50", "fd77::99"] as const;

/** What hosts are called, by their MAC. */
type Names = Readonly<Record<string, string | null>>;

/** A gateway whose DHCP servers and product have a /var/lib of their own, before anything was asked of them. */
async function createHousehold() {
  const folder = mkdtempSync(join(tmpdir(), "whitestat-leases-"));
  chmodSync(folder, 0o755);
  const varLib = join(folder, "lib");
  for (const name of ["misc", "dhcp", "kea"]) mkdirSync(join(varLib, name), { recursive: true });
  const lab = await createLab({ full: true });
  const clients = await dhcpClients(lab, folder);
  const start: Lab["start"] = (_, command, env) =>
    lab.start("gateway", ["sh", "-c", `mount --bind ${varLib} /var/lib && exec "$@"`, "sh", ...command], env);
  const product = await startOnGateway({ ...lab, start }, folder);

  /** Has the product look for names, or forget those of files. */
  async function look(on: boolean): Promise<void> {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ files: { on } });
    expect((await fetch(`${product.url}/api/v1/name-sources`, { method: "PUT", headers, body })).status).toBe(200);
  }

  /** The names of hosts, once they were seen and the product has looked, which it does by itself once a minute. */
  async function expectNames(expected: Names): Promise<void> {
    const macs = Object.keys(expected);
    await eventually(async () =>
      expect((await devicesOf(product)).map(({ key }) => key)).toEqual(expect.arrayContaining(macs)),
    );
    await eventually(async () => {
      await look(true);
      const names = new Map((await devicesOf(product)).map(({ key, learnt }) => [key, learnt?.name ?? null]));
      expect(Object.fromEntries(macs.map((one) => [one, names.get(one)]))).toEqual(expected);
    });
  }

  /** What every server is asked, and what comes of it. */
  async function visit(): Promise<Names> {
    const phone = await clients.ask("a", mac(PHONE), `${named("annas-phone")} supersede dhcp-renewal-time 2;`);
    const [first, second] = TWINS.map(mac) as [string, string];
    await clients.askOnce("b", first, named("living-room"));
    await expectNames({ [mac(PHONE)]: "annas-phone", [first]: "living-room" });
    // dnsmasq takes the name from the first of them.
    await clients.askOnce("b", second, named("living-room"));
    await clients.askOnce("b", mac(NAMELESS));
    for (const [at, name] of HOSTILE_NAMES.entries()) await clients.askOnce("b", mac(HOSTILE + at), named(name));
    await clients.askOnce("b", mac(GUEST), named("guest"));
    await expectNames({ [mac(GUEST)]: "guest", [second]: "living-room" });
    await clients.release("b", mac(GUEST));
    // It renewed its lease after two seconds, or three.
    await phone.says(/bound to [\s\S]*bound to /);
    await phone.end("SIGKILL");
    await expectNames({ [mac(PHONE)]: "annas-phone" });
    await clients.askOnce("a", mac(PHONE), named("annas-new-phone"));
    return {
      [mac(PHONE)]: "annas-new-phone",
      [first]: "living-room",
      [second]: "living-room",
      [mac(NAMELESS)]: null,
      [mac(GUEST)]: "guest",
    };
  }

  return {
    folder,
    clients,
    look,
    expectNames,
    visit,
    start: (...[command, env]: [readonly string[], NodeJS.ProcessEnv?]) => start("gateway", command, env),
    file: (name: string) => join(varLib, name),
    read: (name: string) => readFileSync(join(varLib, name), "utf8"),
    async [Symbol.asyncDispose]() {
      await product.stop();
      await lab.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

describe
  .skipIf(obstacle)
  .concurrent(`names from real DHCP servers${obstacle ? ` (${obstacle})` : ""}`, { timeout: 90_000 }, () => {
    const noDnsmasq = missing(["dnsmasq", "dnsmasq-base"]);
    test.skipIf(noDnsmasq)(`dnsmasq's${noDnsmasq ? ` (${noDnsmasq})` : ""}`, async () => {
      await using home = await createHousehold();
      const server = home.start([
        ...["dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--user=root", "--port=0", "--interface=br0"],
        ...[`--dhcp-range=${POOL.join(",")},10m`, `--dhcp-range=${POOL6.join(",")},64,10m`, "--no-ping"],
        ...["--dhcp-authoritative", `--dhcp-host=${mac(FOR_EVER)},infinite`],
      ]);
      await server.says(/DHCPv6, IP range/);
      const names = await home.visit();
      await home.clients.askOnce("b", mac(FOR_EVER), named("camera"));
      await home.clients.askOnce("b", mac(TABLET), fqdn("bens-tablet"), 6);
      // It takes what may be a host's name, without a domain.
      const taken = hostile([null, null, null, null, null, "192", null, "nas"]);
      await home.expectNames({ ...names, ...taken, [mac(FOR_EVER)]: "camera", [mac(TABLET)]: "bens-tablet" });
      const said = home.read("misc/dnsmasq.leases");
      expect(said).toMatch(/^0 \S+ \S+ camera \*$/m);
      expect(said).toMatch(/^duid .*\n\d+ \d+ fd77::\w+ bens-tablet /m);
      expect(said).not.toContain("guest");
    });

    const noKea = missing(["kea-dhcp4", "kea-dhcp4-server"], ["kea-dhcp6", "kea-dhcp6-server"]);
    test.skipIf(noKea)(
      `Kea's, also once it has moved its leases to another file${noKea ? ` (${noKea})` : ""}`,
      async () => {
        await using home = await createHousehold();
        const serve = async (family: 4 | 6, settings: object) => {
          const config = join(home.folder, `kea-dhcp${family}.conf`);
          const all = { ...KEA, ...settings };
          writeFileSync(config, JSON.stringify({ [`Dhcp${family}`]: all }));
          const env = { ...process.env, KEA_LOCKFILE_DIR: home.folder, KEA_PIDFILE_DIR: home.folder };
          const server = home.start([`kea-dhcp${family}`, "-c", config], env);
          await server.says(new RegExp(`DHCP${family}_STARTED`));
          return server;
        };
        const subnet4 = [{ id: 1, subnet: "192.168.77.0/24", pools: [{ pool: POOL.join(" - ") }] }];
        const subnet6 = [{ id: 1, subnet: "fd77::/64", interface: "br0", pools: [{ pool: POOL6.join(" - ") }] }];
        const server = await serve(4, { subnet4 });
        await serve(6, { subnet6, "preferred-lifetime": 300 });
        const names = await home.visit();
        await home.clients.askOnce("b", mac(SHORT), `${named("short")} send dhcp-lease-time 2;`);
        await home.clients.askOnce("b", mac(LAPTOP), fqdn("laptop.lan"));
        await home.clients.askOnce("c", mac(TABLET), fqdn("bens-tablet"), 6);
        // It leaves out what can't be in a name.
        const taken = hostile(["scriptalert1script", null, "ab", "ab", null, null, null, "nas.lan"]);
        const own = { [mac(SHORT)]: "short", [mac(LAPTOP)]: "laptop.lan", [mac(TABLET)]: "bens-tablet" };
        await home.expectNames({ ...names, ...taken, ...own });
        // Expired, the lease has no name any more.
        const leases = "kea/kea-leases4.csv";
        await eventually(() => expect(home.read(leases)).toMatch(new RegExp(`${mac(SHORT)}.*,,2,`)));

        // It cleans up each hour: then the leases are in another file.
        await server.end("SIGTERM");
        await serve(4, { subnet4, "lease-database": { type: "memfile", "lfc-interval": 1 } });
        await eventually(() => expect(home.read(`${leases}.2`)).toContain("annas-new-phone"));
        expect(home.read(leases)).not.toContain("annas-new-phone");
        // Whoever starts to look now finds the names of those that still have a lease.
        await home.look(false);
        await home.expectNames({ ...names, ...taken, ...own, [mac(GUEST)]: null, [mac(SHORT)]: null });
      },
    );

    const noDhcpd = missing(["dhcpd", "isc-dhcp-server"]);
    test.skipIf(noDhcpd)(`ISC dhcpd's${noDhcpd ? ` (${noDhcpd})` : ""}`, async () => {
      await using home = await createHousehold();
      const serve = async (family: 4 | 6, leases: string, subnet: string) => {
        const config = join(home.folder, `dhcpd${family}.conf`);
        writeFileSync(config, DHCPD + subnet);
        writeFileSync(home.file(leases), "");
        const server = home.start(["dhcpd", `-${family}`, "-d", "-f", "--no-pid", "-cf", config, "br0"]);
        await server.says(/Server starting service/);
      };
      await home.start([process.execPath, "-e", NAME_SERVER]).says(/ready/);
      const [leases, leases6] = ["dhcp/dhcpd.leases", "dhcp/dhcpd6.leases"];
      await serve(4, leases, `subnet 192.168.77.0 netmask 255.255.255.0 { range ${POOL.join(" ")}; }\n`);
      await serve(6, leases6, `subnet6 fd77::/64 { range6 ${POOL6.join(" ")}; }\n`);
      const names = await home.visit();
      await home.clients.askOnce("b", mac(SHORT), `${named("short")} send dhcp-lease-time 2;`);
      await home.clients.askOnce("b", mac(LAPTOP), fqdn("laptop"));
      await home.clients.askOnce("c", mac(TABLET), fqdn("bens-tablet"), 6);
      await eventually(() => {
        expect(home.read(leases)).toContain('set ddns-fwd-name = "laptop.lan."');
        expect(home.read(leases6)).toContain('set ddns-fwd-name = "bens-tablet.lan."');
        // Expired, the lease has no name any more.
        expect(home.read(leases)).toMatch(new RegExp(`binding state free;\\s+hardware ethernet ${mac(SHORT)};\n`));
      });
      const taken = hostile(["<script>alert(1)</script>", null, "a b.lan", "a,b", "}", null, null, "nas.lan"]);
      const own = { [mac(SHORT)]: "short", [mac(LAPTOP)]: "laptop.lan", [mac(TABLET)]: "bens-tablet.lan" };
      await home.expectNames({ ...names, ...taken, ...own });
    });
  });

const KEA = {
  "interfaces-config": { interfaces: ["br0"] },
  "lease-database": { type: "memfile", "lfc-interval": 0 },
  "valid-lifetime": 600,
  "min-valid-lifetime": 2,
  "expired-leases-processing": { "reclaim-timer-wait-time": 1 },
};

/** It tells a name server of its leases. */
const DHCPD = `default-lease-time 600; min-lease-time 2; ping-check false; authoritative;
  ddns-update-style interim; ddns-domainname "lan."; ignore client-updates;
  zone lan. { primary 127.0.0.1; }
  zone 77.168.192.in-addr.arpa. { primary 127.0.0.1; }
`;

/** Takes every update. */
const NAME_SERVER = `
  const socket = require("dgram").createSocket("udp4");
  socket.on("message", (request, from) => {
    const response = Buffer.concat([request.subarray(0, 4), Buffer.alloc(8)]);
    response[2] |= 0x80;
    response[3] = 0;
    socket.send(response, from.port, from.address);
  });
  socket.bind(53, "127.0.0.1", () => console.log("ready"));`;

/** The devices that were seen with more than the address that IPv6 gives everybody. */
async function devicesOf(product: WhiteStat) {
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
  const response = await fetch(`${product.url}/api/v1/usage?from=${day(1)}&to=${day(0)}`);
  const { devices } = (await response.json()) as {
    devices: { key: string; addresses: string[]; learnt: { name: string } | null }[];
  };
  return devices.filter(({ addresses }) => addresses.some((address) => !address.startsWith("fe80:")));
}

import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually, type Running, run, start } from "../lib/commands.ts";
import { createDarkstatRunner, type DarkstatRunner } from "./darkstat.ts";

/**
 * A household in network namespaces, with real packets:
 *
 *     a, b, c (192.168.77.11–13) ── br0 of the gateway (192.168.77.1) ── server (198.51.100.2, "the internet")
 *
 * darkstat listens on br0, and answers the test over a link of its own that it does not listen on. Everything is
 * shaped to 16 Mbit/s, because darkstat drops packets from faster bursts in a small machine. IPv6 is off and
 * neighbours are fixed, so that no frame but IPv4 crosses the wires: an interface's bytes, less 14 for each frame's
 * Ethernet header, are then exactly what darkstat is to count. For a meter that keeps up the lab is built at full speed and
 * with IPv6 (fd77::11–13, fd77::1, 2001:db8:51::2), whose housekeeping crosses the wires as well.
 */
export interface Lab {
  readonly darkstat: DarkstatRunner;
  readonly clients: Readonly<Record<ClientName, Client>>;
  /** Runs a command in a namespace; its stdout. */
  exec(host: HostName, command: readonly string[]): Promise<string>;
  /** Starts a program in a namespace; it ends with the lab at the latest. */
  start(host: HostName, command: readonly string[], env?: NodeJS.ProcessEnv): Running;
  /** Sends bytes over TCP between a client and the server; done when they are acknowledged and the connection closed. */
  transfer(client: ClientName, bytes: number, direction: "download" | "upload", server?: string): Promise<void>;
  /** The same by UDP, without acknowledgement, in datagrams of so many bytes (1,200) and at so many Mbit/s (100). */
  datagrams(
    client: ClientName,
    bytes: number,
    direction: "download" | "upload",
    server?: string,
    pace?: { readonly mbit: number; readonly size: number },
  ): Promise<void>;
  /** Shapes what the server and the clients send: the clients share the rate, so that either direction carries that much. */
  shape(mbit: number): Promise<void>;
  /** Segmentation and receive offload (TSO, GSO, GRO) of every interface, by ethtool. */
  useOffload(on: boolean): Promise<void>;
  /** Takes the gateway's bridge away, and puts all back as it was. */
  renewBridge(): Promise<void>;
  /**
   * As if the gateway had been started anew: its programs are killed, its namespace goes with all interfaces, counters and tables, and
   * another takes its place. The clients' interfaces are new ones, too, with counters at zero.
   */
  rebootGateway(): Promise<void>;
  /** IPv4 bytes that an interface has seen: `in` is what its namespace received. */
  interfaceCounters(host: HostName, device?: string): Promise<{ in: number; out: number }>;
  /** Gives a client another address. A client that held it before keeps neither it nor any. */
  renumber(client: ClientName, ip: string): Promise<void>;
  /** Gives a client another network card. */
  setMac(client: ClientName, mac: string): Promise<void>;
  /** Ends every program and takes the networks down. */
  dispose(): Promise<void>;
}

export type ClientName = "a" | "b" | "c";
export type HostName = ClientName | "gateway" | "server";

export interface Client {
  /** Null after another client took it. */
  readonly ip: string | null;
  readonly mac: string;
}

export const GATEWAY = { ip: "192.168.77.1", ip6: "fd77::1", mac: "02:00:00:00:00:fe" } as const;
export const SERVER = { ip: "198.51.100.2", ip6: "2001:db8:51::2" } as const;

const IP6: Readonly<Record<ClientName, string>> = { a: "fd77::11", b: "fd77::12", c: "fd77::13" };
const SHAPE = "tbf rate 16mbit burst 16kb latency 400ms";
const ETHERNET_HEADER = 14;
const TRAFFIC = fileURLToPath(new URL("./traffic.mjs", import.meta.url));
const PREFIX = "wslab";

/** Builds a lab. Its names are unique to it; what an earlier, killed run left behind is removed first. */
export async function createLab({ full = false } = {}): Promise<Lab> {
  removeLeftovers();
  const id = `${PREFIX}-${process.pid}-${randomInt(0x10000).toString(16)}`;
  const ns = (host: HostName) => `${id}-${host}`;
  const scratch = mkdtempSync(join(tmpdir(), `${id}-`));
  const removeAll = () => {
    removeNamespaces(`${id}-`);
    rmSync(scratch, { recursive: true, force: true });
  };
  process.once("exit", removeAll);
  const clients: Record<ClientName, { ip: string | null; mac: string }> = {
    a: { ip: "192.168.77.11", mac: "02:00:00:0c:29:01" },
    b: { ip: "192.168.77.12", mac: "02:00:00:0c:29:02" },
    c: { ip: "192.168.77.13", mac: "02:00:00:0c:29:03" },
  };
  const names = Object.keys(clients) as ClientName[];
  const hosts: HostName[] = ["gateway", "server", ...names];
  const programs = new Set<Running>();

  const exec = (host: HostName, command: readonly string[]) => run("ip", ["netns", "exec", ns(host), ...command]);
  const ip = (host: HostName, script: string) => run("ip", ["-n", ns(host), "-batch", "-"], script);
  const startIn = (host: HostName, command: readonly string[], env?: NodeJS.ProcessEnv) => {
    const running = start("ip", ["netns", "exec", ns(host), ...command], env);
    programs.add(running);
    running.child.once("exit", () => programs.delete(running));
    return running;
  };

  /** Fixed neighbours both ways, of the clients as they are now. */
  async function introduce(): Promise<void> {
    const known = names.filter((name) => clients[name].ip !== null);
    const toClients = known.map(
      (n) => `neigh replace ${clients[n].ip} lladdr ${clients[n].mac} nud permanent dev br0\n`,
    );
    await ip("gateway", toClients.join(""));
    await Promise.all(
      known.map((name) =>
        ip(
          name,
          `neigh replace ${GATEWAY.ip} lladdr ${GATEWAY.mac} nud permanent dev eth0\nroute replace default via ${GATEWAY.ip} dev eth0\n`,
        ),
      ),
    );
  }

  async function bridge(): Promise<void> {
    await ip(
      "gateway",
      [
        `link add name br0 address ${GATEWAY.mac} type bridge mcast_snooping 0`,
        ...names.map((n) => `link set dev ${n} master br0 up`),
        `addr add ${GATEWAY.ip}/24 dev br0`,
        ...(full ? [`addr add ${GATEWAY.ip6}/64 dev br0 nodad`] : []),
        "link set br0 arp off up\n",
      ].join("\n"),
    );
  }

  /** Addresses and fixed neighbours: interfaces ask for none. */
  async function useIpv6(): Promise<void> {
    const to = (address: string, mac: string, device: string) =>
      `neigh replace ${address} lladdr ${mac} nud permanent dev ${device}\n`;
    await ip(
      "gateway",
      `addr replace 2001:db8:51::1/64 dev wan nodad\n${to(SERVER.ip6, "02:00:00:00:01:02", "wan")}${names.map((n) => to(IP6[n], clients[n].mac, "br0")).join("")}`,
    );
    await ip(
      "server",
      `addr replace ${SERVER.ip6}/64 dev eth0 nodad\n${to("2001:db8:51::1", "02:00:00:00:01:01", "eth0")}route replace default via 2001:db8:51::1\n`,
    );
    for (const name of names) {
      await ip(
        name,
        `addr replace ${IP6[name]}/64 dev eth0 nodad\n${to(GATEWAY.ip6, GATEWAY.mac, "eth0")}route replace default via ${GATEWAY.ip6}\n`,
      );
    }
  }

  const link = freeLink();

  async function build(): Promise<void> {
    await run("ip", ["-batch", "-"], hosts.map((host) => `netns add ${ns(host)}\n`).join(""));
    await wire();
    await startIn("server", [process.execPath, TRAFFIC, "serve"]).says(/ready/);
  }

  /** Everything between the namespaces, which have nothing yet, or what a gateway that is gone has left of it. */
  async function wire(): Promise<void> {
    for (const host of full ? [] : hosts) {
      await exec(host, ["sh", "-c", "for s in all default; do echo 1 > /proc/sys/net/ipv6/conf/$s/disable_ipv6; done"]);
    }
    await exec("gateway", ["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]);
    if (full) await exec("gateway", ["sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding"]);
    const manage = `${PREFIX}${link.number}`;
    await run(
      "ip",
      ["-batch", "-"],
      [
        ...names.map(
          (n) =>
            `link add name eth0 netns ${ns(n)} address ${clients[n].mac} type veth peer name ${n} netns ${ns("gateway")}`,
        ),
        `link add name eth0 netns ${ns("server")} address 02:00:00:00:01:02 type veth peer name wan netns ${ns("gateway")} address 02:00:00:00:01:01`,
        `link add name ${manage} type veth peer name manage netns ${ns("gateway")}`,
        `addr add ${link.test}/30 dev ${manage}`,
        `link set dev ${manage} up\n`,
      ].join("\n"),
    );
    await bridge();
    await ip(
      "gateway",
      [
        "link set lo up",
        "addr add 198.51.100.1/24 dev wan",
        "link set wan arp off up",
        `neigh replace ${SERVER.ip} lladdr 02:00:00:00:01:02 nud permanent dev wan`,
        `addr add ${link.gateway}/30 dev manage`,
        "link set manage up\n",
      ].join("\n"),
    );
    await ip(
      "server",
      `link set lo up\naddr add ${SERVER.ip}/24 dev eth0\nlink set eth0 arp off up\n` +
        "neigh replace 198.51.100.1 lladdr 02:00:00:00:01:01 nud permanent dev eth0\nroute add default via 198.51.100.1\n",
    );
    for (const name of names) {
      const address = clients[name].ip === null ? "" : `addr add ${clients[name].ip}/24 dev eth0\n`;
      await ip(name, `link set lo up\n${address}link set eth0 arp off up\n`);
    }
    // Each end shapes what it sends: together they shape both directions, and client to client.
    if (full) await useIpv6();
    for (const host of full ? [] : (["server", ...names] as const)) {
      await exec(host, ["tc", "qdisc", "add", "dev", "eth0", "root", ...SHAPE.split(" ")]);
    }
    await introduce();
  }

  /** Each interface that is at an end of a cable, and the bridge. */
  const interfaces = [
    ...(["server", ...names] as const).map((host) => [host, "eth0"] as const),
    ...["wan", "br0", ...names].map((device) => ["gateway", device] as const),
  ];

  async function dispose(): Promise<void> {
    await Promise.all([...programs].map((running) => running.end("SIGKILL")));
    removeAll();
    process.off("exit", removeAll);
  }

  try {
    await build();
  } catch (error) {
    await dispose();
    throw error;
  }

  return {
    clients,
    exec,
    start: startIn,
    dispose,
    darkstat: createDarkstatRunner({ address: link.gateway, scratch, start: (command) => startIn("gateway", command) }),
    async transfer(client, bytes, direction, server = SERVER.ip) {
      await exec(client, [process.execPath, TRAFFIC, direction, server, String(bytes)]);
    },
    async datagrams(client, bytes, direction, server = SERVER.ip, { mbit, size } = { mbit: 100, size: 1200 }) {
      const amounts = [bytes, mbit, size].map(String);
      await exec(client, [process.execPath, TRAFFIC, `udp-${direction}`, server, ...amounts]);
    },
    async shape(mbit) {
      const by = (rate: number) =>
        `tc qdisc replace dev eth0 root tbf rate ${rate}mbit burst ${Math.max(16, Math.round(rate / 2))}kb latency 50ms`;
      await exec("server", by(mbit).split(" "));
      for (const name of names) await exec(name, by(Math.ceil(mbit / names.length)).split(" "));
    },
    async useOffload(on) {
      const features = ["tso", "gso", "gro"].flatMap((feature) => [feature, on ? "on" : "off"]);
      for (const [host, device] of interfaces) await exec(host, ["ethtool", "-K", device, ...features]);
    },
    async renewBridge() {
      await ip("gateway", "link del br0\n");
      await bridge();
      if (full) await useIpv6();
      await introduce();
    },
    async rebootGateway() {
      removeNamespaces(ns("gateway"));
      // Their other ends go a moment later than the namespace.
      await eventually(async () => {
        const left = await Promise.all(names.map((name) => run("ip", ["-n", ns(name), "-br", "link"])));
        if (left.some((links) => links.includes("eth0"))) throw new Error("the gateway's cables are still there");
        if (`${PREFIX}${link.number}` in networkInterfaces()) throw new Error("the gateway's address is still there");
      });
      await run("ip", ["netns", "add", ns("gateway")]);
      await wire();
    },
    async interfaceCounters(host, device = "eth0") {
      const [link] = JSON.parse(await run("ip", ["-n", ns(host), "-s", "-j", "link", "show", "dev", device]));
      const { rx, tx } = link.stats64;
      return { in: rx.bytes - ETHERNET_HEADER * rx.packets, out: tx.bytes - ETHERNET_HEADER * tx.packets };
    },
    async renumber(client, address) {
      for (const name of names) {
        if (name !== client && clients[name].ip !== address) continue;
        await ip(name, "addr flush dev eth0 to 0.0.0.0/0\n");
        clients[name].ip = null;
      }
      await ip(client, `addr add ${address}/24 dev eth0\n`);
      clients[client].ip = address;
      await introduce();
    },
    async setMac(client, mac) {
      await ip(client, `link set eth0 down\nlink set eth0 address ${mac}\nlink set eth0 up\n`);
      clients[client].mac = mac;
      await introduce();
    },
  };
}

/** Two addresses in a range for tests (RFC 2544) that no interface here uses. */
function freeLink(): { number: number; test: string; gateway: string } {
  const used = new Set(
    Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address)),
  );
  for (let tries = 0; tries < 100; tries += 1) {
    const number = randomInt(0x8000);
    const base = number * 4;
    const at = (host: number) => `198.${18 + (base >> 16)}.${(base >> 8) & 255}.${(base & 255) + host}`;
    if (!used.has(at(1))) return { number, test: at(1), gateway: at(2) };
  }
  throw new Error("No free address for the lab's link: are other labs running?");
}

/** Removes what belongs to processes that no longer live. */
function removeLeftovers(): void {
  const owners = new Set(namespaces().flatMap((name) => /^wslab-(\d+)-/.exec(name)?.[1] ?? []));
  for (const owner of owners) {
    if (!isAlive(Number(owner))) removeNamespaces(`${PREFIX}-${owner}-`);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function namespaces(): string[] {
  const { stdout } = spawnSync("ip", ["netns", "list"], { encoding: "utf8" });
  return stdout.split("\n").flatMap((line) => line.split(" ")[0] || []);
}

/** Ends what runs in the namespaces and removes them; their interfaces go with them. */
function removeNamespaces(prefix: string): void {
  for (const name of namespaces().filter((candidate) => candidate.startsWith(prefix))) {
    const { stdout } = spawnSync("ip", ["netns", "pids", name], { encoding: "utf8" });
    for (const pid of stdout.split("\n").filter(Boolean)) {
      try {
        process.kill(Number(pid), "SIGKILL");
      } catch {
        // It ended by itself.
      }
    }
    spawnSync("ip", ["netns", "del", name]);
  }
}

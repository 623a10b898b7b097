import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually, type Running } from "../lib/commands.ts";
import { type ClientName, GATEWAY, type Lab } from "./lab.ts";

/** Hosts that come and go in a lab's LAN, and ask for their addresses. */
export interface DhcpClients {
  /**
   * A host with this MAC takes the place of a client, asks for an address with dhclient, which goes on until it is ended, and sends a
   * little traffic from there. `options` are statements of dhclient.conf.
   */
  ask(place: ClientName, mac: string, options?: string, family?: 4 | 6): Promise<Running>;
  /** As `ask`, and dhclient ends without giving the address back. */
  askOnce(place: ClientName, mac: string, options?: string, family?: 4 | 6): Promise<void>;
  /** The host that has the place gives its address back. */
  release(place: ClientName, mac: string): Promise<void>;
}

/** dhclient's own would write the machine's resolv.conf. */
const SCRIPT = `#!/bin/sh
case $reason in
BOUND | RENEW | REBIND | REBOOT) ip addr replace "$new_ip_address/24" dev "$interface" ;;
BOUND6 | RENEW6 | REBIND6) ip addr replace "$new_ip6_address/64" dev "$interface" nodad ;;
esac
exit 0
`;

/** Hosts in the places of the lab's clients, which lose their addresses and learn who has which one as everybody does. */
export async function dhcpClients(lab: Lab, folder: string): Promise<DhcpClients> {
  const script = join(folder, "dhclient-script");
  writeFileSync(script, SCRIPT);
  chmodSync(script, 0o755);
  await lab.exec("gateway", ["ip", "link", "set", "dev", "br0", "arp", "on"]);
  for (const place of Object.keys(lab.clients) as ClientName[]) {
    // Else nothing could be sent from an IPv6 address within its first second.
    const commands = "ip link set dev eth0 arp on && echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_dad";
    await lab.exec(place, ["sh", "-c", `${commands} && ip addr flush dev eth0`]);
  }

  const dhclient = (mac: string, family: 4 | 6) => {
    const at = (name: string) => join(folder, `${mac.replaceAll(":", "")}.${name}`);
    const files = ["-cf", at("conf"), "-lf", at(`leases${family}`), "-pf", at("pid"), "-sf", script];
    return { config: at("conf"), command: ["dhclient", `-${family}`, "-v", ...files] };
  };

  async function ask(place: ClientName, mac: string, options = "", family: 4 | 6 = 4): Promise<Running> {
    const link = "ip link set dev eth0";
    await lab.exec(place, ["sh", "-c", `${link} down && ip addr flush dev eth0 && ${link} address ${mac} up`]);
    const { config, command } = dhclient(mac, family);
    writeFileSync(config, options);
    const running = lab.start(place, [...command, "-d", "eth0"]);
    await running.says(family === 4 ? /bound to / : /PRC: Bound to lease/);
    const send = `head -c 1200 /dev/zero > /dev/udp/${family === 4 ? GATEWAY.ip : GATEWAY.ip6}/9`;
    // It says so a moment before its script gives the address to the interface.
    await eventually(() => lab.exec(place, ["bash", "-c", send]));
    return running;
  }

  return {
    ask,
    askOnce: async (...host) => (await ask(...host)).end("SIGKILL"),
    async release(place, mac) {
      await lab.exec(place, [...dhclient(mac, 4).command, "-r", "eth0"]);
    },
  };
}

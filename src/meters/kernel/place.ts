import { constants } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type NetworkState, pickInterface, readNetworkState } from "../interfaces.ts";
import { KernelError } from "./error.ts";
import { createNft, type Nft } from "./nft.ts";
import { probeRules } from "./rules.ts";

/** Where and how the kernel's counters are to be had. */
export interface KernelPlace {
  readonly nft: Nft;
  /** The interfaces to count on: those that were asked for, or that of the default route. */
  readonly devices: readonly string[];
  /** Sentences about interfaces that were asked for, and are left out. */
  readonly leftOut: readonly string[];
}

/** Why they are not to be had: one sentence, and one about what to do. */
export interface Obstacle {
  readonly message: string;
  readonly hint: string;
}

export interface FindOptions {
  /** HOST_INTERFACE. */
  readonly wanted: readonly string[];
  /** PATH to find nft in, and the folders that are looked into besides. */
  readonly path: string;
  readonly besidesPath?: readonly string[];
  readonly network?: () => Promise<NetworkState>;
  /** Where /sys is mounted: tests make one. */
  readonly root?: string;
  readonly makeNft?: (program: string) => Nft;
}

/** Where Debian and others put nft, which is not in everybody's PATH. */
const BESIDES_PATH = ["/usr/sbin", "/sbin", "/usr/local/sbin"];
/** ARPHRD_ETHER: a bridge, a VLAN, a wireless card in use, and a virtual cable are of this type as well. */
const ETHERNET = "1";

/** Tries, rather than guesses from versions and rights, whether the kernel can count here for this process. */
export async function findKernelPlace(options: FindOptions): Promise<KernelPlace | Obstacle> {
  const { root = "/", network = () => readNetworkState(root), makeNft = createNft } = options;
  const { devices, leftOut } = await chosenDevices(options.wanted, network, root);
  if (devices.length === 0) {
    return {
      message: "there is no network interface to count on: no default route, and only the loopback is up",
      hint: "Connect the network, or set HOST_INTERFACE, e.g. HOST_INTERFACE=eth0.",
    };
  }
  for (const device of devices) {
    const type = await attribute(root, device, "type");
    if (type !== null && type !== ETHERNET) {
      return {
        message: `${device} is no Ethernet interface, and the kernel's counters go by MAC address`,
        hint: "Set HOST_INTERFACE to the interface of the LAN.",
      };
    }
  }
  const program = await findNft(options.path, options.besidesPath);
  if (program === null) {
    const install = "apt-get install nftables";
    return (await holdsNetAdmin(root))
      ? { message: "nft isn't installed", hint: `Install it: ${install}.` }
      : {
          message:
            "nft isn't installed, and this process has not the capability NET_ADMIN, which the kernel's counters take",
          hint: `Install it (${install}), and start WhiteStat as root, or give it CAP_NET_ADMIN.`,
        };
  }
  const nft = makeNft(program);
  const there: string[] = [];
  for (const device of devices) if ((await attribute(root, device, "ifindex")) !== null) there.push(device);
  try {
    await nft(["-f", "-"], probeRules(there));
    return { nft, devices, leftOut };
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    return obstacleOf(error);
  }
}

function obstacleOf({ code, message, hint }: KernelError): Obstacle {
  switch (code) {
    case "refused":
      return {
        message: "this process has not the capability NET_ADMIN, which the kernel's counters take",
        hint: "Start WhiteStat as root, or give it CAP_NET_ADMIN (the service and the image have it).",
      };
    case "unsupported":
      return {
        message: `the kernel can't count what an interface sends (${message})`,
        hint: "That takes Linux 5.16 or later with nftables (CONFIG_NETFILTER_EGRESS).",
      };
    default:
      return { message, hint };
  }
}

/** A frame that passes a bridge passes its port as well: of both, the bridge is counted on. */
async function chosenDevices(
  wanted: readonly string[],
  network: () => Promise<NetworkState>,
  root: string,
): Promise<{ devices: string[]; leftOut: string[] }> {
  if (wanted.length === 0) {
    const found = pickInterface(await network());
    return { devices: found === null ? [] : [found], leftOut: [] };
  }
  const devices: string[] = [];
  const leftOut: string[] = [];
  const names = [...new Set(wanted)];
  for (const device of names) {
    const over = await carriersOf(root, device);
    const carrier = names.find((other) => other !== device && over.includes(other));
    if (carrier === undefined) devices.push(device);
    else
      leftOut.push(
        `HOST_INTERFACE names ${device} and ${carrier}, which see the same frames: only ${carrier} is counted on.`,
      );
  }
  return { devices, leftOut };
}

/** The interfaces that carry all frames of this one: the bridge or bond that it is a port of, the card below a VLAN. */
async function carriersOf(root: string, device: string): Promise<string[]> {
  const port = await attribute(root, join(device, "master"), "uevent");
  const vlan = await readFile(join(root, "proc/net/vlan", device), "utf8").catch(() => "");
  return [/^INTERFACE=(.+)$/m.exec(port ?? "")?.[1], /^Device: (\S+)/m.exec(vlan)?.[1]].filter(
    (one) => one !== undefined,
  );
}

/** An attribute in /sys; null where the interface is not there. */
export async function attribute(root: string, device: string, name: string): Promise<string | null> {
  const text = await readFile(join(root, "sys/class/net", device, name), "utf8").catch(() => null);
  return text === null ? null : text.trim();
}

/** CAP_NET_ADMIN, linux/capability.h. */
const NET_ADMIN = 1n << 12n;

/** Whether this process may change tables; where that can't be told, it may. */
async function holdsNetAdmin(root: string): Promise<boolean> {
  const status = await readFile(join(root, "proc/self/status"), "utf8").catch(() => "");
  const held = /^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1];
  return held === undefined || (BigInt(`0x${held}`) & NET_ADMIN) !== 0n;
}

async function findNft(path: string, besides: readonly string[] = BESIDES_PATH): Promise<string | null> {
  for (const folder of [...path.split(":").filter((entry) => entry !== ""), ...besides]) {
    const file = join(folder, "nft");
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return null;
}

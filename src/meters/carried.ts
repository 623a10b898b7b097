import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Carried } from "../accounting/types.ts";
import type { Meter } from "./meter.ts";

const ETHERNET_HEADER = 14;
/** ARPHRD_ETHER. */
const ETHERNET = "1";
/**
 * A card counts packets as they are on the wire, and the kernel sees several merged into one with a single header: for IPv6 with
 * TCP and its timestamps 40 + 32 bytes. Without so much of each packet both sides are the same, whatever was merged.
 */
const MERGED_HEADERS = 72;
/** Some cards count the frame's check sum (4 bytes) and a VLAN's tag (4) as well. */
const COUNTED_BESIDES = 8;

/**
 * What some interfaces carried by their own counters, without the headers that a meter doesn't count.
 * @param root where /sys and /proc are mounted: tests make one
 * @returns null while one of them is not there
 */
export async function readCarried(devices: readonly string[], root = "/"): Promise<Carried | null> {
  const read = (path: string) => readFile(join(root, path), "utf8").then((text) => text.trim());
  const isThere = (path: string) =>
    read(path).then(
      () => true,
      () => false,
    );
  const lives: string[] = [];
  let [bytes, packets, isHardware] = [0, 0, false];
  try {
    for (const device of devices) {
      const at = (name: string) => read(join("sys/class/net", device, name));
      const counter = async (name: string) => Number(await at(`statistics/${name}`));
      lives.push(`${device}:${await at("ifindex")}`);
      isHardware ||= await isThere(join("sys/class/net", device, "device/uevent"));
      const header = (await at("type")) === ETHERNET ? ETHERNET_HEADER : 0;
      // A bridge, and the kernel's VLANs, count what comes in when the header is off already.
      const isAbove =
        (await isThere(join("sys/class/net", device, "bridge/bridge_id"))) ||
        (await isThere(join("proc/net/vlan", device)));
      const [received, sent] = [await counter("rx_packets"), await counter("tx_packets")];
      bytes += (await counter("rx_bytes")) - (isAbove ? 0 : header) * received;
      bytes += (await counter("tx_bytes")) - header * sent;
      packets += received + sent;
    }
    const life = [await read("proc/sys/kernel/random/boot_id"), ...lives].join(" ");
    if (!isHardware) return { life, bytes, headerBytes: 0 };
    return { life, bytes: bytes - (MERGED_HEADERS + COUNTED_BESIDES) * packets, headerBytes: MERGED_HEADERS };
  } catch {
    return null;
  }
}

/** A meter whose readings carry what the interfaces that it stands on had carried by then. */
export function withCarried(meter: Meter, carried: () => Promise<Carried | null>): Meter {
  return {
    ...meter,
    async read(signal, standing) {
      const snapshot = await meter.read(signal, standing);
      return { ...snapshot, carried: (await carried()) ?? undefined };
    },
  };
}

import { tableText } from "./texts/devices.ts";
import type { ApiDevice } from "./wire.ts";

/**
 * What a device is called: its name given by a person, else the one it has on the network, else its vendor and the end
 * of its MAC, else that end alone: the whole MAC stands beside it. Untrusted text: show it as text, within `<bdi>`.
 */
export function displayName(device: Pick<ApiDevice, "key" | "name" | "hostname" | "vendor">): string {
  if (device.name) return device.name;
  if (device.hostname) return device.hostname;
  return tableText.unnamed(device.vendor, endOf(device.key));
}

/** Of a MAC the last two bytes, of an IPv4 address the last two numbers, of an IPv6 address the last group. */
function endOf(key: string): string {
  if (key.includes(".")) return key.split(".").slice(-2).join(".");
  return /^(?:[\da-f]{2}:){5}[\da-f]{2}$/i.test(key) ? key.slice(-5) : `::${key.split(":").at(-1)}`;
}

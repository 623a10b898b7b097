import type { ApiDevice } from "./wire.ts";

/**
 * What a device is called: its name given by a person, else the one it has on the network, else its vendor and the end
 * of its MAC, else its key. Untrusted text: show it as text, within `<bdi>`.
 */
export function displayName(device: Pick<ApiDevice, "key" | "name" | "hostname" | "vendor">): string {
  if (device.name) return device.name;
  if (device.hostname) return device.hostname;
  return device.vendor ? `${device.vendor} ${device.key.slice(-5)}` : device.key;
}

import { attribute } from "./place.ts";

const PROMISCUOUS = 0x100;

/**
 * Has an interface take in the frames that are not for this machine, as darkstat does: on the mirror port of a switch there are
 * no others. Not a bridge: it would then be given what its ports forward among themselves.
 * @param ip runs iproute2's `ip`
 * @returns whether it does now
 */
export async function takeInAll(
  device: string,
  ip: (args: readonly string[]) => Promise<unknown>,
  root = "/",
): Promise<boolean> {
  if ((await attribute(root, device, "bridge/bridge_id")) !== null) return true;
  if ((Number(await attribute(root, device, "flags")) & PROMISCUOUS) !== 0) return true;
  return ip(["link", "set", "dev", device, "promisc", "on"]).then(
    () => true,
    () => false,
  );
}

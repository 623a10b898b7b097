import { readFileSync } from "node:fs";
import { createVendorLookup, type VendorLookup } from "./lookup.ts";

/**
 * Looks vendors up in a file that is read when the first is asked for: a household without a network card that is
 * shown never pays for it. A file that can't be read costs the vendors' names, nothing else.
 * @param onError told once why no vendor is known
 */
export function openVendors(path: string, onError: (error: unknown) => void): VendorLookup {
  let lookup: VendorLookup | null = null;
  return (mac) => {
    lookup ??= load(path, onError);
    return lookup(mac);
  };
}

function load(path: string, onError: (error: unknown) => void): VendorLookup {
  try {
    // In one go: a megabyte from a disk takes a millisecond, once, and callers need no promise for each device.
    return createVendorLookup(readFileSync(path));
  } catch (error) {
    onError(error);
    return () => null;
  }
}

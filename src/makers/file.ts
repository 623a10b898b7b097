import { readFileSync } from "node:fs";
import { createMakerLookup, type MakerLookup } from "./lookup.ts";

/**
 * Looks makers up in a file that is read when the first is asked for: a household without a network card that is
 * shown never pays for it. A file that can't be read costs the makers' names, nothing else.
 * @param onError told once why no maker is known
 */
export function openMakers(path: string, onError: (error: unknown) => void): MakerLookup {
  let lookup: MakerLookup | null = null;
  return (mac) => {
    lookup ??= load(path, onError);
    return lookup(mac);
  };
}

function load(path: string, onError: (error: unknown) => void): MakerLookup {
  try {
    // In one go: a megabyte from a disk takes a millisecond, once, and callers need no promise for each device.
    return createMakerLookup(readFileSync(path));
  } catch (error) {
    onError(error);
    return () => null;
  }
}

/**
 * Boils IEEE's registry of network cards (npm package oui-data, 5.6 MB of JSON) down to dist/vendors.bin: 1.1 MB, which
 * is also about what it takes of memory.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { encodeVendors } from "../../src/vendors/encode.ts";

/** @returns {Uint8Array} */
export function encodeVendorsOfRegistry() {
  // Not imported as a module: the types of fifty thousand keys would keep the type checker busy for seconds.
  const file = fileURLToPath(import.meta.resolve("oui-data"));
  /** @type {Record<string, string>} prefix → name and postal address, a line each */
  const registry = JSON.parse(readFileSync(file, "utf8"));
  return encodeVendors(Object.entries(registry).map(([prefix, text]) => [prefix, text.split("\n", 1)[0] ?? ""]));
}

import { isIP } from "node:net";

/**
 * Names that no stranger can register in public DNS, or that only the vendor of a household router can:
 * RFC 6761 and 6762 with its appendix G, RFC 8375, ICANN's .internal, and AVM's fritz.box.
 */
const LOCAL_SUFFIXES = [
  "local",
  "localhost",
  "localdomain",
  "lan",
  "home",
  "home.arpa",
  "internal",
  "intranet",
  "private",
  "corp",
  "fritz.box",
];

/** Says whether a Host header is one that we answer to. `malformed` is no host at all. */
export type HostRule = (host: string) => "ours" | "foreign" | "malformed";

/**
 * The rule that keeps DNS rebinding out: a page of `evil.example` may point that name at our address, but can't
 * make the browser send another name. So names that strangers control are refused unless the owner lists them.
 * @param allowed names (`stats.example.org`) and suffixes (`.example.org` or `*.example.org`, without the bare name); ports are ignored
 * @throws TypeError for an entry that is neither
 */
export function createHostRule(allowed: readonly string[]): HostRule {
  const exact = new Set<string>();
  const suffixes = LOCAL_SUFFIXES.map((suffix) => `.${suffix}`);
  for (const entry of allowed) {
    const text = entry.trim().toLowerCase();
    if (text === "") continue;
    const suffix = /^(?:\*\.|\.)(.+)$/.exec(text)?.[1];
    const name = nameOfHost(suffix ?? text.replace(/^https?:\/\//, "").replace(/\/$/, ""));
    if (name === null) {
      throw new TypeError(
        `ALLOWED_HOSTS: "${entry}" is neither a host name nor a suffix. Write for example stats.example.org or .example.org`,
      );
    }
    if (suffix === undefined) exact.add(name);
    else suffixes.push(`.${name}`);
  }

  return (host) => {
    const name = nameOfHost(host);
    if (name === null) return "malformed";
    if (isIP(name.replace(/^\[|\]$/g, "")) !== 0) return "ours";
    if (!name.includes(".")) return "ours";
    if (exact.has(name) || name === "fritz.box") return "ours";
    return suffixes.some((suffix) => name.endsWith(suffix)) ? "ours" : "foreign";
  };
}

/** The name in a Host header as a browser would write it: lower case, without port and final dot; null for none. */
function nameOfHost(host: string): string | null {
  if (!/^(?:\[[0-9a-f:.]+\]|[^\s/\\?#@:[\],*%]+)(?::\d*)?$/i.test(host)) return null;
  try {
    const name = new URL(`http://${host}`).hostname.replace(/\.$/, "");
    return name === "" ? null : name;
  } catch {
    return null;
  }
}

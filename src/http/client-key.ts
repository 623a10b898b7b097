/**
 * Whom a connection counts for where shares are given out: its IPv4 address, or its IPv6 network of 64 bits, in which a
 * host makes itself as many addresses as it likes.
 */
export function clientKey(address: string | undefined): string {
  if (address === undefined) return "";
  const ipv4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (ipv4 !== undefined) return ipv4;
  const [head = "", tail = ""] = address.replace(/%.*$/, "").split("::");
  const [first, last] = [head, tail].map((part) => (part === "" ? [] : part.split(":"))) as [string[], string[]];
  const zeros = new Array<string>(Math.max(0, 8 - first.length - last.length)).fill("0");
  return [...first, ...zeros, ...last].slice(0, 4).join(":");
}

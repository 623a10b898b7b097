import { contains, formatAddress, type Prefix, parsePrefix } from "../../accounting/address.ts";
import { checksumOf } from "../../shared/checksum.ts";

/** Networks between which traffic stays on the LAN, as nftables writes them. None lies within another. */
export interface LanNetworks {
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
  /** Another text for other networks: letters and digits. */
  readonly fingerprint: string;
}

/** Groups, who has no address yet, and loopback: none of it comes from the internet or goes there. */
const NEVER_INTERNET = ["0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32", "::/127", "ff00::/8"].map(
  (text) => parsePrefix(text) as Prefix,
);

/**
 * What is LAN to a meter on interfaces of this machine.
 * @param segments what the settings say
 * @param own the networks of the addresses of those interfaces, in CIDR: devices talk to each other by global IPv6 addresses, too
 */
export function lanNetworks(segments: readonly Prefix[], own: readonly string[]): LanNetworks {
  const all = [...segments, ...own.flatMap((text) => parsePrefix(text) ?? []), ...NEVER_INTERNET];
  const widest = all.filter(
    (one, place) =>
      !all.some((other, otherPlace) => {
        if (place === otherPlace || !contains(other, one)) return false;
        return other.bits < one.bits || (other.bits === one.bits && otherPlace < place);
      }),
  );
  const of = (family: 4 | 6) =>
    widest
      .filter((one) => one.family === family)
      .map((one) => `${formatAddress(one)}/${one.bits}`)
      .sort();
  const [ipv4, ipv6] = [of(4), of(6)];
  return { ipv4, ipv6, fingerprint: checksumOf(Buffer.from([...ipv4, ...ipv6].join(" "))) };
}

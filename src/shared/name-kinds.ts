/**
 * Where a name comes from, the most trusted first: a person gave it to the device at another program (`static`: a fixed
 * lease, a client of AdGuard Home), or wrote it into a hosts file; the device named itself when it asked for an address
 * (`lease`) or by multicast DNS; or a name server knows it. A name that a person gave here goes before all of them.
 */
export const NAME_KINDS = ["static", "hosts", "lease", "mdns", "dns"] as const;
export type NameKind = (typeof NAME_KINDS)[number];

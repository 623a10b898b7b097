import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** Files and folders in which programs keep names by default. */
const WELL_KNOWN = [
  "/etc/hosts",
  "/etc/dnsmasq.conf",
  "/etc/dnsmasq.d/",
  "/etc/pihole/dnsmasq.conf",
  "/etc/pihole/hosts/",
  "/etc/pihole/custom.list",
  "/etc/pihole/dhcp.leases",
  "/var/lib/misc/dnsmasq.leases",
  "/var/lib/dnsmasq/dnsmasq.leases",
  "/tmp/dhcp.leases",
  "/etc/dhcp/dhcpd.conf",
  "/var/lib/dhcp/dhcpd.leases",
  "/var/lib/dhcp/dhcpd6.leases",
  "/var/lib/dhcpd/dhcpd.leases",
  "/var/lib/dhcpd/dhcpd6.leases",
  "/var/lib/kea/kea-leases4.csv",
  "/var/lib/kea/kea-leases6.csv",
] as const;

/** More are in no folder of settings. */
const FILES_PER_FOLDER = 30;

export interface NamePlaces {
  /** Look where programs keep names by default. */
  readonly auto: boolean;
  /** Files and folders that a person named. */
  readonly paths: readonly string[];
}

export interface NamePlace {
  readonly path: string;
  /** Somebody named it: then it is missed when it isn't there. */
  readonly isNamed: boolean;
}

/**
 * The files to read now: a folder stands for the files in it that look like somebody's settings or hosts (no hidden ones, no
 * copies that an editor or a package left, and what Kea moved, which is read with its file). Never rejects; a folder that can't be read has none.
 */
export async function filesAt({ auto, paths }: NamePlaces): Promise<NamePlace[]> {
  const named = paths.map((path) => ({ path, isNamed: true }));
  const known = auto ? WELL_KNOWN.map((path) => ({ path, isNamed: false })) : [];
  const found = new Map<string, NamePlace>();
  for (const place of [...named, ...known]) {
    for (const path of await filesOf(place)) if (!found.has(path)) found.set(path, { ...place, path });
  }
  return [...found.values()];
}

async function filesOf({ path, isNamed }: NamePlace): Promise<readonly string[]> {
  if (!isNamed && !path.endsWith("/")) return [path];
  try {
    const names = (await readdir(path)).filter((name) =>
      /^[^.#].*(?<!~|\.bak|\.dpkg-\w{1,8}|\.rpm\w{1,8}|\.csv\.\w{1,9})$/.test(name),
    );
    return names
      .sort()
      .slice(0, FILES_PER_FOLDER)
      .map((name) => join(path, name));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOTDIR" || isNamed ? [path] : [];
  }
}

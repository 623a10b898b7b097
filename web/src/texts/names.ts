/** Texts of where names of devices come from. */
export const namesText = {
  title: "Names",
  about: "A name that you give a device always wins. These are asked for the names of the others.",
  sources: { files: "Files of this machine", mdns: "Multicast DNS", pihole: "Pi-hole", adguard: "AdGuard Home" },
  abouts: {
    files: "Lease and hosts files, as dnsmasq, Pi-hole, ISC dhcpd, Kea and OpenWrt write them.",
    mdns: "Asks the devices themselves over the network what they are called.",
    pihole: "Asks a Pi-hole 6 at its address.",
    adguard: "Asks an AdGuard Home at its address.",
  },
  noFiles: "No such file was found. NAME_FILES names others.",
  names: (count: number) => (count === 1 ? "1 name" : `${count} names`),
  readAgo: (ago: string) => `read ${ago}`,
  notRead: "not read yet",
  url: "Address",
  urlExample: { pihole: "http://192.168.1.2", adguard: "http://192.168.1.2:3000" },
  user: "User",
  password: "Password",
  passwordKept: "kept: leave empty to go on with it",
  saveAndTest: "Save and test",
  testing: "Asking…",
  change: "Change",
  setUp: "Set up",
  switchedOn: (source: string) => `${source}: names are read from there.`,
  switchedOff: (source: string) => `${source}: names are no longer read from there.`,

  /** Where a name comes from, by its kind. */
  kinds: {
    static: "given there",
    hosts: "hosts file",
    lease: "told by the device when it got its address",
    mdns: "told by the device",
    dns: "by a name server",
  },
  origin: (from: string, kind: string) => `from ${from}: ${kind}`,
  reverseDns: "from reverse DNS",
} as const;

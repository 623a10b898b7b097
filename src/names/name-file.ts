import { type FoundName, foundName } from "./found-name.ts";

/**
 * Names in the files that DHCP servers and resolvers keep. What a file is shows in what is in it:
 *
 * - a lease file of dnsmasq, Pi-hole and OpenWrt: `1735732800 02:1a:2b:00:00:05 192.168.1.22 annas-phone 01:02:1a:…`
 * - fixed leases of dnsmasq and Pi-hole: `dhcp-host=02:1a:2b:00:00:05,192.168.1.22,annas-phone`, without `dhcp-host=` in a
 *   file of hosts alone
 * - a hosts file: `192.168.1.40 nas nas.lan`
 * - the lease files of ISC dhcpd, and the hosts of its configuration: `lease 192.168.1.22 { … client-hostname "annas-phone"; }`
 * - the lease file of Kea: CSV with a line of names above
 *
 * Whatever can't be read as one of these is left out. A later name of a device replaces an earlier one, as these programs
 * append. Of a line that is not finished nothing is taken: who writes it may be at it.
 */
export function namesInFile(text: string): FoundName[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  if (/^address,/.test(firstOf(lines))) return keaNames(lines);
  if (lines.some((line) => BLOCK.test(line))) return dhcpdNames(text);
  // What stands behind the last line break is not finished, unless a person wrote it.
  const last = lines.length - 1;
  return lines.flatMap((line, at) => lineNames(line, at < last));
}

/** Longer lines are nobody's. */
const LINE_LENGTH = 2_000;
const BLOCK = /^[ \t]{0,16}(?:lease|host|iaaddr)[ \t]{1,16}[^ \t{]{1,255}[ \t]{0,16}\{/;
const DIGITS = /^\d{1,19}$/;
const DUID_OR_IAID = /^T?\d{1,10}$/;
const LEASE_TIME = /^(?:\d{1,10}[smhdw]?|infinite)$/i;

const firstOf = (lines: readonly string[]): string => lines.find((line) => line.trim() !== "") ?? "";
const someOf = (name: FoundName | null): FoundName[] => (name === null ? [] : [name]);

function lineNames(line: string, isFinished: boolean): FoundName[] {
  if (line.length > LINE_LENGTH) return [];
  const plain = line.split("#", 1)[0]?.trim() ?? "";
  if (plain === "") return [];
  const fixed = /^dhcp-host\s*=/.exec(plain);
  if (fixed !== null) return fixedNames(plain.slice(fixed[0].length));
  const words = plain.split(/\s+/);
  const [first = "", second = "", third = "", fourth = ""] = words;
  if (words.length === 1 && first.includes(",") && !first.includes("=")) return fixedNames(first);
  if (DIGITS.test(first) && words.length >= 4) {
    if (!isFinished) return [];
    // For IPv6 the second field is no MAC; and the DUID behind may name another interface of the device.
    return someOf(foundName("lease", DUID_OR_IAID.test(second) ? null : second, third, fourth));
  }
  return words.length >= 2 ? someOf(foundName("hosts", null, first, second)) : [];
}

/** `[<mac>…][,id:…][,set:<tag>][,tag:<tag>][,<ip>…][,<name>][,<lease time>][,ignore]`, as dnsmasq documents it. */
function fixedNames(text: string): FoundName[] {
  const fields = text.split(",", 64).map((field) => field.trim().replace(/^\[(.*)\]$/, "$1"));
  if (fields.includes("ignore")) return [];
  const macs: string[] = [];
  let ip: string | null = null;
  let name: string | null = null;
  for (const field of fields) {
    if (field === "" || /^(?:id|set|tag|net):/.test(field) || LEASE_TIME.test(field)) continue;
    // A pattern of MACs is no device's.
    if (/^[0-9a-f*:-]{11,}$/i.test(field) && field.includes("*")) return [];
    if (foundName("static", field, null, "x") !== null) macs.push(field);
    else if (foundName("static", null, field, "x") !== null) ip ??= field;
    else name ??= field;
  }
  if (name === null) return [];
  const found = name;
  return macs.length === 0
    ? someOf(foundName("static", null, ip, found))
    : macs.flatMap((mac) => someOf(foundName("static", mac, null, found)));
}

const KEA_COLUMNS = ["address", "hwaddr", "hostname", "state"] as const;

/** Kea's memfile, of IPv4 and of IPv6: the columns are named in the first line, a comma within a field is `&#x2c`. */
function keaNames(lines: readonly string[]): FoundName[] {
  let [address, mac, name, state] = [-1, -1, -1, -1];
  return lines.flatMap((line) => {
    if (line.length > LINE_LENGTH) return [];
    const fields = line.trimEnd().split(",");
    // Of a file that goes on from others, each has its own.
    if (fields[0] === "address") {
      [address = -1, mac = -1, name = -1, state = -1] = KEA_COLUMNS.map((one) => fields.indexOf(one));
      return [];
    }
    if (name < 0) return [];
    // A line that was cut short. 1 is an address that another device uses.
    if (fields.length < Math.max(name, state) + 1 || fields[state] === "1") return [];
    const text = (fields[name] ?? "").replaceAll("&#x2c", ",");
    return someOf(foundName("lease", fields[mac] ?? null, fields[address] ?? null, text));
  });
}

interface Block {
  readonly type: string;
  readonly title: string;
  mac: string | null;
  ip: string | null;
  name: string | null;
  /** What a name server was told, while the lease was in use: all there is of a device that gave a full name alone. */
  dnsName: string | null;
  isActive: boolean;
}

/** `dhcpd.leases`, `dhcpd6.leases` and `dhcpd.conf`: statements that end with `;`, in blocks. A block that is not closed gives nothing. */
function dhcpdNames(text: string): FoundName[] {
  const names: FoundName[] = [];
  const dnsNames: FoundName[] = [];
  const open: Block[] = [];
  let statement: string[] = [];
  for (const [, string, token = ""] of text.matchAll(DHCPD_TOKENS)) {
    if (string === undefined && token.startsWith("#")) continue;
    if (string === undefined && token === "{") {
      const [type = "", title = ""] = statement;
      // Nobody nests them so deeply.
      if (open.length >= 64) break;
      open.push({ type, title, mac: null, ip: null, name: null, dnsName: null, isActive: false });
    } else if (string === undefined && token === "}") {
      const block = open.pop();
      if (block !== undefined) (isNamedByServer(block) ? dnsNames : names).push(...blockNames(block));
    } else if (string === undefined && token === ";") {
      const block = open.at(-1);
      if (block !== undefined) noteStatement(block, statement);
    } else {
      if (statement.length < 8) statement.push(string === undefined ? token : unescaped(string));
      continue;
    }
    statement = [];
  }
  // A name server may have been told before a device called itself otherwise.
  return [...dnsNames, ...names];
}

/**
 * A string without its quotes (a device may call itself `}`); or a comment, a word, a mark. One that doesn't end is taken as
 * far as it was read: looking for its end from each place anew would take minutes.
 */
const DHCPD_TOKENS = /"((?:[^"\\\n]|\\.){0,1100})"?|(#[^\n]*|[{};]|[^\s{};"#]{1,1100})/g;

function unescaped(string: string): string {
  return string.replace(/\\([0-7]{3}|.)/g, (_, escaped: string) =>
    escaped.length === 3 ? String.fromCharCode(Number.parseInt(escaped, 8) & 0xff) : escaped,
  );
}

function noteStatement(block: Block, [first, second, third, fourth]: readonly string[]): void {
  if (first === "hardware" && third !== undefined) block.mac = third;
  else if (first === "fixed-address" && second !== undefined) block.ip = second.split(",", 1)[0] ?? null;
  else if ((first === "client-hostname" || first === "ddns-hostname") && second !== undefined) block.name = second;
  else if (first === "set" && DNS_NAME.test(second ?? "") && fourth !== undefined) block.dnsName = fourth;
  else if (first === "binding" && second === "state") block.isActive = third === "active";
  else if (first === "option" && second === "host-name" && third !== undefined) block.name = third;
}

const DNS_NAME = /^ddns-(?:fwd-name|client-fqdn)$/;

const isNamedByServer = ({ type, name }: Block): boolean => type !== "host" && name === null;

function blockNames({ type, title, mac, ip, name, dnsName, isActive }: Block): FoundName[] {
  const leased = name ?? (isActive ? dnsName : null) ?? "";
  // A lease for IPv6 has no MAC.
  if (type === "lease" || type === "iaaddr") return someOf(foundName("lease", mac, title, leased));
  if (type === "host") return someOf(foundName("static", mac, ip, name ?? title));
  return [];
}

import type { NameKind } from "../shared/name-kinds.ts";
import { type FoundName, foundName } from "./found-name.ts";
import { fieldOf, listOf, requestJson, textOf } from "./http-json.ts";

export interface AdguardOptions {
  /** Of the web interface, e.g. `http://192.168.1.2:3000`; a path is that under which a proxy serves it. */
  readonly url: string;
  /** Null where it lets everybody in. */
  readonly user: string | null;
  readonly password: string | null;
}

/**
 * The names that an AdGuard Home knows, by its API (openapi.yaml of its repository; basic authentication): clients that a
 * person named there, fixed leases and leases of its DHCP server, and what it found itself.
 * @throws an error in words for a person
 */
export async function readAdguard({ url, user, password }: AdguardOptions, signal: AbortSignal): Promise<FoundName[]> {
  const credentials = Buffer.from(`${user ?? ""}:${password ?? ""}`).toString("base64");
  const headers: Record<string, string> = user === null ? {} : { authorization: `Basic ${credentials}` };
  const get = async (path: string, isOptional = false) => {
    const { status, body } = await requestJson(
      `${url.replace(/\/+$/, "")}/control/${path}`,
      { method: "GET", headers },
      signal,
    );
    if (status === 401 || status === 403) {
      throw new Error(user === null ? "it wants a user and a password" : "it refuses the user or the password");
    }
    if (status === 429) throw new Error("it has seen too many attempts to log in; it is asked again later");
    // Where it can't serve DHCP, as on Windows, there is no such page.
    if (isOptional && status !== 200) return null;
    if (status !== 200 || body === null) throw new Error(`no AdGuard Home answers there (HTTP status ${status})`);
    return body;
  };
  const clients = await get("clients");
  if (fieldOf(clients, "clients") === undefined && fieldOf(clients, "auto_clients") === undefined) {
    throw new Error("no AdGuard Home answers there");
  }
  const dhcp = await get("dhcp/status", true);
  return [
    ...listOf(clients, "clients").flatMap(namedClient),
    ...listOf(dhcp, "static_leases").flatMap((one) => leaseOf("static", one)),
    ...listOf(dhcp, "leases").flatMap((one) => leaseOf("lease", one)),
    ...listOf(clients, "auto_clients").flatMap(foundClient),
  ];
}

/** `ids` are MACs, addresses, networks, and ids of clients that ask encrypted: of the last two nobody here knows whose. */
function namedClient(one: unknown): FoundName[] {
  const name = textOf(one, "name") ?? "";
  return listOf(one, "ids").flatMap((id) => {
    if (typeof id !== "string") return [];
    const found = foundName("static", id, id, name);
    return found === null ? [] : [found];
  });
}

function leaseOf(kind: NameKind, one: unknown): FoundName[] {
  const found = foundName(kind, textOf(one, "mac"), textOf(one, "ip"), textOf(one, "hostname") ?? "");
  return found === null ? [] : [found];
}

/** Where it has a name from; by the others (ARP, WHOIS) it has none of the device. */
const KINDS: Readonly<Record<string, NameKind>> = { "etc/hosts": "hosts", DHCP: "lease", rDNS: "dns" };

function foundClient(one: unknown): FoundName[] {
  const kind = KINDS[textOf(one, "source") ?? ""];
  const found = kind === undefined ? null : foundName(kind, null, textOf(one, "ip"), textOf(one, "name") ?? "");
  return found === null ? [] : [found];
}

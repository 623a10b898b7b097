import { type FoundName, foundName } from "./found-name.ts";
import { fieldOf, listOf, requestJson, textOf } from "./http-json.ts";
import { namesInFile } from "./name-file.ts";

export interface PiholeOptions {
  /** Of the web interface, e.g. `http://192.168.1.2`; what stands behind the host is left out. */
  readonly url: string;
  /** Its password, or one for applications; null where it has none. */
  readonly password: string | null;
}

/**
 * The names that a Pi-hole 6 knows, by its API (https://docs.pi-hole.net/api/): its leases and fixed leases, and the names
 * of its network table, which it learnt by asking name servers. A session is opened by the password and closed again: a
 * Pi-hole has room for few.
 * @throws an error in words for a person
 */
export async function readPihole({ url, password }: PiholeOptions, signal: AbortSignal): Promise<FoundName[]> {
  const at = (path: string) => new URL(`/api/${path}`, url).href;
  const session = await openSession(at("auth"), password, signal);
  const headers: Record<string, string> = session === null ? {} : { "X-FTL-SID": session };
  const get = async (path: string, isOptional = false) => {
    const { status, body } = await requestJson(at(path), { method: "GET", headers }, signal);
    if (isOptional && status !== 200) return null;
    if (status === 401) throw new Error("it wants a password");
    if (status !== 200 || body === null)
      throw new Error(`it answered to /api/${path.split("?")[0]} with HTTP status ${status}`);
    return body;
  };
  try {
    const leases = listOf(await get("dhcp/leases"), "leases");
    const devices = listOf(await get("network/devices?max_devices=2000&max_addresses=8"), "devices");
    const hosts = listOf(fieldOf(fieldOf(await get("config/dhcp/hosts", true), "config"), "dhcp"), "hosts");
    return [...hosts.flatMap(fixedLease), ...leases.flatMap(lease), ...devices.flatMap(networkDevice)];
  } finally {
    if (session !== null) await requestJson(at("auth"), { method: "DELETE", headers }, signal).catch(() => undefined);
  }
}

/** @returns the session's id; null where none is needed */
async function openSession(url: string, password: string | null, signal: AbortSignal): Promise<string | null> {
  const { status, body } =
    password === null
      ? await requestJson(url, { method: "GET" }, signal)
      : await requestJson(url, { method: "POST", body: { password } }, signal);
  const session = fieldOf(body, "session");
  if (session === undefined && status !== 401 && status !== 429) {
    throw new Error(`no Pi-hole 6 answers there (HTTP status ${status})`);
  }
  if (status === 429) throw new Error("it has too many sessions or attempts to log in; it is asked again later");
  if (fieldOf(session, "valid") !== true) {
    if (password === null) throw new Error("it wants a password");
    const totp = fieldOf(session, "totp") === true;
    throw new Error(totp ? "it wants a second factor: use an application password" : "it refuses the password");
  }
  return textOf(session, "sid");
}

/** A line as dnsmasq reads it. */
function fixedLease(line: unknown): FoundName[] {
  return typeof line === "string" ? namesInFile(`dhcp-host=${line}`) : [];
}

function lease(one: unknown): FoundName[] {
  const found = foundName("lease", textOf(one, "hwaddr"), textOf(one, "ip"), textOf(one, "name") ?? "");
  return found === null ? [] : [found];
}

/** Its addresses have names, the latest first; its `hwaddr` is `ip-192.168.1.5` where it saw no MAC. */
function networkDevice(one: unknown): FoundName[] {
  const mac = textOf(one, "hwaddr");
  for (const address of listOf(one, "ips")) {
    const found = foundName("dns", mac, textOf(address, "ip"), textOf(address, "name") ?? "");
    if (found !== null) return [found];
  }
  return [];
}

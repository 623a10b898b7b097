import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A program of the household on a free port of this machine, which is asked by HTTP. */
export interface FakeProgram extends AsyncDisposable {
  readonly url: string;
  /** `GET /path` of everything that was asked. */
  readonly asked: string[];
}

type Respond = (request: IncomingMessage, body: string, response: ServerResponse) => void;

/** A server that answers as `respond` does. */
export async function startProgram(respond: Respond): Promise<FakeProgram> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    respond(request, Buffer.concat(chunks).toString(), response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const json = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

export interface FakePihole {
  readonly password?: string;
  readonly totp?: boolean;
  readonly leases?: readonly unknown[];
  readonly devices?: readonly unknown[];
  readonly hosts?: readonly unknown[];
}

/** A Pi-hole 6, as its API is documented: a session for a password, of which there is room for one, and what it knows. */
export async function startPihole({ password, totp = false, leases = [], devices = [], hosts = [] }: FakePihole) {
  let session: string | null = null;
  const opened = (valid: boolean, sid: string | null) => ({
    session: { valid, totp, sid, csrf: sid && "Ux87YTIiMOf/GKCefVIOMw=", validity: valid ? 300 : -1, message: null },
    took: 0.03,
  });
  const program = await startProgram((request, body, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://pi.hole");
    const isKnown = password === undefined || (session !== null && request.headers["x-ftl-sid"] === session);
    if (pathname === "/api/auth" && request.method === "POST") {
      if (session !== null)
        return json(response, 429, { error: { key: "api_seats_exceeded", message: "API seats exceeded", hint: null } });
      if ((JSON.parse(body) as { password?: unknown }).password !== password || totp)
        return json(response, 401, opened(false, null));
      session = "vFA+EP4MQ5JJvJg+3Q2Jnw=";
      return json(response, 200, opened(true, session));
    }
    if (pathname === "/api/auth" && request.method === "GET")
      return json(response, isKnown ? 200 : 401, opened(isKnown, null));
    if (!isKnown)
      return json(response, 401, { error: { key: "unauthorized", message: "Unauthorized", hint: null }, took: 0.01 });
    if (pathname === "/api/auth" && request.method === "DELETE") {
      session = null;
      return response.writeHead(204).end();
    }
    if (pathname === "/api/dhcp/leases") return json(response, 200, { leases, took: 0.01 });
    if (pathname === "/api/network/devices") {
      return json(response, 200, {
        devices: devices.slice(0, Number(searchParams.get("max_devices") ?? 10)),
        took: 0.01,
      });
    }
    if (pathname === "/api/config/dhcp/hosts") return json(response, 200, { config: { dhcp: { hosts } }, took: 0.01 });
    return json(response, 404, { error: { key: "not_found", message: "Not found", hint: null } });
  });
  return Object.assign(program, { sessions: () => (session === null ? 0 : 1) });
}

export interface FakeAdguard {
  /** `user:password`. */
  readonly credentials?: string;
  readonly clients?: readonly unknown[];
  readonly autoClients?: readonly unknown[];
  /** Null where it can't serve DHCP. */
  readonly dhcp?: { readonly leases: readonly unknown[]; readonly static_leases: readonly unknown[] } | null;
}

/** An AdGuard Home, as its openapi.yaml describes it. */
export function startAdguard({
  credentials,
  clients = [],
  autoClients = [],
  dhcp = null,
}: FakeAdguard): Promise<FakeProgram> {
  return startProgram((request, _body, response) => {
    const expected = credentials && `Basic ${Buffer.from(credentials).toString("base64")}`;
    if (expected !== undefined && request.headers.authorization !== expected)
      return response.writeHead(401).end("Unauthorized\n");
    if (request.url === "/control/clients") {
      // Where there are none, it says null.
      const some = (list: readonly unknown[]) => (list.length === 0 ? null : list);
      return json(response, 200, {
        clients: some(clients),
        auto_clients: some(autoClients),
        supported_tags: ["device_tv"],
      });
    }
    if (request.url === "/control/dhcp/status" && dhcp !== null)
      return json(response, 200, { enabled: true, interface_name: "eth0", ...dhcp });
    return response.writeHead(404).end("404 page not found\n");
  });
}

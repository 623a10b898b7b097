import { once } from "node:events";
import { createServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";
import type { Certificate } from "./authority.ts";

/** A server that keeps what arrived, and whether that came encrypted. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
  readonly arrived: { readonly body: string; readonly encrypted: boolean }[];
  /** Every byte that came before any encryption, as it went over the wire; a TLS record is none of it. */
  readonly wire: () => Buffer;
}

/** Passes connections on to a server, and keeps what clients send: what somebody in between would see. */
async function tapped(
  server: Server,
  arrived: TestServer["arrived"],
  close: () => Promise<unknown>,
): Promise<TestServer> {
  const seen: Buffer[] = [];
  const sockets = new Set<Socket>();
  const inner = (server.address() as AddressInfo).port;
  const tap = createTcpServer((client) => {
    const onward = new (client.constructor as new () => Socket)().connect(inner, "127.0.0.1");
    for (const socket of [client, onward]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
    client.on("data", (chunk: Buffer) => seen.push(chunk));
    client.pipe(onward).pipe(client);
  });
  tap.listen(0);
  await once(tap, "listening");
  return {
    port: (tap.address() as AddressInfo).port,
    arrived,
    wire: () => Buffer.concat(seen),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      tap.close();
      await close();
    },
  };
}

export async function httpsServer({ cert, key }: Certificate): Promise<TestServer> {
  const arrived: TestServer["arrived"] = [];
  const server = createServer({ cert, key }, async (request, response) => {
    arrived.push({ body: await text(request), encrypted: true });
    response.end("{}");
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return tapped(server, arrived, async () => {
    server.close();
    server.closeAllConnections();
  });
}

/** A mail server: with TLS from the start, by STARTTLS, or without any. */
export async function mailServer(tls: "implicit" | "starttls" | "none", certificate: Certificate): Promise<TestServer> {
  const arrived: TestServer["arrived"] = [];
  const { cert, key } = certificate;
  const server = new SMTPServer({
    secure: tls === "implicit",
    cert,
    key,
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: tls === "none" ? ["STARTTLS"] : [],
    onAuth: ({ username }, _, done) => done(null, { user: username }),
    onData(stream, { secure }, done) {
      void text(stream).then((body) => {
        arrived.push({ body, encrypted: secure });
        done();
      });
    },
  });
  // Of clients that break off; the sender's side of it is what is looked at.
  server.on("error", () => {});
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  return tapped(server.server, arrived, () => new Promise<void>((resolve) => server.close(() => resolve())));
}

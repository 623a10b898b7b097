import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as a service's server got it. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** A real HTTP server on loopback that keeps what it got. */
export interface Receiver {
  readonly url: string;
  readonly host: string;
  readonly received: Received[];
  close(): Promise<void>;
}

/** @param reply what it answers to each request; 200 without a body unless it says otherwise. Null closes the connection. `before` is awaited before. */
export async function startReceiver(
  reply: (request: Received) => Reply | null = () => ({}),
  port = 0,
  before: () => Promise<void> = async () => {},
): Promise<Receiver> {
  const received: Received[] = [];
  const server: Server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const one = { method: request.method ?? "", path: request.url ?? "", headers: request.headers, body };
    await before();
    const answer = reply(one);
    if (answer === null) {
      response.destroy();
      return;
    }
    received.push(one);
    response.writeHead(answer.status ?? 200, answer.headers ?? {}).end(answer.body ?? "");
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    host,
    received,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

import { createServer, type Server, type Socket } from "node:net";
import { createFaults, type Faults, sendFaulty } from "./faults.ts";
import { createDarkstatModel, type DarkstatModel, type ModelOptions } from "./model.ts";
import {
  errorPage,
  frontPage,
  graphsXml,
  hostsPage,
  metricsText,
  type PageStyle,
  parseHostsQuery,
  type SimulatedVersion,
  versionName,
} from "./pages.ts";

export interface FakeDarkstatOptions extends ModelOptions {
  readonly version?: SimulatedVersion;
  /** `mac: false` as with `--no-macs`, `lastSeen: false` as with `--no-lastseen`. */
  readonly columns?: { readonly mac?: boolean; readonly lastSeen?: boolean };
  /** `--base`: served under this path, and at the root as well. */
  readonly base?: string;
  readonly interface?: string;
}

/** A darkstat over simulated traffic: a real server that answers to the byte as darkstat does. */
export interface FakeDarkstat extends DarkstatModel, Pick<Faults, "fault" | "clearFaults"> {
  /** Listens on loopback, on a free port unless one is given; returns the address of the first page. */
  start(port?: number): Promise<string>;
  stop(): Promise<void>;
  /** Called with the path of each request before it is answered: the place to restart in the middle of a reading. */
  onRequest(listener: ((path: string) => void) | null): void;
}

const MOST_REQUEST_BYTES = 4_000;

/** A darkstat that has just been started but does not listen yet. */
export function createFakeDarkstat(options: FakeDarkstatOptions): FakeDarkstat {
  const model = createDarkstatModel(options);
  const { version = "3.0.719", columns, base = "/", interface: iface = "br0" } = options;
  const style: PageStyle = {
    version,
    interface: iface,
    columns: { mac: columns?.mac ?? true, lastSeen: columns?.lastSeen ?? true },
  };
  const prefix = `/${base.replace(/^\/+|\/+$/g, "")}/`.replace("//", "/");
  const faults = createFaults();
  const sockets = new Set<Socket>();
  let listener: ((path: string) => void) | null = null;
  let server: Server | null = null;
  /** darkstat is single-threaded: the next request waits until this one is answered. */
  let turn: Promise<void> = Promise.resolve();

  function respond(head: string): Buffer {
    const [method = "", target = ""] = head.split(" ");
    if (head.length > MOST_REQUEST_BYTES) {
      const text = "Your request was too long.";
      return page(413, "Request Entity Too Large", text, method);
    }
    if (method !== "GET" && method !== "HEAD") {
      return page(501, "Not Implemented", `The method you specified (${method}) is not implemented.`, method);
    }
    const url = new URL(target, "http://darkstat");
    const path = url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) : url.pathname.slice(1);
    listener?.(`/${path}`);
    if (path === "") return ok("text/html; charset=us-ascii", frontPage(model, style), method);
    if (path === "graphs.xml") return ok("text/xml", graphsXml(model), method);
    if (path === "hosts/") {
      const query = parseHostsQuery(url.searchParams, model.hosts.size);
      const text = typeof query === "string" ? query : hostsPage(model, style, query);
      return ok("text/html; charset=us-ascii", text, method);
    }
    if (path === "metrics" && version === "3.0.721") return ok("text/plain", metricsText(model, style), method);
    return page(404, "Not Found", "The page you requested could not be found.", method);
  }

  function page(status: number, title: string, text: string, method: string): Buffer {
    const body = errorPage(version, `${status} ${title}`, title, text);
    return answer(version, `${status} ${title}`, "text/html; charset=us-ascii", body, model.now(), method);
  }

  function ok(type: string, body: string, method: string): Buffer {
    return answer(version, "200 OK", type, body, model.now(), method);
  }

  function serve(socket: Socket): void {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    if (faults.refuses()) return void socket.resetAndDestroy();
    let head = "";
    socket.on("data", (chunk) => {
      const before = head.length;
      head += chunk.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end < 0 && head.length <= MOST_REQUEST_BYTES) return;
      if (before > 0 && head.lastIndexOf("\r\n\r\n", before - 1) >= 0) return;
      socket.removeAllListeners("data");
      socket.resume();
      // The answer is made when it is its turn: counters move while a request waits.
      turn = turn.then(() => answerTo(socket, head));
    });
  }

  async function answerTo(socket: Socket, head: string): Promise<void> {
    if (socket.destroyed) return;
    const target = head.split(" ")[1] ?? "";
    const kind = faults.take(target);
    const response = respond(head);
    if (kind) return sendFaulty(socket, kind, response);
    await new Promise<void>((resolve) => {
      socket.once("close", resolve);
      socket.end(response, () => resolve());
    });
  }

  return {
    ...model,
    // A spread would copy the table of this moment.
    get hosts() {
      return model.hosts;
    },
    fault: faults.fault,
    clearFaults: faults.clearFaults,
    onRequest(next) {
      listener = next;
    },
    start(port = 0) {
      return new Promise<string>((resolve, reject) => {
        const opened = createServer(serve);
        server = opened;
        opened.once("error", reject);
        opened.listen(port, "127.0.0.1", () => {
          const address = opened.address();
          resolve(`http://127.0.0.1:${typeof address === "object" && address ? address.port : port}${prefix}`);
        });
      });
    },
    stop() {
      return new Promise<void>((resolve) => {
        if (!server) return resolve();
        server.close(() => resolve());
        server = null;
        for (const socket of sockets) socket.destroy();
      });
    },
  };
}

/** A response as darkstat sends it: it closes the connection afterwards without saying so. */
function answer(
  version: SimulatedVersion,
  status: string,
  type: string,
  body: string,
  now: number,
  method: string,
): Buffer {
  const bytes = Buffer.from(body, "utf8");
  const head = [
    `HTTP/1.1 ${status}`,
    `Date: ${new Date(now).toUTCString()}`,
    `Server: darkstat/${versionName(version)}`,
    "Vary: Accept-Encoding",
    `Content-Type: ${type}`,
    `Content-Length: ${bytes.length}`,
    "Content-Encoding: identity",
    "X-Robots-Tag: noindex, noarchive",
    "\r\n",
  ].join("\r\n");
  return Buffer.concat([Buffer.from(head, "latin1"), method === "HEAD" ? Buffer.alloc(0) : bytes]);
}

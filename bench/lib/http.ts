import http from "node:http";
import { gunzipSync } from "node:zlib";

export interface HttpResponse {
  readonly status: number;
  readonly bytes: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Only with `keepText`. */
  readonly text: string;
}

export interface GetOptions {
  readonly agent?: http.Agent;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly keepText?: boolean;
}

/** Sends a GET request, and reads the response to its last byte. */
export function get(url: string, options: GetOptions = {}): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const { agent, headers, keepText } = options;
    const request = http.get(url, { ...(agent && { agent }), ...(headers && { headers }) }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (keepText) chunks.push(chunk);
      });
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          bytes,
          headers: response.headers,
          text: keepText ? textOf(Buffer.concat(chunks), response.headers["content-encoding"]) : "",
        }),
      );
    });
    request.on("error", reject);
  });
}

function textOf(body: Buffer, encoding: string | undefined): string {
  return (encoding === "gzip" ? gunzipSync(body) : body).toString("utf8");
}

/** Like `get`, for what must be there. @throws Error for any other status than 200 */
export async function getOk(url: string, options?: GetOptions): Promise<HttpResponse> {
  const response = await get(url, options);
  if (response.status !== 200) throw new Error(`${url} answers ${response.status}`);
  return response;
}

/** ms until the last byte of a response, on a connection that is open already. */
export async function latencyMs(url: string, agent: http.Agent): Promise<number> {
  const began = performance.now();
  await getOk(url, { agent });
  return performance.now() - began;
}

/** How many requests a second some connections get answered, each sending the next as soon as it has the response. */
export async function requestsPerSecond(url: string, connections: number, seconds: number): Promise<number> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  let answered = 0;
  try {
    const began = performance.now();
    const until = began + seconds * 1000;
    await Promise.all(
      Array.from({ length: connections }, async () => {
        while (performance.now() < until) {
          await getOk(url, { agent });
          answered++;
        }
      }),
    );
    return answered / ((performance.now() - began) / 1000);
  } finally {
    agent.destroy();
  }
}

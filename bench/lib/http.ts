import http from "node:http";
import { gunzipSync } from "node:zlib";

export interface Answer {
  readonly status: number;
  readonly bytes: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Only when it was asked for. */
  readonly text: string;
}

export interface AskOptions {
  readonly agent?: http.Agent;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly keepText?: boolean;
}

/** Asks, and takes the answer to its last byte. */
export function ask(url: string, options: AskOptions = {}): Promise<Answer> {
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

/** Like `ask`, for what must be there. @throws Error for any other status than 200 */
export async function askWell(url: string, options?: AskOptions): Promise<Answer> {
  const answer = await ask(url, options);
  if (answer.status !== 200) throw new Error(`${url} answers ${answer.status}`);
  return answer;
}

/** ms until the last byte of an answer, on a connection that is open already. */
export async function latencyMs(url: string, agent: http.Agent): Promise<number> {
  const began = performance.now();
  await askWell(url, { agent });
  return performance.now() - began;
}

/** How many answers a second some connections get, each asking anew as soon as it was answered. */
export async function requestsPerSecond(url: string, connections: number, seconds: number): Promise<number> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  let answered = 0;
  try {
    const began = performance.now();
    const until = began + seconds * 1000;
    await Promise.all(
      Array.from({ length: connections }, async () => {
        while (performance.now() < until) {
          await askWell(url, { agent });
          answered++;
        }
      }),
    );
    return answered / ((performance.now() - began) / 1000);
  } finally {
    agent.destroy();
  }
}

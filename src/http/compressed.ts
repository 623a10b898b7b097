import { pipeline } from "node:stream";
import { nodeZlib } from "../builtin.ts";
import type { HttpRequest, HttpResponse } from "./exchange.ts";

/** What is shorter goes out as it is: it fits into a packet or two anyway. */
const WORTH_IT_BYTES = 1_400;
/** The quickest but one: figures shrink to a fifth by it, and to hardly less by the slowest. */
const LEVEL = 2;

type Chunks = AsyncIterable<Uint8Array> | readonly [string | Uint8Array];

/** A response by gzip, where the client takes that and it is worth it. Chunks of its body must stay as they are. */
export function compressed(request: HttpRequest, response: HttpResponse): HttpResponse {
  const { body } = response;
  const headers = { ...response.headers, vary: "Accept-Encoding" };
  const isShort = body === null || (!isInChunks(body) && body.length < WORTH_IT_BYTES);
  if (isShort || !accepts(request.header("accept-encoding") ?? "", "gzip")) return { ...response, headers };
  const chunks: Chunks = isInChunks(body) ? body : [body];
  return { ...response, headers: { ...headers, "content-encoding": "gzip" }, body: gzipped(chunks) };
}

function isInChunks(body: NonNullable<HttpResponse["body"]>): body is AsyncIterable<Uint8Array> {
  return typeof body === "object" && Symbol.asyncIterator in body;
}

async function* gzipped(chunks: Chunks): AsyncGenerator<Uint8Array> {
  const stream = nodeZlib().createGzip({ level: LEVEL });
  // What goes wrong with the chunks destroys the stream, and is thrown below.
  pipeline(chunks, stream, () => {});
  yield* stream as AsyncIterable<Uint8Array>;
}

/** Whether an Accept-Encoding header names an encoding without forbidding it by `q=0`. */
export function accepts(header: string, encoding: string): boolean {
  return header.split(",").some((part) => {
    const [name, ...parameters] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    return name === encoding && !parameters.some((parameter) => /^q\s*=\s*0(?:\.0*)?$/.test(parameter));
  });
}

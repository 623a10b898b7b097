import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { compressed } from "./compressed.ts";
import type { HttpRequest, HttpResponse } from "./exchange.ts";

const asking = (encodings: string) => ({ header: () => encodings }) as unknown as HttpRequest;
const LONG = "192.168.1.20 used 12 MB. ".repeat(10_000);

const response = (body: HttpResponse["body"]): HttpResponse => ({ status: 200, headers: { etag: "x" }, body });

async function* inChunks(text: string, onEnd = () => {}) {
  try {
    for (let at = 0; at < text.length; at += 50_000) yield Buffer.from(text.slice(at, at + 50_000));
  } finally {
    onEnd();
  }
}

async function bytesOf(body: HttpResponse["body"]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test("a long body is compressed for those who take it, in chunks or not, and is the same afterwards", async () => {
  for (const body of [LONG, Buffer.from(LONG), inChunks(LONG)]) {
    const { headers, body: sent } = compressed(asking("br, gzip;q=0.8"), response(body));
    expect(headers).toEqual({ etag: "x", vary: "Accept-Encoding", "content-encoding": "gzip" });
    const bytes = await bytesOf(sent);
    expect(bytes.length).toBeLessThan(LONG.length / 20);
    expect(gunzipSync(bytes).toString()).toBe(LONG);
  }
});

test("a short body, none, and what is sent to those who take no gzip stay as they are", () => {
  for (const [encodings, body] of [
    ["gzip", "{}"],
    ["gzip", null],
    ["", LONG],
    ["br, gzip;q=0", LONG],
  ] as const) {
    const same = compressed(asking(encodings), response(body));
    expect(same).toEqual({ status: 200, headers: { etag: "x", vary: "Accept-Encoding" }, body });
  }
});

test("who goes ends the chunks, and what they throw is thrown", async () => {
  let ended = false;
  const { body } = compressed(
    asking("gzip"),
    response(
      inChunks(LONG.repeat(10), () => {
        ended = true;
      }),
    ),
  );
  const iterator = (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  await iterator.next();
  await iterator.return?.();
  await expect.poll(() => ended).toBe(true);

  async function* broken() {
    yield Buffer.from(LONG);
    throw new Error("disk");
  }
  await expect(bytesOf(compressed(asking("gzip"), response(broken())).body)).rejects.toThrow("disk");
});

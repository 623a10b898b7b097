import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonBody } from "./json-body.ts";

async function textOf(value: object): Promise<string> {
  const { body } = jsonBody(value);
  if (typeof body === "string") return body;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(chunk);
  expect(chunks.length).toBeGreaterThan(1);
  return Buffer.concat(chunks).toString();
}

test("a body is what JSON.stringify writes, however long", async () => {
  const item = { name: "Küche 客厅 🍓", bytes: [1, 2.5, null] };
  for (const count of [0, 1, 5_000]) {
    const value = { from: "2026-01-01", items: Array.from({ length: count }, () => item), last: true, none: [] };
    expect(await textOf(value)).toBe(JSON.stringify(value));
  }
  const value = fc.dictionary(fc.string(), fc.oneof(fc.array(fc.jsonValue()), fc.jsonValue()));
  await fc.assert(fc.asyncProperty(value, async (some) => (await textOf(some)) === JSON.stringify(some)));
});

test("what a long body holds until it is sent is estimated by its length", () => {
  const value = { rows: Array.from({ length: 10_000 }, (_, n) => ["2026-01-01", n, 12_345]) };
  const { holds = 0 } = jsonBody(value);
  const share = holds / JSON.stringify(value).length;
  expect(share).toBeGreaterThan(0.8);
  expect(share).toBeLessThan(1.2);
});

import { expect, test } from "vitest";
import { createResponseCache } from "./response-cache.ts";

/** Something to remember, that counts how often it is made. */
function countingCache() {
  let version = "1";
  let made = 0;
  const cached = createResponseCache(async () => version);
  const bytes = (text: string) => new Uint8Array(Buffer.from(text));
  return {
    change: (to: string) => {
      version = to;
    },
    made: () => made,
    async request(key: string, length = 10): Promise<string> {
      const { body } = await cached(key, async () => {
        made += 1;
        return bytes(`${key} of ${version}`.padEnd(length));
      });
      return Buffer.from(body).toString().trim();
    },
  };
}

test("an answer is made once, and anew when anything has changed", async () => {
  const { request, change, made } = countingCache();
  expect([await request("a"), await request("a"), await request("b")]).toEqual(["a of 1", "a of 1", "b of 1"]);
  expect(made()).toBe(2);
  change("2");
  expect([await request("a"), await request("b"), await request("a")]).toEqual(["a of 2", "b of 2", "a of 2"]);
  expect(made()).toBe(4);
});

test("what changes while an answer is made is seen by the next one", async () => {
  let version = "1";
  const cached = createResponseCache(async () => version);
  const first = await cached("a", async () => {
    version = "2";
    return new Uint8Array([1]);
  });
  const second = await cached("a", async () => new Uint8Array([2]));
  expect([first.body[0], second.body[0]]).toEqual([1, 2]);
  expect(first.etag).not.toBe(second.etag);
});

test("no more is cached than a megabyte", async () => {
  const { request, made } = countingCache();
  await request("a", 900_000);
  await request("b", 200_000);
  await request("a", 900_000);
  await request("b", 200_000);
  expect(made()).toBe(3);
});

import { expect, test } from "vitest";
import { createResponseCache } from "./response-cache.ts";

/** A cache that counts how often a body is made. */
function countingCache() {
  const cache = createResponseCache();
  let made = 0;
  return {
    made: () => made,
    async ask(version: string, key: string, length = 10): Promise<string> {
      const body = await cache(version, key, async () => {
        made += 1;
        return Buffer.from(`${key} of ${version}`.padEnd(length));
      });
      return Buffer.from(body ?? [])
        .toString()
        .trim();
    },
  };
}

test("a body is made once, and anew when anything has changed", async () => {
  const { ask, made } = countingCache();
  expect([await ask("1", "a"), await ask("1", "a"), await ask("1", "b")]).toEqual(["a of 1", "a of 1", "b of 1"]);
  expect(made()).toBe(2);
  expect([await ask("2", "a"), await ask("2", "b"), await ask("2", "a")]).toEqual(["a of 2", "b of 2", "a of 2"]);
  expect(made()).toBe(4);
});

test("a body that was made while another version came is not kept for that", async () => {
  const cache = createResponseCache();
  await cache("1", "a", async () => {
    await cache("2", "b", async () => new Uint8Array([2]));
    return new Uint8Array([1]);
  });
  expect(await cache("2", "a", async () => new Uint8Array([3]))).toEqual(new Uint8Array([3]));
});

test("no more is kept than a megabyte, and nothing that is no whole body", async () => {
  const { ask, made } = countingCache();
  await ask("1", "a", 900_000);
  await ask("1", "b", 200_000);
  await ask("1", "a", 900_000);
  await ask("1", "b", 200_000);
  expect(made()).toBe(3);
  const cache = createResponseCache();
  await cache("1", "long", async () => null);
  expect(await cache("1", "long", async () => new Uint8Array([1]))).toEqual(new Uint8Array([1]));
});

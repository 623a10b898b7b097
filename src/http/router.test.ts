import { expect, test } from "vitest";
import type { HttpRequest } from "./exchange.ts";
import { createRouter, type Route } from "./router.ts";

const route = (method: Route["method"], path: string, name = path): Route => ({
  method,
  path,
  handle: (_ask, key) => ({ status: 200, headers: {}, body: `${method} ${name} ${key}` }),
});

const router = createRouter([
  route("GET", "/json"),
  route("GET", "/json", "a later one"),
  route("GET", "/devices/:key"),
  route("PUT", "/devices/:key/name"),
  route("GET", "/both"),
  route("POST", "/both"),
]);

async function answer(method: string, path: string) {
  return (await router.find(method, path)?.handle({} as HttpRequest))?.body ?? null;
}

test("of two routes for the same the first answers", async () => {
  expect(await answer("GET", "/json")).toBe("GET /json ");
});

test("HEAD is answered as GET is, and no other method", async () => {
  expect(await answer("HEAD", "/json")).toBe("GET /json ");
  expect(await answer("HEAD", "/devices/x/name")).toBeNull();
  expect(await answer("POST", "/json")).toBeNull();
});

test("a key is one part of a path, decoded, and never nothing", async () => {
  expect(await answer("GET", "/devices/02:1a")).toBe("GET /devices/:key 02:1a");
  expect(await answer("GET", "/devices/a%2Fb")).toBe("GET /devices/:key a/b");
  expect(await answer("PUT", "/devices/a/name")).toBe("PUT /devices/:key/name a");
  for (const path of ["/devices/", "/devices", "/devices/a/b", "/devices//name", "/devices/name/x"]) {
    expect(router.methodsAt(path), path).toEqual([]);
  }
});

test("the methods of a path are told once each, HEAD after GET", () => {
  expect(router.methodsAt("/json")).toEqual(["GET", "HEAD"]);
  expect(router.methodsAt("/both")).toEqual(["GET", "HEAD", "POST"]);
  expect(router.methodsAt("/devices/a/name")).toEqual(["PUT"]);
  expect(router.methodsAt("/nothing")).toEqual([]);
});

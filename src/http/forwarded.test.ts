import { describe, expect, test } from "vitest";
import { type Prefix, parsePrefix } from "../accounting/address.ts";
import { readForwarded } from "./forwarded.ts";
import { testApp, testDeps } from "./testing.ts";

const prefixes = (...texts: string[]) => texts.map((text) => parsePrefix(text) as Prefix);
const read = (peer: string, headers: Record<string, string>, trusted = prefixes("127.0.0.1", "10.0.0.0/8")) =>
  readForwarded(peer, (name) => headers[name], trusted);

describe("what a proxy says", () => {
  const nobody = { viaProxy: false, isHttps: false };
  const plain = { viaProxy: true, isHttps: false };

  test("counts only from a trusted address, and from none unless one is named", () => {
    const headers = { "x-forwarded-for": "192.168.1.7", "x-forwarded-host": "stats.example.org" };
    expect(read("127.0.0.1", headers)).toEqual({ address: "192.168.1.7", host: "stats.example.org", ...plain });
    expect(read("::ffff:127.0.0.1", headers)).toEqual({ address: "192.168.1.7", host: "stats.example.org", ...plain });
    expect(read("192.168.1.66", headers)).toEqual({ address: "192.168.1.66", host: null, ...nobody });
    expect(read("127.0.0.1", headers, [])).toEqual({ address: "127.0.0.1", host: null, ...nobody });
  });

  test("is read from the end: what a client wrote before it is not believed", () => {
    const chain = (text: string) => read("127.0.0.1", { "x-forwarded-for": text }).address;
    expect(chain("1.1.1.1, 192.168.1.7")).toBe("192.168.1.7");
    expect(chain("1.1.1.1, 192.168.1.7, 10.0.0.2")).toBe("192.168.1.7");
    expect(chain("10.0.0.9, 10.0.0.2")).toBe("10.0.0.9");
    expect(chain("192.168.1.7, nonsense, 10.0.0.2")).toBe("10.0.0.2");
    expect(chain("nonsense")).toBe("127.0.0.1");
    expect(chain("")).toBe("127.0.0.1");
  });

  test("is read from Forwarded first, with quotes, ports and IPv6 (RFC 7239)", () => {
    const text = (forwarded: string) => read("127.0.0.1", { forwarded, "x-forwarded-for": "9.9.9.9" });
    expect(text('for="[2001:db8::7]:4711";host="stats.example.org:8443";proto=https')).toEqual({
      address: "2001:db8::7",
      host: "stats.example.org:8443",
      viaProxy: true,
      isHttps: true,
    });
    expect(text("For=192.0.2.43:80, for=198.51.100.17;by=10.0.0.1;HOST=pi.lan")).toEqual({
      address: "198.51.100.17",
      host: "pi.lan",
      ...plain,
    });
    expect(text('for=unknown;host="a,b"')).toEqual({ address: "127.0.0.1", host: "a,b", ...plain });
    expect(text("")).toEqual({ address: "127.0.0.1", host: null, ...plain });
  });

  test("says whether it was asked by HTTPS, in either way of saying it", () => {
    const secure = (headers: Record<string, string>, peer = "127.0.0.1") => read(peer, headers).isHttps;
    expect(secure({ "x-forwarded-proto": "https" })).toBe(true);
    expect(secure({ forwarded: "for=192.0.2.1;proto=HTTPS" })).toBe(true);
    expect(secure({ "x-forwarded-proto": "http" })).toBe(false);
    expect(secure({ "x-forwarded-proto": "https" }, "192.168.1.66")).toBe(false);
  });
});

describe("behind a proxy on a port of its own", () => {
  const rename = async (headers: Record<string, string>, more: Parameters<typeof testDeps>[1] = {}) => {
    const uses = [{ ip: "192.168.1.10", mac: "02:00:00:00:00:0a" }];
    const app = testApp(await testDeps(uses, { trustedProxies: prefixes("127.0.0.1"), ...more }));
    const response = await app.request("/api/v1/devices/02:00:00:00:00:0a/name", {
      method: "PUT",
      body: JSON.stringify({ name: "Anna" }),
      headers: { "Content-Type": "application/json", Host: "pi.lan", ...headers },
    });
    return response.status;
  };
  const page = { Origin: "https://pi.lan:8443", "X-Forwarded-Host": "pi.lan:8443" };

  test("a page renames a device", async () => {
    expect(await rename(page)).toBe(200);
    expect(await rename({ Origin: page.Origin, Forwarded: 'for=192.168.1.7;host="pi.lan:8443"' })).toBe(200);
  });

  test("a page doesn't where the proxy is not trusted", async () => {
    expect(await rename(page, { trustedProxies: [] })).toBe(403);
    expect(await rename(page, { trustedProxies: prefixes("10.0.0.1") })).toBe(403);
  });

  test("a page of another site doesn't, nor does a name that isn't ours", async () => {
    expect(await rename({ ...page, Origin: "https://evil.example" })).toBe(403);
    const foreign = { Origin: "https://evil.example", "X-Forwarded-Host": "evil.example" };
    expect(await rename(foreign)).toBe(421);
    expect(await rename({ ...page, Host: "evil.example" })).toBe(421);
    expect(await rename({ ...page, "X-Forwarded-Host": "pi.lan:8443/x" })).toBe(400);
  });
});

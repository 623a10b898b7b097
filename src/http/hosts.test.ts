import { describe, expect, test } from "vitest";
import { createHostRule } from "./hosts.ts";

describe("without ALLOWED_HOSTS", () => {
  const rule = createHostRule([]);

  test.each([
    "192.168.1.5",
    "192.168.1.5:777",
    "[fd00::1]",
    "[fd00::1]:7777",
    "[::ffff:192.168.1.5]:80",
    "8.8.8.8",
    "localhost",
    "LOCALHOST:777",
    "pi",
    "pi.",
    "my_pi.lan:777",
    "pi.local",
    "pi.local.",
    "a.b.home.arpa",
    "stat.internal",
    "pi.localdomain",
    "pi.home",
    "pi.intranet",
    "pi.private",
    "pi.corp",
    "pi.fritz.box",
    "fritz.box",
  ])("%s is ours", (host) => {
    expect(rule(host)).toBe("ours");
  });

  test.each([
    "evil.example",
    "evil.example:777",
    "192.168.1.5.evil.example",
    "localhost.evil.example",
    "pi.local.evil.example",
    "evillocal.example",
    "notfritz.box",
    "evil.lan.com",
    "machine.tailnet.ts.net",
    "home.arpa.com",
  ])("%s is not", (host) => {
    expect(rule(host)).toBe("foreign");
  });

  test.each(["", " ", "a b", "pi/", "pi@evil.example", "[fd00::1", "pi:77x", "a,b", "pi?x", "pi:1:2", "pi\\x"])(
    "%j is no host",
    (host) => {
      expect(rule(host)).toBe("malformed");
    },
  );
});

test("ALLOWED_HOSTS takes names, whatever their case and port", () => {
  const rule = createHostRule(["Stats.Example.org", " other.example:8443 ", "https://third.example/", ""]);
  expect(rule("stats.example.org:443")).toBe("ours");
  expect(rule("other.example")).toBe("ours");
  expect(rule("third.example")).toBe("ours");
  expect(rule("sub.stats.example.org")).toBe("foreign");
});

test.each([".example.org", "*.example.org"])("ALLOWED_HOSTS takes the suffix %s", (suffix) => {
  const rule = createHostRule([suffix]);
  expect(rule("a.example.org")).toBe("ours");
  expect(rule("a.b.example.org:80")).toBe("ours");
  expect(rule("evilexample.org")).toBe("foreign");
  expect(rule("example.org")).toBe("foreign");
});

test.each(["*", "a b", "http://x/path", "*.*"])("the entry %j of ALLOWED_HOSTS is refused with an example", (entry) => {
  expect(() => createHostRule([entry])).toThrow(/ALLOWED_HOSTS: .* for example stats\.example\.org/);
});

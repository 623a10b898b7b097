import { describe, expect, test } from "vitest";
import { decodedPath, decodePart, readTarget } from "./target.ts";

describe("a request line is read as a browser would have written it:", () => {
  test.each([
    ["pi.lan:777", "/json?x=1", "pi.lan:777", "/json", "?x=1"],
    ["pi", "/", "pi", "/", ""],
    ["pi", "/?", "pi", "/", ""],
    ["pi", "/a?b?c", "pi", "/a", "?b?c"],
    ["PI:80", "/", "pi", "/", ""],
    ["[FD00::1]:777", "/", "[fd00::1]:777", "/", ""],
    ["pi", "/x/../json/./", "pi", "/json/", ""],
    ["pi", "/%2e%2E/json", "pi", "/json", ""],
    ["pi", "/..%2Fjson", "pi", "/..%2Fjson", ""],
    ["pi", `/a"b?c='d"`, "pi", "/a%22b", "?c=%27d%22"],
    ["pi", "//evil.example/json", "pi", "//evil.example/json", ""],
    ["pi", "/json?a\\b", "pi", "/json", "?a\\b"],
    ["pi", "http://other.lan:80/json?x", "other.lan", "/json", "?x"],
    ["pi", "https://u:p@other.lan", "other.lan", "/", ""],
    ["pi", "http://other.lan/a/../b#c", "other.lan", "/b", ""],
  ])("%j asked for %j", (host, target, authority, rawPath, search) => {
    expect(readTarget(host, target)).toEqual({ authority, rawPath, search });
  });

  test.each([
    ["pi", "*"],
    ["pi", "json"],
    ["pi", "ftp://pi/json"],
    ["pi", "http://"],
    ["pi", "/a\\b"],
    ["pi", "http://pi/a\\b?c"],
    ["pi@evil.example", "/"],
    ["pi/x", "/"],
    ["pi?x", "/"],
    ["pi, evil.example", "/"],
    ["pi:99999", "/"],
    ["[fd00::1", "/"],
    ["PI", "*"],
  ])("%j asked for %j is refused", (host, target) => {
    expect(() => readTarget(host, target)).toThrow("can't be understood");
  });
});

describe("a path is decoded once:", () => {
  const keyOf = (rawPath: string) => decodePart(decodedPath(rawPath).slice(1));

  test.each([
    ["/json", "/json"],
    ["/json/", "/json"],
    ["/", "/"],
    ["/json//", "/json/"],
    ["/%6Ason", "/json"],
    ["/json%2Fhistory", "/json%2Fhistory"],
    ["/a%3Fb", "/a%3Fb"],
    ["/%C3%BC", "/ü"],
  ])("%s is the place %s", (rawPath, path) => {
    expect(decodedPath(rawPath)).toBe(path);
  });

  test.each([
    ["/02%3A1a", "02:1a"],
    ["/a%2Fb", "a/b"],
    ["/a%252Fb", "a%2Fb"],
    ["/%%341", "%41"],
    ["/%zz", "%zz"],
    ["/%ff%41", "%ff%41"],
    ["/%ff-%41", "%ff-A"],
  ])("%s names %s", (rawPath, key) => {
    expect(keyOf(rawPath)).toBe(key);
  });
});

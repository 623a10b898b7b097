import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changeSources, DEFAULT_SOURCES, sourcesFromJson } from "./sources.ts";

const known = changeSources(DEFAULT_SOURCES, {
  pihole: { on: true, url: "http://192.168.1.2/", password: "secret" },
  adguard: { on: true, url: "http://192.168.1.3:3000", user: "anna", password: "secret" },
});

test("files of this machine are read by default, and nobody is asked over the network", () => {
  expect(DEFAULT_SOURCES).toMatchObject({
    files: { on: true },
    mdns: { on: false },
    pihole: { on: false },
    adguard: { on: false },
  });
});

describe("a password", () => {
  test("stays with the address and the user that it was given for", () => {
    expect(known.pihole).toEqual({ on: true, url: "http://192.168.1.2", password: "secret" });
    expect(changeSources(known, { pihole: { on: false, url: "http://192.168.1.2" } }).pihole.password).toBe("secret");
    expect(changeSources(known, { pihole: { url: "http://192.168.1.66" } }).pihole.password).toBeNull();
    expect(changeSources(known, { adguard: { url: "http://192.168.1.66:3000" } }).adguard.password).toBeNull();
    expect(changeSources(known, { adguard: { user: "ben" } }).adguard.password).toBeNull();
    expect(changeSources(known, { adguard: { user: "anna" } }).adguard.password).toBe("secret");
    expect(changeSources(known, { adguard: { user: "ben", password: "other" } }).adguard.password).toBe("other");
  });

  test("can be taken away", () => {
    expect(changeSources(known, { pihole: { password: null } }).pihole.password).toBeNull();
    expect(changeSources(known, { pihole: { password: "" } }).pihole.password).toBeNull();
  });
});

test.each([
  [{ pihole: { on: true } }, "Pi-hole needs an address, e.g. http://192.168.1.2"],
  [{ pihole: { url: "192.168.1.2" } }, "must begin with http:// or https://"],
  [{ pihole: { url: "file:///etc/passwd" } }, "must begin with http:// or https://"],
  [{ pihole: { url: "http://user:word@192.168.1.2" } }, "fields of their own"],
  [{ adguard: { on: true, url: "" } }, "AdGuard Home needs an address, e.g. http://192.168.1.2:3000"],
  [{ adguard: { user: "a:b" } }, "no colon"],
])("what can't be is refused in words: %j", (change, message) => {
  expect(() => changeSources(DEFAULT_SOURCES, change)).toThrow(message);
});

test("what was remembered is read back; what is none of ours is as by default", () => {
  expect(sourcesFromJson(JSON.parse(JSON.stringify(known)))).toEqual(known);
  expect(sourcesFromJson(null)).toEqual(DEFAULT_SOURCES);
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(Object.keys(sourcesFromJson(value))).toEqual(Object.keys(DEFAULT_SOURCES));
    }),
  );
});

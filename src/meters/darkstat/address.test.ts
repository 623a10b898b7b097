import { expect, test } from "vitest";
import { parseDarkstatAddress } from "./address.ts";

test.each([
  ["http://192.168.1.1:667", "http://192.168.1.1:667/"],
  ["http://192.168.1.1:667/", "http://192.168.1.1:667/"],
  ["  https://Router.LAN/stats ", "https://router.lan/stats/"],
  ["http://router/stats/", "http://router/stats/"],
  ["http://router/stats/hosts/", "http://router/stats/"],
  ["http://router:667/hosts/?full=yes&sort=in#top", "http://router:667/"],
  ["http://router:667/hosts/192.168.1.7/", "http://router:667/"],
  ["http://router:667/graphs.xml", "http://router:667/"],
  ["http://router/myhosts/", "http://router/myhosts/"],
  ["http://[fd00::1]:667/", "http://[fd00::1]:667/"],
])("%s is read at %s", (text, url) => {
  expect(parseDarkstatAddress(text)).toEqual({ url, authorization: null });
});

test("user and password become a header and are shown nowhere", () => {
  const address = parseDarkstatAddress("http://me:p%40ss@router:667/x");
  expect(address.url).toBe("http://router:667/x/");
  expect(address.authorization).toBe(`Basic ${Buffer.from("me:p@ss").toString("base64")}`);
});

test.each(["", "192.168.1.1:667", "router:667/", "ftp://router/", "http://", "file:///etc/passwd"])(
  "%j is refused with an example",
  (text) => {
    expect(() => parseDarkstatAddress(text)).toThrow(/must begin with http:\/\/ or https:\/\/; .*http:\/\/\S/);
  },
);

test("a refused address does not give its password away", () => {
  expect(() => parseDarkstatAddress("ftp://me:secret@router/")).toThrow(/^(?!.*secret).*router/);
  expect(() => parseDarkstatAddress("me:secret@router:667")).toThrow(
    /^(?!.*secret).*did you mean http:\/\/router:667 /,
  );
  expect(() => parseDarkstatAddress("ftp://me:se@cr/et@router/")).toThrow('DARKSTAT_URL is "ftp://router/"');
});

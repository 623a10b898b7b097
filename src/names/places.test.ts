import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { filesAt } from "./places.ts";

test("the documentation names the files that are read by themselves", async () => {
  const documentation = readFileSync(new URL("../../docs/names.md", import.meta.url), "utf8");
  const [, list = ""] = /this user may read them:\n\n([\s\S]*?)\n\n/.exec(documentation) ?? [];
  const said = [...list.matchAll(/`(\/[^`]*[^`/])`/g)].map(([, path]) => path);
  const looked = (await filesAt({ auto: true, paths: [] })).map(({ path }) => path);
  const folders = /^\/etc\/(?:dnsmasq\.d|pihole\/hosts)\//;
  // Those of Fedora are told of by their folder.
  const files = looked.filter((path) => !folders.test(path) && !path.startsWith("/var/lib/dhcpd/"));
  expect(said.sort()).toEqual(files.sort());
});

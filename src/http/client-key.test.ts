import { expect, test } from "vitest";
import { clientKey } from "./client-key.ts";

test.each([
  ["192.168.1.5", "192.168.1.5"],
  ["::ffff:192.168.1.5", "192.168.1.5"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:db8::6", "2001:db8:0:0"],
  ["fe80::1:2%eth0", "fe80:0:0:0"],
  ["::1", "0:0:0:0"],
  [undefined, ""],
])("%s counts for %s", (address, key) => {
  expect(clientKey(address)).toBe(key);
});

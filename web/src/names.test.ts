import { expect, test } from "vitest";
import { displayName } from "./names.ts";

const NOBODY = { key: "5e:04:8f:00:00:08", name: null, hostname: null, vendor: null };

test("a device is called by its name, its hostname, or its vendor and the end of its MAC", () => {
  const known = { ...NOBODY, name: "Anna's phone", hostname: "phone.lan", vendor: "Apple, Inc." };
  expect(displayName(known)).toBe("Anna's phone");
  expect(displayName({ ...known, name: null })).toBe("phone.lan");
  expect(displayName({ ...known, name: null, hostname: null })).toBe("Apple, Inc. 00:08");
});

test("a device without any name is not called by the address that stands beside it", () => {
  expect(displayName(NOBODY)).toBe("Device 00:08");
  expect(displayName({ ...NOBODY, key: "192.168.1.61" })).toBe("Device 1.61");
  expect(displayName({ ...NOBODY, key: "2001:db8::a1" })).toBe("Device ::a1");
});

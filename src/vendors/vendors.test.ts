import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { isPrivateMac } from "../accounting/address.ts";
import { type Assignment, encodeVendors } from "./encode.ts";
import { openVendors } from "./file.ts";
import { createVendorLookup } from "./lookup.ts";

const ASSIGNMENTS: Assignment[] = [
  ["B827EB", "Raspberry Pi Foundation\nMitchell Wood House\nCaldecote Cambridgeshire CB23 7NU\nUnited Kingdom"],
  ["001132", "Synology Incorporated"],
  ["0050C2", "IEEE Registration Authority"],
  ["0050C2ABC", "A Small Vendor"],
  ["0050C2ABD", "BURG-WÄCHTER KG"],
  ["70B3D5", "A Large Vendor"],
  ["70B3D5A", "A Middling Vendor"],
  ["70B3D5A12", "A Small Vendor"],
  ["ACDE48", "Private"],
  ["020701", "RACAL-DATACOM"],
  ["FCFFFF", "The Last  Vendor "],
];

const registry = ASSIGNMENTS.map(([prefix, text]): Assignment => [prefix, text.split("\n")[0] ?? ""]);
const vendorOf = createVendorLookup(encodeVendors(registry));

describe("the vendor of a network card", () => {
  test("is found by the first 24 bits of its MAC, in either case", () => {
    expect(vendorOf("b8:27:eb:10:20:0b")).toBe("Raspberry Pi Foundation");
    expect(vendorOf("B8:27:EB:FF:FF:FF")).toBe("Raspberry Pi Foundation");
    expect(vendorOf("00:11:32:00:00:00")).toBe("Synology Incorporated");
    expect(vendorOf("fc:ff:ff:00:00:00")).toBe("The Last Vendor");
  });

  test("is the one with the longest prefix", () => {
    expect(vendorOf("70:b3:d5:a1:2f:ff")).toBe("A Small Vendor");
    expect(vendorOf("70:b3:d5:a1:3f:ff")).toBe("A Middling Vendor");
    expect(vendorOf("70:b3:d5:b1:2f:ff")).toBe("A Large Vendor");
    expect(vendorOf("00:50:c2:ab:c0:00")).toBe("A Small Vendor");
  });

  test("may have letters beyond ASCII", () => {
    expect(vendorOf("00:50:c2:ab:df:ff")).toBe("BURG-WÄCHTER KG");
  });

  test("is unknown for a prefix that nobody has, before, between and after those that are given", () => {
    for (const mac of ["00:00:00:00:00:00", "00:11:33:00:00:00", "b8:27:ec:00:00:00", "fd:00:00:00:00:00"]) {
      expect(vendorOf(mac), mac).toBeNull();
    }
  });

  test("is unknown where the registry names nobody", () => {
    expect(vendorOf("ac:de:48:00:11:22")).toBeNull();
    expect(vendorOf("00:50:c2:00:00:00")).toBeNull();
  });

  test("is not looked up for an address that the device made up itself", () => {
    expect(isPrivateMac("02:07:01:00:00:00")).toBe(true);
    expect(isPrivateMac("a6:11:42:9c:00:03")).toBe(true);
    expect(vendorOf("02:07:01:00:00:00")).toBeNull();
    for (const mac of ["00:11:32:00:00:00", "b8:27:eb:10:20:0b", "192.168.1.2", ""]) {
      expect(isPrivateMac(mac), mac).toBe(false);
    }
  });

  test("is null for what is no MAC", () => {
    for (const text of ["", "192.168.1.20", "b8:27:eb", "b827eb10200b", "b8:27:eb:10:20:0b:00"]) {
      expect(vendorOf(text), text).toBeNull();
    }
  });
});

describe("the file of vendors", () => {
  test("answers the same wherever it lies in a larger buffer", () => {
    const file = encodeVendors(registry);
    const larger = new Uint8Array(file.length + 14);
    larger.set(file, 7);
    expect(createVendorLookup(larger.subarray(7, 7 + file.length))("70:b3:d5:a1:2f:ff")).toBe("A Small Vendor");
  });

  test("holds thousands, each found again", () => {
    const many = Array.from({ length: 5_000 }, (_, i): Assignment => {
      const digits = [6, 7, 9][i % 3] ?? 6;
      const prefix = (0x100000 + i * 0x0d).toString(16).padStart(6, "0").replace(/^./, "4");
      return [prefix.padEnd(digits, "7"), `Vendor ${i % 1_234}`];
    });
    const lookup = createVendorLookup(encodeVendors(many));
    for (const [prefix, name] of many) {
      const mac = prefix.padEnd(12, "0").replace(/..\B/g, "$&:");
      expect(lookup(mac), mac).toBe(name);
    }
  });

  test("is refused when it was cut off, or is something else", () => {
    const file = encodeVendors(registry);
    for (const length of [file.length - 1, 60, 24]) {
      expect(() => createVendorLookup(file.subarray(0, length)), String(length)).toThrow("cut off");
    }
    expect(() => createVendorLookup(file.subarray(0, 10))).toThrow("no file of vendors");
    expect(() => createVendorLookup(new Uint8Array(100))).toThrow("no file of vendors");
  });

  test("is not made from a registry with a bad or a doubled prefix", () => {
    expect(() => encodeVendors([["B827E", "x"]])).toThrow('"B827E" is no prefix');
    expect(() => encodeVendors([["B827EG", "x"]])).toThrow('"B827EG" is no prefix');
    expect(() => encodeVendors([["b827eb", "x"], ["B827EB", "y"]])).toThrow("comes twice"); // biome-ignore format: a table
  });
});

describe("the vendors on disk", () => {
  const folder = mkdtempSync(join(tmpdir(), "whitestat-vendors-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("are read when the first is asked for", () => {
    const path = join(folder, "late.bin");
    const errors: unknown[] = [];
    const lookup = openVendors(path, (error) => errors.push(error));
    writeFileSync(path, encodeVendors(registry));
    expect(lookup("00:11:32:00:00:00")).toBe("Synology Incorporated");
    rmSync(path);
    expect(lookup("00:11:32:00:00:01")).toBe("Synology Incorporated");
    expect(errors).toEqual([]);
  });

  test("that can't be read are unknown, which is told once", () => {
    const errors: unknown[] = [];
    const lookup = openVendors(join(folder, "none.bin"), (error) => errors.push(error));
    expect(lookup("00:11:32:00:00:00")).toBeNull();
    expect(lookup("00:11:32:00:00:00")).toBeNull();
    expect(errors).toHaveLength(1);
  });
});

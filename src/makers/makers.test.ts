import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Assignment, encodeMakers } from "./encode.ts";
import { openMakers } from "./file.ts";
import { createMakerLookup, isPrivateMac } from "./lookup.ts";

const ASSIGNMENTS: Assignment[] = [
  ["B827EB", "Raspberry Pi Foundation\nMitchell Wood House\nCaldecote Cambridgeshire CB23 7NU\nUnited Kingdom"],
  ["001132", "Synology Incorporated"],
  ["0050C2", "IEEE Registration Authority"],
  ["0050C2ABC", "A Small Maker"],
  ["0050C2ABD", "BURG-WÄCHTER KG"],
  ["70B3D5", "A Large Maker"],
  ["70B3D5A", "A Middling Maker"],
  ["70B3D5A12", "A Small Maker"],
  ["ACDE48", "Private"],
  ["020701", "RACAL-DATACOM"],
  ["FCFFFF", "The Last  Maker "],
];

const registry = ASSIGNMENTS.map(([prefix, text]): Assignment => [prefix, text.split("\n")[0] ?? ""]);
const makerOf = createMakerLookup(encodeMakers(registry));

describe("the maker of a network card", () => {
  test("is found by the first 24 bits of its MAC, in either case", () => {
    expect(makerOf("b8:27:eb:10:20:0b")).toBe("Raspberry Pi Foundation");
    expect(makerOf("B8:27:EB:FF:FF:FF")).toBe("Raspberry Pi Foundation");
    expect(makerOf("00:11:32:00:00:00")).toBe("Synology Incorporated");
    expect(makerOf("fc:ff:ff:00:00:00")).toBe("The Last Maker");
  });

  test("is the one with the longest prefix", () => {
    expect(makerOf("70:b3:d5:a1:2f:ff")).toBe("A Small Maker");
    expect(makerOf("70:b3:d5:a1:3f:ff")).toBe("A Middling Maker");
    expect(makerOf("70:b3:d5:b1:2f:ff")).toBe("A Large Maker");
    expect(makerOf("00:50:c2:ab:c0:00")).toBe("A Small Maker");
  });

  test("may have letters beyond ASCII", () => {
    expect(makerOf("00:50:c2:ab:df:ff")).toBe("BURG-WÄCHTER KG");
  });

  test("is unknown for a prefix that nobody has, before, between and after those that are given", () => {
    for (const mac of ["00:00:00:00:00:00", "00:11:33:00:00:00", "b8:27:ec:00:00:00", "fd:00:00:00:00:00"]) {
      expect(makerOf(mac), mac).toBeNull();
    }
  });

  test("is unknown where the registry names nobody", () => {
    expect(makerOf("ac:de:48:00:11:22")).toBeNull();
    expect(makerOf("00:50:c2:00:00:00")).toBeNull();
  });

  test("is not looked up for an address that the device made up itself", () => {
    expect(isPrivateMac("02:07:01:00:00:00")).toBe(true);
    expect(isPrivateMac("a6:11:42:9c:00:03")).toBe(true);
    expect(makerOf("02:07:01:00:00:00")).toBeNull();
    for (const mac of ["00:11:32:00:00:00", "b8:27:eb:10:20:0b", "192.168.1.2", ""]) {
      expect(isPrivateMac(mac), mac).toBe(false);
    }
  });

  test("is null for what is no MAC", () => {
    for (const text of ["", "192.168.1.20", "b8:27:eb", "b827eb10200b", "b8:27:eb:10:20:0b:00"]) {
      expect(makerOf(text), text).toBeNull();
    }
  });
});

describe("the file of makers", () => {
  test("answers the same wherever it lies in a larger buffer", () => {
    const file = encodeMakers(registry);
    const larger = new Uint8Array(file.length + 14);
    larger.set(file, 7);
    expect(createMakerLookup(larger.subarray(7, 7 + file.length))("70:b3:d5:a1:2f:ff")).toBe("A Small Maker");
  });

  test("holds thousands, each found again", () => {
    const many = Array.from({ length: 5_000 }, (_, i): Assignment => {
      const digits = [6, 7, 9][i % 3] ?? 6;
      const prefix = (0x100000 + i * 0x0d).toString(16).padStart(6, "0").replace(/^./, "4");
      return [prefix.padEnd(digits, "7"), `Maker ${i % 1_234}`];
    });
    const lookup = createMakerLookup(encodeMakers(many));
    for (const [prefix, name] of many) {
      const mac = prefix.padEnd(12, "0").replace(/..\B/g, "$&:");
      expect(lookup(mac), mac).toBe(name);
    }
  });

  test("is refused when it was cut off, or is something else", () => {
    const file = encodeMakers(registry);
    for (const length of [file.length - 1, 60, 24]) {
      expect(() => createMakerLookup(file.subarray(0, length)), String(length)).toThrow("cut off");
    }
    expect(() => createMakerLookup(file.subarray(0, 10))).toThrow("no file of makers");
    expect(() => createMakerLookup(new Uint8Array(100))).toThrow("no file of makers");
  });

  test("is not made from a registry with a bad or a doubled prefix", () => {
    expect(() => encodeMakers([["B827E", "x"]])).toThrow('"B827E" is no prefix');
    expect(() => encodeMakers([["B827EG", "x"]])).toThrow('"B827EG" is no prefix');
    expect(() => encodeMakers([["b827eb", "x"], ["B827EB", "y"]])).toThrow("comes twice"); // biome-ignore format: a table
  });
});

describe("the makers on disk", () => {
  const folder = mkdtempSync(join(tmpdir(), "whitestat-makers-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("are read when the first is asked for", () => {
    const path = join(folder, "late.bin");
    const errors: unknown[] = [];
    const lookup = openMakers(path, (error) => errors.push(error));
    writeFileSync(path, encodeMakers(registry));
    expect(lookup("00:11:32:00:00:00")).toBe("Synology Incorporated");
    rmSync(path);
    expect(lookup("00:11:32:00:00:01")).toBe("Synology Incorporated");
    expect(errors).toEqual([]);
  });

  test("that can't be read are unknown, which is told once", () => {
    const errors: unknown[] = [];
    const lookup = openMakers(join(folder, "none.bin"), (error) => errors.push(error));
    expect(lookup("00:11:32:00:00:00")).toBeNull();
    expect(lookup("00:11:32:00:00:00")).toBeNull();
    expect(errors).toHaveLength(1);
  });
});

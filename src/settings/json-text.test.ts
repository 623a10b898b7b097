import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonSyntaxError, readJsonObject, withValue } from "./json-text.ts";

function errorOf(text: string): { line: number; column: number; message: string } {
  try {
    readJsonObject(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return { line: error.line, column: error.column, message: error.message };
    throw error;
  }
  throw new Error("no issue");
}

describe("reading", () => {
  test("keys come with their line and value, in order", () => {
    const entries = readJsonObject('{\r\n  "a": 1,\r\n  "b\\"": ["x", {"a": null}],\r\n  "a": "two"}\r\n');
    expect(entries.map(({ key, value, line }) => [key, value, line])).toEqual([
      ["a", 1, 2],
      ['b"', ["x", { a: null }], 3],
      ["a", "two", 4],
    ]);
  });

  test("what JSON.parse takes is read the same, and what it refuses is refused", () => {
    const pieces = fc.array(
      fc.constantFrom("{", "}", "[", "]", ",", ":", '"a"', '"\\n"', "1", "-0.5e3", "01", "true", " ", "\n", '"'),
      {
        maxLength: 12,
      },
    );
    const text = fc.oneof(
      fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value, null, 2)),
      pieces.map((list) => `{${list.join("")}}`),
      pieces.map((list) => `{"k":${list.join("")}}`),
    );
    fc.assert(
      fc.property(text, (json) => {
        let expected: unknown;
        try {
          expected = JSON.parse(json);
        } catch {
          expect(() => readJsonObject(json)).toThrow(JsonSyntaxError);
          return;
        }
        const entries = readJsonObject(json).map(({ key, value }) => [key, value]);
        expect(JSON.stringify(Object.fromEntries(entries))).toBe(JSON.stringify(expected));
      }),
      { numRuns: 3000 },
    );
  });

  test.each([
    ['{\n  "a": 1,\n}', 3, 1, /extra comma before this "}"/],
    ['{\n  "a": 1\n  "b": 2\n}', 2, 9, /expected "," at the end of this line/],
    ['{\n  "f": "([\\d]+\\.)"\n}', 2, 11, /backslash in a text must be doubled: write \\\\d for \\d/],
    ["{\n  'a': 1\n}", 2, 3, /' where JSON wants "/],
    ["{\n  “a”: 1\n}", 2, 3, /“ where JSON wants "/],
    ["{\n  a: 1\n}", 2, 3, /expected a key in double quotes, found a/],
    ['{\n  "a": 1, // one\n  "b": 2}', 2, 11, /found a comment, which JSON doesn't have/],
    ['{\n  "a": True\n}', 2, 8, /expected a number or a text in double quotes, found True/],
    ['{\n  "a": 777x\n}', 2, 8, /found 777x/],
    ['{\n  "a": "x\n}', 2, 10, /no closing "/],
    ['{\n  "a": "x\ty"\n}', 2, 10, /control character inside a text/],
    ['{\n  "a" 1\n}', 2, 7, /expected ":" after the key/],
    ['{\n  "a": [1,]\n}', 2, 11, /extra comma before this "\]"/],
    ['{\n  "a": 1', 2, 9, /expected "," or "}", found the end of the file/],
    ['{\n  "a": "x', 2, 10, /the file ends inside a text/],
    ['{"a": 1}\n}', 2, 1, /} is too much/],
    ['["a"]', 1, 1, /expected "{"/],
    ["", 1, 1, /expected "{", found the end of the file/],
    // The rest of a password that holds a quote.
    ['{"DARKSTAT_URL": "http://anna:ge"heim@host"}', 1, 34, /^expected "," or "}", found other text$/],
  ])("%j: line %i, column %i", (text, line, column, message) => {
    const issue = errorOf(text);
    expect(issue.message).toMatch(message);
    expect([issue.line, issue.column]).toEqual([line, column]);
  });
});

describe("changing one value", () => {
  test("leaves every other character as it was", () => {
    const text = '{\r\n\t"b" :  1 ,\r\n\t"a":"x", "c": [1,\t2]\r\n}';
    expect(withValue(text, "a", "y|z")).toBe('{\r\n\t"b" :  1 ,\r\n\t"a":"y|z", "c": [1,\t2]\r\n}');
  });

  test("changes the last of a key that is there twice, which is the one that counts", () => {
    expect(withValue('{"a": 1, "a": 2}', "a", 3)).toBe('{"a": 1, "a": 3}');
  });

  test("a new key is put last, in the layout of its neighbours", () => {
    expect(withValue('{\r\n      "a": 1\r\n}', "b", "x")).toBe('{\r\n      "a": 1,\r\n      "b": "x"\r\n}');
    expect(withValue('{"a": 1}', "b", "x")).toBe('{"a": 1, "b": "x"}');
    expect(withValue("{}", "b", "x")).toBe('{\n    "b": "x"\n}');
  });
});

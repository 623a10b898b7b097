import { createContext, Script } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileLinear, UnsupportedPattern } from "./linear-pattern.ts";

const byteText = fc.integer({ min: 0, max: 255 }).map(String);
const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.string({ unit: fc.constantFrom("0", "1", "9", "a", "f", ".", ":"), maxLength: 12 }),
  byteText,
);

const literal = fc.constantFrom(
  "0",
  "1",
  "25",
  "192\\.168",
  "fe80",
  "a",
  "F",
  ":",
  "\\.",
  "\\:",
  "\\x31",
  "\\061",
  "{",
  "}",
  "]",
  "é",
);
const classes = fc.constantFrom(
  ".",
  "\\d",
  "\\D",
  "\\w",
  "\\W",
  "\\s",
  "\\S",
  "[0-9]",
  "[^:]",
  "[a-f\\d]",
  "[\\d-x]",
  "[.:]",
  "[]",
  "[^]",
);
const edges = fc.constantFrom("^", "$", "\\b", "\\B");
const quantifier = fc.constantFrom("*", "+", "?", "{2}", "{1,}", "{0,3}", "{3,3}", "*?", "+?", "{1,2}?");

/** Patterns that JavaScript takes and whose every part it reads in one way only. */
const { pattern } = fc.letrec((tie) => ({
  pattern: fc.array(tie("sequence"), { minLength: 1, maxLength: 3 }).map((parts) => parts.join("|")),
  sequence: fc.array(tie("part"), { maxLength: 4 }).map((parts) => parts.join("")),
  part: fc.oneof({ depthSize: "small" }, fc.oneof(literal, classes, edges), tie("repeated"), tie("group")),
  repeated: fc
    .tuple(fc.oneof(classes, fc.constantFrom("0", "a", "\\."), tie("group")), quantifier)
    .map(([what, times]) => what + times),
  group: fc
    .tuple(fc.constantFrom("(", "(?:", "(?<n>", "(?=", "(?!"), tie("pattern"))
    .map(([open, inner]) => `${open}${inner})`),
})) as { pattern: fc.Arbitrary<string> };

function native(source: string, ignoreCase: boolean): RegExp | null {
  try {
    return new RegExp(`^(?:${source})`, ignoreCase ? "i" : "");
  } catch {
    return null;
  }
}

const sandbox: { engine: RegExp; texts: readonly string[] } = { engine: /x/, texts: [] };
const context = createContext(sandbox);
const ask = new Script("texts.map((text) => engine.test(text))");

/** What JavaScript's own engine says of each text; null where that would take it hours, even for short ones. */
function answersOf(engine: RegExp, texts: readonly string[]): boolean[] | null {
  try {
    Object.assign(sandbox, { engine, texts });
    return ask.runInContext(context, { timeout: 200 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return null;
    throw error;
  }
}

describe("a pattern in bounded time", () => {
  test("matches what JavaScript's own engine matches", () => {
    let compared = 0;
    fc.assert(
      fc.property(pattern, fc.boolean(), fc.array(address, { minLength: 5 }), (source, ignoreCase, texts) => {
        const engine = native(source, ignoreCase);
        if (engine === null) return;
        let matches: (text: string) => boolean;
        try {
          matches = compileLinear(source, ignoreCase);
        } catch (error) {
          if (error instanceof UnsupportedPattern) return;
          throw error;
        }
        const short = texts.map((text) => text.slice(0, 15));
        for (const [index, expected] of (answersOf(engine, short) ?? []).entries()) {
          compared += 1;
          expect(matches(short[index] as string), `${source} on ${short[index]}`).toBe(expected);
        }
      }),
      { numRuns: 3_000 },
    );
    expect(compared).toBeGreaterThan(10_000);
  });

  test("says at once what JavaScript's engine takes hours for", () => {
    const long = "2001:db8:1234:5678:9abc:def0:1234:5678";
    expect(compileLinear("([0-9a-f:]+)+x", false)(long)).toBe(false);
    expect(compileLinear("(.*)*(.*)*(.*)*$x", false)(long)).toBe(false);
    expect(compileLinear("(a|a|[0-9a-f:])*x|2001", false)(long)).toBe(true);
    expect(compileLinear("(?:(?=([0-9a-f:]+)+x)|.)*y", false)(long)).toBe(false);
    expect(compileLinear(".*.*.*.*.*.*.*.*.*.*.*.*x", false)(long)).toBe(false);
  });

  test.each([
    ["(\\d+)\\.\\1", "holds the back-reference \\1"],
    ["(?<a>\\d+)\\.\\k<a>", "holds the back-reference \\k"],
    ["(?<=1)9", "holds (?<=, which"],
    ["(?<!1)9", "holds (?<!, which"],
    ["(?i:fe80)", "holds (?i, which"],
    ["\\d{0,100000}", "is too expensive"],
    ["((\\d{1,50}){1,50}){1,50}", "is too expensive"],
    ["(?=(?:\\d|\\.){1,60})".repeat(3), "is too expensive"],
    [`${"(".repeat(200)}1${")".repeat(200)}`, "is nested more than 100 groups deep"],
  ])("%j is refused: %s", (source, why) => {
    expect(() => compileLinear(source, false)).toThrow(UnsupportedPattern);
    expect(() => compileLinear(source, false)).toThrow(why);
  });

  test("a list of a hundred addresses is not too expensive", () => {
    const list = Array.from({ length: 100 }, (_, i) => `192\\.168\\.1\\.${i}`).join("|");
    expect(compileLinear(`(${list})$`, false)("192.168.1.99")).toBe(true);
    expect(compileLinear(`(${list})$`, false)("192.168.1.100")).toBe(false);
  });
});

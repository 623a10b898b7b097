/**
 * A JSON object as text with places: where each key stands, and how to change one value and leave every other
 * character as its owner typed it. JSON.parse tells neither, and rewriting the whole would lose the owner's layout.
 */

/** One key of the top-level object. */
export interface Entry {
  readonly key: string;
  readonly value: unknown;
  /** 1-based line of the key. */
  readonly line: number;
  /** Offsets of the value in the text. */
  readonly from: number;
  readonly to: number;
}

/** Why a text is not a JSON object: `line` and `column` are 1-based, the message says what was expected. */
export class JsonSyntaxError extends Error {
  override readonly name = "JsonSyntaxError";
  readonly line: number;
  readonly column: number;
  constructor(text: string, at: number, message: string) {
    super(message);
    const before = text.slice(0, at).split(/\r\n|\r|\n/);
    this.line = before.length;
    this.column = (before.at(-1) as string).length + 1;
  }
}

/**
 * The keys of a JSON object, in order; a key given twice is there twice.
 * @throws JsonSyntaxError where the text stops being a JSON object
 */
export function readJsonObject(text: string): Entry[] {
  const entries: Entry[] = [];
  const end = skipObject(text, afterSpaces(text, 0), (key, keyAt, from, to) => {
    const line = text.slice(0, keyAt).split(/\r\n|\r|\n/).length;
    entries.push({ key, value: JSON.parse(text.slice(from, to)), line, from, to });
  });
  const rest = afterSpaces(text, end);
  if (rest < text.length) {
    throw new JsonSyntaxError(text, rest, `the settings end with the "}" before; ${found(text, rest)} is too much`);
  }
  return entries;
}

/** The text with another value for a key; a new key is put behind the last one, in the layout of its neighbours. */
export function withValue(text: string, key: string, value: unknown): string {
  const entries = readJsonObject(text);
  const entry = entries.findLast((candidate) => candidate.key === key);
  const json = JSON.stringify(value);
  if (entry) return text.slice(0, entry.from) + json + text.slice(entry.to);
  const last = entries.at(-1);
  if (!last) {
    const brace = text.indexOf("{");
    return `${text.slice(0, brace + 1)}\n    ${JSON.stringify(key)}: ${json}\n${text.slice(text.lastIndexOf("}"))}`;
  }
  const lead = /(?:\r\n|\r|\n)[ \t]*(?="(?:[^"\\]|\\.)*"\s*:\s*$)/.exec(text.slice(0, last.from))?.[0] ?? " ";
  return `${text.slice(0, last.to)},${lead}${JSON.stringify(key)}: ${json}${text.slice(last.to)}`;
}

type OnEntry = (key: string, keyAt: number, from: number, to: number) => void;

/** The offset behind the object that starts at `at`. */
function skipObject(text: string, at: number, onEntry?: OnEntry): number {
  if (text[at] !== "{") throw new JsonSyntaxError(text, at, `expected "{", found ${found(text, at)}`);
  let i = afterSpaces(text, at + 1);
  if (text[i] === "}") return i + 1;
  for (;;) {
    if (text[i] === "}") throw new JsonSyntaxError(text, i, 'there is an extra comma before this "}": delete it');
    if (text[i] !== '"') throw new JsonSyntaxError(text, i, `expected a key in double quotes, found ${found(text, i)}`);
    const keyAt = i;
    const keyEnd = skipString(text, i);
    i = afterSpaces(text, keyEnd);
    if (text[i] !== ":") throw new JsonSyntaxError(text, i, `expected ":" after the key, found ${found(text, i)}`);
    const from = afterSpaces(text, i + 1);
    const to = skipValue(text, from);
    onEntry?.(JSON.parse(text.slice(keyAt, keyEnd)), keyAt, from, to);
    i = afterSpaces(text, to);
    if (text[i] === "}") return i + 1;
    if (text[i] !== ",") throw missingComma(text, to, i, "}");
    i = afterSpaces(text, i + 1);
  }
}

function skipArray(text: string, at: number): number {
  let i = afterSpaces(text, at + 1);
  if (text[i] === "]") return i + 1;
  for (;;) {
    if (text[i] === "]") throw new JsonSyntaxError(text, i, 'there is an extra comma before this "]": delete it');
    const to = skipValue(text, i);
    i = afterSpaces(text, to);
    if (text[i] === "]") return i + 1;
    if (text[i] !== ",") throw missingComma(text, to, i, "]");
    i = afterSpaces(text, i + 1);
  }
}

/** A value that isn't followed by a comma: the issue is where the value ends, not where the next line begins. */
function missingComma(text: string, valueEnd: number, next: number, closing: string): JsonSyntaxError {
  return text[next] === '"'
    ? new JsonSyntaxError(text, valueEnd, 'expected "," at the end of this line: another key follows')
    : new JsonSyntaxError(text, next, `expected "," or "${closing}", found ${found(text, next)}`);
}

const LITERAL = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const WORD = /[^\s,\]}"{[]+/y;

function skipValue(text: string, at: number): number {
  if (text[at] === '"') return skipString(text, at);
  if (text[at] === "{") return skipObject(text, at);
  if (text[at] === "[") return skipArray(text, at);
  WORD.lastIndex = at;
  const word = WORD.exec(text)?.[0] ?? "";
  LITERAL.lastIndex = at;
  if (word !== "" && LITERAL.exec(text)?.[0] === word) return at + word.length;
  throw new JsonSyntaxError(text, at, `expected a number or a text in double quotes, found ${found(text, at)}`);
}

function skipString(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const char = text[i] as string;
    if (char === '"') return i + 1;
    if (char === "\\") {
      const known = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(text.slice(i, i + 6))?.[0];
      if (!known) {
        const twice = `\\\\${text[i + 1] ?? ""}`.trimEnd();
        throw new JsonSyntaxError(
          text,
          i,
          `a backslash in a text must be doubled: write ${twice} for ${twice.slice(1)}`,
        );
      }
      i += known.length - 1;
    } else if (char === "\n" || char === "\r") {
      throw new JsonSyntaxError(text, i, 'the text that began on this line has no closing "');
    } else if (char < " ") {
      throw new JsonSyntaxError(text, i, "a tab or control character inside a text: delete it, or write \\t for a tab");
    }
  }
  throw new JsonSyntaxError(text, text.length, 'the file ends inside a text: the closing " is missing');
}

function afterSpaces(text: string, at: number): number {
  let i = at;
  while (text[i] === " " || text[i] === "\t" || text[i] === "\n" || text[i] === "\r") i++;
  return i;
}

function found(text: string, at: number): string {
  if (at >= text.length) return "the end of the file";
  const rest = text.slice(at);
  if (/^(?:\/\/|\/\*|#)/.test(rest)) return "a comment, which JSON doesn't have: delete it";
  if (/^['‘’“”]/.test(rest)) return `${rest[0]} where JSON wants "`;
  // The rest of an address that a quote cut in two, with a password in it.
  if (/^[^\r\n]*@/.test(rest)) return "other text";
  return (/^[\w.+-]+/.exec(rest)?.[0] ?? String.fromCodePoint(rest.codePointAt(0) as number)).slice(0, 40);
}

import { ValidationError } from "./validation-error.ts";

/**
 * Compiles IPFilter as the original's `re.match` read it: anchored at the start of the address, open at its end.
 * What only Python spells so is translated: `(?P<name>…)`, `(?P=name)`, `\A`, `\Z`, `(?i)` at the start.
 * @throws ValidationError when it is no regular expression here
 */
export function compileIpFilter(source: string): RegExp {
  const ignoreCase = source.startsWith("(?i)");
  const pattern = (ignoreCase ? source.slice(4) : source).replace(
    /\\([\s\S])|\(\?P<|\(\?P=(\w+)\)/g,
    (part: string, escaped: string | undefined, name: string | undefined) => {
      if (escaped === "A") return "^";
      if (escaped === "Z") return "$";
      if (name !== undefined) return `\\k<${name}>`;
      return part === "(?P<" ? "(?<" : part;
    },
  );
  try {
    return new RegExp(`^(?:${pattern})`, ignoreCase ? "i" : "");
  } catch (error) {
    throw new ValidationError(`is no regular expression that can be used here: ${reason(error)}`);
  }
}

/** The engine's own words, without the pattern that we wrapped. */
function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.slice(message.lastIndexOf(": ") + 2).toLowerCase();
}

import type { Ipv6 } from "../shared/status.ts";
import { compileLinear, UnsupportedPattern } from "./linear-pattern.ts";
import { ValidationError } from "./validation-error.ts";

/** As IPFilter: IPv4, as the older versions had it at first. */
export const IPV4_ONLY = "([\\d]+\\.){3,3}\\d+";
/** IPFilter as it is at first: every address. */
export const ANY_ADDRESS = ".*";

/** What IPFilter makes of IPv6, as far as the dashboard can switch it: a pattern of somebody's own is left alone. */
export function ipv6By({ source }: Pick<IpFilter, "source">): Ipv6 {
  if (source === ANY_ADDRESS) return "included";
  return source === IPV4_ONLY ? "excluded" : "filtered";
}

/** IPFilter, compiled. */
export interface IpFilter {
  /** As it stands in the settings. */
  readonly source: string;
  /** Whether an address is reported; in bounded time. */
  test(ip: string): boolean;
}

/**
 * Compiles IPFilter as the original's `re.match` read it: anchored at the start of the address, open at its end.
 * What only Python spells so is translated: `(?P<name>…)`, `(?P=name)`, `\A`, `\Z`, `(?i)` at the start.
 * @throws ValidationError when it is no regular expression, or one that can't be matched in bounded time
 */
export function compileIpFilter(source: string): IpFilter {
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
    new RegExp(pattern);
  } catch (error) {
    throw new ValidationError(`isn't a valid regular expression: ${reason(error)}`);
  }
  try {
    return { source, test: compileLinear(pattern, ignoreCase) };
  } catch (error) {
    if (error instanceof UnsupportedPattern) throw new ValidationError(error.message);
    throw error;
  }
}

/** The engine's own words, without the pattern, which may be long. */
function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.slice(message.lastIndexOf(": ") + 2).toLowerCase();
}

import type { ParseArgsConfig } from "node:util";
import { isDay } from "../accounting/calendar.ts";
import { nodeUtil } from "../builtin.ts";

/** What a person typed can't be understood; the message says what, and how it is meant. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Reads a command's own arguments. `usage` is shown with every complaint, e.g. `whitestat backup PATH`.
 * @throws UsageError
 */
export function readArguments<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: Options,
  usage: string,
  positionals: { readonly least: number; readonly most: number },
) {
  try {
    const read = nodeUtil().parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    const count = read.positionals.length;
    if (count < positionals.least) throw new Error("something is missing");
    if (count > positionals.most) throw new Error(`"${read.positionals[positionals.most]}" is one too many`);
    return read;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}.\nUsage: ${usage}`);
  }
}

/** A day on the command line; null without one. @throws UsageError */
export function dayArgument(name: string, text: string | undefined): string | null {
  if (text === undefined) return null;
  if (isDay(text)) return text;
  throw new UsageError(`--${name}: "${text}" is no day. A day reads like 2026-01-31.`);
}

import type { ParseArgsConfig } from "node:util";
import { isDay } from "../accounting/calendar.ts";
import type { Day } from "../accounting/types.ts";
import { nodeUtil } from "../builtin.ts";

/** What a person may type after a command's name: for `--help`, and for every error about it. */
export interface Manual {
  /** Without the program's name: `backup PATH [--force]`. */
  readonly usage: string;
  /** One sentence, without its full stop. */
  readonly sentence: string;
  readonly options: readonly (readonly [option: string, meaning: string])[];
  readonly example: string;
}

/** What a person typed can't be understood; the message says what, and what is allowed. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** Of the command that it was typed for. */
  readonly manual: Manual;
  constructor(message: string, manual: Manual) {
    super(message);
    this.manual = manual;
  }
}

/**
 * Reads a command's own arguments.
 * @param positionals what those without `--` are called, e.g. PATH: each must be there, once
 * @throws UsageError
 */
export function readArguments<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: Options,
  manual: Manual,
  positionals: readonly string[],
) {
  const read = parse(args, options, manual);
  const missing = positionals[read.positionals.length];
  if (missing !== undefined) throw new UsageError(`Missing argument: ${missing}.`, manual);
  const extra = read.positionals[positionals.length];
  if (extra !== undefined) throw new UsageError(`Unexpected argument: ${JSON.stringify(extra)}.`, manual);
  return read;
}

function parse<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: Options,
  manual: Manual,
) {
  try {
    return nodeUtil().parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const named = /'(-[^' ]*)/.exec(message)?.[1] ?? "";
    if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
      const allowed = Object.keys(options).map((name) => `--${name}`);
      const near = nearest(named, allowed);
      const meant = near === null ? "" : ` Did you mean ${near}?`;
      throw new UsageError(
        `Unknown option: ${named}.${meant} Allowed: ${allowed.length > 0 ? allowed.join(", ") : "none"}.`,
        manual,
      );
    }
    if (code === "ERR_PARSE_ARGS_INVALID_OPTION_VALUE") {
      const takesNone = /does not take an argument/.test(message);
      throw new UsageError(`${named} ${takesNone ? "takes no value" : "needs a value"}.`, manual);
    }
    throw error;
  }
}

/** A day on the command line; null without one. @throws UsageError */
export function dayArgument(name: string, text: string | undefined, manual: Manual): Day | null {
  if (text === undefined) return null;
  if (isDay(text)) return text;
  throw new UsageError(`--${name}: ${JSON.stringify(text)} isn't a valid date. Dates look like 2026-01-31.`, manual);
}

/** Refuses a range that holds no day that has been: nobody means that. @throws UsageError */
export function checkRange(from: Day | null, to: Day | null, today: Day, manual: Manual): void {
  if (from !== null && to !== null && from > to) {
    throw new UsageError(`--from ${from} is after --to ${to}: swap them.`, manual);
  }
  if (from !== null && from > today) {
    throw new UsageError(`--from ${from} is in the future: today is ${today}.`, manual);
  }
}

/** The word of a list that was probably meant; null when none is near. */
export function nearest(typed: string, words: readonly string[]): string | null {
  const ranked = words.map((word) => ({ word, distance: distanceOf(typed.toLowerCase(), word) }));
  const best = ranked.sort((a, b) => a.distance - b.distance)[0];
  return best !== undefined && best.distance <= Math.max(1, Math.floor(best.word.length / 3)) ? best.word : null;
}

/** How many letters must be added, left out or changed to come from one word to the other. */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j += 1) {
      const change = (row[j] as number) + (letter === other[j] ? 0 : 1);
      next.push(Math.min(change, (row[j + 1] as number) + 1, (next[j] as number) + 1));
    }
    row = next;
  }
  return row[other.length] as number;
}

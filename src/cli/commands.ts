import { settingsHelp } from "../settings/manual.ts";
import { StoreError } from "../store/store.ts";
import { ARCHIVING, archiveCommand } from "./archive.ts";
import { type Manual, nearest, readArguments, UsageError } from "./arguments.ts";
import { BACKUP, backupCommand } from "./backup.ts";
import { COPY, copyCommand } from "./copy.ts";
import { demo } from "./demo.ts";
import { DOCTOR, doctorCommand } from "./doctor.ts";
import { CommandError, isSystemError, reasonOf } from "./errors.ts";
import { EXPORT, exportCommand } from "./export.ts";
import { IMPORT, importCommand } from "./import.ts";
import { EXIT, type Io } from "./io.ts";
import { PASSWORD, passwordCommand } from "./password.ts";
import { serve } from "./serve.ts";

interface Command {
  readonly manual: Manual;
  readonly run: (io: Io, args: readonly string[]) => Promise<number>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  serve: bare(serve, {
    usage: "[serve]",
    sentence: "measure, and serve the dashboard; the default",
    options: [],
    example: "serve",
  }),
  demo: bare(demo, {
    usage: "demo",
    sentence: "show a simulated household, in a data store of its own",
    options: [],
    example: "demo",
  }),
  import: { manual: IMPORT, run: importCommand },
  export: { manual: EXPORT, run: exportCommand },
  backup: { manual: BACKUP, run: backupCommand },
  archive: { manual: ARCHIVING, run: archiveCommand },
  copy: { manual: COPY, run: copyCommand },
  password: { manual: PASSWORD, run: passwordCommand },
  doctor: { manual: DOCTOR, run: doctorCommand },
};

const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [EXIT.ok, "done"],
  [EXIT.failed, "it failed, or doctor found a problem"],
  [EXIT.usage, "the command line isn't valid"],
  [EXIT.noInput, "a file can't be read"],
  [EXIT.unavailable, "the port or the data store is in use"],
  [EXIT.cantCreate, "a file can't be written"],
  [EXIT.config, "the settings aren't valid, or the database is another program's or a newer version's"],
];

/** A command without arguments. */
function bare(work: (io: Io) => Promise<number>, manual: Manual): Command {
  return {
    manual,
    run(io, args) {
      readArguments(args, {}, manual, []);
      return work(io);
    },
  };
}

/**
 * Does what the command line says. What stands before the command's name is for all of them; what follows it is the
 * command's own.
 * @param args without the program's own
 * @param io asked for once there is something to do
 * @param version for `--version`
 * @returns the exit code
 */
export async function runCommand(
  args: readonly string[],
  io: () => Io,
  out: Pick<Io, "stdout" | "stderr" | "version">,
): Promise<number> {
  const at = args.findIndex((arg) => !arg.startsWith("-"));
  const general = at === -1 ? args : args.slice(0, at);
  const own = at === -1 ? [] : args.slice(at + 1);
  const name = at === -1 ? "serve" : (args[at] as string);
  const unknown = general.find((arg) => !["--help", "-h", "--version", "-v"].includes(arg));
  if (unknown !== undefined) return misused(out, `Unknown option: ${unknown}. Allowed: --help, --version.`);
  if (general.some((arg) => arg === "--version" || arg === "-v")) return say(out, `${out.version}\n`);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  const isAsking = general.length > 0 || own.includes("--help") || own.includes("-h");
  if (name === "help" || (isAsking && (at === -1 || command === undefined))) {
    const about = name === "help" && own[0] !== undefined && Object.hasOwn(COMMANDS, own[0]) ? COMMANDS[own[0]] : null;
    return say(out, about ? manualText(about.manual) : help(out.version));
  }
  if (command === undefined) {
    const near = nearest(name, Object.keys(COMMANDS));
    return misused(out, `Unknown command: ${name}.${near === null ? "" : ` Did you mean ${near}?`}`);
  }
  if (isAsking) return say(out, manualText(command.manual));
  try {
    return await command.run(io(), own);
  } catch (error) {
    return report(out, error);
  }
}

/** Tells why a command ended: in a sentence, unless nobody foresaw it. The error comes last, where the eye is. */
function report({ stderr }: Pick<Io, "stderr">, error: unknown): number {
  const tell = (code: number, ...lines: readonly string[]) => {
    stderr.write(`${lines.filter((line) => line !== "").join("\n")}\n`);
    return code;
  };
  if (error instanceof UsageError) return tell(EXIT.usage, `${usageLines(error.manual)}\n`, error.message);
  if (error instanceof CommandError) return tell(error.exitCode, error.message, error.hint);
  if (error instanceof StoreError) {
    return tell(error.code === "busy" ? EXIT.unavailable : EXIT.failed, `${error.message}.`, error.hint);
  }
  if (isSystemError(error)) return tell(EXIT.failed, `${error.path ?? "The system"}: ${reasonOf(error)}.`);
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return tell(EXIT.failed, "This is a bug in WhiteStat. Please report it with these lines:", stack);
}

function say({ stdout }: Pick<Io, "stdout">, text: string): number {
  stdout.write(text);
  return EXIT.ok;
}

function misused({ stderr }: Pick<Io, "stderr">, message: string): number {
  stderr.write(`${commandLines()}\n\nSettings and more: whitestat --help\n\n${message}\n`);
  return EXIT.usage;
}

function commandLines(): string {
  const lines = Object.entries(COMMANDS).map(([name, { manual }]) => `  ${name.padEnd(10)}${manual.sentence}`);
  return `Usage: whitestat [command]\n\n${lines.join("\n")}`;
}

function usageLines({ usage, example }: Manual): string {
  return `Usage: whitestat ${usage}\nExample: whitestat ${example}`;
}

function manualText(manual: Manual): string {
  const width = Math.max(...manual.options.map(([option]) => option.length), 0) + 2;
  const options = manual.options.map(([option, meaning]) => `  ${option.padEnd(width)}${meaning}\n`).join("");
  return `${usageLines(manual)}\n\n${sentenceOf(manual.sentence)}\n${options === "" ? "" : `\n${options}`}`;
}

function sentenceOf(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

function help(version: string): string {
  const codes = EXIT_CODES.map(([code, meaning]) => `  ${String(code).padEnd(8)}${meaning}`).join("\n");
  return `WhiteStat ${version}

${commandLines()}

whitestat COMMAND --help explains a command.

Exit codes:

${codes}

Settings, in WhiteStatConfig.json or as environment variables:

${settingsHelp()}
`;
}

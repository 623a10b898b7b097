import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { readArguments, UsageError } from "./cli/arguments.ts";
import { backupCommand } from "./cli/backup.ts";
import { demo } from "./cli/demo.ts";
import { doctorCommand } from "./cli/doctor.ts";
import { exportCommand } from "./cli/export.ts";
import { importCommand } from "./cli/import.ts";
import { EXIT, type Io } from "./cli/io.ts";
import { serve } from "./cli/serve.ts";
import { openZone } from "./cli/zone.ts";
import { settingsHelp } from "./settings/manual.ts";
import { StoreError } from "./store/store.ts";

declare const __VERSION__: string;
declare const __BUILT_AT__: number;

interface Command {
  readonly run: (io: Io, args: readonly string[]) => Promise<number>;
  readonly sentence: string;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  serve: { run: bare(serve), sentence: "measure, and serve the dashboard (this is what no command does)" },
  demo: { run: bare(demo), sentence: "show a simulated household, in a store of its own" },
  import: {
    run: importCommand,
    sentence: "PATH [--dry-run] [--from DAY] [--to DAY]: merge another history into this one",
  },
  export: {
    run: exportCommand,
    sentence: "[--from DAY] [--to DAY] [--format csv|json] [--output FILE]: write every day",
  },
  backup: { run: backupCommand, sentence: "PATH: copy the database while it is in use" },
  doctor: { run: doctorCommand, sentence: "look at darkstat, store, clock and settings, and say what is wrong" },
};

process.exitCode = await main(process.argv.slice(2));

/** What stands before the command's name is for all of them; what follows it is the command's own. */
async function main(args: readonly string[]): Promise<number> {
  const at = args.findIndex((arg) => !arg.startsWith("-"));
  const general = at === -1 ? args : args.slice(0, at);
  const own = at === -1 ? [] : args.slice(at + 1);
  const unknown = general.find((arg) => !["--help", "-h", "--version", "-v"].includes(arg));
  if (unknown !== undefined) return misused(`There is no option "${unknown}" here.`);
  if (general.some((arg) => arg === "--version" || arg === "-v")) return say(`${__VERSION__}\n`);
  if (general.length > 0 || own.includes("--help") || own.includes("-h")) return say(help());
  const name = args[at] ?? "serve";
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return command === undefined ? misused(`There is no command "${name}".`) : run(command, own);
}

async function run(command: Command, args: readonly string[]): Promise<number> {
  try {
    return await command.run(processIo(), args);
  } catch (error) {
    if (error instanceof UsageError) return complain(error.message, EXIT.usage);
    if (!(error instanceof StoreError)) throw error;
    const end = error.code === "busy" ? EXIT.unavailable : EXIT.failed;
    return complain(`${error.message}.\n${error.remedy}`, end);
  }
}

/** A command without arguments. */
function bare(work: (io: Io) => Promise<number>): Command["run"] {
  return (io, args) => {
    readArguments(args, {}, "whitestat [serve|demo], without arguments", { least: 0, most: 0 });
    return work(io);
  };
}

function say(text: string): number {
  process.stdout.write(text);
  return EXIT.ok;
}

function complain(text: string, code: number): number {
  process.stderr.write(`${text}\n`);
  return code;
}

function misused(complaint: string): number {
  return complain(`${complaint}\n\n${help()}`, EXIT.usage);
}

function help(): string {
  const commands = Object.entries(COMMANDS).map(([name, { sentence }]) => `  ${name.padEnd(8)}${sentence}`);
  return `whitestat [command]\n\n${commands.join("\n")}\n\nSettings, in WhiteStatConfig.json or as environment variables:\n\n${settingsHelp()}`;
}

/** The process, as the product sees it. */
function processIo(): Io {
  const ending = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => {
      // A second Ctrl+C means it.
      if (ending.signal.aborted && signal === "SIGINT") process.exit(130);
      ending.abort();
    });
  }
  // A closed pipe is nobody listening, not a reason to stop measuring.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  return {
    env: process.env,
    cwd: process.cwd(),
    stdout: process.stdout,
    stderr: process.stderr,
    clock: {
      now: () => Date.now(),
      mono: () => performance.now(),
      sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
    },
    zone: (configured) => openZone(configured, process.env),
    signal: ending.signal,
    version: __VERSION__,
    builtAt: __BUILT_AT__,
    webRoot: join(dirname(fileURLToPath(import.meta.url)), "web"),
    vendorsFile: join(dirname(fileURLToPath(import.meta.url)), "vendors.bin"),
    uid: process.getuid?.() ?? -1,
    gid: process.getgid?.() ?? -1,
  };
}

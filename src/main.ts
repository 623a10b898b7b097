import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { demo } from "./cli/demo.ts";
import { EXIT, type Io } from "./cli/io.ts";
import { serve } from "./cli/serve.ts";
import { settingsHelp } from "./settings/manual.ts";

declare const __VERSION__: string;
declare const __BUILT_AT__: number;

const COMMANDS: Readonly<Record<string, { run: (io: Io) => Promise<number>; sentence: string }>> = {
  serve: { run: serve, sentence: "measure, and serve the dashboard (this is what no command does)" },
  demo: { run: demo, sentence: "show a simulated household, in a store of its own" },
};

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  if (values === null) return EXIT.usage;
  const [name = "serve", ...rest] = positionals;
  const command = COMMANDS[name];
  if (values.version) process.stdout.write(`${__VERSION__}\n`);
  else if (values.help) process.stdout.write(help());
  else if (command === undefined || rest.length > 0) return misused(`There is no command "${positionals.join(" ")}".`);
  else return command.run(processIo());
  return EXIT.well;
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { help: { type: "boolean", short: "h" }, version: { type: "boolean", short: "v" } },
    });
  } catch (error) {
    misused(error instanceof Error ? error.message : String(error));
    return { values: null, positionals: [] };
  }
}

function misused(complaint: string): number {
  process.stderr.write(`${complaint}\n\n${help()}`);
  return EXIT.usage;
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
    signal: ending.signal,
    version: __VERSION__,
    builtAt: __BUILT_AT__,
    webRoot: join(dirname(fileURLToPath(import.meta.url)), "web"),
    uid: process.getuid?.() ?? -1,
    gid: process.getgid?.() ?? -1,
  };
}

import { closeSync, constants, fstatSync, ftruncateSync, lstatSync, openSync, renameSync, writeSync } from "node:fs";
import { UNSAFE_CHARACTERS } from "../shared/untrusted-text.ts";

/** Tells a person what happens. Every call is one line; none ever throws, whatever the disk does. */
export interface Log {
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
  /** Every step, for whoever looks for an error; costs nothing unless it was asked for. */
  trace(line: string): void;
  /** Ends the files; the console goes on. */
  close(): void;
}

export type LogLevel = "error" | "warn" | "info" | "trace";

export interface LogDeps {
  /** Gets warnings and errors. Absolute. */
  readonly logFile: string;
  /** Gets every line when the level is `trace`. Absolute. */
  readonly traceFile: string;
  /** What the console gets: the words up to this one. The log file gets warnings and errors in any case. */
  readonly level: LogLevel;
  readonly now: () => number;
  /** Local time of an instant, as text. */
  readonly stamp: (at: number) => string;
  /** Where the console is. The owner of a stream listens to its `error` event. */
  readonly console: { write(text: string): unknown };
  /** Size at which a file is renamed to end in `.1` and begun anew; bytes. */
  readonly maxBytes?: number;
}

const LEVELS: readonly LogLevel[] = ["error", "warn", "info", "trace"];
const WORDS = { error: "ERROR", warn: "WARN ", info: "INFO ", trace: "TRACE" } as const;
const MEGABYTE = 1_000_000;
const LINE_LENGTH = 4_000;

/**
 * A log on the console and in two files that never take more than twice `maxBytes` each: an SD card stays free.
 * Files are opened for each line: warnings are rare, and whoever deletes or moves a file gets a new one.
 */
export function createLog(deps: LogDeps): Log {
  const { logFile, traceFile, level, now, stamp, console, maxBytes = MEGABYTE } = deps;
  const unwritable = new Set<string>();
  let closed = false;

  function toConsole(line: string): void {
    try {
      console.write(line);
    } catch {
      // A console that is gone takes nobody along.
    }
  }

  function toFile(path: string, line: string): void {
    try {
      appendRotated(path, line, maxBytes);
      unwritable.delete(path);
    } catch (error) {
      if (unwritable.has(path)) return;
      unwritable.add(path);
      const reason = (error as NodeJS.ErrnoException).code ?? String(error);
      toConsole(lineOf("warn", `${path} can't be written (${reason}); its lines are on the console only.`));
    }
  }

  const lineOf = (word: LogLevel, text: string) => `${stamp(now())} ${WORDS[word]} ${oneLine(text)}\n`;

  function write(word: LogLevel, text: string): void {
    const rank = LEVELS.indexOf(word);
    const shown = rank <= LEVELS.indexOf(level);
    const logged = !closed && rank <= LEVELS.indexOf("warn");
    if (!shown && !logged) return;
    const line = lineOf(word, text);
    if (shown) toConsole(line);
    if (logged) toFile(logFile, line);
    if (!closed && level === "trace") toFile(traceFile, line);
  }

  return {
    info: (line) => write("info", line),
    warn: (line) => write("warn", line),
    error: (line) => write("error", line),
    trace: (line) => write("trace", line),
    close() {
      closed = true;
    },
  };
}

/** @throws the file system's error */
function appendRotated(path: string, line: string, maxBytes: number): void {
  let file = openSync(path, appendFlags(path), 0o666);
  try {
    const { size } = fstatSync(file);
    if (size > 0 && size + Buffer.byteLength(line) > maxBytes) {
      if (isMovedAside(path)) {
        closeSync(file);
        file = -1;
        file = openSync(path, appendFlags(path), 0o666);
      } else {
        // Where the folder allows no renaming, the old lines go: a short log is better than a full disk.
        ftruncateSync(file);
      }
    }
    writeSync(file, line);
  } finally {
    if (file !== -1) closeSync(file);
  }
}

function isMovedAside(path: string): boolean {
  try {
    renameSync(path, `${path}.1`);
    return true;
  } catch {
    return false;
  }
}

/** A link leads to where its owner wants the log. Root follows none but root's: it would write into any file for him. */
function appendFlags(path: string): number {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;
  const flags = O_APPEND | O_CREAT | O_WRONLY;
  if (process.getuid?.() !== 0 || lstatSync(path, { throwIfNoEntry: false })?.uid === 0) return flags;
  return flags | O_NOFOLLOW;
}

/**
 * A text as one line of a log: control characters, line separators and marks that turn the direction of writing are
 * spelled out, for names come from the network; very long text is cut.
 */
export function oneLine(text: string): string {
  const cut = text.length > LINE_LENGTH ? `${text.slice(0, LINE_LENGTH)}… (${text.length} characters)` : text;
  return cut.replace(UNSAFE_CHARACTERS, (char) => {
    const code = char.codePointAt(0) as number;
    if (char === "\n") return "\\n";
    if (char === "\r") return "\\r";
    if (char === "\t") return "\\t";
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

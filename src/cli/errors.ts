import { EXIT } from "./io.ts";

/** Why a command can't do what was asked. Told in a sentence, with what to do, and no stack. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** One sentence; empty where the message says it. */
  readonly hint: string;
  readonly exitCode: number;
  constructor(exitCode: number, message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

/** A system error at a file, as a sentence; whatever else it is comes back as it is. */
export function fileError(error: unknown, action: "read" | "write", path: string): unknown {
  if (!isSystemError(error)) return error;
  const exitCode = action === "read" ? EXIT.noInput : EXIT.cantCreate;
  return new CommandError(exitCode, `Can't ${action} ${path}: ${reasonOf(error)}.`, "", { cause: error });
}

/** What Node throws when the operating system says no. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string";
}

/** What the operating system said, in words. */
export function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  return REASONS[code ?? ""] ?? (code ? `the system says ${code}` : message);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is a file, not a folder",
  ELOOP: "its symbolic links lead in a circle",
  ENAMETOOLONG: "the name is too long",
  EIO: "the disk reported an error",
};

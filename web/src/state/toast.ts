import { signal } from "@preact/signals";

/** What was done a moment ago, and how it is taken back; or why it wasn't done. */
export interface Toast {
  readonly text: string;
  readonly tone: "done" | "failed";
  /** Takes it back, and says by another toast that it did. */
  readonly undo: (() => Promise<void>) | null;
}

export const toast = signal<Toast | null>(null);

/** Says that something was done. */
export function sayDone(text: string, undo: (() => Promise<void>) | null = null): void {
  toast.value = { text, tone: "done", undo };
}

/** Says why something wasn't done: an error's message and hint, or `otherwise`. */
export function sayFailed(error: unknown, otherwise: string): void {
  toast.value = { text: reasonOf(error, otherwise), tone: "failed", undo: null };
}

/** The message and the hint of an error that the server told, in one line. */
export function reasonOf(error: unknown, otherwise: string): string {
  if (!(error instanceof Error) || !("hint" in error)) return otherwise;
  return typeof error.hint === "string" ? `${error.message} ${error.hint}` : error.message;
}

export function dismissToast(): void {
  toast.value = null;
}

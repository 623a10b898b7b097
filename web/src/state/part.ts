import { effect, type ReadonlySignal, signal } from "@preact/signals";

/** A part of the dashboard whose code is fetched when it is first needed, since most visits never need it. */
export interface Part<T> {
  /** Null until it is there. */
  readonly code: ReadonlySignal<T | null>;
  /** It could not be fetched, most often because WhiteStat was updated since this page was opened. */
  readonly isMissing: ReadonlySignal<boolean>;
  /** Begins to watch whether it is wanted. */
  start(): void;
}

export function partOf<T extends object>(isWanted: () => boolean, fetch: () => Promise<T>): Part<T> {
  const code = signal<T | null>(null);
  const isMissing = signal(false);
  return {
    code,
    isMissing,
    start() {
      effect(() => {
        if (!isWanted() || code.peek() !== null) return;
        fetch().then(
          (fetched) => {
            isMissing.value = false;
            code.value = fetched;
          },
          () => {
            isMissing.value = true;
          },
        );
      });
    },
  };
}

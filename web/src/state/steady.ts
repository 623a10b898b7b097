import { computed, type ReadonlySignal } from "@preact/signals";

/**
 * A computed value that is told what it was before, so that it can stay the very same object while nothing in it has
 * changed: whoever reads it is then not called again. (`computed` hands nothing to its function.)
 */
export function steady<T>(compute: (previous: T | undefined) => T): ReadonlySignal<T> {
  let previous: T | undefined;
  return computed(() => {
    previous = compute(previous);
    return previous;
  });
}

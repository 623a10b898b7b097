import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { navigate, query } from "../state/url.ts";
import type { FilterTexts } from "./filter.ts";
import { sameTexts, textChanges, textsOf } from "./question.ts";

/** Browsers refuse an address that changes with every letter. */
const WRITE_AFTER_MS = 250;

export interface Typed {
  readonly texts: ReadonlySignal<FilterTexts>;
  /** Takes what was typed: at once for the table, a moment later for the address. */
  readonly type: (texts: FilterTexts) => void;
}

/** Search and filters as they are being typed, kept in step with the address in both directions. */
export function useTyped(): Typed {
  const { follow, ...typed } = useMemo(createTyped, []);
  useEffect(follow, []);
  return typed;
}

function createTyped(): Typed & { follow: () => () => void } {
  const texts = signal(textsOf(query.peek()));
  let written = texts.peek();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function write(): void {
    clearTimeout(timer);
    timer = undefined;
    written = texts.peek();
    navigate(textChanges(written), { replace: true });
  }

  function follow(): () => void {
    const stop = effect(() => {
      const said = textsOf(query.value);
      // Our own doing, or a change of something else while letters wait to be written: what is typed stands.
      if (sameTexts(said, written)) return;
      clearTimeout(timer);
      timer = undefined;
      written = said;
      texts.value = said;
    });
    return () => {
      stop();
      if (timer !== undefined) write();
    };
  }

  return {
    texts,
    follow,
    type(next) {
      texts.value = next;
      clearTimeout(timer);
      timer = setTimeout(write, WRITE_AFTER_MS);
    },
  };
}

import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/**
 * The button that opens a form in its own place: when the form is gone, the focus comes back to it, unless a person went
 * on elsewhere.
 */
export function useOpener(isOpen: boolean): RefObject<HTMLButtonElement | null> {
  const button = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);
  useLayoutEffect(() => {
    const isLost = (document.activeElement ?? document.body) === document.body;
    if (wasOpen.current && !isOpen && isLost) button.current?.focus();
    wasOpen.current = isOpen;
  });
  return button;
}

/** The form that was opened: its first field takes the focus, before the next key is pressed. */
export function useOpened(): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null);
  useLayoutEffect(() => form.current?.querySelector<HTMLElement>("input:not([hidden]), select, textarea")?.focus(), []);
  return form;
}

/** The page shows what came of a deed by then: a reading that comes at the same moment is shown first. */
const SHOWN_MS = 3_000;

/**
 * After a deed whose button goes with it: once the page shows what came of it, the first of these that is there takes the
 * focus, unless a person went on elsewhere.
 */
export function keepFocus(...places: readonly (() => HTMLElement | null | undefined)[]): void {
  const began = performance.now();
  const button = document.activeElement;
  const look = () => {
    const { activeElement } = document;
    if ((activeElement ?? document.body) === document.body) {
      const there = places.map((find) => find()).find((place) => place?.isConnected);
      there?.focus({ preventScroll: true });
    } else if (activeElement === button && performance.now() - began < SHOWN_MS) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

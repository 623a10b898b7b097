import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

/**
 * Short explanations at marks in the table, by pointer, focus or tap. There is one layer for all of them; it is silent
 * to screen readers, to whom each mark says the same by its label or description. It can be pointed at and put away by
 * Escape (WCAG 1.4.13).
 */
const shown = signal<{ anchor: HTMLElement; text: string } | null>(null);
let leaving: ReturnType<typeof setTimeout> | undefined;

/** Long enough to move the pointer from the mark to the tip. */
const LEAVE_MS = 300;
const GAP = 6;
const EDGE = 8;

/** Whether a tip is open: what it points at should stay where it is. */
export function isTipOpen(): boolean {
  return shown.value !== null;
}

function open(anchor: EventTarget | null, text: string): void {
  clearTimeout(leaving);
  if (anchor instanceof HTMLElement) shown.value = { anchor, text };
}

function close(): void {
  clearTimeout(leaving);
  shown.value = null;
}

function closeSoon(): void {
  clearTimeout(leaving);
  leaving = setTimeout(close, LEAVE_MS);
}

/** Lets an element explain itself while it is pointed at; with `focus` also when it has the focus or is tapped. */
export function explains(text: string, { focus = false } = {}) {
  const pointed = {
    onPointerEnter: (event: PointerEvent) => open(event.currentTarget, text),
    onPointerLeave: closeSoon,
  };
  if (!focus) return pointed;
  const focused = (event: Event) => open(event.currentTarget, text);
  return { ...pointed, onFocus: focused, onClick: focused, onBlur: close };
}

/** Draws the tip that is open. Once per page. */
export function TipLayer() {
  const ref = useRef<HTMLDivElement>(null);
  const tip = shown.value;

  useLayoutEffect(() => {
    const layer = ref.current;
    if (!layer) return;
    layer.hidden = !tip?.anchor.isConnected;
    if (tip && !layer.hidden) place(layer, tip.anchor);
  });

  useEffect(() => {
    if (tip === null) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") close();
    };
    addEventListener("keydown", onKey);
    addEventListener("scroll", close, { capture: true, passive: true });
    return () => {
      removeEventListener("keydown", onKey);
      removeEventListener("scroll", close, { capture: true });
    };
  }, [tip]);

  useEffect(() => close, []);

  return (
    <div
      class="devices-tip"
      hidden
      aria-hidden="true"
      ref={ref}
      onPointerEnter={() => clearTimeout(leaving)}
      onPointerLeave={closeSoon}
    >
      {tip?.text.split("\n").map((line) => (
        <p key={line}>
          <bdi>{line}</bdi>
        </p>
      ))}
    </div>
  );
}

/** Below what it explains, or above where there is no room; within the window. */
function place(layer: HTMLElement, anchor: HTMLElement): void {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = layer;
  const { clientWidth, clientHeight } = document.documentElement;
  const left = Math.min(Math.max(at.left + at.width / 2 - width / 2, EDGE), clientWidth - width - EDGE);
  const below = at.bottom + GAP;
  const top = below + height <= clientHeight - EDGE ? below : at.top - GAP - height;
  layer.style.setProperty("left", `${Math.round(Math.max(left, 0))}px`);
  layer.style.setProperty("top", `${Math.round(top)}px`);
}

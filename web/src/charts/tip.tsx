import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

/** Where a tip belongs: the mark that it speaks of, in pixels from the chart's upper left corner. */
export interface Anchor {
  readonly x: number;
  readonly y: number;
  /** Half of the mark's width: the tip stands beside it, so that it hides nothing of it. */
  readonly beside: number;
}

const GAP = 10;

/**
 * The figures of the mark that is pointed at or has the focus, beside it and within the chart. Pointers go through it.
 * It says nothing that the mark's own label does not, so it is silent to screen readers.
 */
export function Tip({ anchor, children }: { anchor: Anchor; children: ComponentChildren }) {
  const ref = useRef<HTMLDivElement>(null);
  // Its size is known only now, and it must not be seen anywhere else before.
  useLayoutEffect(() => {
    const tip = ref.current;
    const frame = tip?.offsetParent;
    if (!tip || !frame) return;
    const room = frame.clientWidth;
    const { offsetWidth: width, offsetHeight: height } = tip;
    const right = anchor.x + anchor.beside + GAP;
    const left = anchor.x - anchor.beside - GAP - width;
    const x = right + width <= room ? right : left >= 0 ? left : Math.max(0, (room - width) / 2);
    const y = Math.max(0, Math.min(anchor.y - height / 2, frame.clientHeight - height));
    tip.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  });
  return (
    <div class="chart-tip" ref={ref} aria-hidden="true">
      {children}
    </div>
  );
}

/** Lets Escape put a tip away, wherever the focus is (WCAG 1.4.13). */
export function useEscape(isOpen: boolean, close: () => void): void {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    if (!isOpen) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") latest.current();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [isOpen]);
}

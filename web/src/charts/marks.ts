import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { stepTo, type Walk } from "./keys.ts";
import { useEscape } from "./tip.tsx";

/** How the marks of one chart are pointed at, focused and walked. */
export interface Marks {
  /** The mark whose figures are shown, or null. */
  readonly active: number | null;
  /** Belongs on the chart's svg element. */
  readonly svg: RefObject<SVGSVGElement | null>;
  /** What to put on the element of a mark. */
  props(index: number): MarkProps;
}

interface MarkProps {
  readonly tabIndex: number;
  readonly "data-mark": number;
  readonly onPointerEnter: (event: PointerEvent) => void;
  readonly onPointerLeave: (event: PointerEvent) => void;
  readonly onPointerDown: (event: PointerEvent) => void;
  readonly onFocus: () => void;
  readonly onBlur: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onClick: () => void;
}

/**
 * One tab stop for a chart; the arrow keys go on from there. Enter, Space or a click picks a mark. A finger has no
 * hover: its first tap shows the figures, a second one on the same mark picks it.
 * @param about what the marks are of, e.g. the range: when that changes, they are other marks, and one that had been
 * picked by key hands the focus on to them
 * @param start the mark that Tab leads to at first
 */
export function useMarks(about: string, walk: Walk, start: number, onPick: ((index: number) => void) | null): Marks {
  const svg = useRef<SVGSVGElement>(null);
  const pickedByKey = useRef(false);
  const [stop, setStop] = useState<number | null>(null);
  const [active, setActive] = useState<number | null>(null);
  // What was shown when a finger came down; undefined when it was no finger.
  const touched = useRef<number | null | undefined>(undefined);
  useEscape(active !== null, () => setActive(null));
  const current = Math.min(stop ?? start, walk.count - 1);

  useLayoutEffect(() => {
    const focused = document.activeElement;
    // The first of the finer marks begins when the picked one did, and may be the same element still.
    const kept = svg.current?.contains(focused) ? Number(focused?.getAttribute("data-mark")) : null;
    const isLost = pickedByKey.current && (focused === document.body || focused === null);
    pickedByKey.current = false;
    setStop(kept);
    setActive(kept);
    if (isLost) svg.current?.querySelector<SVGElement>(`[data-mark="${start}"]`)?.focus();
  }, [about]);

  function props(index: number): MarkProps {
    return {
      tabIndex: index === current ? 0 : -1,
      "data-mark": index,
      onPointerEnter: (event) => {
        if (event.pointerType !== "touch") setActive(index);
      },
      onPointerLeave: (event) => {
        if (event.pointerType !== "touch") setActive((now) => (now === index ? null : now));
      },
      onPointerDown: (event) => {
        touched.current = event.pointerType === "touch" ? active : undefined;
      },
      onFocus: () => {
        setStop(index);
        setActive(index);
      },
      onBlur: () => setActive((now) => (now === index ? null : now)),
      onKeyDown: (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          if (onPick === null) return;
          pickedByKey.current = true;
          onPick(index);
          return;
        }
        const next = stepTo(event.key, index, walk);
        if (next === null) return;
        event.preventDefault();
        svg.current?.querySelector<SVGElement>(`[data-mark="${next}"]`)?.focus();
      },
      onClick: () => {
        const wasShown = touched.current;
        touched.current = undefined;
        if (wasShown !== undefined && wasShown !== index) setActive(index);
        else onPick?.(index);
      },
    };
  }
  return { svg, active: active !== null && active < walk.count ? active : null, props };
}

import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { stepTo, type Walk } from "./keys.ts";
import { useEscape } from "./tip.tsx";

/** How the marks of one chart are pointed at, focused and walked. */
export interface Marks {
  /** The mark whose figures are shown, or null. */
  readonly active: number | null;
  /** Belongs on the chart's svg element. */
  readonly chart: ChartProps;
}

interface ChartProps {
  readonly ref: RefObject<SVGSVGElement | null>;
  readonly tabindex: number;
  readonly onPointerOver: (event: PointerEvent) => void;
  readonly onPointerLeave: (event: PointerEvent) => void;
  readonly onPointerDown: (event: PointerEvent) => void;
  readonly onFocusIn: (event: FocusEvent) => void;
  readonly onFocusOut: (event: FocusEvent) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onClick: (event: MouseEvent) => void;
}

/** What to put on the element of a mark: it takes the focus from the arrow keys, and is no stop of the Tab key. */
export function markProps(index: number): { "data-mark": number; tabindex: number } {
  return { "data-mark": index, tabindex: -1 };
}

/**
 * The chart is one stop of the Tab key, however many marks it has. The arrow keys go into it and from mark to mark,
 * Escape goes out to the chart, Enter, Space or a click picks a mark. A finger has no hover: its first tap shows the
 * figures, a second one on the same mark picks it. Everything is listened to on the chart: a browser makes each SVG
 * element that listens for the focus a stop of its own.
 * @param about what the marks are of, e.g. the range: when that changes, they are other marks, and one that had been
 * picked by key hands the focus on to them
 * @param start the mark that the arrow keys come to first
 */
export function useMarks(about: string, walk: Walk, start: number, onPick: ((index: number) => void) | null): Marks {
  const svg = useRef<SVGSVGElement>(null);
  const pickedByKey = useRef(false);
  const [entry, setEntry] = useState<number | null>(null);
  const [active, setActive] = useState<number | null>(null);
  // What was shown when a finger came down; undefined when it was no finger.
  const touched = useRef<number | null | undefined>(undefined);
  useEscape(active !== null, () => setActive(null));

  const focusMark = (index: number) => svg.current?.querySelector<SVGElement>(`[data-mark="${index}"]`)?.focus();

  useLayoutEffect(() => {
    const focused = document.activeElement;
    // The first of the finer marks begins when the picked one did, and may be the same element still.
    const kept = svg.current?.contains(focused) ? indexOf(focused) : null;
    const isLost = pickedByKey.current && (focused === document.body || focused === null);
    pickedByKey.current = false;
    setEntry(kept);
    setActive(kept);
    if (isLost) focusMark(start);
  }, [about]);

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const index = indexOf(event.target);
    const next = keyTarget(event.key, index);
    if (next === null) return;
    event.preventDefault();
    if (next === "chart") svg.current?.focus();
    else if (next === "pick") pick(index);
    else focusMark(next);
  }

  function keyTarget(key: string, index: number | null): number | "chart" | "pick" | null {
    if (index === null) {
      const entered = stepTo(key, 0, walk) !== null || isPick(key);
      if (!entered || walk.count === 0) return null;
      return key === "Home" || key === "End" ? stepTo(key, 0, walk) : Math.min(entry ?? start, walk.count - 1);
    }
    if (key === "Escape") return "chart";
    return isPick(key) ? "pick" : stepTo(key, index, walk);
  }

  function pick(index: number | null): void {
    if (onPick === null || index === null) return;
    pickedByKey.current = true;
    onPick(index);
  }

  const chart: ChartProps = {
    ref: svg,
    tabindex: 0,
    onPointerOver: (event) => {
      if (event.pointerType !== "touch") setActive(indexOf(event.target));
    },
    onPointerLeave: (event) => {
      if (event.pointerType !== "touch") setActive(null);
    },
    onPointerDown: (event) => {
      touched.current = event.pointerType === "touch" ? active : undefined;
    },
    onFocusIn: (event) => {
      const index = indexOf(event.target);
      if (index === null) return;
      setEntry(index);
      setActive(index);
    },
    onFocusOut: () => setActive(null),
    onKeyDown,
    onClick: (event) => {
      const index = indexOf(event.target);
      const wasShown = touched.current;
      touched.current = undefined;
      if (index === null) return;
      if (wasShown !== undefined && wasShown !== index) setActive(index);
      else onPick?.(index);
    },
  };
  return { active: active !== null && active < walk.count ? active : null, chart };
}

function isPick(key: string): boolean {
  return key === "Enter" || key === " ";
}

/** The index of the mark that an element is, or lies in; null where there is none. */
function indexOf(target: EventTarget | null): number | null {
  const mark = target instanceof Element ? target.closest("[data-mark]")?.getAttribute("data-mark") : null;
  return mark === null || mark === undefined ? null : Number(mark);
}

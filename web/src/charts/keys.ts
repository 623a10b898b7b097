/** How the arrow keys go from one mark of a chart to another. Pure. */

/** Cells in a row or, with `down`, in columns that are filled from the top. */
export interface Walk {
  readonly count: number;
  /** Steps that the keys left and right make: 1 in a row of bars. */
  readonly across: number;
  /** Steps that the keys up and down make; 0 where there is no up and down. */
  readonly down: number;
}

/** The mark that a key leads to; null when the key means nothing here. Stays where there is nothing further. */
export function stepTo(key: string, at: number, { count, across, down }: Walk): number | null {
  const to = target(key, at, count, across, down);
  return to === null ? null : to >= 0 && to < count ? to : at;
}

function target(key: string, at: number, count: number, across: number, down: number): number | null {
  switch (key) {
    case "ArrowLeft":
      return at - across;
    case "ArrowRight":
      return at + across;
    case "ArrowUp":
      return down === 0 ? null : at - down;
    case "ArrowDown":
      return down === 0 ? null : at + down;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}

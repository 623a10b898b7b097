import type { Totals } from "./types.ts";

/** From this share on, figures are too low by as much as matters. */
export const NOTABLE_MISSED_SHARE = 0.01;

/**
 * Which share of the packets darkstat missed, 0 to 1; null where none were captured. The kernel's count of captured packets
 * contains those that it dropped before darkstat saw them.
 */
export function missedShare({ captured, dropped }: Pick<Totals, "captured" | "dropped">): number | null {
  return captured > 0 ? Math.min(1, dropped / captured) : null;
}

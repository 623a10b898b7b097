import { HOUSEHOLD, type Inhabitant } from "../../src/demo/household.ts";

/** Three to twelve of the demo's devices, each used as much more or less as people differ; some came during the year. */
export function inhabitantsOf(random: () => number, days: number): Inhabitant[] {
  const wanted = 3 + Math.floor(random() * 10);
  return HOUSEHOLD.map((one) => ({ one, order: random() }))
    .sort((a, b) => a.order - b.order)
    .slice(0, wanted)
    .map(({ one }) => {
      const { sinceDaysAgo: _, ...rest } = one;
      const bought = random() < 0.15 ? { sinceDaysAgo: Math.floor(random() * days) } : {};
      return { ...rest, megabytes: one.megabytes * 4 ** (random() * 2 - 1), ...bought };
    });
}

/** A week or two away, about twice a year. */
export function holidays(random: () => number, days: number): Set<number> {
  const away = new Set<number>();
  for (let n = 0; n < Math.round((days / 365) * 2); n++) {
    const from = Math.floor(random() * days);
    const length = random() < 0.5 ? 7 : 14;
    for (let day = from; day < from + length; day++) away.add(day);
  }
  return away;
}

/** What a row measured, and what it is held to. */
export interface Measurement {
  /** The figure that is judged: the median of the rounds. */
  readonly value: number;
  readonly rounds: readonly number[];
  /** Other figures worth knowing, by what they are. */
  readonly besides?: Readonly<Record<string, number | string>>;
}

/** One line of the table: a kind of work, and what it may cost. */
export interface Row {
  readonly name: string;
  /** What is measured, in a few words. */
  readonly work: string;
  readonly unit: string;
  readonly budget: number;
  /** Whether less is better, or more. */
  readonly better: "less" | "more";
  /** What the original (version 5) took, in the same unit; null where nobody measured it. */
  readonly original: number | null;
  measure(): Promise<Measurement>;
}

/** Measures something several times; the median is what counts, for other work on the machine spoils some rounds. */
export async function inRounds(
  count: number,
  round: (index: number) => Promise<number>,
  besides?: Measurement["besides"],
): Promise<Measurement> {
  const rounds: number[] = [];
  for (let index = 0; index < count; index++) rounds.push(await round(index));
  return measured(rounds, besides);
}

export function measured(rounds: readonly number[], besides?: Measurement["besides"]): Measurement {
  const rounded = rounds.map(significant);
  return { value: significant(median(rounds)), rounds: rounded, ...(besides === undefined ? {} : { besides }) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)] ?? Number.NaN;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** Three digits are all that a measurement on a shared machine has. */
export function significant(value: number): number {
  return Number(value.toPrecision(3));
}

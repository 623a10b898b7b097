import type { Measurement, Row } from "./measure.ts";

/** A row that was measured. */
export interface Result extends Measurement {
  readonly name: string;
  readonly work: string;
  readonly unit: string;
  readonly budget: number;
  readonly better: Row["better"];
  readonly original: number | null;
}

/** All rows of one go, as it is stored. */
export interface Run {
  readonly at: string;
  readonly machine: string;
  readonly results: readonly Result[];
}

export function judge(row: Row, measurement: Measurement): Result {
  const { name, work, unit, budget, better, original } = row;
  return { name, work, unit, budget, better, original, ...measurement };
}

export function isMet({ value, budget, better }: Result): boolean {
  return better === "less" ? value <= budget : value >= budget;
}

/** The table for people: what was measured, its spread over the rounds, what it may be, and the verdict. */
export function tableOf(results: readonly Result[]): string {
  const head = ["row", "measured", "rounds", "budget", "verdict", "the original"];
  const lines = results.map((result) => [
    result.name,
    `${result.value} ${result.unit}`,
    `${Math.min(...result.rounds)}–${Math.max(...result.rounds)}`,
    `${result.better === "less" ? "≤" : "≥"} ${result.budget}`,
    isMet(result) ? "met" : "NOT MET",
    result.original === null ? "" : String(result.original),
  ]);
  const besides = results.flatMap(({ name, work, besides }) => [
    `${name}: ${work}`,
    ...Object.entries(besides ?? {}).map(([what, figure]) => `  ${what}: ${figure}`),
  ]);
  return `${columns([head, ...lines])}\n\n${besides.join("\n")}`;
}

/** How a run differs from one of before. */
export function compare(before: Run, now: Run): string {
  const lines = now.results.flatMap((result) => {
    const known = before.results.find(({ name }) => name === result.name);
    if (!known) return [];
    const change = Math.round((result.value / known.value - 1) * 100);
    return [[result.name, `${known.value}`, `${result.value} ${result.unit}`, `${change > 0 ? "+" : ""}${change} %`]];
  });
  return `Against the run of ${before.at.slice(0, 10)} (${before.machine}):\n${columns([["row", "then", "now", "change"], ...lines])}`;
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The table for the documentation, in Markdown. */
export function markdownOf({ results }: Run): string {
  const lines = results.map((result) => {
    const { name, work, unit, value, rounds, budget, better, original } = result;
    const cells = [
      `${work} (\`${name}\`)`,
      original === null ? "–" : `${original} ${unit}`,
      `${better === "less" ? "≤" : "≥"} ${budget} ${unit}`,
      `${isMet(result) ? "" : "**over:** "}${value} ${unit}`,
      rounds.length > 1 ? `${Math.min(...rounds)}–${Math.max(...rounds)}` : "",
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return ["| work | the original | budget | measured | rounds |", "|---|---|---|---|---|", ...lines].join("\n");
}

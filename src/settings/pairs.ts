/**
 * Files of `left|right` lines, as people and Windows editors write them. A text is cut into lines that together are the
 * text again, to the character: whoever changes one line leaves the others as they are.
 */

/** One line: its text, and the line ending behind it ("" for the last line of most files). */
export interface Line {
  readonly text: string;
  readonly end: string;
}

/** A line that is a pair, trimmed. Lines are counted from 1. */
export interface Pair {
  readonly line: number;
  readonly left: string;
  readonly right: string;
}

export function splitLines(text: string): Line[] {
  const lines: Line[] = [];
  for (const match of text.matchAll(/([^\r\n]*)(\r\n|\r|\n|$)/g)) {
    const [whole, content, end] = match;
    if (whole !== "") lines.push({ text: content as string, end: end as string });
  }
  return lines;
}

export function joinLines(lines: readonly Line[]): string {
  return lines.map(({ text, end }) => text + end).join("");
}

/** The pairs of a text, and the numbers of lines that are none. Empty lines and `#` comments are neither. */
export function readPairs(lines: readonly Line[]): { pairs: Pair[]; bad: number[] } {
  const pairs: Pair[] = [];
  const bad: number[] = [];
  lines.forEach(({ text }, i) => {
    const plain = text.trim();
    if (plain === "" || plain.startsWith("#")) return;
    const bar = plain.indexOf("|");
    const left = plain.slice(0, Math.max(bar, 0)).trim();
    const right = plain.slice(bar + 1).trim();
    if (bar === -1 || left === "" || right === "") bad.push(i + 1);
    else pairs.push({ line: i + 1, left, right });
  });
  return { pairs, bad };
}

/**
 * The lines with another right side for a line, with the left side and the spaces around `|` as they were;
 * without a line number a new line at the end, in the file's own line ending.
 */
export function withRight(lines: readonly Line[], line: number | null, left: string, right: string): Line[] {
  if (line !== null) {
    return lines.map((old, i) =>
      i === line - 1
        ? { ...old, text: old.text.replace(/^([^|]*\|\s*)[\s\S]*$/, (_, lead: string) => lead + right) }
        : old,
    );
  }
  const end = lines[0]?.end || "\n";
  const closed = lines.map((old) => (old.end === "" ? { ...old, end } : old));
  return [...closed, { text: `${left}|${right}`, end }];
}

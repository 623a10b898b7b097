const UNITS = ["kB", "MB", "GB", "TB", "PB"];

/** Bytes within a sentence: two digits are enough, as `41 GB`, `2.5 GB`, `0 B`; 1000 (or, for `unit` 1024, 1024) to the next unit. */
export function briefBytesText(bytes: number, unit: 1000 | 1024 = 1000): string {
  if (bytes < unit) return `${bytes} B`;
  let amount = bytes / unit;
  let index = 0;
  // 999.5 would be rounded to 1000, which is 1 of the next unit.
  for (; amount >= unit - 0.5 && index < UNITS.length - 1; index += 1) amount /= unit;
  const name = UNITS[index] ?? "";
  const digits = amount < 9.95 ? amount.toFixed(1).replace(/\.0$/, "") : amount.toFixed(0);
  return `${digits} ${unit === 1024 ? `${name[0]?.toUpperCase()}i${name[1]}` : name}`;
}

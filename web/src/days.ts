/** Local calendar days, `YYYY-MM-DD`, as text: they sort and compare as such, and have no zone to be wrong in. */

const DAY_MS = 86_400_000;

export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && textOf(at) === text;
}

export function addDays(day: string, count: number): string {
  return textOf(instantOf(day) + count * DAY_MS);
}

/** Days from one to the other, both included. */
export function countDays(from: string, to: string): number {
  return Math.round((instantOf(to) - instantOf(from)) / DAY_MS) + 1;
}

export function firstOfMonth(day: string): string {
  return `${day.slice(0, 7)}-01`;
}

export function lastOfMonth(day: string): string {
  const [year = 0, month = 1] = day.split("-").map(Number);
  return textOf(Date.UTC(year, month, 0));
}

/** Noon UTC of that day: what `Intl` with `timeZone: "UTC"` shows as this day. */
export function noonOf(day: string): number {
  return instantOf(day) + DAY_MS / 2;
}

function instantOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

function textOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/**
 * How figures and times read, in the reader's language. Pure: language, units and zone are arguments.
 * Components use `format.ts`, which knows them.
 */

/** 1000: kB, MB, GB. 1024: KiB, MiB, GiB. Bits: kbit, Mbit, Gbit. */
export type Units = 1000 | 1024 | "bits";

/** How amounts are counted: `perByte` of the smallest unit, `step` of one unit to the next. */
export interface Scale {
  readonly perByte: number;
  readonly step: number;
  readonly names: readonly string[];
}

const SCALES: Readonly<Record<Units, Scale>> = {
  1000: { perByte: 1, step: 1000, names: ["B", "kB", "MB", "GB", "TB", "PB", "EB"] },
  1024: { perByte: 1, step: 1024, names: ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] },
  bits: { perByte: 8, step: 1000, names: ["bit", "kbit", "Mbit", "Gbit", "Tbit", "Pbit", "Ebit"] },
};

export function scaleOf(units: Units): Scale {
  return SCALES[units];
}

/** A number and its unit apart, for places that set the unit smaller. */
export interface Amount {
  readonly number: string;
  readonly unit: string;
}

/** Bytes as a person reads them: whole bytes and kilobytes, one decimal from megabytes on. */
export function bytesParts(bytes: number, units: Units, language: string): Amount {
  const { perByte, step, names } = SCALES[units];
  let value = Math.abs(bytes) * perByte;
  let place = 0;
  // What would be rounded up to "1,000.0 MB" is "1.0 GB".
  while (place < names.length - 1 && value >= step - roundingOf(place)) {
    value /= step;
    place += 1;
  }
  const digits = place < 2 ? 0 : 1;
  return {
    number: numberOf(language, digits).format(bytes < 0 ? -value : value),
    unit: names[place] ?? "",
  };
}

export function bytesText(bytes: number, units: Units, language: string): string {
  const { number, unit } = bytesParts(bytes, units, language);
  return `${number}\u00a0${unit}`;
}

function roundingOf(place: number): number {
  return place === 0 ? 0 : place === 1 ? 0.5 : 0.05;
}

/** A share of one as percent: "37 %", "0.4 %", "<0.1 %". */
export function shareText(share: number, language: string): string {
  if (!Number.isFinite(share)) return "–";
  if (share > 0 && share < 0.001) return `<${percentOf(language, 1).format(0.001)}`;
  return percentOf(language, share !== 0 && Math.abs(share) < 0.0995 ? 1 : 0).format(share);
}

/**
 * How an amount stands to an earlier one: "+12 %", "−8 %", "×14" from tenfold on, "the same" within half a percent;
 * null when there is nothing to compare with.
 */
export function changeText(now: number, before: number, language: string): string | null {
  if (before <= 0) return null;
  const change = now / before - 1;
  if (Math.abs(change) < 0.005) return `±${percentOf(language, 0).format(0)}`;
  if (now / before >= 10) return `×${numberOf(language, 0).format(now / before)}`;
  return cached(
    `change ${language}`,
    () => new Intl.NumberFormat(language, { style: "percent", signDisplay: "always", maximumFractionDigits: 0 }),
  ).format(change);
}

/** An amount of a currency by its ISO 4217 code: "€12.50". */
export function moneyText(amount: number, currency: string, language: string): string {
  return cached(
    `money ${language} ${currency}`,
    () => new Intl.NumberFormat(language, { style: "currency", currency }),
  ).format(amount);
}

export function countText(count: number, language: string): string {
  return numberOf(language, 0).format(count);
}

export type DayStyle = "short" | "medium" | "long";

const DAY_STYLES: Readonly<Record<DayStyle, Intl.DateTimeFormatOptions>> = {
  short: { day: "numeric", month: "short" },
  medium: { day: "numeric", month: "short", year: "numeric" },
  long: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
};

/** A calendar day: "22 Nov", "22 Nov 2026", "Sunday, 22 November 2026". */
export function dayText(day: string, style: DayStyle, language: string): string {
  return dateFormat(language, { ...DAY_STYLES[style], timeZone: "UTC" }).format(noonOf(day));
}

/** "November 2026" of `2026-11` or of any day in it. */
export function monthText(day: string, style: "short" | "long", language: string): string {
  const options: Intl.DateTimeFormatOptions = { month: style, year: "numeric", timeZone: "UTC" };
  return dateFormat(language, options).format(noonOf(`${day.slice(0, 7)}-01`));
}

export function weekdayText(day: string, style: "short" | "long", language: string): string {
  return dateFormat(language, { weekday: style, timeZone: "UTC" }).format(noonOf(day));
}

/** Days from one to the other: "16 – 22 Nov 2026". */
export function dayRangeText(from: string, to: string, language: string): string {
  return dateFormat(language, { ...DAY_STYLES.medium, timeZone: "UTC" }).formatRange(noonOf(from), noonOf(to));
}

/** An instant's time of day in a zone: "10:42". */
export function timeText(at: number, zone: string | undefined, language: string): string {
  return dateFormat(language, { timeStyle: "short", ...inZone(zone) }).format(at);
}

/** "22 Nov 2026, 10:42" in a zone. */
export function instantText(at: number, zone: string | undefined, language: string): string {
  return dateFormat(language, { dateStyle: "medium", timeStyle: "short", ...inZone(zone) }).format(at);
}

/** An hour bucket's label `2026-11-22T13` as "13:00". */
export function hourText(label: string, language: string): string {
  const hour = Number(label.slice(11, 13)) || 0;
  const at = noonOf(label.slice(0, 10)) + (hour - 12) * 3_600_000;
  return dateFormat(language, { timeStyle: "short", timeZone: "UTC" }).format(at);
}

const STEPS = [
  ["second", 1000],
  ["minute", 60_000],
  ["hour", 3_600_000],
  ["day", 86_400_000],
] as const;

/** How long ago: "12 seconds ago", "2 hours ago"; "12s ago" when narrow. What lies ahead (clocks differ) is now. */
export function agoText(at: number, now: number, language: string, style: "long" | "narrow" = "long"): string {
  const passed = Math.max(0, now - at);
  let [unit, size]: readonly [Intl.RelativeTimeFormatUnit, number] = STEPS[0];
  for (const step of STEPS) if (passed >= step[1]) [unit, size] = step;
  return cached(
    `ago ${language} ${style}`,
    () => new Intl.RelativeTimeFormat(language, { style, numeric: "always" }),
  ).format(-Math.floor(passed / size), unit);
}

/** How long something took or lasts: "2 hours", "40 seconds". */
export function durationText(ms: number, language: string): string {
  let [unit, size]: readonly [string, number] = STEPS[0];
  for (const step of STEPS) if (ms >= step[1]) [unit, size] = step;
  return cached(
    `unit ${language} ${unit}`,
    () => new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 0 }),
  ).format(Math.floor(Math.max(0, ms) / size));
}

function numberOf(language: string, digits: number): Intl.NumberFormat {
  return cached(
    `number ${language} ${digits}`,
    () => new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  );
}

function percentOf(language: string, digits: number): Intl.NumberFormat {
  return cached(
    `percent ${language} ${digits}`,
    () =>
      new Intl.NumberFormat(language, {
        style: "percent",
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }),
  );
}

function dateFormat(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return cached(`date ${language} ${JSON.stringify(options)}`, () => new Intl.DateTimeFormat(language, options));
}

/** Noon UTC of a calendar day: what a format with `timeZone: "UTC"` shows as this day. */
function noonOf(day: string): number {
  return Date.parse(`${day}T12:00:00Z`);
}

function inZone(zone: string | undefined): Intl.DateTimeFormatOptions {
  return zone === undefined ? {} : { timeZone: zone };
}

// Making one costs a hundred times what using it does, and a table has thousands of cells.
const formats = new Map<string, unknown>();

function cached<T>(key: string, make: () => T): T {
  const known = formats.get(key);
  if (known !== undefined) return known as T;
  const made = make();
  formats.set(key, made);
  return made;
}

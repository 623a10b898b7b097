/** The plan as it is being edited: everything is text, as the fields of the dialog have it. Pure. */
import { addDays, isDay, weekdayOf } from "../../../src/shared/calendar-days.ts";
import { planText } from "../texts/plan.ts";
import type { Plan } from "../wire.ts";

export type Kind = keyof typeof planText.kinds;

export interface Draft {
  readonly name: string;
  readonly kind: Kind;
  /** Of a monthly plan. */
  readonly billingDay: string;
  /** Of the others. */
  readonly from: string;
  readonly days: string;
  readonly allowance: string;
  readonly unit: Plan["unit"];
  readonly counts: Plan["counts"];
  readonly free: Plan["free"];
  readonly except: Plan["except"];
  readonly price: string;
  readonly currency: string;
  /** What the provider says now. */
  readonly provider: string;
  readonly corrections: Plan["corrections"];
}

/** A field that can't be so, and what is allowed. */
export interface Mistake {
  readonly field: keyof typeof planText.wrong;
  readonly message: string;
}

/** What the dialog shows at first: the plan there is, or of a line a monthly one from the first on, else a weekly one from Monday on. */
export function draftOf(plan: Plan | null, today: string, isLine = true): Draft {
  const monthly = { unit: "month", count: 1, from: `${today.slice(0, 8)}01` } as const;
  const weekly = { unit: "week", count: 1, from: addDays(today, 1 - weekdayOf(today)) } as const;
  const cycle = plan?.cycle ?? (isLine ? monthly : weekly);
  const unit = plan?.unit ?? 1000;
  return {
    name: plan?.name ?? "",
    kind: kindOf(cycle),
    billingDay: String(Number(cycle.from.slice(8))),
    from: cycle.from,
    days: String(cycle.unit === "week" ? cycle.count * 7 : cycle.unit === "day" ? cycle.count : 28),
    allowance: plan?.allowance ? amountText(plan.allowance, unit) : "",
    unit,
    counts: plan?.counts ?? "both",
    free: plan?.free ?? [],
    except: plan?.except ?? { owners: [], devices: [] },
    price: plan?.overPrice ? String(plan.overPrice.perGb) : "",
    currency: plan?.overPrice?.currency ?? "EUR",
    provider: "",
    corrections: plan?.corrections ?? [],
  };
}

function kindOf({ unit, count }: Plan["cycle"]): Kind {
  if (unit === "week" && count === 1) return "week";
  if (unit !== "month") return "days";
  // The API can have cycles of other months: what the dialog can't say stays as it is, unless it is changed.
  return count === 12 ? "year" : count === 3 ? "quarter" : "month";
}

/** The cycle that a draft means; null where a field of it can't be so. */
export function cycleIn(draft: Draft, before: Plan | null = null): Plan["cycle"] | null {
  return mistakeInCycle(draft) === null ? readCycle(draft, before) : null;
}

function readCycle({ kind, billingDay, from, days }: Draft, before: Plan | null): Plan["cycle"] {
  if (kind === "month") {
    // A month of 31 days, so that every billing day is one of it.
    const cycle = { unit: "month", count: 1, from: `2024-01-${String(Number(billingDay)).padStart(2, "0")}` } as const;
    const known = before?.cycle;
    const isSame =
      known?.unit === "month" && kindOf(known) === "month" && Number(known.from.slice(8)) === Number(billingDay);
    return isSame ? known : cycle;
  }
  if (kind === "quarter") return { unit: "month", count: 3, from };
  if (kind === "year") return { unit: "month", count: 12, from };
  return kind === "week" ? { unit: "week", count: 1, from } : { unit: "day", count: Number(days), from };
}

function mistakeInCycle({ kind, billingDay, from, days }: Draft): Mistake | null {
  if (kind === "month") return isWhole(billingDay, 1, 31) ? null : mistake("billingDay");
  if (!isDay(from) || from < "1970-01-01" || from > "2199-12-31") return mistake("from");
  return kind !== "days" || isWhole(days, 1, 366) ? null : mistake("days");
}

/**
 * The plan that a draft means.
 * @param now ms UTC: when the provider's figure was read
 * @param cycleStart the first day of the cycle that runs then
 */
export function planOf(
  draft: Draft,
  before: Plan | null,
  now: number,
  cycleStart: (cycle: Plan["cycle"]) => string,
): Plan | Mistake {
  const wrong = mistakeInCycle(draft) ?? mistakeElsewhere(draft);
  if (wrong !== null) return wrong;
  const cycle = readCycle(draft, before);
  const size = draft.unit ** 3;
  const provider = draft.provider.trim();
  const said =
    provider === "" ? [] : [{ at: now, cycle: cycleStart(cycle), bytes: Math.round(Number(provider) * size) }];
  const price = draft.price.trim();
  return {
    name: draft.name.trim() === "" ? null : draft.name.trim(),
    cycle,
    allowance: draft.allowance.trim() === "" ? null : Math.round(Number(draft.allowance) * size),
    unit: draft.unit,
    counts: draft.counts,
    free: draft.free,
    except: draft.except,
    overPrice: price === "" ? null : { perGb: Number(price), currency: currencyIn(draft) },
    corrections: [...draft.corrections, ...said],
  };
}

function mistakeElsewhere({ allowance, free, price, currency, provider }: Draft): Mistake | null {
  if (allowance.trim() !== "" && !(Number(allowance) > 0 && Number(allowance) < 1e6)) return mistake("allowance");
  if (free.some(({ weekdays }) => weekdays.length === 0)) return mistake("weekdays");
  if (price.trim() !== "") {
    if (!(Number(price) >= 0 && Number(price) <= 1e6)) return mistake("price");
    if (!isCurrency(currency)) return mistake("currency");
  }
  return provider.trim() !== "" && !(Number(provider) >= 0 && Number(provider) < 1e6) ? mistake("provider") : null;
}

/** The currency of a draft, as ISO 4217 has it. */
export function currencyIn({ currency }: Draft): string {
  return currency.trim().toUpperCase();
}

/** What is wrong with the currency where a price outside the draft needs it. */
export function mistakeInCurrency({ currency }: Draft): Mistake | null {
  return isCurrency(currency) ? null : mistake("currency");
}

function isCurrency(text: string): boolean {
  return /^[a-z]{3}$/i.test(text.trim());
}

function mistake(field: Mistake["field"]): Mistake {
  return { field, message: planText.wrong[field] };
}

function isWhole(text: string, least: number, most: number): boolean {
  return /^\s*\d+\s*$/.test(text) && Number(text) >= least && Number(text) <= most;
}

/** Bytes in the plan's unit, as a number field takes them: with no more digits than they have. */
export function amountText(bytes: number, unit: Plan["unit"]): string {
  return String(Number((bytes / unit ** 3).toFixed(6)));
}

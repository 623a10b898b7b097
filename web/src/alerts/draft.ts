/** The rules as they are being edited: everything is text, as the fields have it. Pure. */
import { alertsText } from "../texts/alerts.ts";
import type { AlertsInput } from "../wire.ts";

type Rules = AlertsInput["rules"];
type Usage = Rules["usage"][number];

export interface UsageDraft extends Omit<Usage, "bytes"> {
  readonly gigabytes: string;
}

export interface RulesDraft {
  readonly plan: boolean;
  readonly percents: string;
  readonly forecast: boolean;
  readonly usage: readonly UsageDraft[];
  readonly newDevice: boolean;
  readonly privateMacs: boolean;
  readonly proposed: boolean;
  readonly unusual: boolean;
  readonly silent: boolean;
  readonly minutes: string;
  readonly missed: boolean;
  readonly percent: string;
  readonly books: boolean;
  readonly store: boolean;
  readonly quiet: boolean;
  readonly from: number;
  readonly to: number;
}

const GB = 1_000_000_000;

export function draftOf({ rules, quiet }: Pick<AlertsInput, "rules" | "quiet">): RulesDraft {
  const percents = rules.plan?.percents ?? [];
  return {
    plan: percents.length > 0,
    percents: (percents.length > 0 ? percents : [80, 100]).join(", "),
    forecast: rules.plan?.forecast ?? false,
    usage: rules.usage.map(({ bytes, ...rest }) => ({ ...rest, gigabytes: String(bytes / GB) })),
    newDevice: rules.newDevice !== null,
    privateMacs: rules.newDevice?.privateMacs ?? true,
    proposed: rules.newDevice?.proposed ?? false,
    unusual: rules.unusual,
    silent: rules.silent !== null,
    minutes: String(rules.silent?.minutes ?? 30),
    missed: rules.missed !== null,
    percent: String(rules.missed?.percent ?? 5),
    books: rules.books,
    store: rules.store,
    quiet: quiet !== null,
    from: quiet?.from ?? 22,
    to: quiet?.to ?? 7,
  };
}

export interface Mistake {
  readonly field: keyof typeof alertsText.wrong;
  readonly message: string;
}

/** What a draft means, or the first field that can't be so. */
export function rulesOf(draft: RulesDraft): Pick<AlertsInput, "rules" | "quiet"> | Mistake {
  const percents = draft.plan
    ? draft.percents
        .split(/[,;\s]+/)
        .filter(Boolean)
        .map(numberIn)
    : [];
  const minutes = numberIn(draft.minutes);
  const percent = numberIn(draft.percent);
  const usage = draft.usage.map(({ gigabytes, ...rest }) => ({ ...rest, bytes: Math.round(numberIn(gigabytes) * GB) }));
  const isPercent = (value: number) => Number.isInteger(value) && value >= 1 && value <= 1000;
  const wrong = (field: Mistake["field"]): Mistake => ({ field, message: alertsText.wrong[field] });
  if ((draft.plan && percents.length === 0) || percents.length > 10 || !percents.every(isPercent))
    return wrong("percents");
  if (!usage.every(({ bytes }) => bytes >= GB / 1000 && bytes <= Number.MAX_SAFE_INTEGER)) return wrong("usage");
  if (draft.silent && !(Number.isInteger(minutes) && minutes >= 2 && minutes <= 10_080)) return wrong("minutes");
  if (draft.missed && !(percent >= 0.1 && percent <= 100)) return wrong("missed");
  return {
    rules: {
      plan: draft.plan || draft.forecast ? { percents, forecast: draft.forecast } : null,
      usage,
      newDevice: draft.newDevice ? { privateMacs: draft.privateMacs, proposed: draft.proposed } : null,
      unusual: draft.unusual,
      silent: draft.silent ? { minutes } : null,
      missed: draft.missed ? { percent } : null,
      books: draft.books,
      store: draft.store,
    },
    quiet: draft.quiet ? { from: draft.from, to: draft.to } : null,
  };
}

/** A number as people write it, with a point or a comma; NaN for anything else. */
function numberIn(text: string): number {
  const trimmed = text.trim().replace(",", ".");
  return trimmed === "" ? Number.NaN : Number(trimmed);
}

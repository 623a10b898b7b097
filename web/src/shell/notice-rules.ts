import { addDays } from "../../../src/shared/calendar-days.ts";
import type { ApiFailure } from "../api.ts";
import { isPart } from "../state/measured.ts";
import { noticeText } from "../texts/notices.ts";
import { proposalText } from "../texts/proposals.ts";
import type { ApiStatus, Usage } from "../wire.ts";
import type { Liveness } from "./liveness.ts";

/** Something a person should know before they read the figures. */
export interface Notice {
  /** Unique, and the same while the notice means the same. */
  readonly id: string;
  /** `bad`: figures are missing. `warn`: they are not what they seem. `hint`: good to know, may be dismissed. */
  readonly tone: "bad" | "warn" | "info" | "hint" | "demo";
  /** What is so, in a few formats. */
  readonly title: string;
  /** Since when, why, and what to do. */
  readonly text: string;
  /** What can be done here: ask again, or show days that have figures. */
  readonly action?: { readonly label: string; readonly does: Deed };
}

type Deed = "retry" | "proposals" | "include-ipv6" | "exclude-ipv6" | { readonly from: string; readonly to: string };

/** All that notices are made from. */
export interface Known {
  readonly usage: Usage | null;
  readonly status: ApiStatus | null;
  readonly failure: Pick<ApiFailure, "code" | "message" | "hint"> | null;
  readonly ipv6: {
    /** From this page. */
    readonly wasIncluded: boolean;
    readonly failure: Pick<ApiFailure, "message" | "hint"> | null;
  };
  /** Whether changes are offered. */
  readonly mayWrite: boolean;
  /** How many times some devices look like one. */
  readonly proposals: number;
  readonly liveness: Liveness;
  /** When the connection was lost; used only while it is. */
  readonly lostSince: number;
  readonly now: number;
}

/** How to say figures and times, so that this file knows neither language nor zone. */
export interface Formats {
  time(at: number): string;
  instant(at: number): string;
  duration(ms: number): string;
  share(share: number): string;
  day(day: string): string;
  range(from: string, to: string): string;
}

/** From this share on, what IPFilter excludes or the meter missed changes what a figure means. */
export const NOTABLE_SHARE = 0.01;
/** Up to this age an instant is said by its time alone. */
const SAME_DAY_MS = 12 * 3_600_000;

/** What to say above the figures, the most severe first. */
export function noticesOf(known: Known, formats: Formats): Notice[] {
  return [
    ...demo(known),
    ...lostConnection(known, formats),
    ...problems(known, formats),
    ...late(known, formats),
    ...unreadable(known),
    ...firstMinutes(known, formats),
    ...empty(known, formats),
    ...missed(known, formats),
    ...hidden(known, formats),
    ...marked(known),
    ...proposed(known),
  ];
}

function demo({ status }: Known): Notice[] {
  if (!status?.demo) return [];
  return [{ id: "demo", tone: "demo", ...noticeText.demo }];
}

function lostConnection({ liveness, lostSince, now }: Known, formats: Formats): Notice[] {
  if (liveness.state !== "lost") return [];
  return [
    {
      id: "lost",
      tone: "warn",
      ...noticeText.lost(since(lostSince, now, formats)),
      action: { label: noticeText.retry, does: "retry" },
    },
  ];
}

function problems({ status, now }: Known, formats: Formats): Notice[] {
  return (status?.problems ?? []).map((problem) => ({
    id: ["problem", problem.code, ...(problem.meter === undefined ? [] : [problem.meter])].join(" "),
    tone: "bad",
    title: problem.message,
    text: noticeText.since(since(problem.since, now, formats), formats.duration(now - problem.since), problem.hint),
  }));
}

/** Readings that stay away without a reason that the server could name. */
function late({ status, liveness, now }: Known, formats: Formats): Notice[] {
  if (status === null || liveness.state !== "late" || status.problems.length > 0 || liveness.readAt === null) return [];
  return [{ id: "late", tone: "warn", ...noticeText.late(since(liveness.readAt, now, formats)) }];
}

function unreadable({ failure, liveness }: Known): Notice[] {
  // Of an owner who was deleted the page says so itself, with the way to everyone's figures.
  if (failure === null || liveness.state === "lost" || failure.code === "unknown-owner") return [];
  const notice = { id: "failure", tone: "bad", title: failure.message, text: failure.hint ?? "" } as const;
  return [{ ...notice, action: { label: noticeText.retry, does: "retry" } }];
}

/** A household that has just begun to be measured has no figures, and nothing is wrong. */
function firstMinutes({ status, usage }: Known, formats: Formats): Notice[] {
  if (status === null || status.problems.length > 0) return [];
  const { measuringSince, readAt, intervalMs } = status.meter;
  if (measuringSince === null || readAt === null) {
    return [{ id: "first", tone: "info", ...noticeText.starting(formats.duration(intervalMs)) }];
  }
  const isFirst = readAt - measuringSince < intervalMs / 2;
  if (!isFirst || (usage !== null && usage.totals.download + usage.totals.upload > 0)) return [];
  return [
    {
      id: "first",
      tone: "info",
      ...noticeText.measuring(formats.time(measuringSince), formats.time(readAt + intervalMs)),
    },
  ];
}

function empty({ usage, status }: Known, formats: Formats): Notice[] {
  if (usage === null || usage.totals.download + usage.totals.upload > 0) return [];
  // There was activity, of which the meter can't tell with whom: that is said where the kind of traffic is.
  if (usage.unknownTraffic !== null && usage.unknownTraffic.download + usage.unknownTraffic.upload > 0) return [];
  const { from, to } = usage;
  const range = status?.range ?? null;
  const measured = status !== null && status.meter.measuringSince !== null;
  if (range === null) {
    // Without a single figure yet, the first minutes or a problem have been told already.
    if (!measured || status.meter.readAt === status.meter.measuringSince) return [];
    return [{ id: "empty", tone: "info", title: noticeText.noTraffic, text: "" }];
  }
  const within = from <= range.last && to >= range.first;
  const days = to < range.first ? firstYear(range.first, range.last) : { from: range.last, to: range.last };
  return [
    {
      id: "empty",
      tone: "info",
      title: within
        ? noticeText.noActivity
        : noticeText.noData(from === to ? formats.day(from) : formats.range(from, to)),
      text: within ? "" : noticeText.available(formats.range(range.first, range.last)),
      // Days are known of all figures together: of a part there may be none on any day.
      ...(within && (isPart(usage) || (from === to && to === range.last))
        ? {}
        : { action: { label: noticeText.showAvailable, does: days } }),
    },
  ];
}

function firstYear(first: string, last: string): { from: string; to: string } {
  const year = addDays(first, 364);
  return { from: first, to: year < last ? year : last };
}

/** What a meter counted of what its interface carried, by bytes, and missed by packets: either may be unknown. */
export type Shares = Pick<Usage["balance"], "seenShare" | "missedShare">;

/** The share that is missing: by bytes where that is known. */
export function missedOf({ seenShare, missedShare }: Shares): number {
  return seenShare === null ? (missedShare ?? 0) : 1 - seenShare;
}

function missed({ usage, status }: Known, formats: Formats): Notice[] {
  // Of now it is among the problems, with what to do.
  if (status?.problems.some(({ code }) => code === "packets-missed" || code === "bytes-missed")) return [];
  if (usage === null || missedOf(usage.balance) < NOTABLE_SHARE) return [];
  const { seenShare, missedShare } = usage.balance;
  const text =
    seenShare === null
      ? noticeText.dropped(formats.share(missedShare ?? 0))
      : noticeText.counted(formats.share(seenShare));
  return [{ id: "missed", tone: "warn", ...text }];
}

function hidden({ usage, status, ipv6, mayWrite }: Known, formats: Formats): Notice[] {
  const { wasIncluded, failure } = ipv6;
  const notices: Notice[] = [];
  if (failure !== null) {
    notices.push({ id: "ipv6-failure", tone: "bad", title: failure.message, text: failure.hint ?? "" });
  }
  if (wasIncluded && status?.ipv6 === "included") {
    const action = { label: noticeText.undo, does: "exclude-ipv6" } as const;
    return [...notices, { id: "ipv6-included", tone: "hint", ...noticeText.ipv6Included, action }];
  }
  if (usage === null || usage.hiddenShare < NOTABLE_SHARE) return notices;
  const share = formats.share(usage.hiddenShare);
  const period = usage.from === usage.today ? noticeText.todays : noticeText.thisPeriods;
  if (status?.ipv6 !== "excluded") {
    return [...notices, { id: "hidden", tone: "hint", ...noticeText.excluded(share, period) }];
  }
  const notice = { id: "hidden", tone: "hint", title: noticeText.ipv6(share, period), text: "" } as const;
  const action = { label: noticeText.includeIpv6, does: "include-ipv6" } as const;
  return [...notices, mayWrite ? { ...notice, action } : notice];
}

function marked({ usage }: Known): Notice[] {
  const notices: Notice[] = [];
  if (usage?.devices.some((device) => device.reconstructed)) {
    notices.push({ id: "reconstructed", tone: "hint", ...noticeText.estimated });
  }
  if (usage?.devices.some((device) => device.implausible)) {
    notices.push({ id: "implausible", tone: "hint", ...noticeText.implausible });
  }
  return notices;
}

function proposed({ proposals, mayWrite }: Known): Notice[] {
  if (proposals === 0 || !mayWrite) return [];
  const action = { label: proposalText.look, does: "proposals" } as const;
  return [{ id: `proposals ${proposals}`, tone: "hint", ...proposalText.hint(proposals), action }];
}

function since(at: number, now: number, formats: Formats): string {
  return now - at < SAME_DAY_MS ? formats.time(at) : formats.instant(at);
}

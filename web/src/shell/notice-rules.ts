import type { ApiFailure } from "../api.ts";
import { addDays } from "../days.ts";
import type { ApiStatus, Usage } from "../wire.ts";
import type { Liveness } from "./liveness.ts";

/** Something a person should know before they read the figures. */
export interface Notice {
  /** Unique, and the same while the notice means the same. */
  readonly id: string;
  /** `bad`: figures are missing. `warn`: they are not what they seem. `hint`: good to know, may be dismissed. */
  readonly tone: "bad" | "warn" | "info" | "hint" | "demo";
  /** What is so, in a few words. */
  readonly title: string;
  /** Since when, why, and what to do. */
  readonly text: string;
  /** What can be done here: ask again, or show days that have figures. */
  readonly action?: { readonly label: string; readonly does: "retry" | { readonly from: string; readonly to: string } };
}

/** All that notices are made from. */
export interface Known {
  readonly usage: Usage | null;
  readonly status: ApiStatus | null;
  readonly failure: Pick<ApiFailure, "code" | "message" | "hint"> | null;
  readonly liveness: Liveness;
  /** When the connection was lost; used only while it is. */
  readonly lostSince: number;
  readonly now: number;
}

/** How to say figures and times, so that this file knows neither language nor zone. */
export interface Words {
  time(at: number): string;
  instant(at: number): string;
  duration(ms: number): string;
  share(share: number): string;
  day(day: string): string;
  range(from: string, to: string): string;
}

/** From this share on, what IPFilter hides or darkstat missed changes what a figure means. */
export const NOTABLE_SHARE = 0.01;
/** Up to this age an instant is said by its time alone. */
const SAME_DAY_MS = 12 * 3_600_000;

/** What to say above the figures, the gravest first. */
export function noticesOf(known: Known, words: Words): Notice[] {
  return [
    ...demo(known),
    ...lostConnection(known, words),
    ...problems(known, words),
    ...late(known, words),
    ...unreadable(known),
    ...firstMinutes(known, words),
    ...empty(known, words),
    ...missed(known, words),
    ...hidden(known, words),
    ...marked(known),
  ];
}

function demo({ status }: Known): Notice[] {
  if (!status?.demo) return [];
  const text = "A simulated household.";
  return [{ id: "demo", tone: "demo", title: "Demonstration.", text }];
}

function lostConnection({ liveness, lostSince, now }: Known, words: Words): Notice[] {
  if (liveness.state !== "lost") return [];
  return [
    {
      id: "lost",
      tone: "warn",
      title: `No connection to WhiteStat since ${since(lostSince, now, words)}.`,
      text: "What you see is from before. It connects again by itself as soon as WhiteStat answers.",
      action: { label: "Try now", does: "retry" },
    },
  ];
}

function problems({ status, now }: Known, words: Words): Notice[] {
  return (status?.problems ?? []).map((problem) => ({
    id: `problem ${problem.code}`,
    tone: "bad",
    title: problem.message,
    text: `Since ${since(problem.since, now, words)} (${words.duration(now - problem.since)}). ${problem.hint}`,
  }));
}

/** Readings that stay away without a reason that the server could name. */
function late({ status, liveness, now }: Known, words: Words): Notice[] {
  if (status === null || liveness.state !== "late" || status.problems.length > 0 || liveness.readAt === null) return [];
  const text = "What devices used since then will come with the next reading.";
  return [{ id: "late", tone: "warn", title: `The last reading is from ${since(liveness.readAt, now, words)}.`, text }];
}

function unreadable({ failure, liveness }: Known): Notice[] {
  if (failure === null || liveness.state === "lost") return [];
  const notice = { id: "failure", tone: "bad", title: failure.message, text: failure.hint ?? "" } as const;
  return [{ ...notice, action: { label: "Try again", does: "retry" } }];
}

/** A household that has just begun to be measured has no figures, and nothing is wrong. */
function firstMinutes({ status, usage }: Known, words: Words): Notice[] {
  if (status === null || status.problems.length > 0) return [];
  const { measuringSince, readAt, intervalMs } = status.darkstat;
  if (measuringSince === null || readAt === null) {
    const text = `The first reading of darkstat is on its way. It is read every ${words.duration(intervalMs)}.`;
    return [{ id: "first", tone: "info", title: "Starting.", text }];
  }
  const isFirst = readAt - measuringSince < intervalMs / 2;
  if (!isFirst || (usage !== null && usage.totals.download + usage.totals.upload > 0)) return [];
  return [
    {
      id: "first",
      tone: "info",
      title: `Measuring since ${words.time(measuringSince)}:`,
      text: `the first figures come with the next poll, at ${words.time(readAt + intervalMs)}.`,
    },
  ];
}

function empty({ usage, status }: Known, words: Words): Notice[] {
  if (usage === null || usage.totals.download + usage.totals.upload > 0) return [];
  const { from, to } = usage;
  const range = status?.range ?? null;
  const measured = status !== null && status.darkstat.measuringSince !== null;
  if (range === null) {
    // Without a single figure yet, the first minutes or a problem have been told already.
    if (!measured || status.darkstat.readAt === status.darkstat.measuringSince) return [];
    return [{ id: "empty", tone: "info", title: "No device has used anything yet.", text: "" }];
  }
  const within = from <= range.last && to >= range.first;
  const text = within
    ? "No device used anything in these days."
    : `There are figures for ${words.range(range.first, range.last)}.`;
  const days = to < range.first ? firstYear(range.first, range.last) : { from: range.last, to: range.last };
  return [
    {
      id: "empty",
      tone: "info",
      title: `Nothing was measured: ${from === to ? words.day(from) : words.range(from, to)}.`,
      text,
      ...(within && from === to && to === range.last ? {} : { action: { label: "Show what there is", does: days } }),
    },
  ];
}

function firstYear(first: string, last: string): { from: string; to: string } {
  const year = addDays(first, 364);
  return { from: first, to: year < last ? year : last };
}

function missed({ usage }: Known, words: Words): Notice[] {
  const share = usage?.balance.missedShare ?? 0;
  if (share < NOTABLE_SHARE) return [];
  return [
    {
      id: "missed",
      tone: "warn",
      title: `${words.share(share)} of the packets were missed.`,
      text: "Figures are too low by about as much: the machine that darkstat runs on can't keep up with the line.",
    },
  ];
}

function hidden({ usage }: Known, words: Words): Notice[] {
  if (usage === null || usage.hiddenShare < NOTABLE_SHARE) return [];
  const span = usage.from === usage.to && usage.to === usage.today ? "today" : "this range";
  return [
    {
      id: "hidden",
      tone: "hint",
      title: `${words.share(usage.hiddenShare)} of ${span} is not shown,`,
      text: "because IPFilter leaves its addresses out: usually all that is IPv6. To count it, set IPFilter to .* in WhiteStatConfig.json.",
    },
  ];
}

function marked({ usage }: Known): Notice[] {
  const notices: Notice[] = [];
  if (usage?.devices.some((device) => device.reconstructed)) {
    notices.push({
      id: "reconstructed",
      tone: "hint",
      title: "Figures marked ≈ are reconstructed:",
      text: "nobody was reading at the edge of an hour or day, so bytes that are right in sum were divided over the time between.",
    });
  }
  if (usage?.devices.some((device) => device.implausible)) {
    notices.push({
      id: "implausible",
      tone: "hint",
      title: "Some figures are too large to be true.",
      text: "They were taken over from an older version, which invented traffic at times, and are kept as they were.",
    });
  }
  return notices;
}

function since(at: number, now: number, words: Words): string {
  return now - at < SAME_DAY_MS ? words.time(at) : words.instant(at);
}

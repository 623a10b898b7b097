import { useEffect, useRef, useState } from "preact/hooks";
import type { Days } from "../../../src/shared/api.ts";
import { addDays } from "../../../src/shared/calendar-days.ts";
import { ApiFailure, getJson } from "../api.ts";
import { failureText } from "../texts/failures.ts";
import type { Usage } from "../wire.ts";
import { withFresh } from "./rows.ts";

/** After a longer pause than this (a laptop that slept), days before yesterday may have changed as well. */
const TRUST_MS = 10 * 60_000;

export interface DaysState {
  /** Of the range that `usage` is about; null until it is read. */
  readonly days: Days | null;
  readonly failure: ApiFailure | null;
  readonly retry: () => void;
}

/**
 * The device-days of the range of `usage`, read when they are `wanted` and again with each reading. A range that is
 * known already is only read from yesterday on.
 */
export function useDays({ from, to, source, traffic, today, now, owner }: Usage, wanted: boolean): DaysState {
  const [days, setDays] = useState<Days | null>(null);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [attempt, setAttempt] = useState(0);
  const known = useRef<{ days: Days; at: number; part: string } | null>(null);
  const part = JSON.stringify([owner, source, traffic]);

  useEffect(() => {
    if (!wanted) return;
    const abort = new AbortController();
    const before = known.current;
    const yesterday = addDays(today, -1);
    const isSame = before?.days.from === from && before.days.to === to;
    const isOfSame = before?.part === part;
    const fits = before !== null && isSame && isOfSame && now - before.at < TRUST_MS;
    const since = fits && yesterday > from && yesterday <= to ? yesterday : from;
    const of = { source, traffic: traffic === "all" ? null : traffic, owner: owner === null ? null : String(owner) };
    // `now` and `attempt` say when to read again.
    getJson<Days>("api/v1/days", { from: since, to, ...of }, abort.signal).then(
      (answer) => {
        const whole = since === from || before === null ? answer : withFresh(before.days, answer, since);
        known.current = { days: whole, at: now, part };
        setDays(whole);
        setFailure(null);
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        setFailure(error instanceof ApiFailure ? error : new ApiFailure("unknown", failureText.noDays, null));
      },
    );
    return () => abort.abort();
  }, [wanted, from, to, today, now, owner, source, traffic, part, attempt]);

  const isOfSelection = known.current?.part === part;
  const fitting = days !== null && isOfSelection && days.from === from && days.to === to ? days : null;
  return { days: fitting, failure, retry: () => setAttempt(attempt + 1) };
}

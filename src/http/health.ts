import type { Problem, Status } from "../shared/status.ts";
import { ERROR_STATUS, envelopeOf, HttpProblem } from "./errors.ts";
import { type HttpResponse, jsonResponse } from "./exchange.ts";
import { meterText } from "./readable-text.ts";
import type { Route } from "./router.ts";
import type { Who } from "./who.ts";

/** A reading may be late by two others and a slow answer before anyone is told. */
const LATE_INTERVALS = 3;
const LATE_MS = 10_000;
/** How many intervals after the start the first reading may take. */
const GRACE_INTERVALS = 2;

export type Health =
  | { readonly state: "ok" }
  | { readonly state: "starting" }
  /** Readings can't be kept: what is shown stands still, or is lost with the process. */
  | { readonly state: "unsaved"; readonly since: number; readonly message: string; readonly hint: string }
  /** `since` is the last reading, or the start where there was none. */
  | { readonly state: "stale"; readonly since: number; readonly message: string; readonly hint: string };

/** Whether the readings are fresh, and kept. A reading from the future (the clock was set back) isn't, until the next one. */
export function assessHealth(status: Status, now: number): Health {
  const { readAt, intervalMs, kind } = status.meter;
  const unsaved = status.problems.find(({ code }) => code === "store");
  if (unsaved !== undefined) {
    const { since, message, hint } = unsaved;
    return { state: "unsaved", since, message, hint };
  }
  const limit = LATE_INTERVALS * intervalMs + LATE_MS;
  if (readAt !== null && Math.abs(now - readAt) <= limit) return { state: "ok" };
  const running = now - status.startedAt;
  if (running >= 0 && running < GRACE_INTERVALS * intervalMs) return { state: "starting" };
  const [problem] = status.problems;
  return {
    state: "stale",
    since: readAt ?? status.startedAt,
    message: problem?.message ?? `No reading of ${meterText(kind)} ${readAt === null ? "yet" : "for a while"}.`,
    hint: problem?.hint ?? "See the log for the reason.",
  };
}

export interface HealthDeps {
  readonly status: () => Status;
  readonly now: () => number;
  readonly version: string;
  /** Whether somebody may see more than whether all is well. */
  readonly mayRead: (who: Who) => boolean;
}

/** `/healthz`: 200 while readings are fresh and can be kept, 503 with the reason when not, for who may read. For monitors and the container's own check. */
export function healthRoutes(deps: HealthDeps): Route[] {
  return [{ method: "GET", path: "/healthz", light: true, handle: ({ who }) => healthResponse(deps, who) }];
}

function healthResponse({ status, now, version, mayRead }: HealthDeps, who: Who): HttpResponse {
  const current = status();
  const health = assessHealth(current, now());
  const { readAt, kind, version: program, interface: iface, seenShare, whyNotKernel } = current.meter;
  const facts = {
    version,
    demo: current.demo,
    meter: { kind, version: program, interface: iface, seenShare, ...(whyNotKernel === null ? {} : { whyNotKernel }) },
    readAt: readAt === null ? null : isoText(readAt),
    problems: current.problems.map(shown),
  };
  const headers = { "cache-control": "no-store" };
  if (!mayRead(who)) {
    const isWell = health.state === "ok" || health.state === "starting";
    return jsonResponse({ status: isWell ? "ok" : health.state }, headers, isWell ? 200 : 503);
  }
  if (health.state === "ok" || health.state === "starting") {
    return jsonResponse(
      { status: "ok", ...(health.state === "starting" ? { starting: true } : {}), ...facts },
      headers,
    );
  }
  const code = health.state === "unsaved" ? "store" : "readings-stale";
  const problem = new HttpProblem(code, health.message, health.hint);
  const said = { status: health.state, since: isoText(health.since), ...envelopeOf(problem), ...facts };
  return jsonResponse(said, headers, ERROR_STATUS[problem.code]);
}

function shown({ code, since, message, hint }: Problem) {
  return { code, since: isoText(since), message, hint };
}

function isoText(at: number): string {
  return new Date(at).toISOString();
}

import { clocksHideTime, hidesImport, PATIENCE_MS } from "./amounts.ts";
import { must } from "./must.ts";
import type { Poll, Rejected } from "./replay.ts";

/** A good reading is never rejected without a reason, and never twice when a second one says the same. */
export function checkRejection(poll: Poll, reason: string, before: Rejected | null): void {
  const { honest, ours, meter, world, reading } = poll;
  const isSameRun = ours.meterId === meter.id && ours.runId === meter.run.id;
  must(reason !== "older-run" || reading.elapsedMs !== null, "across our own restart, the clock alone rejected a run");
  if (!honest) return;
  // What a proxy stored may be settled after the run has begun that it knows nothing of.
  const isFooled = ours.tainted && (isSameRun || reason === "older-run" || meter.run.startedAt <= ours.settledAt);
  const isOdd = meter.run.evictions > 0 || world.options.localOnly || isFooled;
  const isSameText = !isSameRun && ours.books?.epoch === reading.epoch;
  const isOld = reason === "older-run" && clocksHideTime(poll);
  // An older export shows less than we knew, as an old page would.
  const isImport = reason === "stale-table" && meter.run.imported !== null && !isSameRun;
  must(isOdd || isSameText || isOld || isImport, `a good reading was rejected: ${reason}`);

  const last = before?.poll;
  if (before === null || !last?.honest || last.meter.id !== meter.id || last.page.runId !== meter.run.id) return;
  if (last.reading.after.uptimeSeconds >= reading.after.uptimeSeconds || last.reading.meter !== reading.meter) return;
  if (isOdd || hidesImport(last) || (isSameText && looksUnbroken(poll))) return;
  const lastedMs = world.mono - before.sinceMono;
  // A run that our clocks say is older than our last reading, though it is not, is waited for.
  must(lastedMs < PATIENCE_MS && clocksHideTime(poll), `a good reading was rejected again: ${reason}`);
}

/** The run that we knew was so young, and the next one began so soon, that the uptime under the same text seems unbroken. */
function looksUnbroken({ ours, meter, reading }: Poll): boolean {
  const slackMs = reading.elapsedMs === null ? 122_000 : 4_000;
  return (ours.books?.uptimeSeconds ?? 0) * 1000 + meter.run.startedAt - ours.settledAt <= slackMs;
}

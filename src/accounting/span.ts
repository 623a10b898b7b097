import { CLOCK_JUMP_MS } from "./clocks.ts";
import type { Relation } from "./relation.ts";
import type { Span } from "./split.ts";
import type { Books, Note, Reading } from "./types.ts";

/** When the bytes of a settlement passed, and whether the wall clock was set meanwhile. Never before the books. */
export function spanOf(relation: Relation, books: Books | null, reading: Reading): { span: Span; notes: Note[] } {
  const uptimeMs = reading.after.uptimeSeconds * 1000;
  if (books === null || relation === "baseline-only" || relation === "other-meter") {
    return { span: { from: reading.at - uptimeMs, to: reading.at }, notes: [] };
  }
  const wallMs = reading.at - books.at;
  const isSameRun = relation === "same-run" || relation === "idle" || relation === "unclear";
  const darkstatMs = isSameRun ? Math.max(0, uptimeMs - books.uptimeSeconds * 1000) : null;
  const { elapsedMs, isSet } = timeSince(wallMs, reading.elapsedMs, darkstatMs, uptimeMs);
  // What a new run counted passed since its start; what it resumed may have passed any time since the books.
  const isFresh = relation === "from-zero" || relation === "stale-import";
  const span = { from: reading.at - (isFresh ? Math.min(uptimeMs, elapsedMs) : elapsedMs), to: reading.at };
  if (!isSet) return { span, notes: [] };
  const seconds = Math.round((wallMs - elapsedMs) / 1000);
  return { span, notes: [{ at: reading.at, code: "clock-jump", detail: { seconds } }] };
}

/** The time since the books, and whether the wall clock is known to have been set in it. */
function timeSince(
  wallMs: number,
  monotonicMs: number | null,
  darkstatMs: number | null,
  uptimeMs: number,
): { elapsedMs: number; isSet: boolean } {
  const agree = (a: number, b: number) => Math.abs(a - b) <= CLOCK_JUMP_MS;
  if (monotonicMs === null) {
    if (darkstatMs !== null && !agree(wallMs, darkstatMs)) {
      return { elapsedMs: Math.max(0, Math.min(wallMs, darkstatMs)), isSet: true };
    }
    return { elapsedMs: Math.max(0, wallMs), isSet: wallMs < -CLOCK_JUMP_MS };
  }
  if (agree(wallMs, monotonicMs)) return { elapsedMs: Math.max(0, Math.min(wallMs, monotonicMs)), isSet: false };
  if (wallMs < monotonicMs) return { elapsedMs: monotonicMs, isSet: true };
  // Our monotonic clock stands still while this machine sleeps; darkstat's, elsewhere, goes on and bears the wall clock out.
  const slept = darkstatMs === null ? uptimeMs > monotonicMs + CLOCK_JUMP_MS : agree(wallMs, darkstatMs);
  // A new run knows nothing of the time before it: then nobody can tell whether we slept or the clock was set.
  return slept ? { elapsedMs: wallMs, isSet: false } : { elapsedMs: monotonicMs, isSet: darkstatMs !== null };
}

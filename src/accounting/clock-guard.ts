/**
 * Which date may be relied on for what cannot be undone, such as deleting old figures: one that the wall clock has stood
 * beyond for a day of monotonic time. A clock that is years ahead for some seconds, or for an hour, deletes nothing.
 */
export interface ClockGuard {
  /** A date that has been proven (ms UTC); null while none has. Behind the wall clock by one to two days. */
  readonly trustedAt: number | null;
  /** The date that is being proven, and how long the wall clock has stood beyond it by now. */
  readonly candidateAt: number;
  readonly stoodMs: number;
}

const PROVEN_AFTER_MS = 86_400_000;

/** A guard that has seen nothing before. */
export function startClockGuard(wallMs: number): ClockGuard {
  return { trustedAt: null, candidateAt: wallMs, stoodMs: 0 };
}

/**
 * The guard after another look at the clocks.
 * @param elapsedMs monotonic time since the last look; 0 at the first look of a process
 */
export function watchClock(guard: ClockGuard, wallMs: number, elapsedMs: number): ClockGuard {
  // Set back, beyond the date in question: that date was wrong, and so may a proven one be.
  if (wallMs < guard.candidateAt) {
    const trustedAt = guard.trustedAt === null ? null : Math.min(guard.trustedAt, wallMs);
    return { trustedAt, candidateAt: wallMs, stoodMs: 0 };
  }
  const stoodMs = guard.stoodMs + Math.max(0, elapsedMs);
  if (stoodMs < PROVEN_AFTER_MS) return { ...guard, stoodMs };
  return { trustedAt: guard.candidateAt, candidateAt: wallMs, stoodMs: 0 };
}

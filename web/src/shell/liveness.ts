import { type Connection, connection } from "../state/connection.ts";
import { steady } from "../state/steady.ts";
import { now } from "../state/today.ts";
import { status } from "../state/usage.ts";

/** Figures are late when this many readings should have come since the last. */
const LATE_INTERVALS = 3;
/** A stream that comes back within this is no news. */
const BLINK_MS = 8000;

export interface Liveness {
  readonly state: "waiting" | "live" | "late" | "lost";
  /** When the meter was last read, as far as we heard. */
  readonly readAt: number | null;
}

/** Whether what is seen is current. */
export const liveness = steady<Liveness>((previous) => {
  const next = livenessOf(connection.value, status.value?.meter ?? null, now.value);
  return previous?.state === next.state && previous.readAt === next.readAt ? previous : next;
});

export function livenessOf(
  connection: Connection,
  meter: { readAt: number | null; intervalMs: number } | null,
  now: number,
): Liveness {
  const readAt = meter?.readAt ?? null;
  const { state, since, isCertain } = connection;
  if (state === "lost" && (isCertain || now - since > BLINK_MS)) return { state: "lost", readAt };
  if (meter === null) return { state: "waiting", readAt };
  if (readAt === null || now - readAt > meter.intervalMs * LATE_INTERVALS + 5000) return { state: "late", readAt };
  return { state: "live", readAt };
}

import type { Settlement } from "../../src/accounting/types.ts";
import { must } from "./must.ts";
import type { Poll } from "./replay.ts";

/** Across our own restart a clock that is two minutes off goes unnoticed. */
const SLACK_MS = 122_000;
const MINUTE = 60_000;
const EDGE_MS = 3_000;

/** Promise 5: every charge is dated within the time in which its bytes can have passed, and never before the books. */
export function checkDates(poll: Poll, settlement: Settlement): void {
  const { world, ours, reading, calendar, meter, page } = poll;
  const isSameRun = ours.meterId === meter.id && ours.runId === page.runId;
  const sinceSettled = ours.books === null ? Number.POSITIVE_INFINITY : world.now - ours.settledAt;
  const sinceStart = world.now - meter.run.startedAt + 1000;
  const isNewRun = ours.books === null || (!isSameRun && ours.books.epoch !== reading.epoch);
  let longest = isNewRun && meter.run.imported === null ? Math.min(sinceStart, sinceSettled + 1000) : sinceSettled;
  // The clock was set, and no other clock is left that could tell by how much.
  const wasSet = world.clockOffset !== ours.clockOffset;
  // A proxy's page may be of another run, which began at another time.
  if (!poll.honest || ours.mixed) longest = Number.POSITIVE_INFINITY;
  if (wasSet && (!isSameRun || ours.tainted)) longest = Math.max(longest, reading.at - (ours.books?.at ?? 0));
  const dated = new Set<string>();
  for (const charge of settlement.charges) {
    const slot = calendar.slotsOf(charge.day)[charge.hour];
    must(slot !== undefined, () => `hour ${charge.hour} does not exist on ${charge.day}`);
    const when = () => `charged to ${charge.day} hour ${charge.hour}`;
    dated.add(`${charge.day} ${charge.hour}`);
    must(slot.from <= reading.at, () => `${when()}, after the reading`);
    must(slot.to >= reading.at - longest - SLACK_MS, () => `${when()}, before the bytes can have passed`);
    must(
      wasSet || ours.books === null || slot.to > ours.books.at - SLACK_MS,
      () => `${when()}, before the books were settled`,
    );
    must(
      reading.elapsedMs !== null || ours.books === null || slot.to >= Math.min(ours.books.at, reading.at),
      () => `${when()}, before the books, across our restart`,
    );
  }
  // Set back while we ran, and this machine was awake: our monotonic clock knows how long it was.
  const isSetBack = world.clockOffset < ours.clockOffset - SLACK_MS;
  const isKnown = !wasSet || (isSetBack && reading.elapsedMs === sinceSettled);
  if (!isSameRun || !isKnown || !poll.honest || ours.tainted) return;
  const from = reading.at - sinceSettled;
  const isLarge = settlement.charges.some((charge) => charge.in + charge.out > 1_000_000);
  const within = (slot: { from: number; to: number }) => Math.min(slot.to, reading.at) - Math.max(slot.from, from);
  if (reading.series.length === 0) {
    if (!isLarge) return;
    for (const slot of calendar.slotsBetween(from, reading.at)) {
      if (within(slot) < SLACK_MS) continue;
      must(dated.has(`${slot.day} ${slot.hour}`), `nothing of the span was charged to ${slot.day} hour ${slot.hour}`);
    }
    return;
  }
  // darkstat's series says when it was: an hour in which nothing passed is charged nothing. Of the minute in which the span
  // begins it tells no part, nor of the seconds that count as its last edge.
  const sum = (some: readonly { readonly bytes: number }[]) => some.reduce((all, { bytes }) => all + bytes, 0);
  const inSpan = sum(
    world.passed.filter(({ at }) => at >= ours.settledAt + SLACK_MS + MINUTE && at <= world.now - EDGE_MS),
  );
  if (inSpan * 2 < sum(settlement.counted)) return;
  for (const { day, hour } of settlement.charges) {
    const slot = calendar.slotsOf(day)[hour] as { from: number; to: number };
    const busy = world.passed.some(({ at }) => {
      const seen = at + world.clockOffset;
      return seen > Math.max(slot.from, from) - MINUTE && seen < Math.min(slot.to, reading.at) + MINUTE;
    });
    must(busy, `charged to ${day} hour ${hour}, in which nothing passed`);
  }
}

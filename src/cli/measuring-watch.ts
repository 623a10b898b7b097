import { networkInterfaces } from "node:os";
import type { Calendar } from "../accounting/calendar.ts";
import { seenShare } from "../accounting/carried.ts";
import { missedShare } from "../accounting/missed.ts";
import type { Day, Settlement } from "../accounting/types.ts";
import type { View } from "../accounting/view.ts";
import type { Clock } from "../collector/clock.ts";
import type { Problems } from "../collector/problems.ts";
import type { Snapshot } from "../meters/meter.ts";
import type { MeterKind, ProblemCode } from "../shared/status.ts";
import type { Store } from "../store/store.ts";
import {
  bytesMissedProblem,
  interfacesProblem,
  type MeasuringProblem,
  missedProblem,
  placeProblem,
} from "./measuring-problems.ts";

const LOOKS_MS = 3_600_000;
const FIRST_LOOK_MS = 300_000;
/** Of fewer packets a share says little. */
const ENOUGH_PACKETS = 1_000;
/** Some cards hand out their counters a second late: one reading may lack bytes that the next one has. */
const READINGS_IN_A_ROW = 3;

/** Watches whether the meter measures where it should, and everything: what it sees becomes a problem, and ceases to be one. */
export interface MeasuringWatch {
  /** Told of each reading. */
  settled(settlement: Pick<Settlement, "counted">, snapshot: Pick<Snapshot, "interface" | "after">): void;
  /** What the meter counted of what its interface carried today, as far as this process saw it; null where too little is known. */
  seenShare(): number | null;
  /** Looks through the figures of today, once an hour. @throws StoreError */
  look(): Promise<void>;
}

export function createMeasuringWatch(deps: {
  problems: Pick<Problems, "raise" | "clear">;
  store: Pick<Store, "routers">;
  /** Of this meter alone. */
  figures: Pick<Store, "endpointDays">;
  view: () => View;
  calendar: Calendar;
  clock: Pick<Clock, "now" | "mono">;
  ownMacs: () => ReadonlySet<string>;
  /** What counts. */
  meter: MeterKind;
  /** Why the kernel's counters are not used; null where they are, or need not be. */
  whyNotKernel: string | null;
}): MeasuringWatch {
  const { problems, store, figures: own, view, calendar, clock, ownMacs, meter, whyNotKernel } = deps;
  let packets: { day: Day; captured: number; dropped: number } = { day: "", captured: 0, dropped: 0 };
  let seen = { day: "", since: 0, carried: 0, compared: 0 };
  let lacking = 0;
  let isJudged = false;
  let lookAt = clock.mono() + FIRST_LOOK_MS;

  function say(found: MeasuringProblem | null, codes: readonly ProblemCode[], line: string): void {
    for (const code of codes) if (code !== found?.code) problems.clear(code, line);
    if (found !== null) problems.raise(found.code, found.message, found.hint);
  }

  function sayMissed(found: MeasuringProblem | null): void {
    isJudged = true;
    say(found, ["bytes-missed", "packets-missed"], "The meter counts everything again.");
  }

  function compare(today: Day, counted: Settlement["counted"]): void {
    if (seen.day !== today) seen = { day: today, since: clock.now(), carried: 0, compared: 0 };
    for (const { day, carried, compared } of counted) {
      if (day !== today) continue;
      seen = { ...seen, carried: seen.carried + carried, compared: seen.compared + compared };
    }
  }

  /** By bytes, where the interface's own counters tell. @returns whether they do */
  function judgeBytes(iface: string): boolean {
    const share = seenShare(seen);
    if (share === null) return false;
    const when = `since ${calendar.localText(seen.since).slice(11, 16)}`;
    const found = bytesMissedProblem(share, { meter, iface, when, whyNotKernel });
    lacking = found === null ? 0 : lacking + 1;
    if (lacking === 0 || lacking >= READINGS_IN_A_ROW) sayMissed(found);
    return true;
  }

  return {
    settled({ counted }, { interface: names, after }) {
      const today = calendar.dayOf(clock.now());
      if (packets.day !== today) packets = { day: today, captured: 0, dropped: 0 };
      for (const { day, captured, dropped } of counted) {
        if (day !== today) continue;
        packets = { day, captured: packets.captured + captured, dropped: packets.dropped + dropped };
      }
      say(interfacesProblem(names), ["several-interfaces"], `darkstat listens on ${names} alone.`);
      compare(today, counted);
      if (judgeBytes(names)) return;
      if (packets.captured >= ENOUGH_PACKETS) sayMissed(missedProblem(missedShare(packets), "of today"));
      else if (!isJudged) sayMissed(missedProblem(missedShare(after), "since it started"));
    },
    seenShare: () => seenShare(seen),
    async look() {
      if (clock.mono() < lookAt) return;
      lookAt = clock.mono() + LOOKS_MS;
      const today = calendar.dayOf(clock.now());
      const figures = await own.endpointDays(today, today);
      const routers = new Set((await store.routers()).map(({ mac }) => mac));
      const found = placeProblem(figures, { routers, ownMacs: ownMacs(), view: view(), meter });
      say(found, ["seen-twice", "internet-side"], "The meter listens where it should.");
    },
  };
}

/** The MACs of this machine's network interfaces. */
export function macsOfThisMachine(all = networkInterfaces()): ReadonlySet<string> {
  const macs = Object.values(all).flatMap((addresses) => (addresses ?? []).map(({ mac }) => mac.toLowerCase()));
  return new Set(macs.filter((mac) => mac !== "00:00:00:00:00:00"));
}

import type { Calendar } from "../accounting/calendar.ts";
import { missedShare } from "../accounting/missed.ts";
import type { Policy } from "../accounting/policy.ts";
import type { Note, Settlement } from "../accounting/types.ts";
import type { View } from "../accounting/view.ts";
import type { Clock } from "../collector/clock.ts";
import { createCollector } from "../collector/collector.ts";
import type { Problems } from "../collector/problems.ts";
import { noteText } from "../http/readable-text.ts";
import type { Log } from "../log/log.ts";
import type { Meter, Snapshot } from "../meters/meter.ts";
import type { Settings } from "../settings/table.ts";
import type { MeterKind, MeterStatus, Problem } from "../shared/status.ts";
import type { Store } from "../store/store.ts";
import { createMeasuringWatch, macsOfThisMachine } from "./measuring-watch.ts";

/** Name under which the store keeps what a meter counts that has no name. */
export const SOURCE = "darkstat";

/** The name under which the store keeps what a meter counts. */
export function sourceOf(name: string | null): string {
  return name ?? SOURCE;
}

/** Where counters come from: the kernel, a darkstat by its address, one of our own, or the demo's. */
export interface Feed {
  /** Null where it is the only one, and nobody named it. */
  readonly name: string | null;
  /** Whether it is shown by itself, and not added to the others. */
  readonly isView: boolean;
  readonly kind: MeterKind;
  /** Whether it is a meter of our own. */
  readonly embedded: boolean;
  /** Why the kernel's counters are not used, though nothing speaks against them; null where they are, or need not be. */
  readonly whyNotKernel: string | null;
  /**
   * Starts it; resolves when there is something to read, or when it is known why not.
   * @param onChange told when `url()` or `problem()` has changed
   */
  start(signal: AbortSignal, onChange: () => void): Promise<void>;
  stop(): Promise<void>;
  /** Where it is read, without credentials. */
  url(): string | null;
  /** What is read; null while there is nothing to read. */
  meter(): Meter | null;
  problem(): Problem | null;
}

/** One meter with all that goes with it: what runs it, reads it, settles what it counts, and watches how it does. */
export interface Metering {
  /** Starts the meter, reads it until the signal is aborted, and ends it. */
  run(signal: AbortSignal): Promise<void>;
  /** Looks whether it measures where it should. @throws StoreError */
  look(): Promise<void>;
  status(): MeterStatus;
  /** What keeps the meter itself from running. */
  problem(): Problem | null;
}

export interface MeteringDeps {
  readonly feed: Feed;
  readonly settings: Pick<Settings, "idleSeconds" | "updateDbSeconds">;
  readonly store: Store;
  /** See `CollectorDeps.turn`: one for all meters of the store. */
  readonly turn: <T>(work: () => Promise<T>) => Promise<T>;
  readonly policy: () => Policy;
  readonly view: () => View;
  readonly calendar: Calendar;
  readonly clock: Clock;
  readonly builtAt: number;
  readonly problems: Problems;
  readonly log: Log;
  /** When the first figures of this source were read, as the store knows it; null before. */
  readonly firstReadAt: number | null;
  /** Told when the meter's own state changed. */
  readonly onChange: () => void;
  /** Told after each settled reading, with what the store found out by it. */
  readonly onSettled: (settlement: Settlement, found: readonly Note[]) => void;
  /** Awaited after each checkpoint. */
  readonly onCheckpoint?: () => Promise<void>;
}

export function createMetering(deps: MeteringDeps): Metering {
  const { feed, settings, store, calendar, log } = deps;
  const { name } = feed;
  const source = sourceOf(name);
  const problems = deps.problems.of(name);
  const watch = createMeasuringWatch({
    ...deps,
    problems,
    figures: store.of(source),
    ownMacs: macsOfThisMachine,
    meter: feed.kind,
    whyNotKernel: feed.whyNotKernel,
  });
  const intervalMs = settings.idleSeconds * 1000;
  /** Without its hosts: they would live on until the next reading. */
  let last: Pick<Snapshot, "version" | "interface" | "after"> | null = null;
  const collector = createCollector({
    ...deps,
    source,
    meter: feed.meter,
    store,
    problems,
    intervalMs,
    checkpointMs: settings.updateDbSeconds * 1000,
    onSettled(settlement, { version, interface: iface, after }, found) {
      for (const note of [...settlement.notes, ...found]) {
        log.info(prefixed(name, noteText({ ...note, source }, calendar.localText)));
      }
      last = { version, interface: iface, after };
      watch.settled(settlement, last);
      deps.onSettled(settlement, found);
    },
  });
  return {
    async run(signal) {
      await feed.start(signal, deps.onChange);
      await collector.run(signal);
      await feed.stop();
    },
    look: () => watch.look(),
    status: () => ({
      name,
      isView: feed.isView,
      kind: feed.kind,
      url: feed.url(),
      embedded: feed.embedded,
      whyNotKernel: feed.whyNotKernel,
      version: last?.version ?? null,
      interface: last?.interface ?? null,
      readAt: collector.readAt(),
      intervalMs,
      measuringSince: deps.firstReadAt ?? collector.firstReadAt(),
      seenShare: watch.seenShare(),
      missedShare: last === null ? null : missedShare(last.after),
    }),
    problem() {
      const found = feed.problem();
      if (found === null || name === null) return found;
      return { ...found, meter: name, message: prefixed(name, found.message) };
    },
  };
}

/** Of several meters the one that is worst off: never read, or not for the longest time. A view comes after the others. */
export function worstOff(meters: readonly MeterStatus[]): MeterStatus {
  const byTime = (a: MeterStatus, b: MeterStatus) => (a.readAt ?? -1) - (b.readAt ?? -1);
  return meters.toSorted((a, b) => Number(a.isView) - Number(b.isView) || byTime(a, b))[0] as MeterStatus;
}

function prefixed(name: string | null, text: string): string {
  return name === null ? text : `${name}: ${text}`;
}

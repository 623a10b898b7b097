import { setImmediate } from "node:timers/promises";
import { ConservationError } from "../accounting/amounts.ts";
import { clockDoubtMs } from "../accounting/clocks.ts";
import type { Policy } from "../accounting/policy.ts";
import { type Doubt, RejectedReading } from "../accounting/rejection.ts";
import { PATIENCE_MS } from "../accounting/relation.ts";
import { needsSeries, rebase, settle } from "../accounting/settle.ts";
import type { Books, Note, Reading, SeriesBucket, Settlement } from "../accounting/types.ts";
import type { Log } from "../log/log.ts";
import { type Meter, MeterError, type Snapshot, type Standing } from "../meters/meter.ts";
import { type Store, StoreError } from "../store/store.ts";
import type { Clock } from "./clock.ts";
import { createPendingSnapshots, type TimedSnapshot } from "./pending.ts";
import type { Problems } from "./problems.ts";

export interface CollectorDeps {
  /** Name under which the store keeps this meter. */
  readonly source: string;
  /** The meter to read; null while there is none (an embedded darkstat that is being started). */
  readonly meter: () => Meter | null;
  readonly store: Pick<Store, "books" | "record" | "checkpoint">;
  /** Asked at each reading: rewrites may have been edited. */
  readonly policy: () => Policy;
  /**
   * Runs work on the store while no other collector of it has its turn: when a write fails, the store forgets what all of them
   * have recorded since the last checkpoint, and none may go on from books that are forgotten. Without it this one is alone.
   */
  readonly turn?: <T>(work: () => Promise<T>) => Promise<T>;
  readonly clock: Clock;
  /** Pause between readings, and how often the database is written, in ms. */
  readonly intervalMs: number;
  readonly checkpointMs: number;
  /** No clock can be right that is earlier than this program (ms UTC). */
  readonly builtAt: number;
  readonly problems: Problems;
  readonly log: Pick<Log, "info" | "warn" | "error" | "trace">;
  /** Told after each settled reading, with the notes of what the store found out by it. */
  readonly onSettled?: (settlement: Settlement, snapshot: Snapshot, found: readonly Note[]) => void;
  /** Awaited after each checkpoint: the moment for housekeeping. What it throws is a problem of the store like any other. */
  readonly onCheckpoint?: () => Promise<void>;
}

export interface Collector {
  /** Reads, settles and records until the signal is aborted; then a last reading and a checkpoint. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Wall clock of the last and of the first settled reading of this process; null before. */
  readAt(): number | null;
  firstReadAt(): number | null;
}

/** An edge is passed before it is read: a timer that fires early would date the reading to the hour before. */
const PAST_EDGE_MS = 5;
/** The last reading at shutdown must not hold it up. */
const LAST_READING_MS = 1_500;
/** One reading that contradicts itself may be chance; after so many in a row somebody should know. */
const REJECTIONS_SAID = 3;

/** The loop of the product: read → settle → record → checkpoint. Everything it needs is handed in. */
export function createCollector(deps: CollectorDeps): Collector {
  const { clock, log, problems, store } = deps;
  const pending = createPendingSnapshots();
  /** When the clock began to be in doubt, by the monotonic clock; null while it is not. */
  let doubtedSince: number | null = null;
  /** Readings that were rejected since the last settled one. */
  let rejected: { reading: Reading; since: number; count: number } | null = null;
  const { turn = (work) => work() } = deps;
  /** When the last books were settled by the monotonic clock of this process, and the last durable ones. */
  let latest: { at: number; mono: number } | null = null;
  let durable: { at: number; mono: number } | null = null;
  /** The first settled reading is written at once: a baseline that is lost cannot be earned again. */
  let checkpointAt = Number.NEGATIVE_INFINITY;
  let readAt: number | null = null;
  let firstReadAt: number | null = null;

  async function poll(signal: AbortSignal): Promise<void> {
    const meter = deps.meter();
    if (meter === null) return;
    const { books } = await knownBooks();
    const timed = await readSnapshot(meter, books, signal);
    if (timed === null) return;
    await turn(async () => {
      // Books that were forgotten meanwhile are not those that were read for: the next reading has it all.
      if (isSame((await knownBooks()).books, books)) await take(meter, timed, signal);
    });
  }

  async function take(meter: Meter, timed: TimedSnapshot, signal: AbortSignal): Promise<void> {
    const wrong = await clockProblem(meter.url, timed);
    if (wrong !== null) {
      pending.add(timed);
      problems.raise("clock", wrong, "Check that the machine reaches a time server (timedatectl).");
      return;
    }
    for (const { snapshot, mono } of pending.take()) {
      const at = timed.snapshot.at - Math.round(timed.mono - mono);
      await settleSnapshot(meter.url, { snapshot: { ...snapshot, at }, mono }, []);
    }
    problems.clear("clock", "The clock is set: the figures kept in memory are dated now.");
    await settleSnapshot(meter.url, timed, await seriesFor(meter, timed, signal));
  }

  /**
   * Why nothing can be dated now; null when it can. A date before this program was built is wrong for certain; one that
   * the meter's uptime contradicts is given a while to be set.
   */
  async function clockProblem(url: string, timed: TimedSnapshot): Promise<string | null> {
    const waits = "figures are kept in memory until it is set.";
    if (clock.now() < deps.builtAt) {
      const date = new Date(clock.now()).toISOString().slice(0, 10);
      return `The clock of this machine says ${date}, which can't be right: ${waits}`;
    }
    const { books, mono } = await knownBooks();
    const doubtMs = clockDoubtMs(books, readingOf(url, timed, mono, []));
    if (doubtMs === null) {
      doubtedSince = null;
      return null;
    }
    doubtedSince ??= timed.mono;
    if (timed.mono - doubtedSince >= PATIENCE_MS) return null;
    const minutes = Math.round(Math.abs(doubtMs) / 60_000);
    const direction = doubtMs < 0 ? "behind" : "ahead";
    return `By the meter's uptime, the clock of this machine seems to be ${minutes} minutes ${direction}: ${waits}`;
  }

  async function readSnapshot(meter: Meter, books: Books | null, signal: AbortSignal): Promise<TimedSnapshot | null> {
    const began = clock.mono();
    try {
      const snapshot = await meter.read(signal, standingOf(meter, books));
      const ended = clock.mono();
      const mono = ended - Math.min(Math.max(0, clock.now() - snapshot.at), ended - began);
      const { program, version, interface: iface } = snapshot;
      problems.clear("meter-unreachable", `${program} ${version} answers on ${iface}.`);
      problems.clear("meter-unreadable", `${program} ${version} is readable again.`);
      return { snapshot, mono };
    } catch (error) {
      if (signal.aborted) return null;
      if (!(error instanceof MeterError)) throw error;
      problems.raise(error.isGone ? "meter-unreachable" : "meter-unreadable", sentence(error.message), error.hint);
      log.trace(`reading rejected: ${error.code}: ${error.message}`);
      return null;
    }
  }

  /** Where the books of this meter stand; null where they are another's. */
  function standingOf({ url }: Meter, books: Books | null): Standing | null {
    return books === null || books.epoch === "" || books.meter !== url ? null : books;
  }

  async function seriesFor(meter: Meter, timed: TimedSnapshot, signal: AbortSignal): Promise<SeriesBucket[]> {
    const { books, mono } = await knownBooks();
    const reading = readingOf(meter.url, timed, mono, []);
    if (!needsSeries(books, reading, deps.policy(), doubtAt(timed.mono))) return [];
    try {
      return await meter.series(signal);
    } catch (error) {
      log.trace(`the meter's series can't be read, the gap is divided evenly: ${String(error)}`);
      return [];
    }
  }

  async function settleSnapshot(url: string, timed: TimedSnapshot, series: readonly SeriesBucket[]): Promise<void> {
    const { books, mono } = await knownBooks();
    const reading = readingOf(url, timed, mono, series);
    const settled = settleOrReject(books, reading, timed.mono);
    if (settled === null) return;
    const told = (timed.snapshot.notes ?? []).map((note) => ({ ...note, at: reading.at }));
    const settlement = told.length === 0 ? settled : { ...settled, notes: [...settled.notes, ...told] };
    // Settling ten thousand hosts, and recording them, takes a while: whoever looks at the dashboard comes in between.
    await setImmediate();
    let found: readonly Note[] = [];
    // Books that stayed as they are were settled when they were settled.
    if (settlement.books !== books || told.length > 0) {
      found = await store.record(settlement);
      latest = { at: settlement.books.at, mono: timed.mono };
    }
    readAt = reading.at;
    firstReadAt ??= reading.at;
    deps.onSettled?.(settlement, timed.snapshot, found);
  }

  function doubtAt(mono: number): Doubt | null {
    return rejected && { reading: rejected.reading, lastedMs: mono - rejected.since };
  }

  /** Null when the reading contradicts itself or the books: the next one has its bytes as well. */
  function settleOrReject(books: Books | null, reading: Reading, mono: number): Settlement | null {
    try {
      const settlement = settle(books, reading, deps.policy(), doubtAt(mono));
      rejected = null;
      problems.clear("books", "The meter's figures are consistent again.");
      return settlement;
    } catch (error) {
      if (error instanceof RejectedReading) {
        rejected = { reading, since: rejected?.since ?? mono, count: (rejected?.count ?? 0) + 1 };
        log.trace(`reading rejected: ${error.reason}: ${error.message}`);
        if (rejected.count >= REJECTIONS_SAID) problems.raise("books", sentence(error.message), error.hint);
        return null;
      }
      if (!(error instanceof ConservationError) || books === null) throw error;
      rejected = null;
      log.error(`A reading broke the books and was not charged: ${error.message}. Reading: ${JSON.stringify(reading)}`);
      problems.raise(
        "books",
        `A reading could not be settled: ${error.message}.`,
        "Its bytes are shown as unattributed; please report the log's line.",
      );
      return rebase(books, reading, deps.policy(), error.message);
    }
  }

  /** The store's books, and when this process settled them by its monotonic clock. */
  async function knownBooks(): Promise<{ books: Books | null; mono: number | null }> {
    const books = await store.books(deps.source);
    const known = [latest, durable].find((one) => one !== null && one.at === books?.at);
    return { books, mono: known?.mono ?? null };
  }

  function readingOf(url: string, timed: TimedSnapshot, mono: number | null, series: readonly SeriesBucket[]): Reading {
    const { at, epoch, continues, before, after, hosts, carried } = timed.snapshot;
    // Instants are whole milliseconds, a monotonic clock has parts of them.
    const elapsedMs = mono === null ? null : Math.max(0, Math.round(timed.mono - mono));
    return { source: deps.source, meter: url, at, elapsedMs, epoch, continues, before, after, hosts, carried, series };
  }

  async function checkpoint(): Promise<void> {
    // Writing ten thousand hosts takes a while as well.
    await setImmediate();
    await turn(() => store.checkpoint());
    const { books, mono } = await knownBooks();
    if (readAt !== null) checkpointAt = clock.mono();
    if (books !== null && mono !== null) durable = { at: books.at, mono };
    if (books !== null) await deps.meter()?.saved?.(books.epoch);
    await deps.onCheckpoint?.();
    problems.clear("store", "The database can be written again; nothing was lost meanwhile.");
  }

  /** One round; whatever fails is said, and tried again in the next. */
  async function round(signal: AbortSignal, isEdge: boolean): Promise<void> {
    try {
      await poll(signal);
      if (isEdge || clock.mono() - checkpointAt >= deps.checkpointMs) await checkpoint();
    } catch (error) {
      if (error instanceof StoreError) problems.raise("store", sentence(error.message), error.hint);
      else log.error(`A reading failed unexpectedly: ${stackOf(error)}`);
    }
  }

  /** By its name the bench knows this wait from those of others. */
  function untilNextReading(ms: number, signal: AbortSignal): Promise<void> {
    return clock.sleep(ms, signal);
  }

  return {
    readAt: () => readAt,
    firstReadAt: () => firstReadAt,
    async run(signal) {
      let isEdge = false;
      while (!signal.aborted) {
        const began = clock.mono();
        await round(signal, isEdge);
        if (signal.aborted) break;
        const toEdge = deps.policy().calendar.slotOf(clock.now()).to - clock.now() + PAST_EDGE_MS;
        const toNext = Math.max(0, deps.intervalMs - (clock.mono() - began));
        isEdge = toEdge <= toNext;
        await untilNextReading(Math.min(toEdge, toNext), signal);
      }
      await round(AbortSignal.timeout(LAST_READING_MS), true);
    },
  };
}

function isSame(one: Books | null, other: Books | null): boolean {
  return one?.at === other?.at && one?.epoch === other?.epoch && one?.counted === other?.counted;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

import { DEFAULT_SEGMENTS } from "../accounting/address.ts";
import type { Charge, Day } from "../accounting/types.ts";
import { createView, type View } from "../accounting/view.ts";
import type { Engine, TransactionOptions } from "./engine/engine.ts";
import { balances, measuredDays } from "./read/balances.ts";
import type { Context } from "./read/context.ts";
import { deviceDays, deviceHours, historyOf, hoursOf } from "./read/days.ts";
import { dayTotals, endpointDays, endpointHours } from "./read/endpoint-days.ts";
import { createFinished } from "./read/finished.ts";
import { createLineDays, deviceLineDays, deviceLineHours, type LineDays, lineHours } from "./read/line-days.ts";
import { addressesBetween, addressesOf, deviceNames, devices, notes, range, routers, sources } from "./read/names.ts";
import { remoteDays } from "./read/remote.ts";
import { removals } from "./read/removals.ts";
import { deviceSeries } from "./read/series.ts";
import { balanceSum, deviceSums, remoteSums } from "./read/sums.ts";
import { createSerial } from "./serial.ts";
import type { SourceQuestions, Store, TrafficKind, ViewOf } from "./store.ts";
import { classifyAll } from "./write/classify.ts";
import { keepHousehold } from "./write/household.ts";
import { importRows } from "./write/import.ts";
import { type Ledger, openLedger } from "./write/ledger.ts";
import type { LedgerState } from "./write/load.ts";
import { openHourOf } from "./write/open-hour-view.ts";
import { pruneRows } from "./write/prune.ts";
import { removeFigures, restoreFigures } from "./write/removals.ts";
import type { EndpointState, SourceState } from "./write/state.ts";

export interface StoreOptions {
  /**
   * The settings to answer by, or how they follow from what the store remembers. Without it a stored view stays as it is,
   * and a new store takes the default segments.
   */
  readonly view?: View | ViewOf | undefined;
}

const DEFAULT_VIEW: View = createView({
  segments: DEFAULT_SEGMENTS,
  routers: { auto: true, macs: [] },
  ipFilter: /^/,
  ipMac: new Map(),
  macMac: new Map(),
});

const EVERYTHING = { ofSources: "1 = 1", ofEndpoints: "1 = 1" };
const ALL_TRAFFIC: readonly TrafficKind[] = ["internet", "lan", "unknown"];
/** What may have gone over the line: where a meter can't tell, all of it. */
const LINE_TRAFFIC: readonly TrafficKind[] = ["internet", "unknown"];

/** Thrown to take a trial run back. */
class TrialOver extends Error {}

/**
 * A store on an engine. Calls are served one after the other, so that no question sees half of a checkpoint.
 *
 * Whatever fails in writing drops what is in memory: it is read again from the last checkpoint, and the meter's cumulative
 * counters give the rest once more.
 */
export function createStore(engine: Engine, { view: given }: StoreOptions = {}): Store {
  const serial = createSerial();
  /** By the condition on sources. */
  const lineDays = new Map<string, LineDays>();
  const finished = createFinished();
  let view = typeof given === "object" ? given : DEFAULT_VIEW;
  let opened: Ledger | null = null;
  let wasOpened = false;
  let revision = 0;
  /** Rows may have changed whose days nobody says. */
  const forget = () => {
    lineDays.clear();
    finished.forget();
  };

  async function ledger(): Promise<Ledger> {
    if (opened === null) {
      if (typeof given === "function") given = await given({ recall });
      if (given !== undefined) {
        view = given;
        await refreshView();
      }
      opened = await openLedger(engine, view);
      wasOpened = true;
    }
    return opened;
  }

  async function recall<T>(name: string): Promise<T | null> {
    const [row] = await engine.all<{ value: string }>("SELECT value FROM memory WHERE name = ?", name);
    return row ? (JSON.parse(row.value) as T) : null;
  }

  async function refreshView(): Promise<void> {
    const [site] = await engine.all<{ view: string }>("SELECT view FROM site WHERE id = 1");
    if (site?.view !== view.fingerprint) await engine.transaction(() => classifyAll(engine, view));
  }

  /** A question about every source. */
  function reading<T>(question: (context: Context) => T | Promise<T>): Promise<T> {
    return serial(async () => question({ engine, open: openHourOf((await ledger()).state), ...EVERYTHING }));
  }

  function lineDaysOf({ ofEndpoints }: Context): LineDays {
    const found = lineDays.get(ofEndpoints) ?? createLineDays();
    lineDays.set(ofEndpoints, found);
    return found;
  }

  /** Questions about one source, or about all but views, and about some kinds of traffic. */
  function questionsOf(asked: string | null, traffic: readonly TrafficKind[] = ALL_TRAFFIC): SourceQuestions {
    function reading<T>(question: (context: Context) => T | Promise<T>): Promise<T> {
      return serial(async () => question(contextOf((await ledger()).state, asked, traffic)));
    }
    /** What is counted against the meter's total is about all traffic. */
    function readingAll<T>(question: (context: Context) => T | Promise<T>): Promise<T> {
      return serial(async () => question(contextOf((await ledger()).state, asked)));
    }
    /** What may have gone over the line, of the traffic that is asked for. */
    const line = LINE_TRAFFIC.filter((kind) => traffic.includes(kind));
    function readingLine<T>(question: (context: Context) => T | Promise<T>): Promise<T> {
      return serial(async () => question(contextOf((await ledger()).state, asked, line)));
    }
    /** Whatever an internet host exchanges is traffic with the internet, whether the meter tells kinds apart or not. */
    const readingRemotes = traffic.includes("internet") ? readingAll : reading;
    return {
      deviceDays: (from, to) => reading((context) => deviceDays(context, from, to)),
      deviceHours: (from, to) => reading((context) => deviceHours(context, from, to)),
      remoteDays: (from, to) => readingRemotes((context) => remoteDays(context, from, to)),
      measuredDays: (from, to) => readingAll((context) => measuredDays(context, from, to)),
      devices: () => reading(devices),
      addressesOf: (device) => reading((context) => addressesOf(context, device)),
      deviceSums: (spans) => reading((context) => deviceSums(context, finished, spans)),
      deviceSeries: (from, to, by, others) =>
        reading((context) => deviceSeries(context, finished, from, to, by, others)),
      historyOf: (device) => reading((context) => historyOf(context, device)),
      hoursOf: (device, from, to) => reading((context) => hoursOf(context, device, from, to)),
      endpointDays: (from, to) => reading((context) => endpointDays(context, from, to)),
      endpointHours: (from, to) => reading((context) => endpointHours(context, from, to)),
      dayTotals: (from, to) => reading((context) => dayTotals(context, from, to)),
      addressesBetween: (from, to, devices) => reading((context) => addressesBetween(context, from, to, devices)),
      remoteSums: (from, to, limit) => readingRemotes((context) => remoteSums(context, finished, from, to, limit)),
      balanceSum: (from, to) => readingAll((context) => balanceSum(context, finished, from, to)),
      lineDays: (from, to) => readingLine((context) => lineDaysOf(context).between(context, from, to)),
      lineHours: (from, to) => readingLine((context) => lineHours(context, from, to)),
      deviceLineDays: (devices, from, to) =>
        readingLine((context) => deviceLineDays(context, finished, devices, from, to)),
      deviceLineHours: (devices, from, to) => readingLine((context) => deviceLineHours(context, devices, from, to)),
    };
  }

  function contextOf(state: LedgerState, asked: string | null, traffic: readonly TrafficKind[] = ALL_TRAFFIC): Context {
    const isAsked = ({ name, kind }: SourceState) => (asked === null ? kind !== "view" : name === asked);
    const all = [...state.sources.values()];
    const ids = all.filter(isAsked).map(({ id }) => id);
    const ofSources =
      ids.length === all.length ? "1 = 1" : ids.length === 0 ? "1 = 0" : `source IN (${ids.join(", ")})`;
    if (traffic === ALL_TRAFFIC) return { engine, open: openHourOf(state, isAsked), ofSources, ofEndpoints: ofSources };
    const isMeant = (endpoint: EndpointState) => traffic.includes(endpoint.traffic);
    const ofTraffic = `traffic IN (${traffic.map((kind) => `'${kind}'`).join(", ")})`;
    return {
      engine,
      open: openHourOf(state, isAsked, isMeant),
      ofSources,
      ofEndpoints: `${ofSources} AND ${ofTraffic}`,
    };
  }

  function writing<T>(work: (ledger: Ledger) => Promise<T>): Promise<T> {
    return serial(async () => {
      try {
        return await work(await ledger());
      } catch (error) {
        opened = null;
        revision += 1;
        forget();
        throw error;
      }
    });
  }

  /**
   * Work on the rows themselves: memory is written before and read again after it. The checkpoint keeps what was recorded,
   * whatever becomes of the work.
   */
  function onRows<T>(work: () => Promise<T>, options?: TransactionOptions): Promise<T> {
    return writing(async (current) => {
      await current.checkpoint();
      const saveOpenHours = current.fold();
      const result = await engine.transaction(async () => {
        await saveOpenHours();
        return work();
      }, options);
      opened = null;
      revision += 1;
      forget();
      return result;
    });
  }

  return {
    books: (source) =>
      serial(async () => {
        const books = (await ledger()).state.sources.get(source)?.books;
        return books ?? null;
      }),
    record: (settlement) =>
      writing(async (current) => {
        if (!current.hasNews(settlement)) {
          current.noteQuiet(settlement);
          return [];
        }
        revision += 1;
        const first = firstDayOf(settlement.charges);
        if (first !== null) {
          for (const one of lineDays.values()) one.forgetFrom(first);
          finished.forgetFrom(first);
        }
        const found = await current.record(settlement);
        if (found.length > 0) {
          opened = null;
          forget();
        }
        return found;
      }),
    checkpoint: () => writing((current) => current.checkpoint()),
    async applyView(next) {
      if (next.fingerprint === view.fingerprint && typeof given === "object") return;
      view = next;
      given = next;
      // A store that nobody has asked for figures yet is classified when somebody does.
      if (wasOpened) await onRows(() => classifyAll(engine, next));
    },
    recall: <T>(name: string) => serial(() => recall<T>(name)),
    remember: (name, value) =>
      serial(async () => {
        await engine.run(
          "INSERT INTO memory (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
          name,
          JSON.stringify(value),
        );
      }),
    keepHousehold: (household) => serial(() => engine.transaction(() => keepHousehold(engine, household))),
    removeFigures: (removal) => onRows(() => removeFigures(engine, removal)),
    restoreFigures: (id) => onRows(() => restoreFigures(engine, id)),
    removals: () => reading(removals),
    async importHistory(history) {
      let result = { added: 0, raised: 0, kept: 0 };
      try {
        // A history is read once: what is left of it at a second attempt would be a part.
        await onRows(
          async () => {
            result = await importRows(engine, history, view);
            if (history.dryRun) throw new TrialOver();
          },
          { once: true },
        );
      } catch (error) {
        if (!(error instanceof TrialOver)) throw error;
      }
      return result;
    },

    ...questionsOf(null),
    of: questionsOf,
    balances: (from, to) => reading((context) => balances(context, from, to)),
    routers: () => reading(routers),
    deviceNames: () => reading(deviceNames),
    notes: (limit) => reading((context) => notes(context, limit)),
    range: () => reading(range),
    sources: () => reading(sources),
    revision: () => serial(async () => revision),

    prune: (keep) => onRows(() => pruneRows(engine, keep)),
    backup: (path) => engine.backup(path),
    async close() {
      try {
        if (opened !== null) await writing((current) => current.close());
      } finally {
        await engine.close();
      }
    },
  };
}

/** The earliest day that is charged; null without a charge. */
function firstDayOf(charges: readonly Charge[]): Day | null {
  let first: Day | null = null;
  for (const { day } of charges) if (first === null || day < first) first = day;
  return first;
}

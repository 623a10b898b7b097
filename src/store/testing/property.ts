import fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULT_SEGMENTS, type Prefix, parsePrefix } from "../../accounting/address.ts";
import {
  type AddressFact,
  type Charge,
  counterOf,
  type Day,
  keyOf,
  type NoteCode,
  type Settlement,
} from "../../accounting/types.ts";
import type { View } from "../../accounting/view.ts";
import type { Store } from "../store.ts";
import { type Facts, factsOfStore } from "./facts.ts";
import type { StoreHarness } from "./harness.ts";
import {
  applyToModel,
  applyViewToModel,
  copyModel,
  emptyModel,
  type Model,
  pruneModel,
  removeFromModel,
  restoreInModel,
} from "./model.ts";
import { factsOfModel } from "./model-facts.ts";
import { LAPTOP, NOON, PHONE, ROUTER, settlement, viewOf } from "./settlements.ts";

export const RUNS = Number(process.env.STORE_RUNS ?? 100);
const SOURCES = ["attic", "cellar"];
const GATEWAY = "02:ee:00:00:00:01";
const UNSEEN = "02:00:00:00:00:99";
const MACS = [PHONE, LAPTOP, ROUTER, GATEWAY];
/** Who mostly holds an address of the LAN. */
const HOMES: Readonly<Record<string, string>> = { "192.168.1.20": PHONE, "192.168.1.21": LAPTOP, "fe80::1": PHONE };
const HOSTS = ["203.0.113.5", "2001:db8::5", "1.1.1.1", "8.8.8.8", "9.9.9.9"];
const GROUP = "224.0.0.251";
/** Keys of counters: a meter that tells kinds of traffic apart has some, one that can't has others. */
const IPS = [...Object.keys(HOMES), ...HOSTS, GROUP].flatMap((ip) => [ip, `${ip} internet`, `${ip} lan`]);
/** The end of one month and the whole of the next. */
const DAYS: readonly Day[] = ["2026-01-30", "2026-01-31", "2026-02-01", "2026-02-02"];
const [FROM, TO] = ["2026-01-30", "2026-02-28"];
const CAFE = parsePrefix("203.0.113.0/24") as Prefix;

const bytes = fc.oneof(fc.nat(3), fc.nat(2 ** 40));
const maybeDay = fc.option(fc.constantFrom(...DAYS));

/** `mostly` in four of five cases. */
const usually = <T>(mostly: T, otherwise: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(mostly) }, otherwise);

/** @param carrier the MAC that mostly stands before internet hosts */
const anyFact = (key: string, carrier: string): fc.Arbitrary<AddressFact> => {
  const counter = counterOf(key);
  const anyRest = fc.record({
    mac: usually<string | null>(HOMES[counter.ip] ?? carrier, fc.option(fc.constantFrom(...MACS))),
    hostname: fc.option(fc.constantFrom("one", "two", "three", "four")),
    seenAt: fc.option(fc.integer({ min: NOON - 200_000_000, max: NOON + 200_000_000 })),
    in: bytes,
    out: bytes,
  });
  return anyRest.map((rest) => ({ ...counter, ...rest }));
};

/** As a settlement charges: for an address and MAC of its facts. */
const anyCharge = (facts: readonly AddressFact[], day: Day): fc.Arbitrary<Charge> =>
  fc
    .record({
      fact: fc.constantFrom(...facts),
      day: usually(day, fc.constantFrom(...DAYS)),
      hour: fc.constantFrom(0, 1, 12, 23, 24),
      in: bytes,
      out: bytes,
      reconstructed: usually<Charge["reconstructed"]>("no", fc.constantFrom("hour", "day")),
    })
    .map(({ fact, ...charge }) => ({ ...charge, ...counterOf(keyOf(fact)), mac: fact.mac }));

/** A settlement without its books' baselines: those follow from what came before. */
const anyReading = fc
  .record({
    source: fc.constantFrom(...SOURCES),
    day: fc.constantFrom(...DAYS),
    carrier: fc.constantFrom(ROUTER, GATEWAY, PHONE),
    ips: fc.subarray(IPS, { minLength: 1 }).map((ips): readonly string[] => ips),
    forget: usually<readonly string[]>([], fc.subarray(IPS)),
    epoch: fc.constantFrom("one", "two"),
    at: fc.integer({ min: NOON, max: NOON + 1e9 }),
    counted: fc.array(
      fc.record({
        day: fc.constantFrom(...DAYS),
        bytes: fc.nat(9),
        captured: fc.nat(9),
        dropped: fc.nat(1),
        unattributed: fc.record({ in: fc.nat(2), out: fc.nat(2) }),
        unlisted: fc.record({ in: fc.nat(2), out: fc.nat(2) }),
        carried: fc.nat(3),
        compared: fc.nat(3),
      }),
      { maxLength: 2 },
    ),
    notes: fc.array(
      fc.record({
        at: fc.integer({ min: NOON - 1e9, max: NOON + 1e9 }),
        code: fc.constantFrom<NoteCode>("clock-jump", "meter-restarted"),
        detail: fc.dictionary(fc.constantFrom("a", "b"), fc.nat()),
      }),
      { maxLength: 2 },
    ),
  })
  .chain((parts) =>
    fc.tuple(...parts.ips.map((ip) => anyFact(ip, parts.carrier))).chain((addresses) =>
      fc.array(anyCharge(addresses, parts.day), { maxLength: 10 }).map((charges) => ({
        ...parts,
        addresses,
        charges,
        forgotten: parts.forget.filter((ip) => !parts.ips.includes(ip)),
      })),
    ),
  );
type Reading = typeof anyReading extends fc.Arbitrary<infer Parts> ? Parts : never;

const anyView: fc.Arbitrary<View> = fc
  .record({
    ipFilter: fc.constantFrom(/^[\d.]+$/, /^/, /:/, /^(?!8)/),
    routers: fc.constantFrom(
      { auto: false, macs: [ROUTER] },
      { auto: true, macs: [] },
      { auto: true, macs: [], nextHops: [GATEWAY, UNSEEN] },
      { auto: true, macs: [ROUTER], none: [GATEWAY] },
      { auto: true, macs: [GATEWAY], none: [PHONE] },
      { auto: false, macs: [] },
    ),
    namesCafe: fc.boolean(),
    macMac: fc.constantFrom<[string, string][]>(
      [],
      [[PHONE, LAPTOP]],
      [
        [PHONE, LAPTOP],
        [LAPTOP, PHONE],
      ],
      [
        [PHONE, UNSEEN],
        [LAPTOP, UNSEEN],
      ],
      [[GATEWAY, PHONE]],
      [[PHONE, GATEWAY]],
    ),
    ipMac: fc.constantFrom<[string, string][]>([], [["8.8.8.8", PHONE]]),
  })
  .map(({ namesCafe, macMac, ipMac, ...options }) =>
    viewOf({
      ...options,
      segments: namesCafe ? [CAFE, ...DEFAULT_SEGMENTS] : DEFAULT_SEGMENTS,
      namedSegments: namesCafe ? [CAFE] : [],
      macMac: new Map(macMac),
      ipMac: new Map(ipMac),
    }),
  );

type Step =
  | { readonly do: "record"; readonly reading: Reading }
  | { readonly do: "checkpoint" | "crash" }
  | { readonly do: "reopen"; readonly view: View | null }
  | { readonly do: "view"; readonly view: View }
  | { readonly do: "remove"; readonly device: string; readonly from: Day; readonly to: Day }
  | { readonly do: "restore"; readonly which: number }
  | { readonly do: "prune"; readonly keep: Parameters<Store["prune"]>[0] };

const anyKeep = fc.record({ hoursFrom: maybeDay, remoteFrom: maybeDay, devicesFrom: maybeDay });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: anyReading.map((reading): Step => ({ do: "record", reading })) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: "checkpoint" }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: "crash" }) },
  { weight: 1, arbitrary: fc.option(anyView).map((view): Step => ({ do: "reopen", view })) },
  { weight: 2, arbitrary: anyView.map((view): Step => ({ do: "view", view })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ device: fc.constantFrom(...MACS), from: fc.constantFrom(...DAYS), to: fc.constantFrom(...DAYS) })
      .map((which): Step => ({ do: "remove", ...which })),
  },
  { weight: 2, arbitrary: fc.nat(3).map((which): Step => ({ do: "restore", which })) },
  { weight: 1, arbitrary: anyKeep.map((keep): Step => ({ do: "prune", keep })) },
);

/** A settlement that follows on the books before it, and always has news (quiet readings have tests of their own). */
function follow(reading: Reading, model: Model, count: number): Settlement {
  const { source, epoch, at, addresses, charges, forgotten, counted, notes } = reading;
  const books = { source, epoch, at, captured: count };
  const settled = settlement({ books, addresses, charges, forgotten, counted, notes });
  const baselines = new Map(model.sources.get(source)?.books.baselines ?? []);
  for (const [ip, baseline] of settled.books.baselines) baselines.set(ip, baseline);
  for (const ip of forgotten) baselines.delete(ip);
  return { ...settled, books: { ...settled.books, baselines } };
}

/** A store and the model of what it must hold, taken through the same steps. */
interface Pair {
  store: Store;
  model: Model;
  /** What a crash may leave: the state of the last checkpoint, or of any step since. */
  survivors: Model[];
}

async function take(pair: Pair, harness: StoreHarness, next: Step, count: number): Promise<void> {
  const { model } = pair;
  switch (next.do) {
    case "record": {
      const settled = follow(next.reading, model, count);
      await pair.store.record(settled);
      applyToModel(model, settled);
      pair.survivors.push(copyModel(model));
      return;
    }
    case "crash":
      pair.store = await harness.crash(model.view);
      pair.model = await survivorOf(pair);
      break;
    case "remove": {
      const device = (await pair.store.devices()).find(({ key }) => key === next.device);
      if (device === undefined) return;
      const { from, to } = next;
      const removal = { id: count, at: NOON + count, from, to };
      const { days } = await pair.store.removeFigures({ ...removal, device: device.id });
      expect(days).toBe(removeFromModel(model, { ...removal, device: device.key }));
      break;
    }
    case "restore": {
      const id = model.removals.at(-1 - next.which)?.id ?? 0;
      expect(await pair.store.restoreFigures(id)).toBe(restoreInModel(model, id));
      break;
    }
    case "prune":
      expect(await pair.store.prune(next.keep)).toBe(pruneModel(model, next.keep));
      break;
    case "view":
      await pair.store.applyView(next.view);
      applyViewToModel(model, next.view, true);
      break;
    case "reopen":
      await pair.store.close();
      pair.store = await harness.open(next.view ?? model.view);
      applyViewToModel(model, next.view ?? model.view, false);
      break;
    default:
      await pair.store.checkpoint();
  }
  pair.survivors = [copyModel(pair.model)];
}

async function survivorOf({ store, survivors }: Pair): Promise<Model> {
  const left = await factsOfStore(store, SOURCES, FROM, TO);
  const same = survivors.findLast((one) => isSame(factsOfModel(one, FROM, TO), left));
  if (same === undefined) expect(left).toEqual(factsOfModel(survivors[0] as Model, FROM, TO));
  return copyModel(same as Model);
}

function isSame(one: Facts, other: Facts): boolean {
  try {
    expect(one).toEqual(other);
    return true;
  } catch {
    return false;
  }
}

/**
 * Takes an engine and the model through random steps.
 * @param checkRows looks at the rows themselves at the end, all being durable; `facts` is what the store answers
 * @param runs fewer for an engine that takes longer
 */
export function describeProperty<Harness extends StoreHarness>(
  name: string,
  create: () => Promise<Harness>,
  checkRows: (harness: Harness, facts: Facts) => Promise<void> = async () => {},
  runs = RUNS,
): void {
  test(
    `${name}: after any readings, crashes, prunings and changes of settings the answers are those of a plain model`,
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 20 }), async (steps) => {
          const harness = await create();
          try {
            const model = emptyModel(viewOf());
            const pair: Pair = { store: await harness.open(), model, survivors: [copyModel(model)] };
            for (const [count, next] of steps.entries()) {
              await take(pair, harness, next, count + 1);
              expect(await factsOfStore(pair.store, SOURCES, FROM, TO)).toEqual(factsOfModel(pair.model, FROM, TO));
            }
            await pair.store.checkpoint();
            await checkRows(harness, await factsOfStore(pair.store, SOURCES, FROM, TO));
          } finally {
            await harness.dispose();
          }
        }),
        { numRuns: runs },
      );
    },
    120_000 + runs * 3_000,
  );
}

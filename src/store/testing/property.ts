import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { AddressFact, Charge, NoteCode, Settlement } from "../accounting/types.ts";
import { applyToModel, emptyModel, type Facts, factsOfModel, pruneModel } from "./model.ts";
import { sqliteHarness } from "./sqlite-harness.ts";
import type { Day, RemoteDay } from "./store.ts";
import { factsOfStore, NOON } from "./testing.ts";

const RUNS = Number(process.env.STORE_RUNS ?? 100);
const SOURCES = ["attic", "cellar"];
const KEYS = ["02:00:00:00:00:01", "02:00:00:00:00:02", "02:ff:ff:ff:ff:01"];
const IPS = ["192.168.1.20", "192.168.1.21", "fe80::1", "203.0.113.5", "2001:db8::5"];
/** Who mostly holds an address; nobody holds the others. */
const HOLDERS: Record<string, string | undefined> = {
  "192.168.1.20": KEYS[0],
  "192.168.1.21": KEYS[1],
  "fe80::1": KEYS[0],
};
const DAYS: Day[] = ["2026-01-30", "2026-01-31", "2026-02-01", "2026-02-02"];

const bytes = fc.oneof(fc.nat(3), fc.nat(2 ** 40));
const maybeDay = fc.option(fc.constantFrom(...DAYS));
const hour = fc.constantFrom(0, 1, 12, 23, 24);

const anyFact = (ip: string): fc.Arbitrary<AddressFact> =>
  fc.record({
    ip: fc.constant(ip),
    mac: fc.option(fc.constantFrom(...KEYS)),
    holder: fc.oneof({ weight: 4, arbitrary: fc.constant(HOLDERS[ip] ?? null) }, fc.option(fc.constantFrom(...KEYS))),
    hostname: fc.option(fc.constantFrom("one", "two")),
    seenAt: fc.option(fc.integer({ min: NOON - 200_000_000, max: NOON + 200_000_000 })),
    in: bytes,
    out: bytes,
  });

/** Mostly what a settlement would charge, to the device of the fact; now and then to anybody. */
const anyCharge = (facts: readonly AddressFact[], day: Day): fc.Arbitrary<Charge> =>
  fc
    .record({
      fact: facts.length > 0 ? fc.constantFrom(...facts) : fc.constant(null),
      stray: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, fc.boolean()),
      kind: fc.constantFrom("device", "device", "remote", "group", "unattributed"),
      device: fc.constantFrom(...KEYS),
      ip: fc.constantFrom(...IPS),
      day: fc.oneof({ weight: 4, arbitrary: fc.constant(day) }, fc.constantFrom(...DAYS)),
      hour,
      in: bytes,
      out: bytes,
      reported: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.boolean()),
      reconstructed: fc.oneof({ weight: 5, arbitrary: fc.constant("no") }, fc.constantFrom("hour", "day")),
    })
    .map(({ fact, stray, ...charge }): Charge => {
      if (!fact || stray) {
        const nobody = charge.kind !== "device" ? { device: "" } : {};
        const nowhere = charge.kind === "group" || charge.kind === "unattributed" ? { ip: "" } : {};
        return { ...charge, ...nobody, ...nowhere } as Charge;
      }
      const kind = fact.holder === null ? "remote" : "device";
      return { ...charge, kind, device: fact.holder ?? "", ip: fact.ip } as Charge;
    });

/** A settlement without its books' baselines: those follow from what came before. */
const anySettlement = fc
  .record({
    source: fc.constantFrom(...SOURCES),
    day: fc.constantFrom(...DAYS),
    ips: fc.subarray(IPS, { minLength: 2 }).map((ips): readonly string[] => ips),
    forget: fc.oneof({ weight: 6, arbitrary: fc.constant([]) }, fc.subarray(IPS)),
    routers: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.subarray(KEYS)),
    epoch: fc.constantFrom("one", "two"),
    at: fc.integer({ min: NOON, max: NOON + 1e9 }),
    counters: fc.array(fc.nat(), { minLength: 5, maxLength: 5 }),
    counted: fc.array(
      fc.record({ day: fc.constantFrom(...DAYS), bytes: fc.nat(9), captured: fc.nat(9), dropped: fc.nat(1) }),
      { maxLength: 2 },
    ),
    notes: fc.array(
      fc.record({
        at: fc.integer({ min: NOON - 1e9, max: NOON + 1e9 }),
        code: fc.constantFrom<NoteCode>("clock-jump", "darkstat-restarted"),
        detail: fc.dictionary(fc.constantFrom("a", "b"), fc.nat()),
      }),
      { maxLength: 2 },
    ),
  })
  .chain((parts) => {
    const ips: readonly string[] = parts.ips;
    const forget: readonly string[] = parts.forget;
    const forgotten = forget.filter((ip) => !ips.includes(ip));
    return fc
      .tuple(...ips.map((ip) => anyFact(ip)))
      .chain((addresses) =>
        fc
          .array(anyCharge(addresses, parts.day), { maxLength: 8 })
          .map((charges) => ({ ...parts, addresses, charges, forgotten })),
      );
  });
type Parts = typeof anySettlement extends fc.Arbitrary<infer P> ? P : never;

const anyStep = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("record" as const), parts: anySettlement }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("checkpoint" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("crash" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("close" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("prune" as const),
      keep: fc.record({ hoursFrom: maybeDay, remoteFrom: maybeDay, devicesFrom: maybeDay }),
    }),
  },
);

/** A settlement that follows on the books before it, and always has news (quiet readings have tests of their own). */
function follow(parts: Parts, previous: Settlement["books"] | undefined, count: number): Settlement {
  const baselines = new Map(previous?.baselines ?? []);
  for (const { ip, in: down, out, holder } of parts.addresses) baselines.set(ip, { in: down, out, holder });
  for (const ip of parts.forgotten) baselines.delete(ip);
  const [uptimeSeconds = 0, totalBefore = 0, counted = 0, , dropped = 0] = parts.counters;
  return {
    books: {
      source: parts.source,
      epoch: parts.epoch,
      at: parts.at,
      uptimeSeconds,
      totalBefore,
      counted,
      captured: count,
      dropped,
      baselines,
      routers: new Set([...(previous?.routers ?? []), ...parts.routers]),
    },
    charges: parts.charges,
    addresses: parts.addresses,
    forgotten: parts.forgotten,
    counted: parts.counted,
    routers: parts.routers,
    notes: parts.notes,
  };
}

/** What the old tables must show: the reported figures of devices that are no routers, and of remote hosts. */
function oldRowsOf(facts: Facts) {
  const routers = new Set(facts.devices.filter((device) => device.router).map(({ source, key }) => `${source} ${key}`));
  const names = new Map(facts.devices.map(({ source, key, hostname }) => [`${source} ${key}`, hostname]));
  const latest = facts.range?.last ?? "";
  const rowOf = (row: Facts["days"][number] | RemoteDay, mac: string, hostname: string | null) => ({
    table: row.day === latest ? "dailyusage" : "usagehistory",
    IP: row.ip,
    MAC: mac,
    Hostname: hostname ?? "(none)",
    seen: row.seenAt === null ? null : row.seenAt / 1000,
    KBIn: kilobytes(row.in),
    KBOut: kilobytes(row.out),
    DATE: `${row.day} 00:00:00`,
    LSTDAY_KBIn: kilobytes(row.counterIn),
    LSTDAY_KBOut: kilobytes(row.counterOut),
  });
  const devices = facts.days
    .filter((row) => row.ip !== null && !routers.has(row.device))
    .map((row) => rowOf(row, row.device.split(" ")[1] ?? "", names.get(row.device) ?? null));
  const remote = facts.remote.filter((row) => row.reported).map((row) => rowOf(row, row.mac ?? "", row.hostname));
  return [...devices, ...remote].map((row) => JSON.stringify(row)).sort();
}

function kilobytes(bytes: number): number {
  return Math.round((bytes / 1024) * 100) / 100;
}

/** The views as a person's SQL tool reads them from the file. */
function oldRows(path: string): string[] {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const columns = `IP, MAC, Hostname, CAST(strftime('%s', LastSeen, 'utc') AS INTEGER) AS seen,
      KBIn, KBOut, DATE, LSTDAY_KBIn, LSTDAY_KBOut`;
    const rows = db
      .prepare(
        `SELECT 'dailyusage' AS "table", ${columns} FROM dailyusage
         UNION ALL SELECT 'usagehistory', ${columns} FROM usagehistory`,
      )
      .all();
    return rows.map((row) => JSON.stringify(row)).sort();
  } finally {
    db.close();
  }
}

test(
  "after any settlements, checkpoints, crashes and prunings the answers are those of a plain model",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 20 }), async (steps) => {
        const harness = sqliteHarness();
        try {
          let store = await harness.open();
          let model = emptyModel();
          let durable = structuredClone(model);
          for (const [count, step] of steps.entries()) {
            if (step.do === "record") {
              const settlement = follow(step.parts, model.sources.get(step.parts.source)?.books, count + 1);
              await store.record(settlement);
              applyToModel(model, settlement);
            } else if (step.do === "prune") {
              expect(await store.prune(step.keep)).toBe(pruneModel(model, step.keep));
            } else if (step.do === "crash") {
              store = await harness.crash();
              model = structuredClone(durable);
            } else {
              if (step.do === "checkpoint") await store.checkpoint();
              else {
                await store.close();
                store = await harness.open();
              }
              durable = structuredClone(model);
            }
            const [from, to] = [DAYS[0] as Day, DAYS.at(-1) as Day];
            expect(await factsOfStore(store, SOURCES, from, to)).toEqual(factsOfModel(model, from, to));
          }
          await store.checkpoint();
          expect(oldRows(harness.path())).toEqual(
            oldRowsOf(await factsOfStore(store, SOURCES, DAYS[0] ?? "", "9999-12-31")),
          );
        } finally {
          await harness.dispose();
        }
      }),
      { numRuns: RUNS },
    );
  },
  60_000 + RUNS * 500,
);

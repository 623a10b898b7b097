import * as fc from "fast-check";
import { expect, test } from "vitest";
import { DEVICE_TYPES } from "../shared/household-words.ts";
import { problemOf } from "./check.ts";
import { type Edit, EMPTY_HOUSEHOLD, type HouseholdDocument, handsOf, ownerOn } from "./document.ts";
import { HouseholdError } from "./error.ts";
import { mergesOf, targetOf } from "./merges.ts";
import { applySteps, type KnownDevice, type PlainStep } from "./steps.ts";
import { takeBack } from "./undo.ts";

const MACS = [1, 2, 3, 4, 5, 6].map((n) => `02:00:00:00:00:0${n}`);
const DAYS = ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"];

const mac = fc.constantFrom(...MACS);
const macs = fc.uniqueArray(mac, { minLength: 1, maxLength: 3 });
const owner = fc.integer({ min: 1, max: 3 });
const name = fc.constantFrom("Anna", "Ben", "Mia", "<script>", "Kids’ things");

const step: fc.Arbitrary<PlainStep> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant("add-owner" as const), name }) },
  fc.record({ do: fc.constant("edit-owner" as const), owner, name, colour: fc.integer({ min: 1, max: 7 }) }),
  fc.record({ do: fc.constant("delete-owner" as const), owner }),
  fc.record(
    {
      do: fc.constant("describe" as const),
      devices: macs,
      name: fc.option(name),
      type: fc.option(fc.constantFrom(...DEVICE_TYPES)),
      note: fc.option(fc.constantFrom("a note", "two\nlines")),
      hidden: fc.boolean(),
      archived: fc.boolean(),
    },
    { requiredKeys: ["do", "devices"] },
  ),
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("hand-over" as const),
      devices: macs,
      owner: fc.option(owner),
      from: fc.option(fc.constantFrom(...DAYS)),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("merge" as const), device: mac, with: macs }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("split" as const), device: mac, interfaces: macs }) },
  fc.record({ do: fc.constant("not-same" as const), devices: fc.tuple(mac, mac) }),
  fc.record({ do: fc.constant("router" as const), mac, router: fc.option(fc.boolean()) }),
  fc.record({ do: fc.constant("units" as const), units: fc.constantFrom(1000 as const, 1024 as const, null) }),
);
const changes = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { maxLength: 12 });
/** Lines of MAC_MAC.txt. */
const files = fc.array(fc.tuple(mac, mac), { maxLength: 3 }).map((lines) => new Map(lines.filter(([a, b]) => a !== b)));

/** The same, none of which names what another makes part of something: as files are, but for mistakes. */
const plainFiles = files.map((file) => new Map([...file].filter(([, target]) => !file.has(target))));

/** A household as the product holds it: the document, and names in their file. */
interface World {
  document: HouseholdDocument;
  names: Map<string, string>;
  nextOwner: number;
}

/** The devices that a store would have: interfaces by what they are part of. */
function devicesOf({ document, names }: World, file: ReadonlyMap<string, string>): KnownDevice[] {
  const devices = new Map<string, string[]>();
  const merges = mergesOf(document, file);
  for (const one of MACS) {
    const key = merges.get(one) ?? one;
    devices.set(key, [...(devices.get(key) ?? []), one]);
  }
  return [...devices].map(([key, own]) => ({
    key,
    interfaces: own.includes(key) ? [key, ...own.filter((one) => one !== key)] : own,
    name: names.get(key) ?? null,
    hostname: null,
  }));
}

function give(world: World, edits: readonly Edit[]): void {
  for (const { key, after } of edits) {
    if (after === null) world.names.delete(key);
    else world.names.set(key, after as string);
  }
}

/** Takes steps as the book does. @returns what takes them back; null where they were refused */
function change(world: World, steps: readonly PlainStep[], file: ReadonlyMap<string, string>): readonly Edit[] | null {
  try {
    const known = { devices: devicesOf(world, file), fileMerges: file, nextOwner: world.nextOwner };
    const applied = applySteps(world.document, steps, known);
    world.document = applied.document;
    world.nextOwner = applied.nextOwner;
    give(
      world,
      applied.edits.filter(({ part }) => part === "names"),
    );
    return applied.edits;
  } catch (error) {
    if (error instanceof HouseholdError) return null;
    throw error;
  }
}

function undo(world: World, edits: readonly Edit[]): void {
  const { document, names } = takeBack(world.document, edits, (key) => world.names.get(key) ?? null);
  world.document = document;
  give(world, names);
}

const newWorld = (): World => ({ document: EMPTY_HOUSEHOLD, names: new Map(), nextOwner: 1 });
/** All that reports go by. */
const seen = (world: World, file: ReadonlyMap<string, string>) => ({
  document: world.document,
  names: [...world.names].sort(),
  merges: [...mergesOf(world.document, file)].sort(),
});

test("a change and its undo leave the document, the names and the merges as they were", () => {
  fc.assert(
    fc.property(changes, files, (all, file) => {
      const world = newWorld();
      for (const steps of all) {
        const before = structuredClone(seen(world, file));
        const edits = change(world, steps, file);
        if (edits === null) {
          expect(seen(world, file)).toEqual(before);
          continue;
        }
        const after = structuredClone(seen(world, file));
        undo(world, edits);
        expect(seen(world, file)).toEqual(before);
        // And once more, for good.
        const redone = change(world, steps, file);
        if (redone !== null && !steps.some((one) => one.do === "add-owner")) expect(seen(world, file)).toEqual(after);
      }
    }),
    { numRuns: 500 },
  );
});

test("undone from the last to the first, nothing is left", () => {
  fc.assert(
    fc.property(changes, files, (all, file) => {
      const world = newWorld();
      const done = all.flatMap((steps) => [change(world, steps, file) ?? []]);
      for (const edits of done.reverse()) undo(world, edits);
      expect(seen(world, file)).toEqual(seen(newWorld(), file));
    }),
    { numRuns: 500 },
  );
});

test("undone in any order, each undo takes its own change back or is refused, and the document stays sound", () => {
  fc.assert(
    fc.property(changes, files, fc.infiniteStream(fc.nat()), (all, file, order) => {
      const world = newWorld();
      const done = all.flatMap((steps) => {
        const edits = change(world, steps, file);
        return edits === null ? [] : [edits];
      });
      while (done.length > 0) {
        const [edits = []] = done.splice((order.next().value as number) % done.length, 1);
        const before = structuredClone(seen(world, file));
        try {
          undo(world, edits);
        } catch (error) {
          expect(error).toMatchObject({ name: "HouseholdError", code: "overtaken" });
          expect(seen(world, file)).toEqual(before);
        }
        expect(problemOf(world.document)).toBeNull();
      }
    }),
    { numRuns: 500 },
  );
});

test("what is merged is one device, what is split off is one of its own, and nobody else moves", () => {
  fc.assert(
    fc.property(changes, plainFiles, (all, file) => {
      const world = newWorld();
      for (const steps of all) {
        const before = new Map(
          devicesOf(world, file).flatMap(({ key, interfaces }) => interfaces.map((one) => [one, key])),
        );
        const [only] = steps;
        if (change(world, steps, file) === null || steps.length > 1 || only === undefined) continue;
        const after = new Map(
          devicesOf(world, file).flatMap(({ key, interfaces }) => interfaces.map((one) => [one, key])),
        );
        const moved = MACS.filter((one) => before.get(one) !== after.get(one));
        if (only.do === "merge") {
          const device = before.get(only.device);
          for (const one of only.with) expect(after.get(one)).toBe(device);
          const sources = only.with.map((one) => before.get(one));
          for (const one of moved) expect(sources).toContain(before.get(one));
          for (const one of moved) expect(after.get(one)).toBe(device);
        } else if (only.do === "split") {
          for (const one of only.interfaces) expect(after.get(one)).toBe(one);
          for (const one of moved) expect(only.interfaces).toContain(one);
        } else {
          expect(moved).toEqual([]);
        }
      }
    }),
    { numRuns: 1000 },
  );
});

test("an interface is part of a device that is part of none, however MAC_MAC.txt is edited later", () => {
  fc.assert(
    fc.property(changes, files, files, (all, file, later) => {
      const world = newWorld();
      for (const steps of all) change(world, steps, file);
      const merges = mergesOf(world.document, later);
      for (const one of MACS) {
        const target = targetOf(world.document, later, one);
        expect(merges.get(one) ?? one).toBe(target);
        // The file's own lines are applied once, as ever; what the page says is followed to its end.
        const said = Object.hasOwn(world.document.merges, target) ? world.document.merges[target] : target;
        if (!isCircle(world.document, later, one)) expect(said).toBe(target);
      }
    }),
    { numRuns: 500 },
  );
});

function isCircle(document: HouseholdDocument, file: ReadonlyMap<string, string>, from: string): boolean {
  const seenSoFar = new Set<string>();
  let at: string | undefined = from;
  let first = true;
  while (at !== undefined) {
    if (seenSoFar.has(at)) return true;
    seenSoFar.add(at);
    const onPage: string | undefined = Object.hasOwn(document.merges, at) ? document.merges[at] : undefined;
    const next: string | undefined = onPage ?? (first ? file.get(at) : undefined);
    first = false;
    at = next === at ? undefined : next;
  }
  return false;
}

test("a device belongs to whom it was handed last, by the day", () => {
  const hands = fc.array(fc.record({ owner: fc.option(owner), from: fc.option(fc.constantFrom(...DAYS)) }), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(hands, fc.constantFrom("2025-06-01", ...DAYS, "2027-01-01"), (given, day) => {
      const world = newWorld();
      const adding = ["Anna", "Ben", "Mia"].map((each): PlainStep => ({ do: "add-owner", name: each }));
      change(world, adding, new Map());
      const device = MACS[0] as string;
      let expected: { from: string; owner: number | null }[] = [];
      for (const one of given) {
        change(world, [{ do: "hand-over", devices: [device], ...one }], new Map());
        expected = [
          ...expected.filter(({ from }) => from < (one.from ?? "")),
          { from: one.from ?? "", owner: one.owner },
        ];
      }
      const whose = expected.filter(({ from }) => from <= day).at(-1)?.owner ?? null;
      expect(ownerOn(handsOf(world.document, device), day)).toBe(whose);
    }),
  );
});

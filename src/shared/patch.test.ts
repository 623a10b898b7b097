import fc from "fast-check";
import { expect, test } from "vitest";
import { applyPatch, type Patch, patchBetween } from "./patch.ts";

/** As it arrives. */
function sent(patch: Patch): Patch {
  return JSON.parse(JSON.stringify(patch)) as Patch;
}

function arrives(before: unknown, after: unknown): unknown {
  const patch = patchBetween(before, after);
  return patch === undefined ? before : applyPatch(before, sent(patch));
}

const device = fc.record({
  key: fc.constantFrom(..."abcdefghij"),
  name: fc.option(fc.constantFrom("Küche", "", "__proto__")),
  download: fc.nat(3),
  previous: fc.option(fc.record({ download: fc.nat(2) })),
  series: fc.record({
    download: fc.array(fc.nat(2), { minLength: 6, maxLength: 6 }),
    reconstructed: fc.array(fc.nat(2)),
  }),
});
const usage = fc.record({
  now: fc.nat(),
  devices: fc.uniqueArray(device, { selector: ({ key }) => key }),
  remotes: fc.option(fc.uniqueArray(fc.record({ ip: fc.ipV4(), upload: fc.nat(2) }), { selector: ({ ip }) => ip })),
});

test("what a patch makes of the value before is the value after, whatever they are", () => {
  const value = fc.jsonValue({ maxDepth: 4 }).map((some) => JSON.parse(JSON.stringify(some)) as unknown);
  for (const any of [value, usage]) {
    fc.assert(
      fc.property(any, any, (before, after) => {
        const untouched = structuredClone(before);
        expect(arrives(before, after)).toEqual(after);
        expect(before).toEqual(untouched);
      }),
      { numRuns: 1000 },
    );
  }
});

test("of two that are the same there is no patch", () => {
  fc.assert(
    fc.property(usage, (value) => {
      expect(patchBetween(value, structuredClone(value))).toBeUndefined();
    }),
  );
});

test("a patch holds what changed and no more, and what did not is shared", () => {
  const list = ["a", "b", "c"].map((key) => ({ key, bytes: [0, 0, 0, 0, 7], name: "long ".repeat(100) }));
  const [a, b, c] = list as [(typeof list)[0], (typeof list)[0], (typeof list)[0]];
  const grown = { ...b, bytes: [0, 0, 0, 0, 9] };
  expect(patchBetween({ list }, { list: [a, grown, c] })).toEqual({
    fields: { list: { at: [[1, { fields: { bytes: { at: [[4, 9]] } } }]] } },
  });
  const moved = patchBetween(list, [grown, { key: "d" }, a]);
  expect(moved).toEqual({
    order: [1, -1, 0],
    at: [
      [0, { fields: { bytes: { at: [[4, 9]] } } }],
      [1, { set: { key: "d" } }],
    ],
  });
  const next = applyPatch(list, moved as Patch) as unknown[];
  expect(next[2]).toBe(a);
});

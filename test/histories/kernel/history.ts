import fc from "fast-check";

/** One thing that happens to a machine whose kernel counts. Indices are taken modulo what there is. */
export type KernelEvent =
  | ({ readonly do: "traffic" } & KernelTalk)
  | { readonly do: "wait"; readonly ms: number }
  /** Each meter is read; while it is listed, traffic goes on. */
  | { readonly do: "poll"; readonly commit: boolean; readonly during: readonly KernelTalk[]; readonly repeats: boolean }
  | { readonly do: "re-lease"; readonly ip: number; readonly device: number }
  | { readonly do: "renumber"; readonly device: number; readonly ip: number }
  | { readonly do: "sent to a group"; readonly device: number }
  | { readonly do: "sent to everybody"; readonly ip: number }
  /** From one of its clients to another: on its interface that comes in and goes out again. */
  | { readonly do: "relayed by the access point"; readonly ip: number; readonly to: number; readonly bytes: number }
  | { readonly do: "scan"; readonly ip: number; readonly from: number; readonly hosts: number }
  | { readonly do: "kill" }
  | { readonly do: "flush ruleset" }
  | { readonly do: "interface goes, or comes back"; readonly device: number }
  | { readonly do: "reboot" };

export interface KernelTalk {
  readonly ip: number;
  readonly peer: number;
  readonly down: number;
  readonly up: number;
  /** A client of the access point, which passes the bridge as well. */
  readonly wireless: boolean;
}

export interface KernelHistory {
  /** Two meters: the bridge, and the access point behind it. */
  readonly hasTwo: boolean;
  /** A chain whose interface went stays, hooked to nothing: kernels differ in that. */
  readonly keepsChains: boolean;
  readonly events: readonly KernelEvent[];
}

const SECOND = 1000;
const bytes = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 2_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 5_000_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 3_000_000_000_000 }) },
);
const index = fc.nat(11);
const talk = fc.record({ ip: index, peer: index, down: bytes, up: bytes, wireless: fc.boolean() });
const of = <T extends KernelEvent>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<KernelEvent> => arbitrary;
const what = <D extends KernelEvent["do"]>(name: D) => fc.constant(name);

const event = fc.oneof(
  { weight: 24, arbitrary: of(talk.map((one) => ({ do: "traffic" as const, ...one }))) },
  {
    weight: 20,
    arbitrary: of(
      fc.record({
        do: what("poll"),
        commit: fc.boolean(),
        during: fc.oneof(
          { weight: 2, arbitrary: fc.constant([]) },
          { weight: 1, arbitrary: fc.array(talk, { minLength: 1, maxLength: 4 }) },
        ),
        repeats: fc.boolean(),
      }),
    ),
  },
  {
    weight: 8,
    arbitrary: of(
      fc.record({
        do: what("wait"),
        ms: fc.constantFrom(SECOND, 30 * SECOND, 30 * SECOND, 600 * SECOND, 5_400 * SECOND),
      }),
    ),
  },
  { weight: 6, arbitrary: of(fc.record({ do: what("re-lease"), ip: index, device: index })) },
  { weight: 4, arbitrary: of(fc.record({ do: what("renumber"), device: index, ip: index })) },
  { weight: 2, arbitrary: of(fc.record({ do: what("sent to a group"), device: index })) },
  { weight: 2, arbitrary: of(fc.record({ do: what("sent to everybody"), ip: index })) },
  {
    weight: 4,
    arbitrary: of(
      fc.record({ do: what("scan"), ip: index, from: fc.nat(200), hosts: fc.integer({ min: 1, max: 12 }) }),
    ),
  },
  { weight: 2, arbitrary: of(fc.record({ do: what("relayed by the access point"), ip: index, to: index, bytes })) },
  { weight: 5, arbitrary: of(fc.record({ do: what("kill") })) },
  { weight: 2, arbitrary: of(fc.record({ do: what("flush ruleset") })) },
  { weight: 2, arbitrary: of(fc.record({ do: what("interface goes, or comes back"), device: fc.nat(1) })) },
  { weight: 1, arbitrary: of(fc.record({ do: what("reboot") })) },
);

export const kernelHistory: fc.Arbitrary<KernelHistory> = fc.record({
  hasTwo: fc.boolean(),
  keepsChains: fc.boolean(),
  events: fc.array(event, { minLength: 1, maxLength: 60 }),
});

const poll: KernelEvent = { do: "poll", commit: true, during: [], repeats: false };
const wait: KernelEvent = { do: "wait", ms: 30 * SECOND };
const talks = (ip: number, down = 40_000): KernelEvent => ({
  do: "traffic",
  ip,
  peer: ip,
  down,
  up: 2_000,
  wireless: true,
});
const scan: KernelEvent = { do: "scan", ip: 0, from: 0, hosts: 12 };
const unsaved: KernelEvent = { ...poll, commit: false };
const kill: KernelEvent = { do: "kill" };
const flush: KernelEvent = { do: "flush ruleset" };
const toggle: KernelEvent = { do: "interface goes, or comes back", device: 0 };
const takes = (device: number): KernelEvent => ({ do: "re-lease", ip: 0, device });
const later: KernelEvent = { do: "wait", ms: 600 * SECOND };

const RARE: Readonly<Record<string, readonly KernelEvent[]>> = {
  "an address is taken by another device within one poll": [
    ...[poll, talks(0), poll, wait, talks(0), takes(1), talks(0, 7_000), poll, talks(0), poll],
  ],
  "an address changes hands in a table, and in the one that goes on": [
    ...[poll, talks(0, 90_000), takes(1), talks(0), scan, poll, takes(0), talks(0, 300), takes(1), talks(0, 200), poll],
  ],
  "a frame to everybody comes first, and in the same reading the device": [
    ...[poll, { do: "sent to everybody", ip: 0 } as const, talks(0), poll, talks(0), poll],
  ],
  "a table grows large, and we are killed before the next one is saved": [
    ...[poll, scan, poll, poll, talks(1), unsaved, talks(2), kill, talks(0), poll, talks(1), poll],
  ],
  "we are killed long after a generation began of which nothing is saved": [
    ...[poll, scan, unsaved, talks(1), later, kill, poll, wait, poll],
  ],
  "and once more before its first reading": [poll, scan, unsaved, talks(1), later, kill, poll, wait, kill, poll],
  "two generations fill up before anything is saved": [
    ...[poll, scan, unsaved, { ...scan, from: 50 } as const, unsaved, unsaved, talks(0), unsaved, kill, poll, poll],
  ],
  "a table that was made anew fills up, and what is saved is of the one before": [
    ...[poll, talks(0), poll, flush, unsaved, scan, kill, poll, poll],
  ],
  "traffic passes while a table goes on in a new one": [
    ...[poll, talks(0), scan, poll, wait, { ...poll, during: [{ ip: 0, peer: 0, down: 500, up: 90, wireless: true }] }],
    ...[talks(0), poll, poll],
  ],
  "the ruleset is flushed under way, and more passes than before": [
    poll,
    talks(0),
    poll,
    wait,
    flush,
    poll,
    talks(0, 90_000),
    poll,
  ],
  "the machine is started anew, with an address that two had": [
    ...[poll, talks(0), takes(1), talks(0), poll, { do: "reboot" } as const, wait, poll, talks(0), wait, poll],
  ],
  "an interface goes and comes back": [poll, talks(0), toggle, poll, toggle, poll, talks(0), poll],
  "a client of the access point talks to another": [
    ...[poll, { do: "relayed by the access point", ip: 0, to: 1, bytes: 900 } as const, poll],
  ],
};

/** Histories that random ones seldom come to, by what is rare in them, each with one meter and with two. */
export const RARE_OF_KERNEL: [KernelHistory][] = Object.values(RARE).flatMap((events) => [
  [{ hasTwo: false, keepsChains: true, events }],
  [{ hasTwo: true, keepsChains: false, events }],
]);

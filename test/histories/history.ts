import fc from "fast-check";
import { LAN_IPS, MULTICAST_IP, REMOTE_IPS, ROUTER_IP } from "./world.ts";

/** One thing that happens. `poll` and `lost response` are ours, `kill` is our own crash, the rest is the world's. */
export type Event =
  | { readonly do: "traffic"; readonly ip: number; readonly peer: number; readonly down: number; readonly up: number }
  | { readonly do: "wait"; readonly ms: number; readonly asleep: boolean }
  | { readonly do: "poll"; readonly commit: boolean }
  | { readonly do: "lost response" }
  | { readonly do: "re-lease"; readonly ip: number; readonly device: number }
  | { readonly do: "mac flip"; readonly ip: number }
  | { readonly do: "evict"; readonly mask: number }
  | { readonly do: "restart"; readonly sameText: boolean }
  | { readonly do: "sigusr1" }
  | { readonly do: "export" }
  | { readonly do: "clean import" }
  | { readonly do: "stale import" }
  | { readonly do: "clock step"; readonly ms: number }
  | { readonly do: "kill" };

export interface History {
  readonly zone: string;
  readonly startAt: number;
  readonly localOnly: boolean;
  readonly events: readonly Event[];
}

/** Everyone a LAN address can talk to. */
export const PEERS = [...REMOTE_IPS, ...LAN_IPS, ROUTER_IP, MULTICAST_IP];

const SECOND = 1000;
const HOUR = 3600 * SECOND;

/** Moments worth living through: an ordinary evening, and the hours before clocks change. */
const STARTS = [
  { zone: "Europe/Berlin", startAt: Date.UTC(2026, 5, 15, 20, 30) },
  { zone: "Europe/Berlin", startAt: Date.UTC(2026, 2, 28, 22, 40) },
  { zone: "Europe/Berlin", startAt: Date.UTC(2026, 9, 24, 21, 50) },
  { zone: "America/St_Johns", startAt: Date.UTC(2026, 10, 1, 2, 10) },
  { zone: "Australia/Lord_Howe", startAt: Date.UTC(2026, 3, 4, 12, 0) },
  { zone: "Asia/Kathmandu", startAt: Date.UTC(2026, 0, 1, 17, 0) },
];

const bytes = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 2_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 5_000_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 3_000_000_000_000 }) },
);
const lanIp = fc.nat(LAN_IPS.length - 1);

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant("traffic" as const),
      ip: lanIp,
      peer: fc.nat(PEERS.length - 1),
      down: bytes,
      up: bytes,
    }),
  },
  { weight: 10, arbitrary: fc.record({ do: fc.constant("poll" as const), commit: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: 0, max: 45 * SECOND }) },
        { weight: 2, arbitrary: fc.integer({ min: 0, max: 3 * HOUR }) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 80 * HOUR }) },
      ),
      asleep: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("lost response" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("re-lease" as const), ip: lanIp, device: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("mac flip" as const), ip: lanIp }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("evict" as const), mask: fc.nat(4095) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const), sameText: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("sigusr1" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("export" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("clean import" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("stale import" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("clock step" as const),
      ms: fc.integer({ min: -30 * HOUR, max: 30 * HOUR }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("kill" as const) }) },
);

export const history: fc.Arbitrary<History> = fc
  .record({
    start: fc.constantFrom(...STARTS),
    localOnly: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    events: fc.array(event, { minLength: 4, maxLength: 60, size: "max" }),
  })
  .map(({ start, localOnly, events }) => ({ ...start, localOnly, events }));

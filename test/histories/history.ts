import fc from "fast-check";

/**
 * One thing that happens. Polls, our own crashes and restored backups are ours, as are the settings; the rest is the
 * world's. Indices are taken modulo what there is.
 */
export type Event =
  | ({ readonly do: "traffic" } & Talk)
  | { readonly do: "wait"; readonly ms: number; readonly asleep: boolean }
  | { readonly do: "poll"; readonly commit: boolean; readonly pages: PageSource; readonly during: readonly Talk[] }
  | { readonly do: "lost response" }
  | { readonly do: "proxy stores pages" }
  | { readonly do: "re-lease"; readonly ip: number; readonly device: number }
  | { readonly do: "sent on by the router"; readonly ip: number }
  | { readonly do: "sent to a group"; readonly ip: number }
  | { readonly do: "leaked source address"; readonly device: number; readonly ip: number; readonly answered: boolean }
  | { readonly do: "spoofed source address"; readonly device: number; readonly ip: number }
  | { readonly do: "asks for a lease"; readonly device: number }
  | { readonly do: "router failover" }
  | { readonly do: "evict"; readonly mask: number }
  | { readonly do: "restart"; readonly sameText: boolean }
  | { readonly do: "the other darkstat restarts" }
  | { readonly do: "sigusr1" }
  | { readonly do: "export" }
  | { readonly do: "clean import"; readonly downMs: number }
  | { readonly do: "stale import"; readonly sameText: boolean }
  | { readonly do: "foreign import"; readonly extra: number; readonly ageMs: number }
  | { readonly do: "clock step"; readonly ms: number }
  | { readonly do: "kill" }
  | { readonly do: "backup" }
  | { readonly do: "restore" }
  | { readonly do: "change IP_MAC.txt"; readonly ip: number; readonly device: number | null }
  | { readonly do: "change zone"; readonly zone: number }
  | { readonly do: "change DARKSTAT_URL"; readonly to: "home" | "another name of home" | "other" };

export interface Talk {
  readonly ip: number;
  readonly peer: number;
  readonly down: number;
  readonly up: number;
}

/** Where the pages of a reading come from: a proxy may have stored one or both, or darkstat may say nonsense. */
export type PageSource = "darkstat" | "stored front page" | "stored host table" | "stored pages" | "empty host table";

export interface History {
  readonly zone: string;
  readonly startAt: number;
  readonly ipv6Only: boolean;
  readonly localOnly: boolean;
  readonly showsMacs: boolean;
  readonly showsLastSeen: boolean;
  /** A time series is to be had: darkstat keeps one, the kernel none. */
  readonly keepsSeries: boolean;
  readonly hostsMax: number;
  readonly routers: "found" | "named" | "next hop";
  /** The user names the segment behind the router's other port as LAN. */
  readonly namesSegment: boolean;
  readonly events: readonly Event[];
}

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;

/** Moments worth living through: an ordinary evening, and the hours before clocks change. */
const STARTS = [
  { zone: "Europe/Berlin", startAt: Date.UTC(2026, 5, 15, 20, 30) },
  { zone: "Europe/Berlin", startAt: Date.UTC(2026, 2, 28, 22, 40) },
  { zone: "Europe/Berlin", startAt: Date.UTC(2026, 9, 24, 21, 50) },
  { zone: "America/St_Johns", startAt: Date.UTC(2026, 10, 1, 2, 10) },
  { zone: "Australia/Lord_Howe", startAt: Date.UTC(2026, 3, 4, 12, 0) },
  { zone: "Asia/Kathmandu", startAt: Date.UTC(2026, 0, 1, 17, 0) },
];
export const ZONES: readonly string[] = [...new Set(STARTS.map(({ zone }) => zone))];

const bytes = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 2_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 5_000_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 3_000_000_000_000 }) },
);
const index = fc.nat(23);
const talk = fc.record({ ip: index, peer: index, down: bytes, up: bytes });
const rarely = fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });

function event<D extends Event["do"]>(
  what: D,
  fields: { [K in Exclude<keyof Extract<Event, { do: D }>, "do">]: fc.Arbitrary<Extract<Event, { do: D }>[K]> },
): fc.Arbitrary<Event> {
  return fc.record({ do: fc.constant(what), ...fields }) as unknown as fc.Arbitrary<Event>;
}

const events: readonly { weight: number; arbitrary: fc.Arbitrary<Event> }[] = [
  { weight: 24, arbitrary: talk.map((one): Event => ({ do: "traffic", ...one })) },
  {
    weight: 22,
    arbitrary: event("poll", {
      commit: fc.boolean(),
      pages: fc.oneof(
        { weight: 12, arbitrary: fc.constant<PageSource>("darkstat") },
        {
          weight: 3,
          arbitrary: fc.constantFrom<PageSource>(
            "stored front page",
            "stored host table",
            "stored pages",
            "empty host table",
          ),
        },
      ),
      during: fc.oneof(
        { weight: 4, arbitrary: fc.constant<readonly Talk[]>([]) },
        { weight: 1, arbitrary: fc.array(talk, { minLength: 1, maxLength: 2 }) },
      ),
    }),
  },
  {
    weight: 12,
    arbitrary: event("wait", {
      ms: fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: 0, max: 45 * SECOND }) },
        { weight: 2, arbitrary: fc.integer({ min: 0, max: 3 * HOUR }) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 80 * HOUR }) },
      ),
      asleep: rarely,
    }),
  },
  { weight: 1, arbitrary: event("lost response", {}) },
  { weight: 2, arbitrary: event("proxy stores pages", {}) },
  { weight: 2, arbitrary: event("re-lease", { ip: index, device: index }) },
  { weight: 3, arbitrary: event("sent on by the router", { ip: index }) },
  { weight: 1, arbitrary: event("sent to a group", { ip: index }) },
  { weight: 2, arbitrary: event("leaked source address", { device: index, ip: index, answered: fc.boolean() }) },
  { weight: 1, arbitrary: event("spoofed source address", { device: index, ip: index }) },
  { weight: 1, arbitrary: event("asks for a lease", { device: index }) },
  { weight: 1, arbitrary: event("router failover", {}) },
  { weight: 3, arbitrary: event("evict", { mask: fc.nat(65_535) }) },
  { weight: 2, arbitrary: event("restart", { sameText: fc.boolean() }) },
  { weight: 1, arbitrary: event("the other darkstat restarts", {}) },
  { weight: 1, arbitrary: event("sigusr1", {}) },
  { weight: 3, arbitrary: event("export", {}) },
  { weight: 3, arbitrary: event("clean import", { downMs: fc.constantFrom(0, 0, 40 * SECOND, 9 * HOUR) }) },
  { weight: 2, arbitrary: event("stale import", { sameText: rarely }) },
  {
    weight: 2,
    arbitrary: event("foreign import", {
      extra: bytes,
      ageMs: fc.oneof(fc.integer({ min: 0, max: HOUR }), fc.integer({ min: 0, max: 90 * DAY })),
    }),
  },
  {
    weight: 2,
    arbitrary: event("clock step", {
      ms: fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min: -30 * HOUR, max: 30 * HOUR }) },
        { weight: 1, arbitrary: fc.constantFrom(40 * DAY, -40 * DAY) },
      ),
    }),
  },
  { weight: 4, arbitrary: event("kill", {}) },
  { weight: 1, arbitrary: event("backup", {}) },
  { weight: 1, arbitrary: event("restore", {}) },
  { weight: 1, arbitrary: event("change IP_MAC.txt", { ip: index, device: fc.option(index) }) },
  { weight: 1, arbitrary: event("change zone", { zone: index }) },
  {
    weight: 2,
    arbitrary: event("change DARKSTAT_URL", {
      to: fc.constantFrom<"home" | "another name of home" | "other">("home", "another name of home", "other"),
    }),
  },
];

const sometimes = fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });

export const history: fc.Arbitrary<History> = fc
  .record({
    start: fc.constantFrom(...STARTS),
    ipv6Only: sometimes,
    localOnly: sometimes,
    showsMacs: sometimes.map((hides) => !hides),
    showsLastSeen: sometimes.map((hides) => !hides),
    keepsSeries: sometimes.map((lacks) => !lacks),
    hostsMax: fc.constantFrom(1_000, 1_000, 1_000, 12, 5),
    routers: fc.constantFrom<History["routers"]>("found", "found", "named", "next hop"),
    namesSegment: fc.boolean(),
    events: fc.array(fc.oneof(...events), { minLength: 4, maxLength: 60, size: "max" }),
  })
  .map(({ start, ...rest }) => ({ ...start, ...rest }));

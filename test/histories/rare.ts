import type { Event, History, PageSource } from "./history.ts";

/** Histories that random ones seldom come to, by what is rare in them. They are lived through before the random ones. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** An evening in Berlin, 22:30. */
function evening(events: readonly Event[], keepsSeries = true): History {
  return {
    zone: "Europe/Berlin",
    startAt: Date.UTC(2026, 5, 15, 20, 30),
    ipv6Only: false,
    localOnly: false,
    showsMacs: true,
    showsLastSeen: true,
    keepsSeries,
    hostsMax: 1_000,
    routers: "found",
    namesSegment: false,
    events: [wait(30 * SECOND), ...events],
  };
}

const wait = (ms: number): Event => ({ do: "wait", ms, asleep: false });
/** The n-th LAN address talks to the n-th remote host. */
const talk = (n: number, down = 40_000, up = 2_000): Event => ({ do: "traffic", ip: n, peer: n, down, up });
const poll = (pages: PageSource = "darkstat"): Event => ({ do: "poll", commit: true, pages, during: [] });
const store: Event = { do: "proxy stores pages" };
const restart: Event = { do: "restart", sameText: false };

const RARE: Readonly<Record<string, History>> = {
  "a table that a proxy stored is read twice, and the total has grown": evening([
    talk(0),
    poll(),
    store,
    wait(30 * SECOND),
    talk(1),
    poll("stored host table"),
    wait(30 * SECOND),
    talk(2),
    poll("stored host table"),
  ]),
  "after an empty table one that a proxy stored, which shows as much as passed meanwhile": evening([
    talk(0, 0, 1),
    store,
    talk(0, 0, 1),
    poll(),
    poll("empty host table"),
    { do: "traffic", ip: 0, peer: 7, down: 0, up: 1 },
    wait(SECOND),
    poll("stored host table"),
    { do: "clean import", downMs: 0 },
    poll(),
  ]),
  "the first table of a new run is one that a proxy stored when it was younger": evening([
    talk(0),
    poll(),
    wait(30 * SECOND),
    restart,
    talk(0, 10_000, 500),
    store,
    wait(10 * SECOND),
    talk(1),
    poll("stored host table"),
  ]),
  "beside the first page of a new run, a table that a proxy stored of the one before": evening([
    talk(0),
    poll(),
    store,
    wait(30 * SECOND),
    restart,
    talk(1, 100, 100),
    wait(5 * SECOND),
    poll("stored host table"),
  ]),
  "nobody but newcomers talks after a clean import": evening([
    talk(0),
    poll(),
    { do: "clean import", downMs: 0 },
    talk(1),
    wait(5 * SECOND),
    poll(),
  ]),
  "a device sends with many foreign addresses, and nobody answers": evening([
    ...[1, 2, 3, 4].map((ip): Event => ({ do: "leaked source address", device: 3, ip, answered: false })),
    poll(),
  ]),
  "the clock is set back during a long gap": evening([
    talk(0),
    poll(),
    wait(10 * MINUTE),
    talk(0),
    wait(2 * HOUR),
    { do: "clock step", ms: -HOUR },
    poll(),
  ]),
  "a run begins at the end of a long gap, and no series tells": evening(
    [talk(0), poll(), wait(3 * HOUR), restart, talk(0), wait(30 * SECOND), poll()],
    false,
  ),
};

/** As fast-check takes them. */
export const RARE_EXAMPLES: [History][] = Object.values(RARE).map((one) => [one]);

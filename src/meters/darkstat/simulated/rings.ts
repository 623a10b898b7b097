/** Bytes of one bar, in and out of the local network. */
interface Bar {
  in: number;
  out: number;
}

interface Ring {
  readonly name: string;
  /** What the first bar is called: days of the month begin at 1. */
  readonly first: number;
  readonly spanMs: number;
  readonly placeOf: (date: Date) => number;
  readonly bars: Bar[];
  place: number;
}

/** darkstat's four series: rings whose hand stands on the running second, minute, hour and day of its own local time. */
export interface Rings {
  add(received: number, sent: number): void;
  clear(): void;
  /** For `/graphs.xml`: from the oldest bar to the running one. */
  all(): { name: string; bars: { place: number; in: number; out: number }[] }[];
}

/** Rings at zero. `localNow` is ms of local wall time, as if it were UTC. */
export function createRings(localNow: () => number): Rings {
  const rings: Ring[] = [
    ring("seconds", 60, 0, 1_000, (date) => date.getUTCSeconds()),
    ring("minutes", 60, 0, 60_000, (date) => date.getUTCMinutes()),
    ring("hours", 24, 0, 3_600_000, (date) => date.getUTCHours()),
    ring("days", 31, 1, 86_400_000, (date) => date.getUTCDate() - 1),
  ];
  let last: number | null = null;

  /** Moves the hands to now, emptying what they pass; a clock that was set back moves them without emptying. */
  function turn(): void {
    const now = Math.floor(localNow() / 1_000) * 1_000;
    if (now === last) return;
    for (const each of rings) {
      if (last !== null && now - last >= each.bars.length * each.spanMs) empty(each);
      else if (last !== null) advance(each, last, now);
      each.place = each.placeOf(new Date(now));
    }
    last = now;
  }

  return {
    add(received, sent) {
      turn();
      for (const { bars, place } of rings) {
        const bar = bars[place];
        if (!bar) continue;
        bar.in += received;
        bar.out += sent;
      }
    },
    clear() {
      for (const each of rings) empty(each);
      last = null;
    },
    all() {
      turn();
      return rings.map(({ name, first, bars, place }) => ({
        name,
        bars: bars.map((_, step) => {
          const index = (place + 1 + step) % bars.length;
          return { place: first + index, in: bars[index]?.in ?? 0, out: bars[index]?.out ?? 0 };
        }),
      }));
    },
  };
}

function ring(name: string, length: number, first: number, spanMs: number, placeOf: Ring["placeOf"]): Ring {
  return { name, first, spanMs, placeOf, bars: Array.from({ length }, () => ({ in: 0, out: 0 })), place: 0 };
}

/** Span by span, for the hand may come to stand where it stood; days that a month lacks are passed on the way. */
function advance(ring: Ring, last: number, now: number): void {
  for (let span = Math.floor(last / ring.spanMs) + 1; span <= Math.floor(now / ring.spanMs); span += 1) {
    const place = ring.placeOf(new Date(span * ring.spanMs));
    do {
      ring.place = (ring.place + 1) % ring.bars.length;
      ring.bars[ring.place] = { in: 0, out: 0 };
    } while (ring.place !== place);
  }
}

function empty(ring: Ring): void {
  for (const index of ring.bars.keys()) ring.bars[index] = { in: 0, out: 0 };
}

import type { Books, Counted, Reading } from "./types.ts";

/** Less says little: the two counters are read one after the other. */
const ENOUGH_BYTES = 10_000_000;

/**
 * What the meter and the interface that it stands on counted between two readings of one run. Nothing where either began anew:
 * their counters don't tell then what passed. An interface's counter that fell has begun anew as well (a driver does that when it is
 * reset), or has wrapped at 32 bits: both look the same.
 */
export function comparedSince(books: Books | null, reading: Reading): Pick<Counted, "carried" | "compared"> {
  const { carried, after, epoch, continues } = reading;
  const before = books?.carried;
  const goesOn = books !== null && (books.epoch === epoch || books.epoch === continues);
  if (!goesOn || carried === undefined || before === undefined || before.life !== carried.life) return NOTHING;
  // A run that continues another was counted from its beginning on; of that other one all is in the books.
  const isSameRun = books.epoch === epoch;
  const bytes = after.bytes - (isSameRun ? before.counted : 0);
  const packets = after.packets - (isSameRun ? before.packets : 0);
  const passed = carried.bytes - before.bytes;
  if (passed <= 0 || bytes < 0 || packets < 0) return NOTHING;
  return { carried: passed, compared: Math.max(0, bytes - packets * carried.headerBytes) };
}

const NOTHING = { carried: 0, compared: 0 } as const;

/** What the next comparison starts from. */
export function carriedOf({ carried, after }: Reading): Pick<Books, "carried"> {
  if (carried === undefined) return {};
  const { life, bytes } = carried;
  return { carried: { life, bytes, counted: after.bytes, packets: after.packets } };
}

/** Which share of what the interface carried the meter counted, 0 to 1; null where too little is known. */
export function seenShare({ carried, compared }: Pick<Counted, "carried" | "compared">): number | null {
  return carried < ENOUGH_BYTES ? null : Math.min(1, compared / carried);
}

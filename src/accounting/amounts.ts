import { larger, plus } from "./growth.ts";
import { openingOf, type Verdict } from "./relation.ts";
import type { Books, Bytes, Reading } from "./types.ts";

/** Thrown instead of returning a settlement that breaks a promise. Nothing of it may be written. */
export class ConservationError extends Error {
  override readonly name = "ConservationError";
}

/** What a reading adds up to: in each direction, charged + unattributed + unlisted = passed. */
export interface Amounts {
  /** What the meter counted since the books were settled. From its totals and its table, never from what is charged. */
  readonly passed: number;
  readonly charged: Bytes;
  readonly unattributed: Bytes;
  readonly unlisted: Bytes;
  /** For the next books: the meter's total at the moment of the table, and what no host of the run accounts for. */
  readonly counted: number;
  readonly unlistedBytes: number;
}

const NOTHING: Bytes = { in: 0, out: 0 };

/**
 * Adds up a reading.
 * @throws ConservationError when more would be charged than the meter counted
 */
export function amountsOf(verdict: Verdict, books: Books | null, reading: Reading): Amounts {
  const amounts = amountsByRelation(verdict, books, reading);
  const { charged, unattributed, unlisted, passed, counted } = amounts;
  const sound = [charged, unattributed, unlisted].every(
    ({ in: down, out: up }) => Number.isSafeInteger(down) && Number.isSafeInteger(up) && down >= 0 && up >= 0,
  );
  if (sound && counted <= reading.after.bytes) return amounts;
  throw new ConservationError(
    `hosts show ${charged.in} bytes in and ${charged.out} bytes out since the last reading, ` +
      `but the meter counted ${passed}, and ${reading.after.bytes} in the run of ${reading.epoch}`,
  );
}

function amountsByRelation(verdict: Verdict, books: Books | null, reading: Reading): Amounts {
  const { relation, growth, forgotHosts } = verdict;
  const opening = openingOf(reading, growth.sum);
  const grown = plus(growth.known, growth.fresh);
  const unattributed = (passed: number, charged: Bytes) => ({
    passed,
    charged,
    unattributed: restOf(passed, charged),
    unlisted: NOTHING,
  });
  switch (relation) {
    case "same-run": {
      const before = books?.counted ?? 0;
      const counted = Math.max(reading.before.bytes, before + larger(grown));
      const rest = restOf(counted - before, grown);
      return {
        passed: counted - before,
        charged: grown,
        ...namedRest(rest, forgotHosts),
        counted,
        unlistedBytes: (books?.unlistedBytes ?? 0) + larger(rest),
      };
    }
    case "from-zero": {
      const rest = restOf(opening.counted, growth.sum);
      return { passed: opening.counted, charged: growth.sum, ...namedRest(rest, forgotHosts), ...opening };
    }
    case "clean-import": {
      const room = roomForNewcomers(growth.known, reading);
      const charged = plus(growth.known, {
        in: Math.min(growth.fresh.in, room.in),
        out: Math.min(growth.fresh.out, room.out),
      });
      return { ...unattributed(Math.max(reading.before.bytes, larger(grown)), charged), ...opening };
    }
    case "stale-import":
      return { ...unattributed(reading.before.bytes, NOTHING), ...opening };
    case "unclear":
      return { ...unattributed(Math.max(0, reading.before.bytes - (books?.counted ?? 0)), NOTHING), ...opening };
    default:
      return { ...unattributed(0, NOTHING), ...opening };
  }
}

/**
 * What the new run's total leaves for hosts that we never saw before its import. They may have come before the run ended
 * that we knew, or be in the export from long before: more can't be charged to them.
 */
export function roomForNewcomers(known: Bytes, { before }: Reading): Bytes {
  return { in: Math.max(0, before.bytes - known.in), out: Math.max(0, before.bytes - known.out) };
}

function restOf(passed: number, charged: Bytes): Bytes {
  return { in: passed - charged.in, out: passed - charged.out };
}

/** Bytes of forgotten hosts are unattributed; where none was forgotten, darkstat leaves hosts out of its table on purpose. */
function namedRest(rest: Bytes, forgotHosts: number): { unattributed: Bytes; unlisted: Bytes } {
  return forgotHosts > 0 ? { unattributed: rest, unlisted: NOTHING } : { unattributed: NOTHING, unlisted: rest };
}

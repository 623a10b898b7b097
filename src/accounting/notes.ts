import type { Verdict } from "./relation.ts";
import type { Division, Span } from "./split.ts";
import type { Books, Bytes, Note, Reading } from "./types.ts";

/** A gap shorter than this is not worth a note when it is divided over an edge. */
const NOTED_GAP_MS = 300_000;

/** What a person should know of how a reading relates to the books. */
export function relationNotes(
  { relation }: Verdict,
  books: Books | null,
  reading: Reading,
  unattributed: Bytes,
): Note[] {
  const at = reading.at;
  const since = reading.epoch;
  if (books === null || books.epoch === "") {
    return [{ at, code: "first-reading", detail: { since, hosts: reading.hosts.length } }];
  }
  const lastReadAt = books.at;
  const bytes = Math.max(unattributed.in, unattributed.out);
  switch (relation) {
    case "from-zero":
      if (reading.continues === books.epoch) return [];
      return [{ at, code: "meter-restarted", detail: { since, lastReadAt } }];
    case "clean-import":
      return [{ at, code: "clean-import", detail: { since, lastReadAt, unattributed: bytes } }];
    case "other-meter":
      return [{ at, code: "other-meter", detail: { since, lastReadAt } }];
    case "stale-import":
      return [{ at, code: "stale-import", detail: { since, lastReadAt, unattributed: bytes } }];
    case "unclear":
      return [{ at, code: "books-violated", detail: { reason: "the meter's hosts contradict its totals" } }];
    default:
      return [];
  }
}

/** That darkstat forgets hosts: when it begins in a run, and once on each day after. */
export function forgottenNotes(verdict: Verdict, books: Books | null, next: Books, isNewDay: boolean): Note[] {
  const known = books !== null && books.epoch === next.epoch ? books.forgotHosts : 0;
  if (verdict.forgotHosts === known || (known > 0 && !isNewDay)) return [];
  const { at, epoch: since, forgotHosts: hosts, unlistedBytes: bytes } = next;
  return [{ at, code: "darkstat-forgot", detail: { since, hosts, bytes } }];
}

/** That the hours of a long span are an estimate. */
export function gapNotes(span: Span, division: Division, at: number): Note[] {
  if (division.hours.length < 2 || span.to - span.from < NOTED_GAP_MS) return [];
  return [{ at, code: "gap-reconstructed", detail: { from: span.from, to: span.to } }];
}

import type { Usage, UsageUpdate } from "../../shared/api.ts";
import { patchBetween } from "../../shared/patch.ts";
import { jsonLengthOf } from "../json-body.ts";

/** About as many bytes of JSON of earlier answers are remembered: five of 800 devices by the hour, hundreds of a household. */
const MAX_BYTES = 2_000_000;

/** Makes the answer to a question: what changed since the answer that is named, where that is still remembered, else all. */
export type UsageUpdates = (question: string, usage: Usage, since: string | null) => UsageUpdate;

/**
 * Remembers what was answered, the latest, so that a page which has it need not be sent all of it again with each reading.
 * @param startedAt tells the answers of this process from those of one before, ms UTC
 */
export function createUsageUpdates(startedAt: number, maxBytes = MAX_BYTES): UsageUpdates {
  const known = new Map<string, { question: string; usage: Usage; bytes: number }>();
  let bytes = 0;
  let count = 0;

  function remember(tag: string, question: string, usage: Usage): void {
    const own = jsonLengthOf(usage);
    if (own > maxBytes) return;
    known.set(tag, { question, usage, bytes: own });
    bytes += own;
    for (const [oldest, { bytes: freed }] of known) {
      if (bytes <= maxBytes) break;
      known.delete(oldest);
      bytes -= freed;
    }
  }

  return (question, usage, since) => {
    const before = since === null ? undefined : known.get(since);
    count += 1;
    const tag = `${startedAt.toString(36)}-${count.toString(36)}`;
    remember(tag, question, usage);
    if (before?.question !== question) return { tag, ...usage };
    return { tag, patch: patchBetween(before.usage, usage) ?? { fields: {} } };
  };
}

import type { Day } from "../accounting/types.ts";
import type { ChunkBuffer } from "./chunk.ts";
import type { LegacyFormat } from "./legacy-format.ts";
import type { LegacyRow, Named } from "./legacy-rows.ts";

/** Writes a row that `before` others are before; false, and nothing is written, when the chunk is too full for it. */
export type RowWriter = (chunk: ChunkBuffer, row: LegacyRow, named: Named, before: number) => boolean;

/** What the original shows where there is no name (and we where there is no MAC). */
const NOTHING = "(none)";
/** Addresses and names return on every day: written once. A stream of years may have very many. */
const KEEP = 10_000;
/** More bytes than a row has but for its address and names. */
const MOST_BESIDES = 512;

/** A writer of rows: address, MAC, name, last seen, KB in and out, day, and darkstat's own counters in KB. */
export function createRowWriter(format: LegacyFormat, localText: (at: number) => string): RowWriter {
  const between = Buffer.from(format.between);
  const fractions = format.fractions.map((text) => Buffer.from(text));
  const known = new Map<string, { readonly named: Named; readonly bytes: Uint8Array }>();
  let day: { readonly name: Day; readonly bytes: Uint8Array } = { name: "", bytes: between };

  /** The first three cells. */
  function who(ip: string, named: Named): Uint8Array {
    const same = known.get(ip);
    if (same?.named.mac === named.mac && same.named.hostname === named.hostname) return same.bytes;
    const cells = [ip, named.mac ?? NOTHING, named.hostname ?? NOTHING].map((value) => format.text(value));
    const bytes = Buffer.from(cells.join(format.between) + format.between);
    if (known.size >= KEEP) known.clear();
    known.set(ip, { named, bytes });
    return bytes;
  }

  /** Bytes as the original's KB: 1024 bytes, two decimals. */
  function kilobytes(chunk: ChunkBuffer, bytes: number): void {
    const hundredths = Math.round((bytes * 100) / 1024);
    const whole = Math.floor(hundredths / 100);
    chunk.integer(whole);
    chunk.bytes(fractions[hundredths - whole * 100] ?? between);
  }

  return (chunk, row, named, before) => {
    const first = who(row.ip, named);
    if (!chunk.hasRoom(first.length + MOST_BESIDES)) return false;
    if (day.name !== row.day) {
      const cell = `${format.quote}${row.day} 00:00:00${format.quote}`;
      day = { name: row.day, bytes: Buffer.from(format.between + cell + format.between) };
    }
    chunk.ascii(format.open(before));
    chunk.bytes(first);
    if (row.seenAt === null) {
      chunk.ascii(format.never);
    } else {
      chunk.ascii(format.quote);
      chunk.ascii(localText(row.seenAt));
      chunk.ascii(format.quote);
    }
    chunk.bytes(between);
    kilobytes(chunk, row.in);
    chunk.bytes(between);
    kilobytes(chunk, row.out);
    chunk.bytes(day.bytes);
    kilobytes(chunk, row.counterIn);
    chunk.bytes(between);
    kilobytes(chunk, row.counterOut);
    chunk.ascii(format.close);
    return true;
  };
}

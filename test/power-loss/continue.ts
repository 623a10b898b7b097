import { join } from "node:path";
import { settle } from "../../src/accounting/settle.ts";
import { policyIn } from "../../src/accounting/testing.ts";
import type { Snapshot } from "../../src/meters/meter.ts";
import { damageIn } from "../../src/store/file/damage.ts";
import { openOrRecover } from "../../src/store/file/recover.ts";
import type { Store } from "../../src/store/store.ts";
import { DATABASE } from "./cuts.ts";

export interface Amount {
  readonly in: number;
  readonly out: number;
}
export type Amounts = ReadonlyMap<string, Amount>;

const SOURCE = "darkstat";
const POLICY = policyIn("UTC");

/** What became of a database after the power came back. */
export interface Outcome {
  /** What is wrong with its file; null when it is sound. */
  readonly damage: string | null;
  /** Whether a backup had to take its place, or nothing. */
  readonly wasRecovered: boolean;
  /** When its last reading was, ms UTC; null when it had none. */
  readonly lastReadAt: number | null;
  /** All that it holds after one more reading, by device and remote host; `counted` is what darkstat is said to have counted. */
  readonly kept: Amounts;
}

/** Opens a database as the product does at its start, and goes on from it with a reading of the living darkstat. */
export async function goOn(folder: string, snapshot: Snapshot): Promise<Outcome> {
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const opened = await openOrRecover({
    dir: folder,
    file: DATABASE,
    now: () => snapshot.at,
    log: { info: say, error: say },
  });
  const { store, recovery } = opened;
  try {
    const books = await store.books(SOURCE);
    const { at, epoch, before, after, hosts } = snapshot;
    const reading = { source: SOURCE, meter: "", at, elapsedMs: null, epoch, before, after, hosts, series: [] };
    await store.record(settle(books, reading, POLICY));
    await store.checkpoint();
    return {
      damage: await damageIn(join(folder, DATABASE)),
      wasRecovered: recovery !== null,
      lastReadAt: books?.at ?? null,
      kept: await keptIn(store),
    };
  } finally {
    await store.close();
  }
}

/** Everything that a store holds, added up: bytes, to the byte. */
async function keptIn(store: Store): Promise<Amounts> {
  const sums = new Map<string, Amount>();
  const add = (key: string, amount: Amount) => {
    const known = sums.get(key) ?? { in: 0, out: 0 };
    sums.set(key, { in: known.in + amount.in, out: known.out + amount.out });
  };
  const range = await store.range();
  if (range === null) return sums;
  const keys = new Map((await store.devices()).map((device) => [device.id, device.key]));
  for (const row of await store.deviceDays(range.first, range.last)) add(keys.get(row.device) ?? "nobody", row);
  for (const row of await store.remoteDays(range.first, range.last)) add(row.ip, row);
  for (const { counted } of await store.balances(range.first, range.last))
    add("counted", { in: counted, out: counted });
  return sums;
}

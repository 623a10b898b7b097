import { openSqliteStore } from "../sqlite-store.ts";
import { charge, fact, remoteCharge, remoteFact, settlement, viewOf } from "./settlements.ts";

/**
 * A process for tests to kill: it records one byte in, two bytes out at a time for a device and an internet host, makes a
 * checkpoint after every few, and says so. Arguments: the database file.
 */
const path = process.argv[2];
if (path === undefined) throw new Error("usage: crash-child.ts DATABASE");
const store = openSqliteStore({ path, view: viewOf() });
const books = await store.books("lan");
let count = books?.baselines.get("192.168.1.20")?.in ?? 0;
for (;;) {
  for (let pause = 0; pause < 5; pause += 1) {
    count += 1;
    const used = { in: 1, out: 2, hour: Math.floor(count / 40) % 24 };
    const counters = { in: count, out: 2 * count };
    await store.record(
      settlement({
        charges: [charge(used), remoteCharge(used)],
        addresses: [fact(counters), remoteFact(counters)],
      }),
    );
  }
  await store.checkpoint();
  process.stdout.write(`${count}\n`);
}

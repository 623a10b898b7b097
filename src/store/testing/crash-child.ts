import { openSqliteStore } from "./sqlite.ts";
import { charge, fact, settlement } from "./testing.ts";

/**
 * A process for tests to kill: it records one byte in, two bytes out at a time for a device and a remote host, makes a
 * checkpoint after every few, and says so. Arguments: the database file.
 */
const path = process.argv[2];
if (path === undefined) throw new Error("usage: crash-child.ts DATABASE");
const store = openSqliteStore({ path });
const books = await store.books("lan");
let count = books?.baselines.get("192.168.1.20")?.in ?? 0;
for (;;) {
  for (let pause = 0; pause < 5; pause += 1) {
    count += 1;
    const remote = { ip: "203.0.113.5", holder: null, in: count, out: 2 * count };
    const hour = Math.floor(count / 40) % 24;
    const one = { in: 1, out: 2, hour };
    await store.record(
      settlement({
        charges: [charge(one), charge({ ...one, kind: "remote", device: "", ip: remote.ip })],
        addresses: [fact({ in: count, out: 2 * count }), fact(remote)],
      }),
    );
  }
  await store.checkpoint();
  process.stdout.write(`${count}\n`);
}

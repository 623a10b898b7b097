/**
 * `npm run test:takeover-kill`: kills a takeover of 300,000 rows at 50 random moments, and looks at what is left.
 * Arguments: how many times, how many rows.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killAndCheck, timeOf } from "./kill.ts";
import { makeBigOldStore } from "./old-store.ts";

const times = Number(process.argv[2] ?? 50);
const rows = Number(process.argv[3] ?? 300_000);
const folder = mkdtempSync(join(tmpdir(), "whitestat-kill-"));
try {
  const old = join(folder, "old.db");
  makeBigOldStore(old, rows);
  let whole = await timeOf(old, join(folder, "store"));
  const found = { old: 0, new: 0 };
  for (let count = 0; count < times; count += 1) {
    // Half of them late, where the store changes hands.
    const share = count % 2 === 0 ? Math.random() : 0.85 + 0.2 * Math.random();
    const { state, againMs } = await killAndCheck(old, join(folder, "store"), whole * share, rows);
    found[state] += 1;
    // The machine has other work, too: the moments follow how long it takes now.
    if (state === "old") whole = againMs;
    else whole *= 0.9;
  }
  process.stdout.write(
    `${times} kills of a takeover of ${rows} rows (${Math.round(whole)} ms): ${found.old} times the old store was there, ${found.new} times the new one, whole each time.\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

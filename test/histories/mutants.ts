import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { loadCore } from "./core.ts";
import { history } from "./history.ts";
import { replay } from "./replay.ts";

/**
 * Breaks each rule of the accounting in turn and expects the random histories to notice:
 * `npm run test:mutants`. A mutant that survives means that the property cannot see the rule.
 */
interface Mutant {
  readonly rule: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const SETTLE = "settle.ts";
const MUTANTS: readonly Mutant[] = [
  {
    rule: "a baseline belongs to an IP, not to an IP and its MAC",
    file: SETTLE,
    from: "if (baseline === undefined || fell(host, baseline)) return NOTHING;",
    to: "if (baseline === undefined || fell(host, baseline) || baseline.holder !== host.mac) return NOTHING;",
  },
  {
    rule: "an eviction is decided once for the host, not for each direction",
    file: SETTLE,
    from: "if (baseline === undefined || fell(host, baseline)) return NOTHING;\n      return baseline;",
    to: "if (baseline === undefined) return NOTHING;\n      return { in: host.in < baseline.in ? 0 : baseline.in, out: host.out < baseline.out ? 0 : baseline.out };",
  },
  {
    rule: "an evicted host that came back starts from zero",
    file: SETTLE,
    from: "if (baseline === undefined || fell(host, baseline)) return NOTHING;",
    to: "if (baseline === undefined) return NOTHING;\n      if (fell(host, baseline)) return host;",
  },
  {
    rule: "an address that vanished stands at zero",
    file: SETTLE,
    from: "else kept.push({ ip, in: 0, out: 0,",
    to: "else kept.push({ ip, in: baseline.in, out: baseline.out,",
  },
  {
    rule: "an address that vanished is noticed, whichever others are there",
    file: SETTLE,
    from: "books === null || known === books.baselines.size ? NONE_GONE",
    to: "books === null || known > 0 ? NONE_GONE",
  },
  {
    rule: "an unknown address in a known run is charged whole",
    file: SETTLE,
    from: "if (baseline === undefined || fell(host, baseline)) return NOTHING;",
    to: "if (baseline === undefined) return host;\n      if (fell(host, baseline)) return NOTHING;",
  },
  {
    rule: "a new run without an import is charged whole",
    file: SETTLE,
    from: 'case "from-zero":\n      return NOTHING;',
    to: 'case "from-zero":\n      return host;',
  },
  {
    rule: "an import is recognised",
    file: SETTLE,
    from: 'if (!imported) return "from-zero";',
    to: 'if (books.epoch !== "") return "from-zero";',
  },
  {
    rule: "a stale import charges nobody",
    file: SETTLE,
    from: 'return isCleanImport(books, reading) ? "clean-import" : "stale-import";',
    to: 'return books.epoch === "" && isCleanImport(books, reading) ? "stale-import" : "clean-import";',
  },
  {
    rule: "what passed after a stale import is unattributed, not lost",
    file: SETTLE,
    from: 'relation === "stale-import" || !chargesDevices ? countedBytes : 0',
    to: "chargesDevices ? 0 : countedBytes",
  },
  {
    rule: "after a clean import known hosts are charged the difference",
    file: SETTLE,
    from: 'return isCleanImport(books, reading) ? "clean-import" : "stale-import";',
    to: 'return isCleanImport(books, reading) ? "stale-import" : "stale-import";',
  },
  {
    rule: "after an import unknown hosts are not charged",
    file: SETTLE,
    from: "if (baseline === undefined || (baseline.in === 0 && baseline.out === 0)) return host;",
    to: "if (baseline === undefined || (baseline.in === 0 && baseline.out === 0)) return NOTHING;",
  },
  {
    rule: "the first reading is a baseline only, unless darkstat started today",
    file: SETTLE,
    from: 'return startedToday && !imported ? "from-zero" : "baseline-only";',
    to: 'return startedToday || !imported ? "from-zero" : "baseline-only";',
  },
  {
    rule: "a restart is told from another darkstat",
    file: SETTLE,
    from: "return elapsedMs >= 0 && reading.after.uptimeSeconds * 1000 > elapsedMs + CLOCK_JUMP_MS;",
    to: "return reading.after.uptimeSeconds * 1000 > elapsedMs - CLOCK_JUMP_MS;",
  },
  {
    rule: "a new since-text is a new run",
    file: SETTLE,
    from: "if (reading.epoch !== books.epoch) return false;",
    to: "",
  },
  {
    rule: "a total that ran backwards is a new run, whatever the since-text",
    file: SETTLE,
    from: "if (reading.before.bytes < books.counted || reading.after.uptimeSeconds < books.uptimeSeconds) return false;",
    to: "",
  },
  {
    rule: "behind a router's MAC the device that held the address last is charged",
    file: "identity.ts",
    from: 'if (behindRouter && holder !== null && !routers.has(holder)) return { kind: "device", device: holder };',
    to: "",
  },
  {
    rule: "an address belongs to the device that holds it now",
    file: "identity.ts",
    from: '  return { kind: "device", device: mac };\n}',
    to: '  return { kind: "device", device: holder ?? mac };\n}',
  },
  {
    rule: "a global IPv6 address with a router's MAC is a remote host",
    file: "identity.ts",
    from: '(place === "global" && (mac === null || behindRouter))',
    to: '(place === "global" && mac === null)',
  },
  {
    rule: "a span is measured by the monotonic clock when the wall clock was set",
    file: SETTLE,
    from: "return { span: span(measuredMs), notes:",
    to: "return { span: span(wallMs), notes:",
  },
  {
    rule: "a delta that spans an edge is divided",
    file: "split.ts",
    from: "if (slots.length === 1) {",
    to: "if (slots.length > 0) {",
  },
  {
    rule: "dividing loses no byte",
    file: "split.ts",
    from: "if (index === parts.length - 1) return total;\n  return Math.min(total, Math.floor(total * (parts[index] as Part).upTo));",
    to: "return Math.floor(total * (parts[index] as Part).upTo * 0.999);",
  },
  {
    rule: "what darkstat counted is counted once",
    file: SETTLE,
    from: 'return relation === "same-run" ? counted - (books?.counted ?? 0) : counted;',
    to: "return counted;",
  },
];

const RUNS = 20_000;
const source = join(import.meta.dirname, "../../src/accounting");
// Within the repository, so that Node takes the copies for modules, as it does the originals.
const scratch = join(import.meta.dirname, "../../test-results");
mkdirSync(scratch, { recursive: true });
let survivors = 0;
for (const mutant of MUTANTS) {
  const folder = mkdtempSync(join(scratch, "mutant-"));
  try {
    cpSync(source, folder, { recursive: true });
    const path = join(folder, mutant.file);
    const text = readFileSync(path, "utf8");
    if (!text.includes(mutant.from))
      throw new Error(`the code of "${mutant.rule}" has changed: mend ${mutant.file}'s mutant`);
    writeFileSync(path, text.replace(mutant.from, mutant.to));
    const core = await loadCore(folder);
    const lived = fc.check(
      fc.property(history, (one) => replay(one, core)),
      { numRuns: RUNS, seed: 1 },
    );
    const reason = lived.errorInstance instanceof Error ? lived.errorInstance.message : "";
    if (!lived.failed) survivors++;
    process.stdout.write(
      lived.failed
        ? `caught after ${String(lived.numRuns).padStart(5)}: ${mutant.rule}\n                    ${reason}\n`
        : `SURVIVED ${RUNS}     : ${mutant.rule}\n`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
process.stdout.write(`${MUTANTS.length - survivors} of ${MUTANTS.length} mutants caught\n`);
process.exitCode = survivors > 0 ? 1 : 0;

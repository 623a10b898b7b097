import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { loadCore } from "./core.ts";
import { history } from "./history.ts";
import { kernelHistory, RARE_OF_KERNEL } from "./kernel/history.ts";
import { KERNEL_MUTANTS, type KernelMutant as Mutant } from "./kernel/mutants.ts";
import { loadKernelCore, replayKernel } from "./kernel/replay.ts";
import { RARE_EXAMPLES } from "./rare.ts";
import { replay } from "./replay.ts";

/**
 * Breaks each rule of the accounting and of the kernel's meter in turn and expects the random histories to notice: `npm run
 * test:mutants`, or some of them with `-- --only WORD`. A mutant that survives means that the histories cannot see the rule.
 */
/** Rules of the accounting: files are below src/accounting. */
const MUTANTS: readonly Mutant[] = [
  {
    rule: "an empty table is no table",
    file: "relation.ts",
    from: '    throw new RejectedReading("empty-table");\n',
    to: "",
  },
  {
    rule: "a total or an uptime that ran backwards is not of this run",
    file: "relation.ts",
    from: '  if (before.uptimeSeconds < books.uptimeSeconds || before.bytes < books.counted) return "went-back";\n',
    to: "",
  },
  {
    rule: "hosts never grow by more than the total",
    file: "relation.ts",
    from: '  if (larger(grown) > after.bytes - books.counted) return "hosts-ahead";\n',
    to: "",
  },
  {
    rule: "a table that shows nothing new, and from which hosts are gone, is an old one",
    file: "relation.ts",
    from: '  if (!growth.showsNew && forgets) return "stale-table";\n',
    to: "",
  },
  {
    rule: "a table that shows nothing new, though the total grew, is an old one",
    file: "relation.ts",
    from: 'return accountsForAll ? "stale-table" : books.baselines.size',
    to: "return books.baselines.size",
  },
  {
    rule: "a table that shows less than the total is an old one, unless hosts were forgotten",
    file: "relation.ts",
    from: 'return accountsForAll && !forgets ? "short-table" : null;',
    to: "return null;",
  },
  {
    rule: "a contradiction is believed only when the next reading agrees",
    file: "relation.ts",
    from: "if (!isProven) throw new RejectedReading(contradiction);",
    to: "",
  },
  {
    rule: "a contradiction at a changed address is believed no sooner",
    file: "relation.ts",
    from: "if (!isProven) throw new RejectedReading(contradiction);",
    to: "if (!isProven && reading.meter === books.meter) throw new RejectedReading(contradiction);",
  },
  {
    rule: "a page that is read twice proves nothing",
    file: "relation.ts",
    from: "  if (later.after.uptimeSeconds <= earlier.after.uptimeSeconds) return false;\n",
    to: "",
  },
  {
    rule: "an empty table proves nothing",
    file: "relation.ts",
    from: "  if (earlier.hosts.length === 0 && earlier.before.bytes > 0) return false;\n",
    to: "",
  },
  {
    rule: "a reading that another contradicts proves nothing",
    file: "relation.ts",
    from: 'return contradiction === null || (contradiction === "idle"',
    to: 'return true || (contradiction === "idle"',
  },
  {
    rule: "what began before our last reading is no new run",
    file: "relation.ts",
    from: '      if (isOld) return verdict("unclear", forgotten);\n      throw new RejectedReading(contradiction);\n',
    to: "",
  },
  {
    rule: "at a changed address, a darkstat that ran already is another one",
    file: "relation.ts",
    from: '    if (reading.meter !== books.meter) return verdict("other-meter");\n',
    to: "",
  },
  {
    rule: "at a changed address, a darkstat must have begun later for certain",
    file: "relation.ts",
    from: "(reading.meter === books.meter ? slackMs : -slackMs)",
    to: "slackMs",
  },
  {
    rule: "at the same address, an older run is waited for",
    file: "relation.ts",
    from: '      if (!isProven || !isOld) throw new RejectedReading("older-run");\n',
    to: "",
  },
  {
    rule: "across our own restart, the wall clock alone makes nobody another darkstat",
    file: "relation.ts",
    from: "    if (reading.elapsedMs !== null) {\n",
    to: "    {\n",
  },
  {
    rule: "the first reading is a baseline when darkstat began before today",
    file: "relation.ts",
    from: "if (imported || calendar.dayOf(startedAt) !== calendar.dayOf(reading.at))",
    to: "if (imported)",
  },
  {
    rule: "the first reading is a baseline when darkstat imported",
    file: "relation.ts",
    from: "if (imported || calendar.dayOf(startedAt)",
    to: "if (calendar.dayOf(startedAt)",
  },
  {
    rule: "an import is recognised",
    file: "relation.ts",
    from: "const imported = counters > reading.after.bytes;",
    to: "const imported = books === null && counters > reading.after.bytes;",
  },
  {
    rule: "an import below what we knew is a stale one",
    file: "relation.ts",
    from: "if (growth.fell > 0 || growth.vanished > 0 ||",
    to: "if (growth.vanished > 0 ||",
  },
  {
    rule: "an import without a host of ours is a stale one",
    file: "relation.ts",
    from: "if (growth.fell > 0 || growth.vanished > 0 ||",
    to: "if (growth.fell > 0 ||",
  },
  {
    rule: "an import in which a host was seen earlier than we knew is a stale one",
    file: "relation.ts",
    from: " || wasSeenEarlier(books, reading)) return false;",
    to: ") return false;",
  },
  {
    rule: "an import that grew by less than its total is a stale one",
    file: "relation.ts",
    from: "  if (Math.min(down, up) < reading.before.bytes) return false;\n",
    to: "",
  },
  {
    rule: "an import that grew by more than the line carries is a stale one",
    file: "relation.ts",
    from: "return Math.max(down, up) <= reading.after.bytes + (awayMs / 1000) * FASTEST_LINE;",
    to: "return awayMs >= 0;",
  },
  {
    rule: "an import that is clean charges the difference",
    file: "relation.ts",
    from: 'isCleanImport(books, reading, growth) ? "clean-import" : "stale-import"',
    to: 'isCleanImport(books, reading, growth) ? "stale-import" : "stale-import"',
  },
  {
    rule: "an import that shows nothing new is an old table",
    file: "relation.ts",
    from: '  if (!growth.showsNew && reading.before.bytes > 0 && !isProven && !isOld) throw new RejectedReading("stale-table");\n',
    to: "",
  },
  {
    rule: "a new run that lists remote hosts accounts for its total, or is waited for",
    file: "relation.ts",
    from: '    if (!isProven && !isOld) throw new RejectedReading("short-table");\n',
    to: "",
  },
  {
    rule: "a total that is known no better than by the pages around the table is taken from the one before",
    file: "relation.ts",
    from: "{ counted: before.bytes, unlistedBytes: after.bytes - before.bytes }",
    to: "{ counted: after.bytes, unlistedBytes: 0 }",
  },
  {
    rule: "an eviction is decided once for the host, not for each direction",
    file: "growth.ts",
    from: "return host.in < baseline.in || host.out < baseline.out;",
    to: "return host.in < baseline.in && host.out < baseline.out;",
  },
  {
    rule: "a host that was seen gone starts from nothing",
    file: "settle.ts",
    from: "  for (const ip of forgotten) next.delete(ip);\n",
    to: "",
  },
  {
    rule: "a baseline belongs to an address, not to an address and its MAC",
    file: "settle.ts",
    from: "        baseline === undefined || isBelow(host, baseline) ? host : difference(host, baseline);",
    to: "        baseline === undefined || isBelow(host, baseline) || (host as HostRow).mac !== (baseline as Baseline).mac\n          ? host\n          : difference(host, baseline);",
  },
  {
    rule: "traffic during a reading is counted once",
    file: "amounts.ts",
    from: "const counted = Math.max(reading.before.bytes, before + larger(grown));",
    to: "const counted = Math.max(reading.after.bytes, before + larger(grown));",
  },
  {
    rule: "what passed after a stale import is unattributed, not lost",
    file: "amounts.ts",
    from: 'case "stale-import":\n      return { ...unattributed(reading.before.bytes, NOTHING), ...opening };',
    to: 'case "stale-import":\n      return { ...unattributed(0, NOTHING), ...opening };',
  },
  {
    rule: "newcomers of an import are charged what its total leaves",
    file: "amounts.ts",
    from: "return { in: Math.max(0, before.bytes - known.in), out: Math.max(0, before.bytes - known.out) };",
    to: "return { in: Math.max(0, before.bytes - known.in) * 0, out: 0 };",
  },
  {
    rule: "newcomers of an import are charged no more than its total leaves",
    file: "amounts.ts",
    from: "return { in: Math.max(0, before.bytes - known.in), out: Math.max(0, before.bytes - known.out) };",
    to: "return { in: before.bytes + known.in + 1e15, out: 1e15 };",
  },
  {
    rule: "what nobody is charged for is unattributed where hosts were forgotten, else unlisted",
    file: "amounts.ts",
    from: "return forgotHosts > 0 ? {",
    to: "return forgotHosts === 0 ? {",
  },
  {
    rule: "what nobody is charged for is counted",
    file: "amounts.ts",
    from: "        unlistedBytes: (books?.unlistedBytes ?? 0) + larger(rest),",
    to: "        unlistedBytes: 0,",
  },
  {
    rule: "bytes belong to the MAC that the address shows now",
    file: "settle.ts",
    from: "isGroupMac(mac) ? known : mac;",
    to: "isGroupMac(mac) ? known : (known ?? mac);",
  },
  {
    rule: "a frame to a group says nothing of who holds its address",
    file: "settle.ts",
    from: "isGroupMac(mac) ? known : mac;",
    to: "isGroupMac(mac) ? mac : mac;",
  },
  {
    rule: "IP_MAC.txt names the MAC of an address",
    file: "policy.ts",
    from: "macOf: (ip, shown) => ipMac.get(ip) ?? shown,",
    to: "macOf: (_, shown) => shown,",
  },
  {
    rule: "one foreign address makes nobody a router",
    file: "routers.ts",
    from: "FOREIGN_NETWORKS_OF_ROUTER = 4",
    to: "FOREIGN_NETWORKS_OF_ROUTER = 1",
  },
  {
    rule: "a router carries in both directions",
    file: "routers.ts",
    from: "most[1].in === 0 || most[1].out === 0",
    to: "most[1].in === 0 && most[1].out === 0",
  },
  {
    rule: "a router is found by what it carries",
    file: "routers.ts",
    from: "if (!carriesMany && segment === null) continue;",
    to: "if (carried.length >= 0 && segment === null) continue;",
  },
  {
    rule: "a device that is no router owns whatever address it shows",
    file: "view.ts",
    from: 'if (!routers.has(mac)) return { role: "device", owner: mac };',
    to: 'if (!routers.has(mac)) return { role: "device", owner: heldBy ?? mac };',
  },
  {
    rule: "behind a router, an address belongs to whoever holds it",
    file: "view.ts",
    from: '  if (isHeld) return { role: "device", owner: heldBy };\n  return view',
    to: "  return view",
  },
  {
    rule: "behind a router, a global IPv6 address is a host on the internet",
    file: "view.ts",
    from: '  if (place !== "lan") return INTERNET;',
    to: '  if (place === "remote") return INTERNET;',
  },
  {
    rule: "behind a router, an address of a named segment is a device of its own",
    file: "view.ts",
    from: "return view.isNamedLan(ip) ?",
    to: "return view.mappedTo(ip) ?",
  },
  {
    rule: "no address yet, multicast and broadcast are nobody's",
    file: "view.ts",
    from: '  if (place === "group") return GROUP;\n',
    to: "",
  },
  {
    rule: "IP_MAC.txt names the device behind a router, for the past as well",
    file: "view.ts",
    from: '  if (mapped !== null) return { role: "device", owner: mapped };\n',
    to: "",
  },
  {
    rule: "a router that the user names, or a next hop, is one",
    file: "view.ts",
    from: "return view.routers.has(mac) || (view.discoversRouters && (wasFound || view.nextHops.has(mac)));",
    to: "return view.discoversRouters && wasFound;",
  },
  {
    rule: "across our own restart, a clock that darkstat's uptime contradicts is doubted",
    file: "clocks.ts",
    from: "reading.elapsedMs === null ? Math.abs(doubtMs) > CLOCK_JUMP_MS :",
    to: "reading.elapsedMs === null ? false :",
  },
  {
    rule: "while we run, a clock that leaps ahead by more than a month is doubted",
    file: "clocks.ts",
    from: ": doubtMs > LEAP_MS;",
    to: ": false;",
  },
  {
    rule: "across our own restart, nothing is dated before the books",
    file: "span.ts",
    from: "Math.max(0, Math.min(wallMs, darkstatMs))",
    to: "Math.max(0, wallMs, darkstatMs)",
  },
  {
    rule: "a span is measured by the monotonic clock when the wall clock was set back",
    file: "span.ts",
    from: "if (wallMs < monotonicMs) return { elapsedMs: monotonicMs, isSet: true };",
    to: "if (wallMs < monotonicMs) return { elapsedMs: Math.max(0, wallMs), isSet: true };",
  },
  {
    rule: "a span is measured by the monotonic clock when the wall clock was set forward",
    file: "span.ts",
    from: ": agree(wallMs, darkstatMs);",
    to: ": wallMs > darkstatMs || agree(wallMs, darkstatMs);",
  },
  {
    rule: "a machine that slept dates by the wall clock, which darkstat's uptime bears out",
    file: "span.ts",
    from: "return slept ? { elapsedMs: wallMs, isSet: false }",
    to: "return slept ? { elapsedMs: monotonicMs, isSet: false }",
  },
  {
    rule: "what a new run counted passed since its start",
    file: "span.ts",
    from: "(isFresh ? Math.min(uptimeMs, elapsedMs) : elapsedMs)",
    to: "elapsedMs",
  },
  {
    rule: "a span over an edge is divided",
    file: "split.ts",
    from: "if (slots.length === 1) {",
    to: "if (slots.length > 0) {",
  },
  {
    rule: "a span over an edge is divided by darkstat's series",
    file: "split.ts",
    from: "  if (reachesBack && seen > 0 && seen * 2 >= bytes) return bySeries;\n",
    to: "",
  },
  {
    rule: "dividing loses no byte",
    file: "split.ts",
    from: "  if (index === parts.length - 1) return total;\n",
    to: "  if (index === parts.length - 1) return Math.floor(total * 0.999);\n",
  },
];

const { values } = parseArgs({ options: { runs: { type: "string", default: "20000" }, only: { type: "string" } } });
const isChosen = ({ rule }: { readonly rule: string }) => rule.includes(values.only ?? "");
const chosen = MUTANTS.filter(isChosen);
const chosenOfKernel = KERNEL_MUTANTS.filter(isChosen);
const source = join(import.meta.dirname, "../../src");
// Within the repository, so that Node takes the copies for modules, as it does the originals.
const scratch = join(import.meta.dirname, "../../test-results");
mkdirSync(scratch, { recursive: true });
let survivors = 0;

for (const mutant of chosen) {
  await withMutant({ ...mutant, file: `accounting/${mutant.file}` }, async (folder) => {
    const core = await loadCore(join(folder, "accounting"));
    return fc.check(
      fc.property(history, (one) => replay(one, core)),
      { numRuns: Number(values.runs), seed: 1, endOnFailure: true, examples: RARE_EXAMPLES },
    );
  });
}
for (const mutant of chosenOfKernel) {
  await withMutant(mutant, async (folder) => {
    const core = await loadKernelCore(folder);
    return fc.check(
      fc.asyncProperty(kernelHistory, (one) => replayKernel(one, core)),
      { numRuns: Number(values.runs), seed: 1, endOnFailure: true, examples: RARE_OF_KERNEL },
    );
  });
}
const count = chosen.length + chosenOfKernel.length;
process.stdout.write(`${count - survivors} of ${count} mutants noticed\n`);
process.exitCode = survivors > 0 ? 1 : 0;

interface Lived {
  readonly failed: boolean;
  readonly numRuns: number;
  readonly errorInstance: unknown;
}

/** Lives with a mutated copy of the sources in a folder, and says whether that was noticed. */
async function withMutant(mutant: Mutant, live: (folder: string) => Promise<Lived>): Promise<void> {
  const folder = mkdtempSync(join(scratch, "mutant-"));
  try {
    for (const part of ["accounting", "meters"]) cpSync(join(source, part), join(folder, part), { recursive: true });
    const path = join(folder, mutant.file);
    const text = readFileSync(path, "utf8");
    if (text.split(mutant.from).length !== 2) {
      throw new Error(`the code of "${mutant.rule}" has changed: mend ${mutant.file}'s mutant`);
    }
    writeFileSync(
      path,
      text.replace(mutant.from, () => mutant.to),
    );
    const lived = await live(folder);
    const reason = lived.errorInstance instanceof Error ? lived.errorInstance.message : "";
    if (!lived.failed) survivors++;
    process.stdout.write(
      lived.failed
        ? `noticed after ${String(lived.numRuns).padStart(5)}: ${mutant.rule}\n                     ${reason}\n`
        : `SURVIVED ${values.runs}     : ${mutant.rule}\n`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * `npm run fuzz:databases -- --files 5000 --seed 1`: takes over and imports damaged files. Each hundred has a process of
 * its own, so that one that hangs or takes all memory is found, too. What is found is kept in `--keep` (default: .).
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { fuzzDatabases, keepFile } from "./databases.ts";

const FILES_OF_ONE = 100;
const MOST_MS = 600_000;
const MOST_MEMORY_KB = 600_000;

const { values } = parseArgs({
  options: {
    files: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    keep: { type: "string", default: "." },
    first: { type: "string" },
  },
});
const [files, seed] = [Number(values.files), Number(values.seed)];
if (values.first === undefined) await runAll();
else await runSome(Number(values.first));

/** One process's share. Says what it is about to try, so that a hang has a name. */
async function runSome(first: number): Promise<void> {
  let last = first;
  const findings = await fuzzDatabases({ seed, first, files, onFile: (file) => (last = file) });
  for (const finding of findings) process.stdout.write(`${JSON.stringify(finding)}\n`);
  const { maxRSS } = process.resourceUsage();
  if (maxRSS > MOST_MEMORY_KB) {
    process.stdout.write(`${JSON.stringify({ file: last, form: "", why: `${maxRSS} kB of memory` })}\n`);
  }
}

async function runAll(): Promise<void> {
  let found = 0;
  for (let first = 0; first < files; first += FILES_OF_ONE) {
    const some = Math.min(FILES_OF_ONE, files - first);
    const args = ["--seed", String(seed), "--first", String(first), "--files", String(some)];
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...args], {
      stdio: ["ignore", "pipe", "inherit"],
      timeout: MOST_MS,
      killSignal: "SIGKILL",
    });
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
    });
    const [code] = await once(child, "close");
    if (code !== 0) {
      found += 1;
      process.stdout.write(`files ${first} to ${first + some - 1}: ended with ${code}, or took too long\n`);
    }
    for (const line of text.split("\n").filter(Boolean)) {
      found += 1;
      const { file, form, why } = JSON.parse(line) as { file: number; form: string; why: string };
      process.stdout.write(`${await keepFile(seed, file, values.keep)} (${form}): ${why}\n`);
    }
    process.stderr.write(`\r${first + some} of ${files}, ${found} found`);
  }
  process.stderr.write("\n");
  process.stdout.write(`${files} damaged files by seed ${seed}: ${found} found\n`);
  process.exitCode = found === 0 ? 0 : 1;
}

import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { kernelObstacle } from "../test/lab/available.ts";
import type { Row } from "./lib/measure.ts";
import { compare, isMet, judge, type Result, type Run, tableOf } from "./lib/report.ts";
import { answerRows } from "./rows/answers.ts";
import { pollRows } from "./rows/polls.ts";
import { readingRows } from "./rows/readings.ts";
import { storageRows } from "./rows/storage.ts";

const USAGE = `npm run bench [-- OPTIONS]

  --only NAME[,NAME]  these rows only
  --list              the names of the rows
  --json FILE         write the run to a file
  --compare FILE      compare with a run of before (bench/reference.json unless it is named)
  --against URL       put the questions about the old endpoints to this server as well
  --until DAY         the last day of its history, YYYY-MM-DD (the others are the days before it)

The product that is measured is dist/whitestat.mjs, or the file that BENCH_PROGRAM names. It works in a folder below that
of BENCH_DIR, or of the system's temporary files, which must be on a disk. BENCH_PROFILE names a folder for CPU profiles.
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === "string") {
    process.stderr.write(`${options}\n\n${USAGE}`);
    return 64;
  }
  const { only, list, json, against, until } = options;
  const obstacle = kernelObstacle();
  if (obstacle !== null) process.stderr.write(`The kernel's counters can't be measured here: ${obstacle}.\n`);
  const own = [...pollRows, ...readingRows(obstacle), ...storageRows, ...answerRows(null)];
  const names = only?.split(",") ?? own.map((row) => row.name);
  const unknown = names.filter((name) => !own.some((row) => row.name === name));
  if (unknown.length > 0 || options.help) {
    if (unknown.length > 0) process.stderr.write(`There is no row ${unknown.join(", ")}: --list shows them.\n\n`);
    process.stdout.write(USAGE);
    return unknown.length > 0 ? 64 : 0;
  }
  if (list) {
    await print(own.map((row) => `${row.name.padEnd(14)}${row.work}\n`).join(""));
    return 0;
  }

  const results: Result[] = [];
  for (const row of own.filter(({ name }) => names.includes(name))) results.push(await measure(row));
  const others: Result[] = [];
  if (against !== undefined) {
    const target = { url: against, until: until ?? new Date().toISOString().slice(0, 10) };
    const rows = answerRows(target).filter(({ name }) => name.startsWith("history-") && names.includes(name));
    for (const row of rows) others.push(await measure({ ...row, work: `${row.work}, at ${against}` }));
  }
  const run: Run = { at: new Date().toISOString(), machine: machine(), results };
  await print(`\n${tableOf([...results, ...others])}\n`);
  const reference = readRun(options.compare ?? join(import.meta.dirname, "reference.json"));
  if (reference) await print(`\n${compare(reference, run)}\n`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(run, null, 2)}\n`);
  return results.every(isMet) ? 0 : 1;
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        only: { type: "string" },
        list: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
        json: { type: "string" },
        compare: { type: "string" },
        against: { type: "string" },
        until: { type: "string" },
      },
    }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function measure(row: Row): Promise<Result> {
  process.stderr.write(`${row.name} …`);
  const result = judge(row, await row.measure());
  process.stderr.write(` ${result.value} ${row.unit}\n`);
  return result;
}

function machine(): string {
  const [first, ...others] = cpus();
  return `${others.length + 1} × ${first?.model ?? process.arch}, Node ${process.versions.node}`;
}

/** @throws Error for a file that is there but is no run */
function readRun(path: string): Run | null {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Run;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

/**
 * What `npm test` runs, on any machine with Node 18 or newer and npm: installs what the tests need, then every check, one after
 * the other, up to the first that fails. The last line is always `N passed, M failed, K skipped`, over all runners.
 * A check that counts no tests (linter, types, …) counts as one failure when it fails.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readBrowserReport } from "./lib/browser-report.mjs";
import { prepare } from "./lib/prepare.mjs";
import {
  findChromium,
  findPostgres,
  findProgram,
  installDebianPackages,
  mayInstall,
  readIfThere,
} from "./lib/programs.mjs";
import { readVitestReport, summaryLine } from "./lib/test-report.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "whitestat-test-"));

/** Debian's packages that tests need: where one is missing and can't be installed, its tests are skipped and say why. */
const DEBIAN = [
  { program: "darkstat", package: "darkstat", why: "the end-to-end tests read a real one" },
  { program: "nft", package: "nftables", why: "the kernel's counters are tested with real packets" },
  { program: "ethtool", package: "ethtool", why: "they are tested with segmentation offload and without" },
  { program: "ip", package: "iproute2", why: "the end-to-end tests build networks" },
  {
    program: "chromium-headless-shell",
    package: "chromium-headless-shell",
    why: "the dashboard is tested in a real browser, in half the time of Debian's whole Chromium",
  },
  { program: "firefox-esr", package: "firefox-esr", why: "the dashboard's keyboard is tested in Firefox, too" },
  {
    program: "initdb",
    package: "postgresql",
    why: "the store is tested on a real PostgreSQL, in a cluster of its own",
  },
  { program: "promtool", package: "prometheus", why: "a real one scrapes /metrics" },
  { program: "mosquitto", package: "mosquitto", why: "a real broker is told what Home Assistant shows" },
  { program: "avahi-daemon", package: "avahi-daemon", why: "names are asked of a real one over multicast DNS" },
  { program: "dnsmasq", package: "dnsmasq-base", why: "names are read from its leases" },
  { program: "kea-dhcp4", package: "kea-dhcp4-server", why: "names are read from its leases" },
  { program: "kea-dhcp6", package: "kea-dhcp6-server", why: "and from those for IPv6" },
  { program: "dhcpd", package: "isc-dhcp-server", why: "names are read from its leases" },
  { program: "dhclient", package: "isc-dhcp-client", why: "DHCP servers lease addresses to it" },
  { program: "nginx", package: "nginx-light", why: "the dashboard is tested behind it" },
  { program: "caddy", package: "caddy", why: "the dashboard is tested behind it" },
  { program: "pgbouncer", package: "pgbouncer", why: "PostgreSQL is tested behind it, too" },
];

/** @typedef {import("./lib/test-report.mjs").Counts} Counts */
/** @typedef {{ name: string, program: string, args: string[], env?: NodeJS.ProcessEnv, count?: () => Counts }} Stage */

/** @type {Counts} */
const total = { passed: 0, failed: 0, skipped: 0, reasons: [] };
let failedStage = "";
try {
  failedStage = await runAll();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
report();

/** @returns {Promise<string>} the stage that failed, empty when all passed */
async function runAll() {
  const node = prepare(root, { env: process.env, say });
  if (node === null) return fail("npm packages");
  installWhatTestsNeed();
  for (const stage of stages(node)) {
    say(`\n── ${stage.name}`);
    const code = await run(stage);
    const counts = stage.count?.() ?? { passed: 0, failed: 0, skipped: 0, reasons: [] };
    if (code !== 0 && counts.failed === 0) counts.failed = 1;
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
    total.reasons.push(...counts.reasons);
    if (counts.failed > 0) return stage.name;
  }
  return "";
}

/** All at once, which takes half the time; where that fails, what can be had is installed one by one. */
function installWhatTestsNeed() {
  const missing = DEBIAN.filter(({ program }) => !isThere(program));
  for (const need of missing) say(`${need.package} is missing: ${need.why}.`);
  const packages = missing.map((need) => need.package);
  if (packages.length === 0 || installDebianPackages(packages, { env: process.env, say, why: "tests use them" }))
    return;
  if (packages.length === 1 || !mayInstall(process.env)) return;
  for (const need of missing) {
    if (!isThere(need.program)) installDebianPackages([need.package], { env: process.env, say, why: need.why });
  }
}

/** @param {string} program */
function isThere(program) {
  return (program === "initdb" ? findPostgres(process.env) : findProgram(program, process.env)) !== null;
}

/**
 * @param {string} node
 * @returns {Stage[]}
 */
function stages(node) {
  const bin = (/** @type {string} */ name) => join(root, "node_modules/.bin", name);
  const json = join(scratch, "vitest.json");
  return [
    { name: "linter, format, boundaries", program: bin("biome"), args: ["check", "--error-on-warnings", "."] },
    { name: "types", program: bin("tsc"), args: ["-p", "."] },
    { name: "types of the dashboard", program: bin("tsc"), args: ["-p", "web"] },
    { name: "types of its browser tests", program: bin("tsc"), args: ["-p", "test/browser"] },
    { name: "unused code", program: bin("knip"), args: [] },
    { name: "build", program: node, args: ["scripts/build.mjs"] },
    {
      name: "tests",
      program: node,
      args: [
        join(root, "node_modules/vitest/vitest.mjs"),
        "run",
        "--reporter=default",
        "--reporter=json",
        `--outputFile.json=${json}`,
        ...process.argv.slice(2),
      ],
      count: () => readVitestReport(readIfThere(json), root),
    },
    ...browserStages(node),
  ];
}

/**
 * The dashboard in a real browser. Left out where there is none, and where words after `npm test --` choose other tests.
 * @param {string} node
 * @returns {Stage[]}
 */
function browserStages(node) {
  if (process.argv.length > 2) return [];
  const chromium = findChromium(process.env);
  if (chromium === null) {
    total.skipped += 1;
    total.reasons.push(
      "test/browser: the dashboard in a real browser (Chromium is missing: apt-get install chromium-headless-shell)",
    );
    return [];
  }
  const json = join(scratch, "browser.json");
  return [
    {
      name: "tests in a browser",
      program: node,
      args: [
        join(root, "node_modules/@playwright/test/cli.js"),
        "test",
        "--config=test/browser/playwright.config.ts",
        "--reporter=list,json",
      ],
      env: { CHROMIUM: chromium, PLAYWRIGHT_JSON_OUTPUT_FILE: json },
      count: () => readBrowserReport(readIfThere(json)),
    },
  ];
}

/**
 * @param {Stage} stage
 * @returns {Promise<number>} its exit code
 */
function run(stage) {
  return new Promise((resolve) => {
    const path = `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH ?? ""}`;
    const child = spawn(stage.program, stage.args, {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, ...stage.env, PATH: path },
    });
    child.on("error", (error) => {
      say(`${stage.program} could not be run: ${error.message}`);
      resolve(1);
    });
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

/** @param {string} what */
function fail(what) {
  total.failed += 1;
  return what;
}

function report() {
  say("");
  for (const reason of total.reasons) say(`skipped: ${reason}`);
  if (failedStage) say(`Failed: ${failedStage}. The checks after it did not run.`);
  say(summaryLine(total));
  process.exitCode = total.failed > 0 ? 1 : 0;
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}

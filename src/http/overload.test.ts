import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { ADMISSION_LIMITS, type AdmissionLimits } from "./admission.ts";
import { createApp } from "./app.ts";
import { type ServeOptions, type Serving, serve } from "./serve.ts";
import { testDeps } from "./testing.ts";

const open: Serving[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(open.splice(0).map((serving) => serving.close()));
});

/** Waits for what comes of itself, however busy the machine is. */
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 30_000 });

/** Two addresses of this machine: one that attacks, one of a person. */
const ATTACKER = "127.0.0.2";
const PERSON = "127.0.0.3";

function connectFrom(localAddress: string, { port }: Serving): Socket {
  const socket = connect({ port, host: "127.0.0.1", localAddress });
  socket.on("error", () => {});
  sockets.push(socket);
  return socket;
}

/** Asks, and takes the response to its end. */
async function talk(serving: Serving, from: string, path: string): Promise<{ status: number; head: string }> {
  const socket = connectFrom(from, serving);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: pi\r\nConnection: close\r\n\r\n`);
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  await once(socket, "close");
  return { status: Number(text.slice(9, 12)), head: text.split("\r\n\r\n", 1)[0] ?? "" };
}

/** Asks, and takes nothing. */
function stall(serving: Serving, path = "/json"): Socket {
  const socket = connectFrom(ATTACKER, serving);
  socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: pi\r\n\r\n`);
  return socket;
}

interface Limits {
  readonly admission?: Partial<AdmissionLimits>;
  readonly limits?: ServeOptions["limits"];
}

/** Serves a day of 40 devices with names so long that it has 20 MB: more than any kernel keeps for a client. */
async function served({ admission = {}, limits = {} }: Limits) {
  const deps = await testDeps(Array.from({ length: 40 }, (_, n) => ({ ip: `192.168.1.${n}` })));
  const name = "x".repeat(500_000);
  let made = 0;
  const store = {
    ...deps.store,
    deviceDays: (...range: [string, string]) => {
      made += 1;
      return deps.store.deviceDays(...range);
    },
  };
  const names = { ...deps.names, nameOf: () => name };
  const app = createApp({ ...deps, store, names, admission: { ...ADMISSION_LIMITS, ...admission } });
  const serving = await serve({ app, port: 0, hostname: "127.0.0.1", limits });
  open.push(serving);
  return { serving, made: () => made };
}

test("clients that don't take their responses cost the work of one, and keep nobody else from his", async () => {
  const { serving, made } = await served({ admission: { bytes: 100_000_000 } });
  for (let n = 0; n < 12; n += 1) stall(serving);
  await until(() => expect(made()).toBe(1));
  expect((await talk(serving, PERSON, "/json")).status).toBe(200);
  expect((await talk(serving, PERSON, "/healthz")).status).toBe(200);
  // One was made for the attacker, which holds its share of the memory, and one for the person.
  expect(made()).toBe(2);
});

test("a client with too many requests waiting is told when to come again", async () => {
  const { serving, made } = await served({ admission: { waitingPerClient: 2 } });
  stall(serving);
  await until(() => expect(made()).toBe(1));
  stall(serving);
  stall(serving);
  await until(async () => {
    const { status, head } = await talk(serving, ATTACKER, "/json");
    expect(status).toBe(503);
    expect(head).toMatch(/\r\nretry-after: 5(?:\r\n|$)/);
  });
});

test("a client that takes nothing loses its connection, and its place goes to the next", async () => {
  const { serving, made } = await served({ limits: { stallMs: 50 } });
  const stalled = stall(serving);
  await until(() => expect(made()).toBe(1));
  stall(serving);
  await until(() => expect(made()).toBe(2));
  stalled.resume();
  await once(stalled, "close");
});

test("silent connections of one address keep nobody out, not even that address", async () => {
  const { serving } = await served({ limits: { maxConnections: 8 } });
  const silent = Array.from({ length: 20 }, () => connectFrom(ATTACKER, serving));
  await Promise.all(silent.map((socket) => (socket.connecting ? once(socket, "connect") : null)));
  expect((await talk(serving, PERSON, "/healthz")).status).toBe(200);
  expect((await talk(serving, ATTACKER, "/healthz")).status).toBe(200);
});

test("busy connections of one address keep no other out", async () => {
  const { serving, made } = await served({ limits: { maxConnections: 6 } });
  for (let n = 0; n < 6; n += 1) stall(serving);
  await until(() => expect(made()).toBe(1));
  expect((await talk(serving, PERSON, "/healthz")).status).toBe(200);
});

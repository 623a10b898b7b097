import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { nextTurn } from "./event-loop.ts";
import type { Incoming } from "./read-request.ts";
import { serve } from "./serve.ts";
import { testApp, testDeps, type Use } from "./testing.ts";

/** Eighty devices on 200 days in ten years, one in eighteen. */
const USES = Array.from({ length: 200 }, (_, n): Use[] => {
  const day = new Date(Date.UTC(2021, 2, 31 - n * 18)).toISOString().slice(0, 10);
  return Array.from({ length: 80 }, (__, device) => ({
    ip: `192.168.1.${device + 1}`,
    mac: `02:00:00:00:00:${device.toString(16).padStart(2, "0")}`,
    day,
  }));
}).flat();
const app = testApp(await testDeps(USES));

/** How often whatever else is due had its turn while a response was made and read. */
async function turnsDuring(path: string): Promise<number> {
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const response = await app.request(path);
  expect(response.status).toBe(200);
  await response.arrayBuffer();
  isOver = true;
  return turns;
}

test.each([
  ["/json/history?start=2011-04-02", 800],
  ["/table/history?start=2011-04-02", 800],
  ["/api/v1/usage?from=2011-04-02&group=day", 120],
  ["/api/v1/usage?from=2011-04-02&group=month", 120],
  ["/api/v1/usage?from=2021-02-01&group=hour", 8],
  ["/api/v1/days?from=2020-04-02", 11],
])("others have their turn while %s is made", async (path, turns) => {
  expect(await turnsDuring(path)).toBeGreaterThan(turns);
});

test("who connects after two hundred others does not wait for parts of long work", async () => {
  const ok = { status: 200, headers: {}, body: "" };
  let isOver = false;
  let parts = 0;
  const work = async () => {
    for (; !isOver; parts += 1) await nextTurn();
    return ok;
  };
  const handle = async ({ url }: Pick<Incoming, "url">) => (url === "/long" ? work() : ok);
  const serving = await serve({ app: { handle }, port: 0, hostname: "127.0.0.1" });
  const open = (path: string) => {
    const socket = connect(serving.port, "127.0.0.1");
    socket.write(`GET ${path} HTTP/1.1\r\nHost: pi\r\n\r\n`);
    return socket;
  };
  const sockets = [open("/long")];
  while (parts === 0) await nextTurn();
  for (let n = 0; n < 200; n += 1) sockets.push(open("/"));
  const last = open("/");
  const before = parts;
  await once(last, "data");
  isOver = true;
  // One may have begun before the others came.
  expect(parts - before).toBeLessThan(4);
  for (const socket of [...sockets, last]) socket.destroy();
  await serving.close();
});

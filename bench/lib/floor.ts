import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import { getOk } from "./http.ts";
import { memoryOf } from "./proc.ts";

const REQUESTS = 1_000;
const SERVER = `require("node:http").createServer((_, answer) => answer.end("x".repeat(1000)))
  .listen(0, "127.0.0.1", function () { console.log(this.address().port) })`;

/**
 * What Node itself takes, in MB as `memoryOf` counts: a server of one line, with the switches and the surroundings of the
 * product, after a thousand requests. Nothing that is written for Node can take less.
 */
export async function bareServerMb(switches: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, [...switches, "--input-type=commonjs", "-e", SERVER], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const agent = new http.Agent({ keepAlive: true });
  try {
    const url = `http://127.0.0.1:${await firstLine(child)}`;
    for (let n = 0; n < REQUESTS; n++) await getOk(url, { agent });
    return memoryOf(child.pid ?? 0).total;
  } finally {
    agent.destroy();
    child.kill("SIGKILL");
    await once(child, "exit");
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("the server's output is not read");
  const [text] = (await once(child.stdout, "data")) as [Buffer];
  return text.toString().trim();
}

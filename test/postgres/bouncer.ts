import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findProgram } from "../../scripts/lib/programs.mjs";
import { freePort } from "../lib/free-port.ts";
import { account, accountFolder, type Cluster, PASSWORD, USER } from "./cluster.ts";

/** Why there can be no pgbouncer here, as the end of a sentence; null when there can. */
export function bouncerObstacle(): string | null {
  return findProgram("pgbouncer", process.env) === null ? "pgbouncer is missing: apt-get install pgbouncer" : null;
}

/** A pgbouncer in transaction mode, as people set it up: every transaction may come to another server process. */
export async function startBouncer(cluster: Cluster): Promise<{ port: number; stop(): Promise<void> }> {
  const program = findProgram("pgbouncer", process.env);
  if (program === null) throw new Error(`${bouncerObstacle()}`);
  const folder = accountFolder("bouncer");
  const port = await freePort();
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    const as = account();
    if (as !== null) chownSync(join(folder, name), as.uid, as.gid);
  };
  write("users.txt", `"${USER}" "${PASSWORD}"\n`);
  write(
    "bouncer.ini",
    `[databases]
* = host=127.0.0.1 port=${cluster.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${folder}/users.txt
pool_mode = transaction
default_pool_size = 4
server_round_robin = 1
`,
  );
  const child: ChildProcess = spawn(program, [join(folder, "bouncer.ini")], {
    stdio: ["ignore", "ignore", "ignore"],
    ...(account() ?? {}),
  });
  const ended = once(child, "exit");
  for (let tries = 0; tries < 100 && !(await listens(port)); tries += 1) await delay(50);
  return {
    port,
    async stop() {
      child.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

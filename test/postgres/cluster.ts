import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client, types } from "pg";
import { afterAll, beforeAll, describe } from "vitest";
import { findProgram } from "../../scripts/lib/programs.mjs";
import { freePort } from "../lib/free-port.ts";

const ADMIN = "postgres";
export const USER = "whitestat";
/** One that has to be percent-encoded in a URL. */
export const PASSWORD = "p@ss word/#1";

/** A PostgreSQL of its own: a cluster in a temporary folder, on a free port of this machine alone. */
export interface Cluster {
  readonly port: number;
  readonly folder: string;
  /** Makes an empty database that {@link USER} owns. */
  createDatabase(): Promise<string>;
  /** The URL of a database. */
  url(database: string, parts?: { user?: string; password?: string; port?: number }): string;
  /** Runs statements as the superuser. */
  sql(database: string, text: string): Promise<Record<string, unknown>[]>;
  /** Ends the connections of {@link USER} to a database, or those under an application's name, and waits until they are gone. */
  cut(database: string, application?: string): Promise<void>;
  /** Kills every process of it, as a crash of the machine would. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Whom PostgreSQL runs as: it refuses to be root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Why there can be no cluster here, as the end of a sentence; null when there can. */
export function postgresObstacle(): string | null {
  if (programFolder() === null) return "PostgreSQL is missing: apt-get install postgresql";
  if (process.getuid?.() === 0 && account() === null)
    return "PostgreSQL can't run as root, and there is no user postgres or nobody";
  return null;
}

/** Debian keeps the server's programs out of the PATH, by version. */
function programFolder(): string | null {
  const inPath = findProgram("initdb", process.env);
  if (inPath !== null) return join(inPath, "..");
  const versions = "/usr/lib/postgresql";
  if (!existsSync(versions)) return null;
  const found = readdirSync(versions)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(versions, version, "bin"))
    .find((folder) => existsSync(join(folder, "initdb")));
  return found ?? null;
}

/** The user to run as when we are root; null for whoever we are. */
export function account(): Account | null {
  if (process.getuid?.() !== 0) return null;
  const users = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const name of ["postgres", "nobody"]) {
    const [, , uid, gid] = users.find((line) => line.startsWith(`${name}:`))?.split(":") ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  return null;
}

/** A folder that the account may write. */
export function accountFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  own(folder);
  return folder;
}

function own(path: string): void {
  const as = account();
  if (as !== null) chownSync(path, as.uid, as.gid);
}

/** Tests on a PostgreSQL of their own; skipped, with what to install, where there can be none. */
export function describeOnPostgres(title: string, tests: (cluster: () => Cluster) => void): void {
  const obstacle = postgresObstacle();
  describe.skipIf(obstacle !== null)(obstacle === null ? title : `${title} (${obstacle})`, () => {
    let cluster: Cluster;
    beforeAll(async () => {
      cluster = await startCluster();
    }, 60_000);
    afterAll(() => cluster?.stop());
    tests(() => cluster);
  });
}

export async function startCluster(): Promise<Cluster> {
  const programs = programFolder();
  if (programs === null) throw new Error(`${postgresObstacle()}`);
  const folder = accountFolder("postgres");
  const data = join(folder, "data");
  const as = account() ?? {};
  const passwords = join(folder, "password");
  writeFileSync(passwords, PASSWORD);
  own(passwords);
  const made = spawnSync(
    join(programs, "initdb"),
    ["-D", data, "-U", ADMIN, "--pwfile", passwords, "-A", "scram-sha-256", "-E", "UTF8", "--locale", "C.UTF-8", "-N"],
    { encoding: "utf8", ...as },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}${made.error ?? ""}`);
  writeFileSync(
    join(data, "pg_hba.conf"),
    `host all ${ADMIN} 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n`,
  );
  mkdirSync(join(folder, "socket"));
  own(join(folder, "socket"));
  const port = await freePort();
  /** A connection of the superuser for each database. */
  const admins = new Map<string, Client>();
  let server: ChildProcess | null = null;
  let count = 0;

  const cluster: Cluster = {
    port,
    folder,
    async createDatabase() {
      count += 1;
      const name = `store_${count}`;
      await cluster.sql(ADMIN, `CREATE DATABASE ${name} OWNER ${USER}`);
      return name;
    },
    url(database, { user = USER, password = PASSWORD, port: at = port } = {}) {
      return `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${at}/${database}`;
    },
    async sql(database, text) {
      const known = admins.get(database);
      const client = known ?? (await connectAs(cluster.url(database, { user: ADMIN })));
      if (!known) {
        admins.set(database, client);
        client.on("error", () => {});
        client.on("end", () => admins.delete(database));
      }
      const results = [await client.query(text)].flat();
      return results.at(-1)?.rows ?? [];
    },
    async cut(database, application = "%") {
      const ended = await cluster.sql(
        database,
        `SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE usename = '${USER}' AND datname = current_database() AND application_name LIKE '${application}'`,
      );
      const pids = [0, ...ended.map(({ pid }) => Number(pid))].join(", ");
      for (let tries = 0; tries < 100; tries += 1) {
        const rows = await cluster.sql(database, `SELECT 1 FROM pg_stat_activity WHERE pid IN (${pids})`);
        if (rows.length === 0) return;
        await delay(10);
      }
      throw new Error("the connection does not end");
    },
    async kill() {
      if (server === null) return;
      const ended = once(server, "exit");
      // Its children see that it is gone and end, but not at once: they are killed with it.
      for (const pid of [server.pid as number, ...childrenOf(server.pid as number)]) kill(pid);
      await ended;
      server = null;
      for (const client of admins.values()) await client.end().catch(() => {});
      admins.clear();
    },
    async start() {
      server = spawn(
        join(programs, "postgres"),
        ["-D", data, "-p", `${port}`, "-k", join(folder, "socket"), "-c", "listen_addresses=127.0.0.1", ...FAST],
        { stdio: ["ignore", "ignore", "pipe"], ...as },
      );
      let said = "";
      server.stderr?.on("data", (text: Buffer) => {
        said = (said + text.toString()).slice(-2_000);
      });
      for (let tries = 0; tries < 300; tries += 1) {
        if (server.exitCode !== null) throw new Error(`PostgreSQL ended: ${said}`);
        const answers = await cluster.sql(ADMIN, "SELECT 1").then(
          () => true,
          () => false,
        );
        if (answers) return;
        await delay(50);
      }
      throw new Error(`PostgreSQL does not answer: ${said}`);
    },
    async stop() {
      await cluster.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await cluster.start();
  await cluster.sql(ADMIN, `CREATE ROLE ${USER} LOGIN PASSWORD '${PASSWORD}'`);
  return cluster;
}

/** What only a power cut would need costs time. */
const FAST = ["-c", "fsync=off", "-c", "max_connections=40", "-c", "shared_buffers=32MB"];

/** BIGINT and NUMERIC. */
const NUMBERS = new Set([20, 1700]);

async function connectAs(url: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    types: { getTypeParser: (oid, format) => (NUMBERS.has(oid) ? Number : types.getTypeParser(oid, format)) },
  });
  await client.connect();
  return client;
}

/** It may have ended by itself meanwhile. */
function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync("ps", ["-o", "pid=", "--ppid", `${pid}`], { encoding: "utf8" });
  return stdout.split("\n").map(Number).filter(Boolean);
}

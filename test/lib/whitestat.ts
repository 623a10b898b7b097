import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { eventually, type Running, start } from "./commands.ts";
import { freePort } from "./free-port.ts";

export const PROGRAM = fileURLToPath(new URL("../../dist/whitestat.mjs", import.meta.url));

/** A row of `/json`, by the old column names. */
export interface UsageRow {
  readonly IP: string;
  readonly MAC: string;
  readonly KBIn: number;
  readonly KBOut: number;
  readonly LSTDAY_KBIn: number;
  readonly LSTDAY_KBOut: number;
}

/** The built product, running on a data store of its own, polling every second and saving as often. */
export interface WhiteStat {
  readonly url: string;
  /** Today's rows, with yesterday's and tomorrow's: a test may run at midnight. */
  rows(): Promise<UsageRow[]>;
  /** What a device used, by its MAC, on all addresses of the LAN, in KB. */
  device(mac: string): Promise<{ in: number; out: number }>;
  /** SIGKILL: no chance to save anything. */
  kill(): Promise<void>;
  /** The number of its process. */
  pid(): number;
  /** Sends it a signal, and waits for nothing. */
  signal(name: NodeJS.Signals): void;
  /** SIGTERM; its exit code. */
  stop(): Promise<number | null>;
  /** Everything on stdout and stderr. */
  said(): string;
}

/** Starts the product and waits until it answers. */
export async function startWhiteStat(options: {
  store: string;
  env: Readonly<Record<string, string>>;
  host?: string;
  /** To be started at the same address again; a free one unless it is given. */
  port?: number;
  /** As BASE_PATH. */
  basePath?: string;
  /** How to run a program; in this namespace unless it is given. */
  launch?: (command: readonly [string, ...string[]], env: NodeJS.ProcessEnv) => Running;
}): Promise<WhiteStat> {
  if (!existsSync(PROGRAM)) throw new Error("dist/whitestat.mjs is missing: run npm run build first");
  const config = join(options.store, "WhiteStatConfig.json");
  await mkdir(options.store, { recursive: true });
  if (!existsSync(config)) await writeFile(config, JSON.stringify({ IdleSeconds: 1, UpdateDBSeconds: 1 }));
  const host = options.host ?? "127.0.0.1";
  const port = options.port ?? (await freePort());
  const { DARKSTAT_URL: _, ...inherited } = process.env;
  const env = { ...inherited, TZ: "UTC", ...options.env, DATA_STORE: options.store, SERVER_PORT: String(port) };
  // The first start writes its port to the file, and from then on the file wins.
  await useKeys(config, { SERVER_PORT: port });
  const launch = options.launch ?? (([program, ...args], environment) => start(program, args, environment));
  const running = launch([process.execPath, PROGRAM], env);
  const url = `http://${host}:${port}${options.basePath ?? ""}`;

  const get = async (path: string): Promise<unknown> => {
    const answer = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${await answer.text()}`);
    return await answer.json();
  };
  await eventually(async () => {
    if (running.child.exitCode !== null) throw new Error(`WhiteStat ended: ${running.said()}`);
    await get("/json").catch((error: Error) => {
      throw new Error(`${error.message}. It said: ${running.said()}`);
    });
  });

  async function rows(): Promise<UsageRow[]> {
    const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
    const table = (await get(`/json/history?start=${day(-1)}&end=${day(1)}`)) as {
      columns: string[];
      data: unknown[][];
    };
    return table.data.map(
      (row) => Object.fromEntries(table.columns.map((name, place) => [name, row[place]])) as unknown as UsageRow,
    );
  }

  return {
    url,
    rows,
    async device(mac) {
      return sum((await rows()).filter((row) => row.MAC === mac && row.IP.startsWith("192.168.77.")));
    },
    kill: () => running.end("SIGKILL"),
    pid: () => running.child.pid ?? 0,
    signal: (name) => void running.child.kill(name),
    async stop() {
      await running.end("SIGTERM");
      return running.child.exitCode;
    },
    said: () => running.said(),
  };
}

/** The same sum as `device`, from the views that people query by SQL. Reads the file while the product runs. */
export function deviceInDatabase(store: string, mac: string): { in: number; out: number } {
  const database = new DatabaseSync(join(store, "WhiteStat.db"), { readOnly: true });
  try {
    const query = database.prepare(
      "SELECT IP, MAC, KBIn, KBOut FROM dailyusage UNION ALL SELECT IP, MAC, KBIn, KBOut FROM usagehistory",
    );
    const rows = query.all() as unknown as UsageRow[];
    return sum(rows.filter((row) => row.MAC === mac && row.IP.startsWith("192.168.77.")));
  } finally {
    database.close();
  }
}

function sum(rows: readonly UsageRow[]): { in: number; out: number } {
  const total = { in: 0, out: 0 };
  for (const row of rows) {
    total.in += row.KBIn;
    total.out += row.KBOut;
  }
  return total;
}

async function useKeys(config: string, keys: Readonly<Record<string, unknown>>): Promise<void> {
  const settings = JSON.parse(await readFile(config, "utf8")) as Record<string, unknown>;
  await writeFile(config, JSON.stringify({ ...settings, ...keys }, null, 2));
}

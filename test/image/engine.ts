import { spawn, spawnSync } from "node:child_process";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "../../scripts/lib/programs.mjs";
import { eventually } from "../lib/commands.ts";

/** The user that the image runs as. */
export const IMAGE_USER = 1000;

/** Where `npm run images` keeps what it built. */
const WORK = process.env.WHITESTAT_IMAGES ?? join(tmpdir(), "whitestat-images");
const STORE = ["--root", join(WORK, "store"), "--runroot", join(WORK, "run"), "--storage-driver", "overlay"];
/** Where systemd isn't the init, podman says so at each container's start and end. */
const NOISE = /unable to get systemd connection/;

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A container that was started. */
export interface Container {
  readonly name: string;
  /** All that it wrote to stdout and stderr. */
  said(): Promise<string>;
  /** Waits until it has said what matches; rejects with all it said when it ended before. */
  says(pattern: RegExp, limitMs?: number): Promise<void>;
  /** Runs a program in it. */
  exec(...command: readonly string[]): Promise<Said>;
  /** SIGTERM, and SIGKILL after ten seconds as Docker does it. */
  stop(): Promise<{ code: number; ms: number }>;
  /** SIGKILL: no chance to save anything. */
  kill(): Promise<void>;
  /** What the engine's own health check says. */
  health(): Promise<Said>;
  state(): Promise<{ Running: boolean; ExitCode: number; Pid: number }>;
}

export interface Engine {
  /** Starts a container; it is removed by `dispose` at the latest. */
  run(options: readonly string[], command?: readonly string[]): Promise<Container>;
  /** Runs a container to its end. */
  runToEnd(options: readonly string[], command?: readonly string[]): Promise<Said>;
  /** An empty folder of that user on the machine, to be mounted. */
  folder(owner?: number): string;
  inspect<T>(format: string): Promise<T>;
  dispose(): Promise<void>;
}

/** Why there is nothing to test, as the end of a sentence; null when there is. */
export function imageObstacle(image: string): string | null {
  if (process.getuid?.() !== 0) return "only root may run these containers";
  for (const program of ["podman", "runc"]) {
    if (!findProgram(program, process.env)) return `${program} is missing: apt-get install podman runc`;
  }
  const found = spawnSync("podman", [...STORE, "image", "exists", image]);
  return found.status === 0 ? null : `${image} was not built: npm run images`;
}

/** Runs containers of an image by podman, in the store that `npm run images` filled. */
export function createEngine(image: string): Engine {
  const containers = new Set<string>();
  const folders = new Set<string>();
  let count = 0;

  const podman = (...args: readonly string[]) => runProgram("podman", [...STORE, "--runtime", "runc", ...args]);
  const sure = async (...args: readonly string[]) => {
    const said = await podman(...args);
    if (said.code !== 0) throw new Error(`podman ${args.join(" ")}: ${said.stderr}`);
    return said.stdout.trim();
  };
  // In small machines the defaults of podman are above what the system allows.
  const limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"];

  return {
    async run(options, command = []) {
      count += 1;
      const name = `whitestat-test-${process.pid}-${count}`;
      containers.add(name);
      await sure("run", "--detach", "--name", name, ...limits, ...options, image, ...command);
      const state = async () => JSON.parse(await sure("inspect", "--format", "{{json .State}}", name));
      const said = async () => {
        const { stdout, stderr } = await podman("logs", name);
        return stdout + stderr;
      };
      return {
        name,
        said,
        state,
        says: (pattern, limitMs) =>
          eventually(async () => {
            const { Running: running } = await state();
            const text = await said();
            if (pattern.test(text)) return;
            throw new Error(`${running ? "It runs" : "It ended"}, and did not say ${pattern}. It said:\n${text}`);
          }, limitMs),
        exec: (...command) => podman("exec", name, ...command),
        async stop() {
          const begun = performance.now();
          await sure("stop", "--time", "10", name);
          const ms = performance.now() - begun;
          return { code: (await state()).ExitCode, ms };
        },
        kill: async () => void (await sure("kill", "--signal", "KILL", name)),
        health: () => podman("healthcheck", "run", name),
      };
    },
    runToEnd: (options, command = []) => podman("run", "--rm", ...limits, ...options, image, ...command),
    folder(owner = IMAGE_USER) {
      const folder = mkdtempSync(join(tmpdir(), "whitestat-image-"));
      folders.add(folder);
      chownSync(folder, owner, owner);
      return folder;
    },
    inspect: async (format) => JSON.parse(await sure("image", "inspect", "--format", `{{json ${format}}}`, image)),
    async dispose() {
      if (containers.size > 0) await sure("rm", "--force", "--ignore", "--time", "0", ...containers);
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
      containers.clear();
      folders.clear();
    },
  };
}

/** Passes connections on, for the simulated darkstat answers on loopback only. Returns how to end it. */
export function relay(address: string, port: number, toPort: number): Promise<() => void> {
  const server = createServer((socket) => {
    const onward = connect(toPort, "127.0.0.1");
    for (const end of [socket, onward]) end.on("error", () => end.destroy());
    socket.pipe(onward).pipe(socket);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => resolve(() => server.close()));
  });
}

/** Rows of an answer of `/json`, by column. */
export async function usage(url: string): Promise<Record<string, string | number>[]> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (answer.status !== 200) throw new Error(`${url} answers ${answer.status}: ${await answer.text()}`);
  const { columns, data } = (await answer.json()) as { columns: string[]; data: (string | number)[][] };
  return data.map((row) => Object.fromEntries(columns.map((name, place) => [name, row[place] ?? ""])));
}

function runProgram(program: string, args: readonly string[]): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data) => {
      stdout += data;
    });
    child.stderr.on("data", (data) => {
      stderr += data;
    });
    child.on("error", reject);
    // Not "close": what a detached container inherits stays open as long as it runs.
    child.on("exit", (code) => {
      setImmediate(() => {
        stderr = stderr
          .split("\n")
          .filter((line) => !NOISE.test(line))
          .join("\n");
        resolve({ code, stdout, stderr });
      });
    });
  });
}

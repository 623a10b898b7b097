import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { clock } from "../../test/lib/clock.ts";
import { fillUp } from "../../test/lib/fill-up.ts";
import { freePort } from "../../test/lib/free-port.ts";
import { createFakeDarkstat } from "../meters/darkstat/simulated/index.ts";
import { serve } from "./serve.ts";
import { testIo } from "./testing.ts";

/** A file system of its own; null where mounting is not permitted. */
function mountDisk(path: string): { unmount(): void } | null {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", path], { stdio: "ignore" });
  } catch {
    return null;
  }
  return { unmount: () => void execFileSync("umount", ["-l", path]) };
}

test("a disk that is full makes /healthz 503 in the store's words, until it can be written", async (context) => {
  const dir = mkdtempSync(join(tmpdir(), "whitestat-disk-"));
  const disk = mountDisk(dir);
  if (disk === null) {
    rmSync(dir, { recursive: true });
    return context.skip("mounting a small file system is not permitted here");
  }
  const darkstat = createFakeDarkstat({ now: () => Date.now() });
  const port = await freePort();
  const settings = {
    DARKSTAT_URL: await darkstat.start(),
    SERVER_PORT: port,
    LISTEN_ADDRESS: "127.0.0.1",
    IdleSeconds: 1,
    UpdateDBSeconds: 1,
    TZ: "UTC",
  };
  writeFileSync(join(dir, "WhiteStatConfig.json"), JSON.stringify(settings));
  const ending = new AbortController();
  const io = testIo(dir, {
    env: { DATA_STORE: dir, WHITESTAT_KEEP_ROOT: "1", PATH: process.env.PATH },
    clock: { ...clock, now: () => Date.now() },
    signal: ending.signal,
  });
  const running = serve(io);
  /** Traffic goes on until `/healthz` says so. */
  async function becomes(status: number): Promise<{ status: string; error?: { code: string; message: string } }> {
    for (;;) {
      darkstat.traffic({ ip: "192.168.1.10", mac: "02:1a:00:00:00:0a" }, "198.51.100.1", 1_000, 100);
      const response = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null);
      if (response?.status === status) return (await response.json()) as Awaited<ReturnType<typeof becomes>>;
      await delay(200);
    }
  }
  try {
    expect(await becomes(200)).toMatchObject({ status: "ok" });
    const ballast = join(dir, "ballast");
    fillUp(ballast);
    expect(await becomes(503)).toMatchObject({
      status: "unsaved",
      error: { code: "store", message: expect.stringMatching(/full|space/) },
    });
    rmSync(ballast);
    expect(await becomes(200)).toMatchObject({ status: "ok", problems: [] });
  } finally {
    ending.abort();
    await running;
    await darkstat.stop();
    disk.unmount();
    rmSync(dir, { recursive: true });
  }
}, 120_000);

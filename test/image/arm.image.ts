import { readFile } from "node:fs/promises";
import { afterAll, describe, expect, test } from "vitest";
import { createFakeDarkstat } from "../../src/meters/darkstat/simulated/index.ts";
import { eventually } from "../lib/commands.ts";
import { freePort } from "../lib/free-port.ts";
import { createEngine, imageObstacle, usage } from "./engine.ts";

const PHONE = { ip: "192.168.1.20", mac: "02:1a:2b:00:00:05" };
const KB = 1024;

/** The images for other processors, run by qemu: what a Raspberry Pi starts, minutes slower. */
describe.each([
  { name: "armhf", machine: /^armv[78]l$/, platform: "arm" },
  { name: "arm64", machine: /^aarch64$/, platform: "arm64" },
])("the image for $name", ({ name, machine, platform }) => {
  const image = `localhost/whitestat:${name}`;
  const obstacle = imageObstacle(image);
  const engine = createEngine(image);
  afterAll(() => engine.dispose());

  test.skipIf(obstacle)(`measures and answers${obstacle ? ` (${obstacle})` : ""}`, async () => {
    const darkstat = createFakeDarkstat({ now: () => Date.now() });
    darkstat.traffic(PHONE, "198.51.100.7", 500 * KB, 20 * KB);
    const port = await freePort();
    try {
      const container = await engine.run([
        ...[
          "--network",
          "host",
          "--read-only",
          "--user",
          "1000:1000",
          "--cap-drop",
          "all",
          "--volume",
          `${engine.folder()}:/data`,
        ],
        ...[
          "--env",
          `DARKSTAT_URL=${await darkstat.start()}`,
          "--env",
          `SERVER_PORT=${port}`,
          "--env",
          "IdleSeconds=1",
        ],
      ]);
      expect(await engine.inspect(".Architecture")).toBe(platform);
      expect((await container.exec("uname", "-m")).stdout.trim()).toMatch(machine);
      const url = `http://127.0.0.1:${port}/json`;
      const kb = async () => (await usage(url)).find(({ MAC }) => MAC === PHONE.mac)?.KBIn;
      await eventually(async () => expect(await kb()).toBe(500), 90_000);
      darkstat.traffic(PHONE, "198.51.100.7", 250 * KB, 0);
      await eventually(async () => expect(await kb()).toBe(750), 60_000);
      expect((await container.exec("whitestat", "healthcheck")).code).toBe(0);

      const { whole, own } = await residentMegabytes((await container.state()).Pid);
      process.stdout.write(
        `${image}: ${whole} MB resident under qemu${own === null ? "" : `, of which the program's own ${own} MB`}\n`,
      );
      expect(await container.exec("darkstat", "--version")).toMatchObject({ code: 1 });
      const right = await container.exec("busybox", "getfattr", "-n", "security.capability", "/usr/sbin/darkstat");
      expect(right.stdout).toContain("security.capability=");
      expect((await container.stop()).code).toBe(0);
    } finally {
      await darkstat.stop();
    }
  });
});

/**
 * Of the container's only child of tini, as the machine sees it. qemu keeps what it translates above the four gigabytes that
 * a 32-bit program can see: what lies below is the program's own, or null where qemu placed it elsewhere.
 */
async function residentMegabytes(init: number): Promise<{ whole: number; own: number | null }> {
  const [pid] = (await readFile(`/proc/${init}/task/${init}/children`, "utf8")).split(" ");
  const mappings = (await readFile(`/proc/${pid}/smaps`, "utf8")).split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  let [whole, below, isBelow] = [0, 0, false];
  for (const mapping of mappings) {
    const kilobytes = Number(/^Rss:\s*(\d+) kB/m.exec(mapping)?.[1] ?? 0);
    const low = /^[0-9a-f]{1,8}-/.test(mapping);
    whole += kilobytes;
    if (low) below += kilobytes;
    if (low && mapping.includes("libnode.so")) isBelow = true;
  }
  return { whole: Math.round(whole / 1024), own: isBelow ? Math.round(below / 1024) : null };
}

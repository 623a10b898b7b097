import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFakeDarkstat, type FakeDarkstat } from "../../src/meters/darkstat/simulated/index.ts";
import { eventually, type Running, start } from "../lib/commands.ts";
import { freePort } from "../lib/free-port.ts";
import { startWhiteStat, type WhiteStat } from "../lib/whitestat.ts";

const ANNA = "02:00:00:00:00:0a";
const isThere =
  spawnSync("prometheus", ["--version"]).status === 0 && spawnSync("promtool", ["--version"]).status === 0;

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), "utf8");
/** The code blocks of a language in a page of the documentation. */
const blocksOf = (markdown: string, language: string) =>
  [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(([, code = ""]) => code.trim());

describe.skipIf(!isThere)("a real Prometheus (apt-get install prometheus)", () => {
  let folder: string;
  let darkstat: FakeDarkstat;
  let darkstatUrl: string;
  let product: WhiteStat;
  let prometheus: Running;
  let api: string;
  let port: number;

  const startProduct = () =>
    startWhiteStat({
      store: join(folder, "store"),
      env: { DARKSTAT_URL: darkstatUrl },
      port,
    });
  const transfer = (down: number, up: number) =>
    darkstat.traffic({ ip: "192.168.1.10", mac: ANNA }, "198.51.100.1", down, up);

  /** The values of an instant query by device and direction. */
  async function query(expression: string): Promise<{ metric: Record<string, string>; value: number }[]> {
    const response = await fetch(`${api}/query?query=${encodeURIComponent(expression)}`);
    const answer = (await response.json()) as {
      status: string;
      error?: string;
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    if (answer.status !== "success") throw new Error(`${expression}: ${answer.error}`);
    return answer.data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  }
  async function downloadOf(expression: string): Promise<number | undefined> {
    const found = await query(expression);
    return found.find(({ metric }) => metric.direction === "download")?.value;
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "whitestat-prometheus-"));
    darkstat = createFakeDarkstat({ now: () => Date.now() });
    darkstatUrl = await darkstat.start();
    transfer(1_000, 100);
    port = await freePort();
    product = await startProduct();
    const config = join(folder, "prometheus.yml");
    const target = product.url.replace("http://", "");
    const scrape = `{ job_name: whitestat, scrape_interval: 1s, static_configs: [{ targets: ["${target}"] }] }`;
    await writeFile(config, `scrape_configs:\n  - ${scrape}\n`);
    const own = await freePort();
    api = `http://127.0.0.1:${own}/api/v1`;
    prometheus = start("prometheus", [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, "series")}`,
      `--web.listen-address=127.0.0.1:${own}`,
    ]);
  }, 60_000);

  afterAll(async () => {
    await prometheus?.end("SIGKILL");
    await product?.kill();
    await darkstat?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("sees what WhiteStat counted, over a kill and a restart, and no counter that fell", async () => {
    const total = `whitestat_device_bytes_total{device="${ANNA}"}`;
    await eventually(async () => expect(await downloadOf(total)).toBe(1_000));
    transfer(500_000, 10);
    await eventually(async () => expect(await downloadOf(total)).toBe(501_000));
    await product.kill();
    transfer(200_000, 10);
    product = await startProduct();
    await eventually(async () => expect(await downloadOf(total)).toBe(701_000));
    expect(await downloadOf(`resets(${total}[10m])`)).toBe(0);
    // What increase() is made of: it goes beyond the first and the last sample by a guess, which this leaves out.
    const increase = await downloadOf(`max_over_time(${total}[10m]) - min_over_time(${total}[10m])`);
    // Of all days: the test may run at midnight.
    const response = await fetch(`${product.url}/api/v1/usage?from=2020-01-01&group=month`);
    const { devices } = (await response.json()) as { devices: { key: string; download: number }[] };
    expect(increase).toBe((devices.find(({ key }) => key === ANNA)?.download ?? 0) - 1_000);
    expect(await downloadOf(`increase(${total}[10m])`)).toBeGreaterThanOrEqual(700_000 - 1);
  }, 60_000);

  test("takes every query of the documentation and of the Grafana dashboard, and they find something", async () => {
    const queries = blocksOf(await read("docs/prometheus.md"), "promql");
    expect(queries.length).toBeGreaterThanOrEqual(5);
    const dashboard = JSON.parse(await read("deploy/grafana/whitestat.json")) as {
      panels: { title: string; targets?: { expr: string }[] }[];
    };
    const shown = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(shown.length).toBeGreaterThan(4);
    for (const expression of [...queries, ...shown]) {
      const now = expression
        .replaceAll("$__rate_interval", "1m")
        .replaceAll("$__range", "1h")
        .replaceAll("$device", ".+");
      await eventually(async () => expect(await query(now), now).not.toEqual([]));
    }
  }, 60_000);

  test("takes the alert rules of the documentation", async () => {
    const [rules = ""] = blocksOf(await read("docs/prometheus.md"), "yaml").filter((block) => block.includes("alert:"));
    const path = join(folder, "rules.yml");
    await writeFile(path, rules);
    const checked = spawnSync("promtool", ["check", "rules", path], { encoding: "utf8" });
    expect(`${checked.stdout}${checked.stderr}`).toMatch(/SUCCESS: \d+ rules found/);
  });
});

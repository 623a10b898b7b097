import { cpSync, existsSync } from "node:fs";
import { chown, link, lstat, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createFakeDarkstat, type FakeDarkstat } from "../../src/meters/darkstat/simulated/index.ts";
import { eventually } from "../lib/commands.ts";
import { freePort } from "../lib/free-port.ts";
import { createEngine, type Engine, IMAGE_USER, imageObstacle, relay, usage } from "./engine.ts";

const IMAGE = "localhost/whitestat:latest";
const obstacle = imageObstacle(IMAGE);
const PHONE = { ip: "192.168.1.20", mac: "02:1a:2b:00:00:05" };
const KB = 1024;

describe.skipIf(obstacle)(`the image with a darkstat elsewhere${obstacle ? ` (${obstacle})` : ""}`, () => {
  let engine: Engine;
  let darkstat: FakeDarkstat;
  let url: string;

  beforeAll(() => {
    engine = createEngine(IMAGE);
  });
  afterAll(() => engine?.dispose());
  beforeEach(async () => {
    darkstat = createFakeDarkstat({ now: () => Date.now() });
    darkstat.traffic(PHONE, "198.51.100.7", 500 * KB, 20 * KB);
    url = await darkstat.start();
  });
  afterEach(() => darkstat?.stop());

  /** In the machine's network, where the simulated darkstat is; quick. */
  async function start({ store = engine.folder(), env = {} as Record<string, string>, options = [] as string[] } = {}) {
    const port = await freePort();
    const variables = {
      DARKSTAT_URL: url,
      SERVER_PORT: String(port),
      IdleSeconds: "1",
      UpdateDBSeconds: "600",
      ...env,
    };
    const container = await engine.run([
      ...["--network", "host", "--volume", `${store}:/data`, ...options],
      ...Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    ]);
    await container.says(/WhiteStat .* is at/);
    const phone = async () => {
      const rows = await usage(`http://127.0.0.1:${port}${env.BASE_PATH ?? ""}/json`);
      const row = rows.find(({ MAC }) => MAC === PHONE.mac);
      if (!row) throw new Error("The phone was not measured yet.");
      return row;
    };
    return { container, port, store, phone };
  }

  test("the original's command works word for word", async () => {
    const store = engine.folder();
    const [gateway, port] = ["10.88.0.1", await freePort()];
    const container = await engine.run([
      ...["--env", "DATA_STORE=/mnt/whitestat/", "--env", `DARKSTAT_URL=http://${gateway}:${port}`],
      ...["--env", "SERVER_PORT=777", "--mount", `type=bind,source=${store},target=/mnt/whitestat`],
      ...["-p", "127.0.0.1:888:777", "--env", "IdleSeconds=1"],
    ]);
    await container.says(/http:\/\/localhost:777\//);
    const end = await relay(gateway, port, Number(new URL(url).port));
    try {
      const [row] = await eventually(async () => {
        const rows = await usage("http://127.0.0.1:888/json");
        expect(rows.map(({ IP }) => IP)).toContain(PHONE.ip);
        return rows;
      });
      expect(row).toMatchObject({ KBIn: 500, KBOut: 20 });
      expect(existsSync(join(store, "WhiteStat.db"))).toBe(true);
    } finally {
      end();
    }
  });

  test("a store that is mounted where the original had it is found without DATA_STORE", async () => {
    const store = engine.folder();
    const container = await engine.run([
      ...["--network", "host", "--env", `DARKSTAT_URL=${url}`, "--env", `SERVER_PORT=${await freePort()}`],
      ...["--mount", `type=bind,source=${store},target=/mnt/whitestat`],
    ]);
    await container.says(/settings are in \/mnt\/whitestat\/WhiteStatConfig.json/);
    expect(existsSync(join(store, "WhiteStatConfig.json"))).toBe(true);
  });

  test("nothing in it runs as root, and it has no build tools, caches or programs that become root", async () => {
    const { container } = await start();
    const processes = await container.exec("ps", "-o", "user,args");
    expect(processes.stdout).toMatch(/node --max-semi-space-size=1 --optimize-for-size/);
    // But the one that asks, which came from outside.
    expect(processes.stdout.replace(/^.* ps -o .*$/m, "")).not.toMatch(/root/);
    const found = await container.exec(
      ...["find", "/", "-xdev", "("],
      ...["-perm", "-4000", "-o", "-perm", "-2000", "-o", "-name", "*.deb", "-o", "-name", "npm", "-o", "-name", "gcc"],
      ...[
        "-o",
        "-path",
        "/var/lib/apt",
        "-o",
        "-path",
        "/var/cache/*",
        "-o",
        "-name",
        "apt-get",
        "-o",
        "-name",
        ".npm",
        ")",
      ],
    );
    expect(found).toMatchObject({ stdout: "", stderr: "", code: 0 });
  });

  test("its labels say what it is, and packages are listed where scanners look", async () => {
    const labels = await engine.inspect<Record<string, string>>(".Config.Labels");
    const { version } = JSON.parse(await readFile("package.json", "utf8"));
    expect(await readFile("Dockerfile", "utf8")).toContain(`ARG VERSION=${version}\n`);
    expect(labels).toMatchObject({
      "org.opencontainers.image.title": "WhiteStat",
      "org.opencontainers.image.version": version,
      "org.opencontainers.image.licenses": "MIT",
    });
    const { container } = await start();
    const listed = await container.exec("grep", "-h", "^Package:", "-r", "/var/lib/dpkg/status.d");
    expect(listed.stdout).toMatch(/^Package: libnode\d+$/m);
    expect(listed.stdout).toMatch(/^Package: darkstat$/m);
    const licence = await container.exec("head", "-n", "3", "/usr/share/doc/darkstat/copyright");
    expect(licence.code).toBe(0);
  });

  test("a restart keeps the figures, and SIGTERM ends it with the last reading written, before Docker would kill it", async () => {
    const { container, store, phone } = await start();
    await eventually(async () => expect(await phone()).toMatchObject({ KBIn: 500 }));
    // Nothing was written yet but at the start: the database is due in ten minutes.
    darkstat.traffic(PHONE, "198.51.100.7", 250 * KB, 0);
    // Killed after ten seconds it would be 137.
    expect((await container.stop()).code).toBe(0);
    const database = new DatabaseSync(join(store, "WhiteStat.db"), { readOnly: true });
    expect(database.prepare("SELECT KBIn FROM dailyusage WHERE MAC = ?").get(PHONE.mac)).toEqual({ KBIn: 750 });
    database.close();

    // The file names the first port.
    const again = await engine.run(["--network", "host", "--volume", `${store}:/data`]);
    await again.says(/WhiteStat .* is at/);
    darkstat.traffic(PHONE, "198.51.100.7", 50 * KB, 0);
    await eventually(async () => expect(await phone()).toMatchObject({ KBIn: 800 }));
  });

  test("a read-only root file system is enough, without a single folder to write to but the store", async () => {
    const { container, phone } = await start({ options: ["--read-only", "--read-only-tmpfs=false"] });
    await eventually(async () => expect(await phone()).toMatchObject({ KBIn: 500 }));
    expect((await container.exec("touch", "/tmp/x")).stderr).toMatch(/Read-only file system/);
    expect((await container.stop()).code).toBe(0);
    expect(await container.said()).not.toMatch(/EROFS|read-only/i);
  });

  test("without any capability and under no-new-privileges it reads another darkstat", async () => {
    const { container, phone } = await start({
      options: ["--user", "1000:1000", "--cap-drop", "all", "--security-opt", "no-new-privileges", "--read-only"],
    });
    await eventually(async () => expect(await phone()).toMatchObject({ KBIn: 500 }));
    const status = await container.exec("grep", "-h", "CapEff", "/proc/1/status");
    expect(status.stdout).toMatch(/0000000000000000/);
  });

  test("a new volume and a store that root wrote, as the original did, become user 1000's", async () => {
    const store = engine.folder(0);
    cpSync("test/takeover/fixtures/v5", store, { recursive: true });
    const config = join(store, "WhiteStatConfig.json");
    // Its settings name a darkstat of its time, and win over the environment.
    const old = JSON.parse(await readFile(config, "utf8"));
    await writeFile(config, JSON.stringify({ ...old, DARKSTAT_URL: url, SERVER_PORT: await freePort(), TZ: "UTC" }));
    const container = await engine.run(["--network", "host", "--volume", `${store}:/mnt/whitestat`]);
    await container.says(/WhiteStat .* is at/);
    expect(await container.said()).toMatch(/WhiteStat\.db \(v5\)/);
    expect((await stat(join(store, "WhiteStat.db"))).uid).toBe(IMAGE_USER);
    expect((await stat(config)).uid).toBe(IMAGE_USER);

    const env = ["--env", `DARKSTAT_URL=${url}`, "--env", `SERVER_PORT=${await freePort()}`];
    const volume = await engine.run(["--network", "host", ...env, "--volume", "/mnt/whitestat"]);
    await volume.says(/WhiteStat .* is at/);
    const owner = await volume.exec("stat", "-c", "%u", "/mnt/whitestat/WhiteStat.db");
    expect(owner.stdout).toBe(`${IMAGE_USER}\n`);
  });

  test("what others own in the data folder, links and files of two names are not given away", async () => {
    const store = engine.folder(0);
    const elsewhere = engine.folder(0);
    await writeFile(join(elsewhere, "roots"), "");
    await writeFile(join(store, "anothers"), "");
    await chown(join(store, "anothers"), 4321, 4321);
    await symlink(join(elsewhere, "roots"), join(store, "link"));
    await writeFile(join(store, "one"), "");
    await link(join(store, "one"), join(store, "two"));
    const { container } = await start({ store });
    await container.stop();
    const owners = await Promise.all(["anothers", "one"].map(async (name) => (await stat(join(store, name))).uid));
    expect(owners).toEqual([4321, 0]);
    expect((await lstat(join(store, "link"))).uid).toBe(0);
    expect((await stat(join(elsewhere, "roots"))).uid).toBe(0);
  });

  test("with --user, a data folder of somebody else stops the start with the command that mends it", async () => {
    const store = engine.folder(0);
    const user = ["--user", `${IMAGE_USER}:${IMAGE_USER}`];
    const ended = await engine.runToEnd([
      ...["--network", "host", "--volume", `${store}:/data`, "--env", `DARKSTAT_URL=${url}`, ...user],
    ]);
    expect(ended.code).toBe(78);
    expect(ended.stdout + ended.stderr).toMatch(/belongs to user 0/);
    expect(ended.stdout + ended.stderr).toContain(`sudo chown -R ${IMAGE_USER}:${IMAGE_USER} /data`);
  });

  test("it becomes the owner of the data folder, whoever that is, and takes what --user says", async () => {
    for (const options of [[], ["--user", "1026:100"]]) {
      const { container, phone } = await start({ store: engine.folder(1026), options });
      await eventually(async () => expect(await phone()).toMatchObject({ KBIn: 500 }));
      expect((await container.exec("grep", "Uid", "/proc/1/status")).stdout).toMatch(/Uid:\s+1026\s+1026/);
    }
  });

  test("root without the right to become another user says how to start it", async () => {
    const container = await engine.run([
      "--network",
      "host",
      "--cap-drop",
      "all",
      "--volume",
      `${engine.folder()}:/data`,
    ]);
    await container.says(/Start it with --user 1000:1000, or with --cap-add SETUID --cap-add SETGID/);
  });

  test("without a mount it says that the figures are lost with the container, with one it says nothing", async () => {
    const alone = await engine.run([
      "--network",
      "host",
      "--env",
      `DARKSTAT_URL=${url}`,
      "--env",
      `SERVER_PORT=${await freePort()}`,
    ]);
    await alone.says(/\/data is inside the container, and is lost with it/);
    const { container } = await start();
    expect(await container.said()).not.toMatch(/inside the container/);
  });

  test("days begin where TZ says", async () => {
    // Fourteen hours ahead of UTC and eleven behind it: never the same day.
    const dates = await Promise.all(
      ["Pacific/Kiritimati", "Pacific/Pago_Pago"].map(async (zone) => {
        const { phone } = await start({ env: { TZ: zone } });
        const row = await eventually(phone);
        const today = new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" }).format();
        return { got: row.DATE, wanted: `${today} 00:00:00` };
      }),
    );
    expect(dates.map(({ got }) => got)).toEqual(dates.map(({ wanted }) => wanted));
    expect(dates[0]?.got).not.toBe(dates[1]?.got);
  });

  test("its health check is well while it reads, tells why it is not, and follows the settings", async () => {
    const history = await engine.inspect<{ created_by: string }[]>(".History");
    expect(history.map(({ created_by }) => created_by).join("\n")).toMatch(/HEALTHCHECK .*whitestat.*healthcheck/);
    // Podman sees it only in images of Docker's format. buildx, which the release is built by, pushes OCI's.
    const isSeen = (await engine.inspect<object | null>(".HealthCheck")) !== null;
    if (!isSeen) expect(await engine.inspect(".ManifestType")).toMatch(/^application\/vnd\.oci\./);
    const { container, phone, store } = await start({
      env: { BASE_PATH: "/whitestat", LISTEN_ADDRESS: "127.0.0.1" },
      options: isSeen ? [] : ["--health-cmd", "whitestat healthcheck"],
    });
    await eventually(phone);
    expect(await container.health()).toMatchObject({ code: 0 });
    // Port, path and address come from the file now, not from the environment.
    await container.stop();
    const again = await engine.run(["--network", "host", "--volume", `${store}:/data`, "--health-retries", "1"]);
    await again.says(/WhiteStat .* is at/);
    await eventually(async () => expect((await again.exec("whitestat", "healthcheck")).code).toBe(0));
    await darkstat.stop();
    const ill = await eventually(async () => {
      const said = await again.exec("whitestat", "healthcheck");
      expect(said.code).toBe(1);
      return said;
    }, 60_000);
    expect(ill.stdout).toMatch(/"status":"stale".*Can't reach darkstat/);
  });

  test("port 777 is taken where only root may have it, and no other one where it is refused", async () => {
    // Podman's networks leave ports below 1024 to root, as the machine's own does.
    const store = engine.folder();
    const options = ["--network", "none", "--volume", `${store}:/data`, "--env", `DARKSTAT_URL=${url}`];
    const container = await engine.run(options);
    await container.says(/is at http:\/\/localhost:777\//);
    await container.stop();
    // Nothing outside leads to another port.
    const powerless = await engine.runToEnd([...options, "--user", "1000:1000", "--cap-drop", "all"]);
    expect(powerless.code).toBe(69);
    expect(powerless.stdout).toMatch(/does not let this user listen on port 777/);
  });

  test("it shows the demonstration", async () => {
    const container = await engine.run(["--network", "host", "--env", `SERVER_PORT=${await freePort()}`], ["demo"]);
    // It lives through a year first: on a busy machine that takes a while.
    await container.says(/is at http/, 100_000);
  });
});

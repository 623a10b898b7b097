import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createFakeDarkstat, type FakeDarkstat } from "../../src/meters/darkstat/simulated/index.ts";
import { eventually, type Running } from "../lib/commands.ts";
import { freePort } from "../lib/free-port.ts";
import { ARCH, createRoot, makeBase, OWN_ARCH, type Root, rootObstacle, WORK } from "./root.ts";

const obstacle = rootObstacle();
const PHONE = { ip: "192.168.1.20", mac: "02:1a:2b:00:00:05" };
const KB = 1024;
/** qemu takes its time. */
const STARTUP_MS = 120_000;

/** Makes the machine a gateway with one device behind it, and what asks how many KB that device sent: some more each time. */
const GATEWAY = `
  ip link set lo up
  ip netns add lan
  ip link add eth0 type veth peer name eth1
  ip link set eth1 netns lan address ${PHONE.mac} up
  ip -n lan addr add ${PHONE.ip}/24 dev eth1
  ip addr add 192.168.1.1/24 dev eth0
  ip link set eth0 up
  ip route add default via 192.168.1.254 dev eth0
  measured() {
    ip netns exec lan bash -c 'head -c 4000 /dev/zero > /dev/udp/192.168.1.1/9'
    exec 3<> /dev/tcp/127.0.0.1/777
    printf 'GET /json HTTP/1.0\r\nHost: localhost:777\r\n\r\n' >&3
    tr '[' '\n' <&3 | grep ${PHONE.mac} | cut -d , -f 6
  }
  tables() { nft list tables | sort | paste -sd , -; }
  is_counted() { nft list table netdev whitestat; }
  run_of() { nft list table netdev whitestat | grep -o 'run.[^ ]*'; }
  others() { for table in "inet fw4" "netdev whitestats" "netdev mine"; do nft add table $table; done; }
  OTHERS="table inet fw4,table netdev mine,table netdev whitestats"
  only_others() { test "$(tables)" = "$OTHERS" || { tables; return 1; }; }
  grows() { awk "BEGIN { exit !($(measured) > $1) }"; }
  eventually() {
    for try in $(seq 60); do
      if "$@" 2> /dev/null; then return; fi
      sleep 1
    done
    echo "not in a minute: $*"
    journalctl --no-pager -u whitestat
    exit 1
  }
`;

describe.skipIf(obstacle).each(["bookworm", "trixie"])(
  `on Debian %s, ${ARCH}${obstacle ? ` (${obstacle})` : ""}`,
  (suite) => {
    let built: string;
    let root: Root;
    let darkstat: FakeDarkstat;
    let port: number;
    let service: Running | null = null;

    beforeAll(() => {
      makeBase(suite);
      built = mkdtempSync(join(WORK, "built-"));
      for (const kind of ["deb", "tarball"]) {
        const args = ["scripts/packages.mjs", kind, "--quick", "--arch", ARCH, "--output", built, "--work", WORK];
        const done = spawnSync(process.execPath, args, { encoding: "utf8" });
        if (done.status !== 0) throw new Error(done.stdout + done.stderr);
      }
    });
    afterAll(() => built && rmSync(built, { recursive: true, force: true }));
    beforeEach(async () => {
      root = createRoot(suite);
      port = await freePort();
      darkstat = createFakeDarkstat({ now: () => Date.now() });
      darkstat.traffic(PHONE, "198.51.100.7", 500 * KB, 20 * KB);
    });
    afterEach(async () => {
      await service?.end("SIGKILL");
      service = null;
      await darkstat.stop();
      root.dispose();
    });

    const file = (pattern: RegExp) => join(built, readdirSync(built).find((name) => pattern.test(name)) ?? "");

    /** Runs a script that must succeed; returns what it said. */
    function sure(script: string): string {
      const { code, output } = root.sh(`set -e\n${script}`);
      if (code !== 0) throw new Error(`code ${code}: ${output}`);
      return output;
    }

    /** Puts the package of an earlier version into the system. Returns where it is there. */
    function earlier(): string {
      const folder = mkdtempSync(join(WORK, "earlier-"));
      try {
        const old = join(folder, "earlier.deb");
        const script = `dpkg-deb -R "$1" "$2/x" && sed -i 's/^Version: .*/Version: 11.99/' "$2/x/DEBIAN/control" && dpkg-deb -Zgzip -z1 -b "$2/x" "$3"`;
        const made = spawnSync("sh", ["-c", script, "sh", file(/\.deb$/), folder, old], { encoding: "utf8" });
        if (made.status !== 0) throw new Error(made.stderr);
        return root.put(old);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }

    /** The settings as a person would write them, in the file that the service reads. */
    async function configure(): Promise<void> {
      const url = await darkstat.start();
      sure(`printf 'DARKSTAT_URL=${url}\\nSERVER_PORT=${port}\\nIdleSeconds=1\\n' >> /etc/default/whitestat`);
    }

    /** Does what systemd would, by the installed unit: its command, its user, its environment. */
    async function startService(unit: string): Promise<void> {
      service = root.start(`
        set -a; eval "$(sed -n 's/^Environment=//p' ${unit} | tr ' ' '\\n')"; . /etc/default/whitestat; set +a
        cd "$(sed -n 's/^WorkingDirectory=//p' ${unit})"
        umask "$(sed -n 's/^UMask=//p' ${unit})"
        user=$(sed -n 's/^User=//p' ${unit})
        exec setpriv --reuid=$user --regid=$user --init-groups $(sed -n 's/^ExecStart=//p' ${unit})`);
      await service.says(/WhiteStat .* is at/, STARTUP_MS);
      await eventually(async () => {
        // Each time: with a store of an older version, what darkstat has counted before is that one's.
        darkstat.traffic(PHONE, "198.51.100.7", KB, KB);
        const rows = await (await fetch(`http://127.0.0.1:${port}/table`)).text();
        expect(rows).toContain(PHONE.mac);
      }, STARTUP_MS);
    }

    async function stopService(): Promise<void> {
      await service?.end("SIGTERM");
      expect(service?.child.exitCode).toBe(0);
    }

    const UNIT = "/usr/lib/systemd/system/whitestat.service";

    test("the package installs, serves, survives an update with its settings, and is gone when purged", async () => {
      sure(`dpkg -i ${earlier()}`);
      expect(sure("getent passwd whitestat; stat -c '%U %a' /var/lib/whitestat")).toMatch(
        /:\/var\/lib\/whitestat:\/usr\/sbin\/nologin\nwhitestat 700\n/,
      );
      expect(sure("ls /etc/systemd/system/multi-user.target.wants")).toContain("whitestat.service\n");
      await configure();
      await startService(UNIT);
      await stopService();

      const said = sure(`dpkg -i ${root.put(file(/\.deb$/))}`);
      expect(said).toMatch(/Unpacking whitestat(?::\w+)? .* over \(11\.99\)/);
      expect(sure("cat /etc/default/whitestat")).toContain(`SERVER_PORT=${port}`);
      await startService(UNIT);
      await stopService();
      expect(sure("stat -c '%U %a' /var/lib/whitestat/WhiteStat.db")).toMatch(/^whitestat 6[04]0\n$/);

      sure("dpkg -r whitestat");
      expect(
        sure("ls /etc/default/whitestat /var/lib/whitestat/WhiteStat.db; ls /usr/lib | grep -c whitestat || true"),
      ).toMatch(/whitestat\n.*WhiteStat.db\n0\n/);
      sure("dpkg -P whitestat");
      const left = sure(
        "find / -xdev -path /proc -prune -o -path /srv -prune -o -path /var/lib/dpkg -prune -o -name '*hite[Ss]tat*' -print",
      );
      expect(left).toBe("");
    });

    test.skipIf(ARCH !== OWN_ARCH)(
      "under systemd it measures by the kernel's counters, survives an update and a kill, and stays down where it can't start",
      () => {
        const { code, output } = root.boot(`set -euo pipefail
          ${GATEWAY}
          dpkg -i ${earlier()}
          echo SERVER_PORT=777 IdleSeconds=1 | tr ' ' '\n' >> /etc/default/whitestat
          systemctl restart whitestat
          eventually measured
          before=$(measured)
          dpkg -i ${root.put(file(/\.deb$/))}
          test "$(systemctl is-enabled whitestat)" = enabled
          eventually grows "$before"
          before=$(measured)
          systemctl kill --signal KILL --kill-whom main whitestat
          eventually grows "$before"
          whitestat doctor
          systemctl stop whitestat
          echo '{ "IdleSeconds": "often" }' > /var/lib/whitestat/WhiteStatConfig.json
          systemctl start whitestat || true
          given_up() { systemctl show whitestat | grep -x ExecMainStatus=78 && systemctl is-failed whitestat; }
          eventually given_up
          dpkg -P whitestat
          test ! -e /var/lib/whitestat
          if nft list table netdev whitestat; then exit 1; fi
          if systemctl cat whitestat; then exit 1; fi`);
        expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining("No problems found.") });
      },
    );

    test.skipIf(ARCH !== OWN_ARCH)(
      "under systemd the kernel counts on over a restart and an update; stopped or removed, our tables go, and no other",
      () => {
        const { code, output } = root.boot(`set -euo pipefail
          ${GATEWAY}
          others
          dpkg -i ${earlier()}
          echo SERVER_PORT=777 IdleSeconds=1 | tr ' ' '\n' >> /etc/default/whitestat
          systemctl restart whitestat
          eventually measured
          run=$(run_of)
          test -n "$run"
          before=$(measured)
          echo == restart
          systemctl restart whitestat
          test "$(run_of)" = "$run"
          eventually grows "$before"
          echo == update
          dpkg -i ${root.put(file(/\.deb$/))}
          test "$(run_of)" = "$run"
          eventually grows "$before"
          test "$(run_of)" = "$run"
          echo == crash
          systemctl kill --signal SEGV --kill-whom main whitestat
          test "$(run_of)" = "$run"
          eventually grows "$before"
          test "$(run_of)" = "$run"
          echo == stop
          systemctl stop whitestat
          only_others
          echo == several meters
          echo 'HOST_INTERFACE=lan=eth0' >> /etc/default/whitestat
          systemctl start whitestat
          has_named() { nft list table netdev whitestat-lan; }
          eventually has_named
          systemctl stop whitestat
          only_others
          echo == remove
          systemctl start whitestat
          eventually has_named
          dpkg -r whitestat
          only_others
          dpkg -P whitestat
          only_others`);
        expect({ code, output }).toEqual({ code: 0, output: expect.any(String) });
      },
    );

    test.skipIf(ARCH !== OWN_ARCH)(
      "under systemd the archive counts, and leaves no table when it is uninstalled",
      () => {
        const { code, output } = root.boot(`set -euo pipefail
        ${GATEWAY}
        others
        cd /tmp && tar -xzf ${root.put(file(/\.tar\.gz$/))}
        WHITESTAT_NO_INSTALL=1 ./whitestat-*/install.sh
        echo SERVER_PORT=777 IdleSeconds=1 | tr ' ' '\n' >> /etc/default/whitestat
        systemctl restart whitestat
        eventually measured
        is_counted
        WHITESTAT_NO_INSTALL=1 ./whitestat-*/install.sh
        is_counted
        eventually measured
        /opt/whitestat/install.sh --uninstall
        only_others
        if systemctl cat whitestat; then exit 1; fi`);
        expect({ code, output }).toEqual({ code: 0, output: expect.any(String) });
      },
    );

    test("a store of version 5 that root copied there is taken over, and the original is kept", async () => {
      const url = await darkstat.start();
      const store = root.put("test/takeover/fixtures/v5");
      // Its settings name the darkstat and the port of its time, and win over the environment.
      sure(`mkdir -p /var/lib/whitestat && cp -r ${store}/. /var/lib/whitestat
        sed -i -e 's,"DARKSTAT_URL".*,"DARKSTAT_URL": "${url}"\\,,' -e 's,"SERVER_PORT".*,"SERVER_PORT": ${port}\\,,' \
          /var/lib/whitestat/WhiteStatConfig.json
        dpkg -i ${root.put(file(/\.deb$/))}`);
      await startService(UNIT);
      const answer = await fetch(`http://127.0.0.1:${port}/json/history?start=2021-01-01&end=2021-12-31`);
      expect(((await answer.json()) as { data: unknown[] }).data.length).toBeGreaterThan(100);
      await stopService();
      expect(sure("ls /var/lib/whitestat")).toContain("WhiteStat.db.v5-backup");
    });

    test("the command is the service's: root gets its store and user, another user is told to ask root", async () => {
      sure(`dpkg -i ${root.put(file(/\.deb$/))}`);
      await configure();
      await startService(UNIT);
      await stopService();
      const exported = sure(
        "cd /root && whitestat export --format csv --output days.csv && stat -c %U days.csv && cat days.csv",
      );
      expect(exported).toMatch(/^whitestat$/m);
      expect(exported).toContain(PHONE.mac);
      expect(sure("stat -c %U /var/lib/whitestat/WhiteStat.db")).toBe("whitestat\n");
      expect(sure("whitestat --version")).toMatch(/^\d+\.\d+\.\d+\n$/);
      const { code, output } = root.sh("setpriv --reuid=nobody --regid=nogroup --clear-groups whitestat doctor");
      expect({ code, output }).toEqual({
        code: 77,
        output: "whitestat: /var/lib/whitestat is for root and user whitestat. Try: sudo whitestat doctor\n",
      });
    });

    test("the archive installs, updates in place with data and settings, and uninstalls", async () => {
      const archive = root.put(file(/\.tar\.gz$/));
      const install = `cd /tmp && tar -xzf ${archive} && WHITESTAT_NO_INSTALL=1 ./whitestat-*/install.sh`;
      const unit = "/etc/systemd/system/whitestat.service";
      expect(sure(install)).toContain("WhiteStat is installed");
      await configure();
      await startService(unit);
      await stopService();
      sure(`touch /opt/whitestat/of-the-old-version; ${install}`);
      const own = ARCH === "armhf" ? ["js", "lib"] : [];
      expect(sure("ls /opt/whitestat").trim().split("\n")).toEqual(
        ["app", "bin", "install.sh", "licences", ...own].sort(),
      );
      await startService(unit);
      await stopService();
      expect(sure("whitestat --version")).toMatch(/^\d+\.\d+\.\d+\n$/);
      expect(sure("/opt/whitestat/install.sh --uninstall")).toContain("WhiteStat is removed");
      expect(sure("ls /usr/local/lib /usr/local/bin /var/lib/whitestat")).toMatch(/WhiteStat\.db/);
      expect(root.sh("test -e /opt/whitestat -o -e /usr/local/bin/whitestat").code).toBe(1);
    });

    test.skipIf(ARCH !== "amd64")("an archive for another processor is refused, and what is installed stays", () => {
      const archive = root.put(file(/\.tar\.gz$/));
      sure(`cd /tmp && tar -xzf ${archive} && WHITESTAT_NO_INSTALL=1 ./whitestat-*/install.sh`);
      const { code, output } = root.sh(`
        cd /tmp && printf '#!/nowhere\\n' > new-node && chmod +x new-node && cp new-node whitestat-*/whitestat/bin/node
        WHITESTAT_NO_INSTALL=1 ./whitestat-*/install.sh`);
      expect(code).toBe(1);
      expect(output).toMatch(/this archive is for another processor than this machine \(x86_64\)/);
      expect(sure("whitestat --version")).toMatch(/^\d+\.\d+\.\d+\n$/);
    });
  },
);

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { KernelError } from "./error.ts";
import { createNft, errorOf } from "./nft.ts";
import { type FindOptions, findKernelPlace } from "./place.ts";
import { takeInAll } from "./promiscuous.ts";

/** A machine's /sys and /proc, and an nft that does what a test says. */
describe("the place of the kernel's meter", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "whitestat-place-"));
    write("bin/nft", "#!/bin/sh\n", 0o755);
    for (const [name, index] of [
      ["eth0", 2],
      ["br0", 3],
    ] as const) {
      write(`sys/class/net/${name}/ifindex`, `${index}\n`);
      write(`sys/class/net/${name}/type`, "1\n");
      write(`sys/class/net/${name}/flags`, "0x1003\n");
      write(`sys/class/net/${name}/operstate`, "up\n");
    }
    write("sys/class/net/br0/bridge/bridge_id", "8000.0\n");
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function write(path: string, text: string, mode = 0o644): void {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode });
  }

  const asked: string[] = [];
  const find = (wanted: readonly string[], more: Partial<FindOptions> = {}) => {
    asked.length = 0;
    return findKernelPlace({
      wanted,
      path: join(root, "bin"),
      root,
      makeNft: () => async (_, input) => {
        asked.push(input ?? "");
        return "";
      },
      ...more,
    });
  };

  test("is where nft works on the interfaces that are named; what is tried is taken away in the same breath", async () => {
    expect(await find(["br0"])).toMatchObject({ devices: ["br0"], leftOut: [] });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain('egress devices = { "br0" }');
    expect(asked[0]?.trimEnd()).toMatch(/delete table netdev whitestat_probe$/);
  });

  test("is that of the default route where none is named, and nowhere without one", async () => {
    write(
      "proc/net/route",
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\neth0\t00000000\t01010101\t0003\t0\t0\t0\t00000000\n",
    );
    expect(await find([])).toMatchObject({ devices: ["eth0"] });
    const none = { route: "", ipv6Route: "", interfaces: [], forwards: false };
    expect(await find([], { network: async () => none })).toMatchObject({
      message: expect.stringContaining("no network interface"),
      hint: expect.stringContaining("HOST_INTERFACE"),
    });
  });

  test("waits for an interface that is still to come", async () => {
    expect(await find(["wlan0"])).toMatchObject({ devices: ["wlan0"] });
    expect(asked[0]).toContain('devices = { "lo" }');
  });

  test("is not on an interface without MAC addresses", async () => {
    write("sys/class/net/ppp0/type", "512\n");
    expect(await find(["ppp0"])).toMatchObject({ message: expect.stringMatching(/ppp0 is no Ethernet/) });
  });

  test("counts no frame twice: of a bridge and its port, and of a card and its VLAN, one is left out and said", async () => {
    write("sys/class/net/eth0/master/uevent", "DEVTYPE=bridge\nINTERFACE=br0\nIFINDEX=3\n");
    expect(await find(["eth0", "br0", "br0"])).toMatchObject({
      devices: ["br0"],
      leftOut: [expect.stringMatching(/eth0 and br0, .* only br0/)],
    });
    write("sys/class/net/eth0.10/type", "1\n");
    write("proc/net/vlan/eth0.10", "eth0.10  VID: 10\t REORDER_HDR: 1  dev->priv_flags: 81021\nDevice: eth0\n");
    expect(await find(["eth0.10", "eth0"])).toMatchObject({ devices: ["eth0"] });
    expect(await find(["eth0.10"])).toMatchObject({ devices: ["eth0.10"], leftOut: [] });
  });

  test.each([
    ["Operation not permitted (you must be root)", /NET_ADMIN/, /root|CAP_NET_ADMIN/],
    ["Error: Could not process rule: Operation not supported", /can't count what an interface sends/, /5\.16/],
    ["Error: something else", /something else/, /METER=darkstat/],
  ])("is none where nft says: %s", async (complaint, message, hint) => {
    const makeNft = () => async () => {
      throw errorOf(complaint);
    };
    expect(await find(["br0"], { makeNft })).toEqual({
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });

  test("is none without nft", async () => {
    rmSync(join(root, "bin"), { recursive: true });
    const found = await find(["br0"], { besidesPath: [] });
    expect(found).toEqual({
      message: "nft isn't installed",
      hint: expect.stringContaining("apt-get install nftables"),
    });
    // A user without rights is told of both, or would install it in vain.
    write("proc/self/status", "Name:\tnode\nCapEff:\t0000000000000000\n");
    expect(await find(["br0"], { besidesPath: [] })).toEqual({
      message: expect.stringMatching(/nft isn't installed, and .* NET_ADMIN/),
      hint: expect.stringMatching(/apt-get install nftables.* as root/),
    });
    write("proc/self/status", "Name:\tnode\nCapEff:\t0000000000001000\n");
    expect(await find(["br0"], { besidesPath: [] })).toMatchObject({ message: "nft isn't installed" });
  });

  test("takes in the frames for others on a card, as a mirror port needs it; not on a bridge, nor twice", async () => {
    const runs: string[] = [];
    const ip = async (args: readonly string[]) => void runs.push(args.join(" "));
    expect(await takeInAll("br0", ip, root)).toBe(true);
    expect(runs).toEqual([]);
    expect(await takeInAll("eth0", ip, root)).toBe(true);
    expect(runs).toEqual(["link set dev eth0 promisc on"]);
    write("sys/class/net/eth0/flags", "0x1103\n");
    expect(await takeInAll("eth0", () => Promise.reject(new Error("no")), root)).toBe(true);
    write("sys/class/net/eth0/flags", "0x1003\n");
    expect(await takeInAll("eth0", () => Promise.reject(new Error("no")), root)).toBe(false);
  });

  describe("a program in nft's place", () => {
    const run = (script: string, timeoutMs?: number) => {
      write("bin/nft", `#!/bin/sh\n${script}\n`, 0o755);
      return createNft(join(root, "bin/nft"), timeoutMs);
    };

    test("is given its input, and its output is what comes back", async () => {
      expect(await run('echo "$@"; cat')(["-f", "-"], "add table\n")).toBe("-f -\nadd table\n");
    });

    test("that fails is quoted, with the kind of its failure", async () => {
      await expect(run("echo 'Operation not permitted' >&2; exit 1")([])).rejects.toMatchObject({ code: "refused" });
    });

    test("that crashes is named by its signal, with what may be the cause", async () => {
      const crashed = run("kill -SEGV $$")([]);
      await expect(crashed).rejects.toMatchObject({ code: "failed", message: "nft ended by SIGSEGV" });
      await expect(crashed).rejects.toMatchObject({ hint: expect.stringContaining("nft list ruleset") });
    });

    test("that hangs is ended", async () => {
      await expect(run("exec sleep 600", 100)([])).rejects.toMatchObject({ code: "timeout" });
    });

    test("that is no longer wanted is ended, with the reason", async () => {
      const ending = new AbortController();
      const ended = run("exec sleep 600")([], "", ending.signal);
      ending.abort("enough");
      await expect(ended).rejects.toBe("enough");
    });

    test("that isn't there, or may not be run, is said to be so", async () => {
      const failure = (file: string) => createNft(join(root, file))([]).catch((error: KernelError) => error.code);
      expect(await failure("bin/none")).toBe("missing");
      write("bin/plain", "no program");
      expect(await failure("bin/plain")).toBe("refused");
    });
  });
});

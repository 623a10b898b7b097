import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findProgram } from "../../scripts/lib/programs.mjs";
import { eventually, type Running } from "../lib/commands.ts";
import { labObstacle } from "./available.ts";
import { createLab, GATEWAY, type Lab } from "./lab.ts";

const LISTENER = fileURLToPath(new URL("./mdns-listener.ts", import.meta.url));
const [ANNA, BEN] = ["192.168.77.11", "192.168.77.12"];
const obstacle =
  labObstacle() ??
  (findProgram("avahi-daemon", process.env) ? null : "avahi-daemon is missing: apt-get install avahi-daemon");

/** A response that names addresses, as `hostsInPacket` reads them, written by hand: the host that sends it decides what it says. */
function response(names: readonly (readonly [ip: string, name: string])[]): string {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0x8400, 2);
  head.writeUInt16BE(names.length, 6);
  const records = names.flatMap(([ip, name]) => [
    ...[name, "local"].map((label) => Buffer.concat([Buffer.from([Buffer.byteLength(label)]), Buffer.from(label)])),
    Buffer.from([0, 0, 1, 0x80, 1, 0, 0, 0, 120, 0, 4, ...ip.split(".").map(Number)]),
  ]);
  return Buffer.concat([head, ...records]).toString("base64");
}

describe.skipIf(obstacle)(`multicast DNS over real packets${obstacle ? ` (${obstacle})` : ""}`, () => {
  let lab: Lab;
  let folder: string;
  let listener: Running;
  let said = "";
  const heard = () => [...new Set(said.split("\n").filter((line) => line.startsWith("heard ")))].sort();

  beforeAll(async () => {
    lab = await createLab({ full: true });
    folder = mkdtempSync(join(tmpdir(), "whitestat-mdns-"));
    listener = lab.start("gateway", [process.execPath, LISTENER, GATEWAY.ip, ANNA, BEN]);
    listener.child.stdout?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    await listener.says(/listens/);
  });
  afterAll(async () => {
    await lab?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  test("a host that was there before is asked for its name, and says it", async () => {
    const config = join(folder, "avahi.conf");
    writeFileSync(
      config,
      "[server]\nhost-name=annas-phone\nuse-ipv4=yes\nuse-ipv6=no\nallow-interfaces=eth0\nenable-dbus=no\n[publish]\npublish-addresses=yes\n",
    );
    const command = `mount -t tmpfs none /run && mkdir /run/avahi-daemon && exec avahi-daemon --no-drop-root --no-chroot --no-rlimits -f ${config}`;
    const avahi = lab.start("a", ["unshare", "-m", "sh", "-c", command]);
    await avahi.says(/Server startup complete/);
    await eventually(async () => expect(heard()).toEqual([`heard ${ANNA} annas-phone`]));
    // It announces itself four times at most: of more answers some are to what it was asked.
    for (let asked = 0; asked < 6; asked++) {
      said = "";
      await eventually(async () => {
        listener.child.kill("SIGUSR2");
        expect(heard()).toEqual([`heard ${ANNA} annas-phone`]);
      });
    }
    await avahi.end("SIGKILL");
  });

  test("a host can name itself alone", async () => {
    said = "";
    const forged = response([
      [ANNA, "forged"],
      [GATEWAY.ip, "forged"],
      [BEN, "bens-tv"],
    ]);
    const script = `const s = require("dgram").createSocket("udp4"); s.bind(() => { s.setMulticastInterface("${BEN}"); s.send(Buffer.from("${forged}", "base64"), 5353, "224.0.0.251", () => s.close()); })`;
    await lab.exec("b", [process.execPath, "-e", script]);
    await eventually(async () => expect(heard()).toEqual([`heard ${BEN} bens-tv`]));
  });
});

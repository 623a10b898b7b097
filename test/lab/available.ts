import { spawnSync } from "node:child_process";
import { findProgram } from "../../scripts/lib/programs.mjs";
import { probeRules } from "../../src/meters/kernel/rules.ts";

/**
 * Why the lab can't be built here, as the end of a sentence; null when it can. Tries, rather than guesses from
 * capabilities: containers forbid this in many ways.
 */
export function labObstacle(): string | null {
  if (process.platform !== "linux") return "network namespaces are Linux's";
  if (process.getuid?.() !== 0) return "only root may make network namespaces";
  for (const [program, packageName] of [
    ["ip", "iproute2"],
    ["tc", "iproute2"],
    ["darkstat", "darkstat"],
  ] as const) {
    if (!findProgram(program, process.env)) return `${program} is missing: apt-get install ${packageName}`;
  }
  const name = `wsprobe-${process.pid}`;
  const made = spawnSync("ip", ["netns", "add", name], { encoding: "utf8" });
  if (made.status !== 0) return `network namespaces are not permitted here (${made.stderr.trim()})`;
  const tried = spawnSync(
    "ip",
    [
      "netns",
      "exec",
      name,
      "sh",
      "-c",
      "ip link add name va type veth peer name vb && tc qdisc add dev va root tbf rate 16mbit burst 32k latency 100ms && ip link add name br0 type bridge",
    ],
    { encoding: "utf8" },
  );
  spawnSync("ip", ["netns", "del", name]);
  return tried.status === 0 ? null : `virtual networks are not permitted here (${tried.stderr.trim().split("\n")[0]})`;
}

/** Why the kernel's meter can't be tested here, likewise. */
export function kernelObstacle(): string | null {
  const obstacle = labObstacle();
  if (obstacle !== null) return obstacle;
  if (!findProgram("nft", process.env)) return "nft is missing: apt-get install nftables";
  const name = `wsprobe-${process.pid}`;
  spawnSync("ip", ["netns", "add", name]);
  const tried = spawnSync("ip", ["netns", "exec", name, "nft", "-f", "-"], {
    encoding: "utf8",
    input: probeRules(["lo"]),
  });
  spawnSync("ip", ["netns", "del", name]);
  return tried.status === 0 ? null : `this kernel can't count by nftables (${tried.stderr.trim().split("\n")[0]})`;
}

/** Why no rates can be tested here with offload on and off, likewise. */
export function ratesObstacle(): string | null {
  return (
    kernelObstacle() ?? (findProgram("ethtool", process.env) ? null : "ethtool is missing: apt-get install ethtool")
  );
}

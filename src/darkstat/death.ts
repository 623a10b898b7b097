import type { Problem } from "../shared/status.ts";

/** What is wrong, without since when. */
export type Trouble = Omit<Problem, "since">;

/** Nobody has installed it. */
export function missing(): Trouble {
  return {
    code: "darkstat-missing",
    message: "The program darkstat is not installed on this machine.",
    hint: "Install it with `apt-get install darkstat` (it is looked for again every minute), or set DARKSTAT_URL to one that runs elsewhere.",
  };
}

/** There is nothing to listen on. */
export function noInterface(): Trouble {
  return {
    code: "capture-refused",
    message: "No network interface to listen on was found: there is no default route, and none but the loopback is up.",
    hint: "Connect the network, or name one with HOST_INTERFACE, e.g. HOST_INTERFACE=eth0.",
  };
}

/**
 * Why darkstat ended, from what it complained of last.
 * @param complaints all that it wrote to standard error.
 * @param how by which exit code or signal it ended.
 * @param others the interfaces that could be named instead.
 */
export function causeOfDeath(
  complaints: string,
  how: string,
  { iface, program, others }: { iface: string; program: string; others: readonly string[] },
): Trouble {
  const lines = [...complaints.matchAll(/(?:error|warning): (.*)/g)].map((match) => (match[1] ?? "").slice(0, 300));
  const said = lines.join("; ");
  const choice = others.length > 0 ? `one of ${others.join(", ")}` : "another one";
  if (/permission|not permitted/i.test(said)) {
    return {
      code: "capture-refused",
      message: `darkstat may not capture packets on ${iface}: the system does not permit it to this user.`,
      // setuid and setgid too: darkstat refuses to go on when it cannot set its user.
      hint: `Run WhiteStat as root, or allow it once with \`setcap cap_net_raw,cap_net_admin,cap_setuid,cap_setgid+ep ${program}\`.`,
    };
  }
  if (/no such device/i.test(said)) {
    return {
      code: "capture-refused",
      message: `There is no network interface ${iface} to listen on.`,
      hint: `Name ${choice} with HOST_INTERFACE.`,
    };
  }
  if (/not up|disappeared|went down/i.test(said)) {
    return {
      code: "capture-refused",
      message: `The network interface ${iface} is not up: ${said}.`,
      hint: `Bring it up with \`ip link set ${iface} up\`, or name ${choice} with HOST_INTERFACE.`,
    };
  }
  return {
    code: "darkstat-unreachable",
    message: `The embedded darkstat on ${iface} ended by ${how}${said ? `: ${said}` : ""}.`,
    hint: "It is started again by itself; if this goes on, look at darkstat.log in the data folder.",
  };
}

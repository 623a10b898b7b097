import type { Problem } from "../../shared/status.ts";

/** What is wrong, without since when. */
export type UndatedProblem = Omit<Problem, "since">;

/** It is not installed. */
export function missing(): UndatedProblem {
  return {
    code: "darkstat-missing",
    message: "darkstat isn't installed on this machine.",
    hint: "Install it with `apt-get install darkstat` (WhiteStat checks every minute), or set DARKSTAT_URL to one that runs elsewhere, e.g. DARKSTAT_URL=http://192.168.1.5:667.",
  };
}

/** There is nothing to listen on. */
export function noInterface(): UndatedProblem {
  return {
    code: "capture-refused",
    message: "No network interface to capture on: there is no default route, and only the loopback is up.",
    hint: "Connect the network, or set HOST_INTERFACE, e.g. HOST_INTERFACE=eth0.",
  };
}

/**
 * Why darkstat ended, from the last of its error output.
 * @param errorOutput all that it wrote to standard error.
 * @param how by which exit code or signal it ended.
 * @param others the interfaces that could be named instead.
 */
export function diagnoseExit(
  errorOutput: string,
  how: string,
  { iface, program, others }: { iface: string; program: string; others: readonly string[] },
): UndatedProblem {
  const lines = [...errorOutput.matchAll(/(?:error|warning): (.*)/g)].map((match) => (match[1] ?? "").slice(0, 300));
  const said = lines.join("; ");
  const choice = others.length > 0 ? `one of ${others.join(", ")}` : "another one";
  if (/permission|not permitted/i.test(said)) {
    return {
      code: "capture-refused",
      message: `darkstat isn't permitted to capture packets on ${iface} as this user.`,
      // setuid and setgid too: darkstat refuses to go on when it cannot set its user.
      hint: `Run WhiteStat as root, or allow it once with \`setcap cap_net_raw,cap_net_admin,cap_setuid,cap_setgid+ep ${program}\`.`,
    };
  }
  if (/no such device/i.test(said)) {
    return {
      code: "capture-refused",
      message: `There is no network interface ${iface} to capture on.`,
      hint: `Set HOST_INTERFACE to ${choice}.`,
    };
  }
  if (/not up|disappeared|went down/i.test(said)) {
    return {
      code: "capture-refused",
      message: `The network interface ${iface} is not up: ${said}.`,
      hint: `Bring it up with \`ip link set ${iface} up\`, or set HOST_INTERFACE to ${choice}.`,
    };
  }
  return {
    code: "meter-unreachable",
    message: `The embedded darkstat on ${iface} ended by ${how}${said ? `: ${said}` : ""}.`,
    hint: "It is restarted automatically; if this keeps happening, look at darkstat.log in the data store.",
  };
}

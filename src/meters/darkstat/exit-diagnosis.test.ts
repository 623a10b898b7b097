import { expect, test } from "vitest";
import { diagnoseExit } from "./exit-diagnosis.ts";

const about = { iface: "eth0", program: "/usr/sbin/darkstat", others: ["wlan0", "br0"] };

test.each([
  [
    "pcap_open_live(): eth0: You don't have permission to perform this capture on that device (socket: Operation not permitted)",
    "capture-refused",
    /isn't permitted to capture packets on eth0/,
    /as root.*`setcap cap_net_raw,\S*\+ep \/usr\/sbin\/darkstat`/,
  ],
  ["setgroups: Operation not permitted", "capture-refused", /isn't permitted to capture/, /cap_setuid,cap_setgid/],
  [
    "pcap_open_live(): eth0: No such device exists (No such device exists)",
    "capture-refused",
    /no network interface eth0/,
    /Set HOST_INTERFACE to one of wlan0, br0/,
  ],
  ["pcap_open_live(): eth0: That device is not up", "capture-refused", /eth0 is not up/, /ip link set eth0 up/],
  ["pcap_dispatch('eth0'): The interface disappeared", "capture-refused", /eth0 is not up/, /HOST_INTERFACE/],
  [
    "was not able to bind any ports for http interface",
    "meter-unreachable",
    /ended by exit code 1: was not able/,
    /darkstat\.log/,
  ],
] as const)("%s", (line, code, message, hint) => {
  const problem = diagnoseExit(`darkstat (08022): error: ${line}\n`, "exit code 1", about);
  expect(problem).toMatchObject({
    code,
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  });
});

test("an exit without a word is told by its signal", () => {
  expect(diagnoseExit("", "signal SIGKILL", about).message).toBe(
    "The embedded darkstat on eth0 ended by signal SIGKILL.",
  );
});

import { expect, test } from "vitest";
import { causeOfDeath } from "./death.ts";

const about = { iface: "eth0", program: "/usr/sbin/darkstat", others: ["wlan0", "br0"] };

test.each([
  [
    "pcap_open_live(): eth0: You don't have permission to perform this capture on that device (socket: Operation not permitted)",
    "capture-refused",
    /may not capture packets on eth0/,
    /as root.*`setcap cap_net_raw,\S*\+ep \/usr\/sbin\/darkstat`/,
  ],
  ["setgroups: Operation not permitted", "capture-refused", /may not capture/, /cap_setuid,cap_setgid/],
  [
    "pcap_open_live(): eth0: No such device exists (No such device exists)",
    "capture-refused",
    /no network interface eth0/,
    /one of wlan0, br0 with HOST_INTERFACE/,
  ],
  ["pcap_open_live(): eth0: That device is not up", "capture-refused", /eth0 is not up/, /ip link set eth0 up/],
  ["pcap_dispatch('eth0'): The interface disappeared", "capture-refused", /eth0 is not up/, /HOST_INTERFACE/],
  [
    "was not able to bind any ports for http interface",
    "darkstat-unreachable",
    /ended by exit code 1: was not able/,
    /darkstat\.log/,
  ],
] as const)("%s", (complaint, code, message, hint) => {
  const trouble = causeOfDeath(`darkstat (08022): error: ${complaint}\n`, "exit code 1", about);
  expect(trouble).toMatchObject({
    code,
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  });
});

test("a death without a word is told by its signal", () => {
  expect(causeOfDeath("", "signal SIGKILL", about).message).toBe(
    "The embedded darkstat on eth0 ended by signal SIGKILL.",
  );
});

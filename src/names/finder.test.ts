import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { addDays } from "../accounting/calendar.ts";
import { createStateLog } from "../log/state-log.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { charge, DAY, fact, NOON, PHONE, settlement, temporaryFolder, viewOf } from "../store/testing/settlements.ts";
import { createNameFinder, type NameFinder } from "./finder.ts";
import { DEFAULT_SOURCES, keepSources } from "./sources.ts";
import { startPihole, startProgram } from "./testing.ts";

const TV = "02:00:00:00:00:03";

/** A household with a phone at .20 and a TV at .21, and a finder whose minutes pass one by one. */
async function household(path: string, paths: readonly string[]) {
  const store = openSqliteStore({ path, view: viewOf() });
  const first = settlement({
    charges: [charge(), charge({ mac: TV, ip: "192.168.1.21" })],
    addresses: [fact(), fact({ mac: TV, ip: "192.168.1.21" })],
  });
  await store.record(first);
  const lines: string[] = [];
  const say = (level: string) => (line: string) => lines.push(`${level} ${line}`);
  const stateLog = createStateLog({ info: say("info"), warn: say("warn"), error: say("error"), trace: () => {} });
  let ms = 0;
  let pass: (() => void) | null = null;
  let asleep = Promise.withResolvers<void>();
  const clock = {
    now: () => NOON + ms,
    mono: () => ms,
    sleep: (_: number, signal: AbortSignal) => {
      asleep.resolve();
      return Promise.race([
        new Promise<void>((resolve) => (pass = resolve)),
        once(signal, "abort").then(() => undefined),
      ]);
    },
  };
  const finder = createNameFinder({
    store,
    places: { auto: false, paths },
    clock,
    dayBefore: (days) => addDays(DAY, -days),
    ownAddresses: () => [],
    stateLog,
  });
  const ended = new AbortController();
  const running = finder.run(ended.signal);
  await asleep.promise;
  return {
    store,
    first,
    finder,
    lines,
    nameOf: (mac: string) => finder.learntName([mac])?.name ?? null,
    async nextMinute(minutes = 1) {
      ms += minutes * 60_000;
      asleep = Promise.withResolvers();
      pass?.();
      await asleep.promise;
    },
    async change(...args: Parameters<NameFinder["change"]>) {
      asleep = Promise.withResolvers();
      await finder.change(...args);
      await asleep.promise;
    },
    async end() {
      ended.abort();
      await running;
      await store.close();
    },
  };
}

function makePipe(path: string): void {
  rmSync(path);
  execFileSync("mkfifo", [path]);
}

const lease = (mac: string, name: string) => `1795732800 ${mac} 192.168.1.2 ${name} *\n`;

test("names come from the files that are named, follow their changes, and outlive them and a restart", async () => {
  using folder = temporaryFolder();
  const leases = folder.file("dhcp.leases");
  writeFileSync(leases, lease(PHONE, "annas-phone"));
  const one = await household(folder.file("db"), [leases]);
  expect(one.finder.learntName([PHONE])).toEqual({ kind: "lease", from: leases, name: "annas-phone" });
  const before = one.finder.revision();
  await one.nextMinute();
  expect(one.finder.revision()).toBe(before);
  writeFileSync(leases, lease(PHONE, "annas-new-phone") + lease(TV, "tv"));
  await one.nextMinute();
  expect([one.nameOf(PHONE), one.nameOf(TV)]).toEqual(["annas-new-phone", "tv"]);
  expect(one.finder.revision()).toBeGreaterThan(before);
  expect(one.finder.sources().files.paths).toEqual([{ path: leases, readAt: NOON + 120_000, problem: null, names: 2 }]);
  rmSync(leases);
  await one.nextMinute();
  await one.nextMinute();
  expect(one.nameOf(TV)).toBe("tv");
  expect(one.finder.sources().files.paths).toEqual([
    { path: leases, readAt: NOON + 120_000, problem: "it doesn't exist", names: 2 },
  ]);
  expect(one.lines).toEqual([`warn No names of devices from ${leases}: it doesn't exist.`]);
  await one.end();

  const again = await household(folder.file("db"), []);
  expect(again.nameOf(TV)).toBe("tv");
  await again.end();
});

test("a device that is seen later gets the name of a file that did not change", async () => {
  using folder = temporaryFolder();
  const [leases, hosts] = [folder.file("leases"), folder.file("hosts")];
  const late = "02:00:00:00:00:04";
  writeFileSync(leases, lease(late, "late"));
  writeFileSync(hosts, "192.168.1.20 nas\n192.168.1.22 speaker\n");
  const one = await household(folder.file("db"), [leases, hosts]);
  expect([one.nameOf(late), one.nameOf(PHONE)]).toEqual([null, "nas"]);
  // The late one comes, and takes the phone's address, too.
  const taken = settlement(
    {
      charges: [charge({ mac: late, ip: "192.168.1.22" }), charge({ mac: late, day: addDays(DAY, 1) })],
      addresses: [fact({ mac: late, ip: "192.168.1.22" }), fact({ mac: late })],
    },
    one.first,
  );
  await one.store.record(taken);
  await one.nextMinute(5);
  expect(one.finder.namesOf(late).map(({ name }) => name)).toEqual(["speaker", "late"]);
  await one.end();
});

test("the store is asked who has which address when a file changed, and every five minutes", async () => {
  using folder = temporaryFolder();
  const leases = folder.file("leases");
  writeFileSync(leases, lease(PHONE, "annas-phone"));
  const one = await household(folder.file("db"), [leases]);
  const asked: number[] = [];
  const devices = one.store.devices;
  one.store.devices = () => {
    asked.push(minute);
    return devices();
  };
  let minute = 1;
  for (; minute <= 6; minute += 1) {
    if (minute === 2) writeFileSync(leases, lease(TV, "tv"));
    await one.nextMinute();
  }
  // The change of minute 2 counts as one of every five.
  expect(asked).toEqual([2]);
  await one.nextMinute();
  expect(asked).toEqual([2, 7]);
  await one.end();
});

test("a folder stands for its files, without copies and hidden ones", async () => {
  using folder = temporaryFolder();
  mkdirSync(folder.file("dnsmasq.d"));
  const write = (name: string, text: string) => writeFileSync(`${folder.file("dnsmasq.d")}/${name}`, text);
  write("10-tv.conf", `dhcp-host=${TV},tv\n`);
  write("10-tv.conf~", `dhcp-host=${PHONE},wrong\n`);
  write(".hidden", `dhcp-host=${PHONE},wrong\n`);
  write("README.dpkg-old", `dhcp-host=${PHONE},wrong\n`);
  write("kea-leases4.csv.output", `address,hwaddr,hostname,state\n192.168.1.20,${PHONE},wrong,0\n`);
  const one = await household(folder.file("db"), [folder.file("dnsmasq.d")]);
  expect([one.nameOf(TV), one.nameOf(PHONE)]).toEqual(["tv", null]);
  expect(one.finder.sources().files.paths).toHaveLength(1);
  await one.end();
});

test("of a file of 10,000 leases only the names of known devices are kept", async () => {
  using folder = temporaryFolder();
  const leases = folder.file("leases");
  const mac = (i: number) =>
    `06:00:00:00:${(i >> 8).toString(16).padStart(2, "0")}:${(i & 255).toString(16).padStart(2, "0")}`;
  const many = Array.from(
    { length: 10_000 },
    (_, i) => `1795732800 ${mac(i)} 10.0.${i >> 8}.${i & 255} device-${i} 01:${mac(i)}\n`,
  );
  writeFileSync(leases, [...many, lease(PHONE, "annas-phone")].join(""));
  const one = await household(folder.file("db"), [leases]);
  expect(one.nameOf(PHONE)).toBe("annas-phone");
  expect(Object.keys((await one.store.recall<object>("learnt-names")) ?? {})).toEqual([PHONE]);
  await one.end();
});

test.each<[how: string, spoil: (path: string) => void, line: string | null]>([
  ["vanishes", (path) => rmSync(path), "it doesn't exist"],
  ["has more than can be", (path) => writeFileSync(path, lease(TV, "wrong").repeat(50_000)), "it has more than 2 MB"],
  ["is a pipe that nobody writes to", (path) => makePipe(path), "it is no regular file"],
  ["is cut off", (path) => writeFileSync(path, lease(PHONE, "annas-pho").slice(0, -4)), null],
  ["is overwritten with what is no text", (path) => writeFileSync(path, randomBytes(500_000)), null],
  ["is empty", (path) => writeFileSync(path, ""), null],
])("a lease file that %s is one line in the log at most: names stay, and others are read", async (_, spoil, why) => {
  using folder = temporaryFolder();
  const [leases, other] = [folder.file("dhcp.leases"), folder.file("other.leases")];
  const whole = lease(PHONE, "annas-phone").repeat(10_000);
  writeFileSync(leases, whole);
  writeFileSync(other, "");
  const one = await household(folder.file("db"), [leases, other]);
  spoil(leases);
  await one.nextMinute();
  writeFileSync(other, lease(TV, "tv"));
  for (let minute = 0; minute < 10; minute += 1) await one.nextMinute();
  expect([one.nameOf(PHONE), one.nameOf(TV)]).toEqual(["annas-phone", "tv"]);
  expect(one.finder.sources().files.paths).toMatchObject([{ problem: why }, { problem: null }]);
  rmSync(leases, { force: true });
  writeFileSync(leases, whole.replaceAll("annas-phone", "annas-new-phone"));
  await one.nextMinute();
  expect(one.nameOf(PHONE)).toBe("annas-new-phone");
  const lines = [
    `warn No names of devices from ${leases}: ${why}.`,
    `info Names of devices are read from ${leases} again.`,
  ];
  expect(one.lines).toEqual(why === null ? [] : lines);
  await one.end();
});

test("a Pi-hole is asked when somebody switches it on, and its names go when he switches it off", async () => {
  using folder = temporaryFolder();
  await using pihole = await startPihole({
    password: "secret",
    leases: [{ hwaddr: PHONE, ip: "192.168.1.20", name: "annas-phone" }],
  });
  const one = await household(folder.file("db"), []);
  expect(pihole.asked).toEqual([]);
  await one.change({ pihole: { on: true, url: pihole.url, password: "wrong" } });
  expect(one.finder.sources().pihole).toMatchObject({
    problem: "it refuses the password",
    readAt: null,
    hasPassword: true,
  });
  await one.change({ pihole: { password: "secret" } });
  expect(one.nameOf(PHONE)).toBe("annas-phone");
  expect(one.finder.sources().pihole).toEqual({
    on: true,
    url: pihole.url,
    hasPassword: true,
    problem: null,
    readAt: NOON,
    names: 1,
  });
  const asked = pihole.asked.length;
  await one.nextMinute();
  expect(pihole.asked).toHaveLength(asked);
  await one.nextMinute(5);
  expect(pihole.asked.length).toBeGreaterThan(asked);
  await one.change({ pihole: { on: false } });
  expect(one.nameOf(PHONE)).toBeNull();
  expect(one.lines).toEqual([
    "warn No names of devices from Pi-hole: it refuses the password.",
    "info Names of devices are read from Pi-hole again.",
  ]);
  expect(JSON.stringify([one.lines, one.finder.sources()])).not.toContain("secret");
  await one.end();
  const again = await household(folder.file("db"), []);
  expect(again.finder.sources().pihole).toMatchObject({ on: false, url: pihole.url, hasPassword: true });
  await again.end();
});

test("names of a source that was switched off while it wasn't running are not there when it starts", async () => {
  using folder = temporaryFolder();
  await using pihole = await startPihole({ leases: [{ hwaddr: PHONE, ip: "192.168.1.20", name: "annas-phone" }] });
  const one = await household(folder.file("db"), []);
  await one.change({ pihole: { on: true, url: pihole.url } });
  expect(one.nameOf(PHONE)).toBe("annas-phone");
  await keepSources(one.store, DEFAULT_SOURCES);
  await one.end();
  const again = await household(folder.file("db"), []);
  expect(again.nameOf(PHONE)).toBeNull();
  await again.end();
});

test("the program ends at once while a Pi-hole keeps it waiting", async () => {
  using folder = temporaryFolder();
  const asked = Promise.withResolvers<void>();
  await using silent = await startProgram(() => asked.resolve());
  const one = await household(folder.file("db"), []);
  await one.finder.change({ pihole: { on: true, url: silent.url } });
  await asked.promise;
  await one.end();
  expect(one.lines).toEqual([]);
});

test("what can't be is refused, and nothing is changed by it", async () => {
  using folder = temporaryFolder();
  const one = await household(folder.file("db"), []);
  await expect(one.finder.change({ adguard: { on: true } })).rejects.toThrow("AdGuard Home needs an address");
  expect(one.finder.sources().adguard.on).toBe(false);
  await one.end();
});

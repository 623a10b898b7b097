import { describe, expect, test } from "vitest";
import { readAdguard } from "./adguard.ts";
import { readPihole } from "./pihole.ts";
import { json, startAdguard, startPihole, startProgram } from "./testing.ts";

const PHONE = "a6:11:42:9c:00:03";
const TV = "04:5d:4b:10:20:01";
const never = new AbortController().signal;

const pihole = {
  password: "secret",
  hosts: [`${TV},192.168.1.20,living-room-tv`, "not a lease", 7],
  leases: [
    { expires: 1795732800, name: "annas-phone", hwaddr: PHONE, ip: "192.168.1.22", clientid: `01:${PHONE}` },
    { expires: 1795732800, name: "*", hwaddr: "02:00:00:00:00:09", ip: "192.168.1.29", clientid: "*" },
  ],
  devices: [
    {
      id: 1,
      hwaddr: TV,
      interface: "eth0",
      macVendor: "LG",
      ips: [
        { ip: "fe80::1", name: null },
        { ip: "192.168.1.20", name: "tv.lan" },
      ],
    },
    { id: 2, hwaddr: "ip-192.168.1.40", interface: "eth0", macVendor: "", ips: [{ ip: "192.168.1.40", name: "nas" }] },
    { id: 3, hwaddr: "02:00:00:00:00:08", ips: null },
  ],
};

describe("Pi-hole 6", () => {
  test("gives its fixed leases, its leases and the names of its network table, and keeps no session of ours", async () => {
    await using program = await startPihole(pihole);
    for (let time = 0; time < 2; time++) {
      const names = await readPihole({ url: `${program.url}/admin/`, password: "secret" }, never);
      expect(names.map(({ kind, mac, ip, name }) => `${kind} ${mac ?? ip} ${name}`)).toEqual([
        `static ${TV} living-room-tv`,
        `lease ${PHONE} annas-phone`,
        `dns ${TV} tv.lan`,
        "dns 192.168.1.40 nas",
      ]);
      expect(program.sessions()).toBe(0);
    }
  });

  test("is read without a password where it has none", async () => {
    const { password: _, ...open } = pihole;
    await using program = await startPihole(open);
    expect(await readPihole({ url: program.url, password: null }, never)).toHaveLength(4);
    expect(program.asked).not.toContain("DELETE /api/auth");
  });

  test.each([
    ["wrong", {}, "it refuses the password"],
    [null, {}, "it wants a password"],
    ["secret", { totp: true }, "it wants a second factor: use an application password"],
  ] as const)("says why it isn't read: password %s, %j", async (password, more, why) => {
    await using program = await startPihole({ ...pihole, ...more });
    await expect(readPihole({ url: program.url, password }, never)).rejects.toThrow(why);
  });

  test("ends its session when something fails in it, and names neither address nor password", async () => {
    let deleted = 0;
    await using program = await startProgram((request, _body, response) => {
      if (request.method === "POST") return json(response, 200, { session: { valid: true, sid: "s" } });
      if (request.method === "DELETE") deleted += 1;
      return json(response, 500, { error: "secret" });
    });
    const error = await readPihole({ url: program.url, password: "secret" }, never).catch((reason: Error) => reason);
    expect(String(error)).toContain("HTTP status 500");
    expect(String(error)).not.toMatch(/secret|127\.0\.0\.1/);
    expect(deleted).toBe(1);
  });
});

describe("AdGuard Home", () => {
  const adguard = {
    credentials: "anna:secret",
    clients: [{ name: "Living room TV", ids: [TV, "192.168.1.0/24", "client-id", "192.168.1.20"] }],
    autoClients: [
      { ip: "192.168.1.40", name: "nas", source: "etc/hosts", whois_info: {} },
      { ip: "192.168.1.22", name: "annas-phone", source: "DHCP", whois_info: {} },
      { ip: "192.168.1.23", name: "bens-phone.lan", source: "rDNS", whois_info: {} },
      { ip: "198.51.100.1", name: "Example Inc.", source: "WHOIS", whois_info: {} },
      { ip: "192.168.1.24", name: "", source: "ARP", whois_info: {} },
    ],
    dhcp: {
      leases: [{ mac: PHONE, ip: "192.168.1.22", hostname: "annas-phone", expires: "2026-11-26T10:00:00Z" }],
      static_leases: [{ mac: "00:11:32:10:20:07", ip: "192.168.1.40", hostname: "nas" }],
    },
  };

  test("gives the clients that a person named, its leases, and what it found", async () => {
    await using program = await startAdguard(adguard);
    const names = await readAdguard({ url: `${program.url}/`, user: "anna", password: "secret" }, never);
    expect(names.map(({ kind, mac, ip, name }) => `${kind} ${mac ?? ip} ${name}`)).toEqual([
      `static ${TV} Living room TV`,
      "static 192.168.1.20 Living room TV",
      "static 00:11:32:10:20:07 nas",
      `lease ${PHONE} annas-phone`,
      "hosts 192.168.1.40 nas",
      "lease 192.168.1.22 annas-phone",
      "dns 192.168.1.23 bens-phone.lan",
    ]);
  });

  test("has no names while it has no clients and can't serve DHCP", async () => {
    await using program = await startAdguard({});
    expect(await readAdguard({ url: program.url, user: null, password: null }, never)).toEqual([]);
  });

  test("says why it isn't read", async () => {
    await using program = await startAdguard(adguard);
    await expect(readAdguard({ url: program.url, user: "anna", password: "x" }, never)).rejects.toThrow(
      "it refuses the user or the password",
    );
    await expect(readAdguard({ url: program.url, user: null, password: null }, never)).rejects.toThrow(
      "it wants a user and a password",
    );
  });
});

describe("whatever answers", () => {
  const readBoth = (url: string, signal = never) =>
    Promise.allSettled([
      readPihole({ url, password: null }, signal),
      readAdguard({ url, user: "anna", password: "secret" }, signal),
    ]);

  test("a redirect is not followed: no password goes anywhere else", async () => {
    await using other = await startProgram((_request, _body, response) => json(response, 200, {}));
    await using program = await startProgram((_request, _body, response) =>
      response.writeHead(307, { location: other.url }).end(),
    );
    for (const { status } of await readBoth(program.url)) expect(status).toBe("rejected");
    expect(other.asked).toEqual([]);
  });

  test("what is no JSON, of another shape or without end is an error, or no names", async () => {
    for (const body of [
      "<html>",
      "null",
      "[]",
      '"x"',
      '{"session":{"valid":true,"sid":7},"leases":{"a":1},"devices":[null,{"ips":[3]}],"clients":[{"ids":"x"}]}',
    ]) {
      await using program = await startProgram((_request, _body, response) => response.end(body));
      for (const outcome of await readBoth(program.url)) {
        if (outcome.status === "fulfilled") expect(outcome.value).toEqual([]);
        else expect(outcome.reason).toBeInstanceOf(Error);
      }
    }
    await using endless = await startProgram((_request, _body, response) => {
      const more = () => {
        while (response.write("x".repeat(65_536)));
        response.once("drain", more);
      };
      more();
    });
    for (const outcome of await readBoth(endless.url)) {
      expect(String((outcome as PromiseRejectedResult).reason)).toContain("more than 8 MB");
    }
  });

  test("one that says nothing is left when the program ends", async () => {
    const ended = new AbortController();
    await using program = await startProgram(() => ended.abort());
    for (const { status } of await readBoth(program.url, ended.signal)) expect(status).toBe("rejected");
  });

  test("one that isn't there is said to be so", async () => {
    const program = await startProgram(() => {});
    await program[Symbol.asyncDispose]();
    for (const outcome of await readBoth(program.url)) {
      expect(String((outcome as PromiseRejectedResult).reason)).toContain("nothing answers there");
    }
  });
});

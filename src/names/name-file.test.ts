import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { namesInFile } from "./name-file.ts";

const PHONE = "a6:11:42:9c:00:03";

/** Names as `kind mac-or-ip name`. */
const read = (text: string) => namesInFile(text).map(({ kind, mac, ip, name }) => `${kind} ${mac ?? ip} ${name}`);

describe("lease files of dnsmasq, Pi-hole and OpenWrt", () => {
  test("a lease names a device by its MAC", () => {
    const text = `1795732800 ${PHONE} 192.168.1.22 annas-phone 01:${PHONE}\n`;
    expect(namesInFile(text)).toEqual([{ kind: "lease", mac: PHONE, ip: "192.168.1.22", name: "annas-phone" }]);
  });

  test("a lease without a name names nobody, and a lease for ever is one", () => {
    expect(read(`1795732800 ${PHONE} 192.168.1.22 * *\n0 04:5d:4b:10:20:01 192.168.1.20 tv *\n`)).toEqual([
      "lease 04:5d:4b:10:20:01 tv",
    ]);
  });

  test("dnsmasq writes the type of hardware before a MAC that isn't Ethernet's", () => {
    expect(read(`1795732800 06-${PHONE} 192.168.1.22 radio *\n`)).toEqual([`lease ${PHONE} radio`]);
  });

  test("a lease for IPv6 names its address, for what stands where the MAC was is none", () => {
    const text = `duid 00:01:00:01:2a:3b:4c:5d:a6:11:42:9c:00:03
1795732800 1116193539 fd00::22 annas-phone 00:01:00:01:2a:3b:4c:5d:a6:11:42:9c:00:03
1795732800 T1116193539 fd00::23 bens-phone 00:01
`;
    expect(read(text)).toEqual(["lease fd00::22 annas-phone", "lease fd00::23 bens-phone"]);
  });

  test("dnsmasq 2.90: of two devices of one name the later has it, and a lease without an end has no time", () => {
    const text = `1795757060 02:00:00:00:77:01 192.168.77.94 annas-new-phone *
1795757057 02:00:00:00:77:03 192.168.77.79 living-room *
1795757057 02:00:00:00:77:02 192.168.77.78 * *
0 02:00:00:00:77:06 192.168.77.82 camera *
duid 00:01:00:01:32:9b:ce:29:b6:5e:0e:a0:9d:98
1795757059 34823 fd77::80 bens-tablet 00:01:00:01:32:9b:ce:2b:02:00:00:00:77:08
`;
    expect(read(text)).toEqual([
      "lease 02:00:00:00:77:01 annas-new-phone",
      "lease 02:00:00:00:77:03 living-room",
      "lease 02:00:00:00:77:06 camera",
      "lease fd77::80 bens-tablet",
    ]);
  });

  test("the last lease is left out while it is being written", () => {
    expect(
      read(`1795732800 ${PHONE} 192.168.1.22 annas-phone 01\n1795732800 04:5d:4b:10:20:01 192.168.1.20 livin`),
    ).toEqual([`lease ${PHONE} annas-phone`]);
  });
});

describe("fixed leases of dnsmasq", () => {
  test.each([
    ["dhcp-host=04:5d:4b:10:20:01,192.168.1.20,tv", ["static 04:5d:4b:10:20:01 tv"]],
    ["dhcp-host=04:5d:4b:10:20:01,set:red,tv,192.168.1.20,12h", ["static 04:5d:4b:10:20:01 tv"]],
    ["dhcp-host = 04:5D:4B:10:20:01 , tv , infinite # the large one", ["static 04:5d:4b:10:20:01 tv"]],
    [
      "dhcp-host=04:5d:4b:10:20:01,04:5d:4b:10:20:02,laptop",
      ["static 04:5d:4b:10:20:01 laptop", "static 04:5d:4b:10:20:02 laptop"],
    ],
    ["dhcp-host=id:01:02:03,[fd00::9],printer", ["static fd00::9 printer"]],
    ["04:5d:4b:10:20:01,192.168.1.20,tv", ["static 04:5d:4b:10:20:01 tv"]],
    ["dhcp-host=04:5d:4b:*:*:*,set:sonos,speaker", []],
    ["dhcp-host=04:5d:4b:10:20:01,tv,ignore", []],
    ["dhcp-host=04:5d:4b:10:20:01,192.168.1.20,86400", []],
    ["dhcp-range=192.168.1.50,192.168.1.150,12h", []],
    ["# dhcp-host=04:5d:4b:10:20:01,tv", []],
  ])("%s", (line, names) => {
    expect(read(`domain=lan\n${line}\n`)).toEqual(names);
    expect(read(line)).toEqual(names);
  });
});

describe("hosts files", () => {
  test("the first name of an address counts, and nobody is called localhost", () => {
    const text = `127.0.0.1\tlocalhost\n127.0.1.1 raspberrypi\n::1 localhost ip6-localhost ip6-loopback
ff02::1 ip6-allnodes\n192.168.1.40   nas.lan nas # in the cellar\n0.0.0.0 ads.example.com\nfd00::0:40 nas6\n192.168.1.41`;
    expect(read(text)).toEqual(["hosts 192.168.1.40 nas.lan", "hosts fd00::40 nas6"]);
  });

  test("a byte order mark, Windows' line ends and a last line without one make no difference", () => {
    expect(read("\uFEFF192.168.1.40 nas\r\n192.168.1.41 speaker")).toEqual([
      "hosts 192.168.1.40 nas",
      "hosts 192.168.1.41 speaker",
    ]);
  });
});

describe("ISC dhcpd", () => {
  const lease = (inner: string) => `authoring-byte-order little-endian;\n\nlease 192.168.1.22 {\n${inner}\n}\n`;

  test("a lease names a device by its MAC", () => {
    const text = lease(`  starts 4 2026/11/26 10:00:00;
  binding state active;
  hardware ethernet ${PHONE};
  uid "\\001\\246\\021B\\234\\000\\003";
  set vendor-class-identifier = "android-dhcp-14";
  client-hostname "annas-phone";`);
    expect(read(text)).toEqual([`lease ${PHONE} annas-phone`]);
  });

  test("what a device calls itself can't end its block or begin another", () => {
    const forged = String.raw`}\"; lease 192.168.1.1 { hardware ethernet 04:5d:4b:10:20:01; client-hostname \"router`;
    const text = lease(`hardware ethernet ${PHONE};\nclient-hostname "${forged}";`);
    expect(read(text)).toEqual([
      `lease ${PHONE} }"; lease 192.168.1.1 { hardware ethernet 04:5d:4b:10:20:01; client-hostname "router`,
    ]);
  });

  test("a device may call itself by a mark of the file's", () => {
    for (const mark of ["}", "{", ";", "# x"]) {
      const text = `${lease(`hardware ethernet ${PHONE}; client-hostname "${mark}";`)}${lease("hardware ethernet 04:5d:4b:10:20:01; client-hostname tv;")}`;
      expect(read(text)).toEqual([`lease ${PHONE} ${mark}`, "lease 04:5d:4b:10:20:01 tv"]);
    }
  });

  test("escaped bytes are read, and those that can't be shown are left out", () => {
    expect(read(lease(`hardware ethernet ${PHONE}; client-hostname "anna\\047s\\012phone";`))).toEqual([
      `lease ${PHONE} anna's phone`,
    ]);
  });

  test("a lease that is not finished is left out", () => {
    const text = lease(`hardware ethernet ${PHONE}; client-hostname "annas-phone";`);
    expect(read(text.slice(0, text.lastIndexOf("}")))).toEqual([]);
  });

  /** What dhcpd 4.4.3 appends: \`[MAC, state, client-hostname, ddns-fwd-name]\`. */
  const appended = (...all: readonly (readonly [string, string, string | null, string | null])[]) =>
    all
      .map(([mac, state, own, dns]) => {
        const lines = [
          "starts 5 2026/11/27 05:15:27;",
          "ends 5 2026/11/27 05:25:27;",
          "cltt 5 2026/11/27 05:15:27;",
          `binding state ${state};`,
          ...(state === "active" ? ["next binding state free;", "rewind binding state free;"] : []),
          `hardware ethernet ${mac};`,
          ...(dns === null
            ? []
            : ['set ddns-txt = "00b73dd0650193ebc1d681e676dfdefd47";', `set ddns-fwd-name = "${dns}";`]),
          ...(own === null ? [] : [`client-hostname "${own}";`]),
        ];
        return `lease 192.168.77.50 {\n  ${lines.join("\n  ")}\n}\n`;
      })
      .join("");

  test("a device that gives a full name alone is called by what a name server was told", () => {
    const text = appended([PHONE, "active", null, null], [PHONE, "active", null, "laptop.lan."]);
    expect(read(text)).toEqual([`lease ${PHONE} laptop.lan`]);
    expect(read(text.replaceAll("ddns-fwd-name", "ddns-client-fqdn"))).toEqual([`lease ${PHONE} laptop.lan`]);
  });

  test("what a device calls itself goes before that, whichever was written later", () => {
    const names = namesInFile(
      appended(
        [PHONE, "active", "annas-phone", null],
        [PHONE, "active", "annas-phone", "annas-phone.lan."],
        [PHONE, "active", "annas-new-phone", "annas-phone.lan."],
        [PHONE, "active", null, "annas-phone.lan."],
      ),
    );
    expect(names.at(-1)?.name).toBe("annas-new-phone");
  });

  test("a lease that ended names nobody by a name server", () => {
    expect(read(appended([PHONE, "free", null, "short.lan."], [PHONE, "expired", null, "short.lan."]))).toEqual([]);
  });

  test("a lease for IPv6 names its address, by a name server alone", () => {
    const text = `server-duid "\\000\\001\\000\\0012\\233\\316\\335\\002\\000\\000\\000\\000\\376";

ia-na "\\007\\210\\000\\000\\000\\001\\000\\0012\\233\\316\\336\\002\\000\\000\\000\\210\\007" {
  cltt 5 2026/11/27 05:15:30;
  iaaddr fd77::99 {
    binding state active;
    preferred-life 375;
    max-life 600;
    ends 5 2026/11/27 05:25:30;
    set ddns-txt = "0203885f82a3b4f56030d43e1ff840a247";
    set ddns-fwd-name = "bens-tablet.lan.";
  }
}
`;
    expect(read(text)).toEqual(["lease fd77::99 bens-tablet.lan"]);
    expect(read(text.replace(/ {4}set.*\n/g, ""))).toEqual([]);
    expect(read(text.replace("state active", "state expired"))).toEqual([]);
  });

  test("a host of the configuration is a fixed lease, by its option or its own name", () => {
    const text = `subnet 192.168.1.0 netmask 255.255.255.0 {
  host nas { hardware ethernet 00:11:32:10:20:07; fixed-address 192.168.1.40; }
  host p1 { hardware ethernet 00:1b:a9:10:20:0c; option host-name "printer"; }
}\n`;
    expect(read(text)).toEqual(["static 00:11:32:10:20:07 nas", "static 00:1b:a9:10:20:0c printer"]);
  });
});

describe("Kea", () => {
  const HEAD =
    "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id";

  test("a lease names a device by its MAC; a declined address is nobody's", () => {
    const text = `${HEAD}
192.168.1.22,${PHONE},01:${PHONE},3600,1795732800,1,1,1,annas-phone.lan.,0,,0
192.168.1.23,04:5d:4b:10:20:01,,3600,1795732800,1,0,0,,0,,0
192.168.1.24,04:5d:4b:10:20:02,,3600,1795732800,1,0,0,tv,1,,0
192.168.1.25,04:5d:4b:10:20:03,,3600,1795732800,1,0,0,a&#x2cb,2,,0
`;
    expect(read(text)).toEqual([`lease ${PHONE} annas-phone.lan`, "lease 04:5d:4b:10:20:03 a,b"]);
  });

  test("Kea 2.2: a lease that was given back or expired takes no name away", () => {
    const text = `address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context
192.168.77.71,02:00:00:00:77:05,,600,1795757223,1,0,0,guest,0,
192.168.77.71,02:00:00:00:77:05,,0,1795756623,1,0,0,guest,0,
192.168.77.55,02:00:00:00:77:07,,2,1795756624,1,0,0,short,0,
192.168.77.55,02:00:00:00:77:07,,2,1795756624,1,0,0,,2,
192.168.77.56,02:00:00:00:77:09,,600,1795757222,1,0,0,with-fqdn.lan.,0,
`;
    const names = new Map(namesInFile(text).map(({ mac, name }) => [mac, name]));
    expect(Object.fromEntries(names)).toEqual({
      "02:00:00:00:77:05": "guest",
      "02:00:00:00:77:07": "short",
      "02:00:00:00:77:09": "with-fqdn.lan",
    });
  });

  test("a file that goes on from another one has columns of its own", () => {
    const other = `address,hostname,state,hwaddr\n192.168.1.22,annas-new-phone,0,${PHONE}\n`;
    const text = `${HEAD}\n192.168.1.22,${PHONE},01:${PHONE},3600,1795732800,1,1,1,annas-phone,0,,0\n\n${other}`;
    expect(read(text)).toEqual([`lease ${PHONE} annas-phone`, `lease ${PHONE} annas-new-phone`]);
  });

  test("the columns are found by their names, for IPv6 too", () => {
    const text = `address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id
fd00::22,00:03:00:01:${PHONE},3600,1795732800,1,1800,0,7,128,1,1,annas-phone,${PHONE},0,,1,2,0
fd00::23,00:03:00:01:04:5d:4b:10:20:01,3600,1795732800,1,1800,0,7,128,1,1,tv,,0,,,,0
`;
    expect(read(text)).toEqual([`lease ${PHONE} annas-phone`, "lease fd00::23 tv"]);
  });

  test("a line that was cut short is left out", () => {
    expect(read(`${HEAD}\n192.168.1.22,${PHONE},01:${PHONE},3600,1795732800,1,1,1,annas`)).toEqual([]);
  });
});

describe("untrusted files", () => {
  test("a name stays one line of text without marks that hide or reorder, at most 253 long", () => {
    const line = (name: string) => `1795732800 ${PHONE} 192.168.1.22 ${name} 01\n`;
    expect(read(line("<script>alert(1)</script>"))).toEqual([`lease ${PHONE} <script>alert(1)</script>`]);
    expect(read(line("a\u202Eb\u0007c"))).toEqual([`lease ${PHONE} a b c`]);
    expect(namesInFile(line("x".repeat(900)))[0]?.name).toHaveLength(253);
  });

  test("a name that is an address, or says that there is none, is none", () => {
    for (const name of [
      "192.168.1.22",
      PHONE,
      "*",
      "(none)",
      "localhost",
      "localhost.localdomain",
      "unknown",
      "-",
      "\u200b",
    ]) {
      expect(read(`1795732800 ${PHONE} 192.168.1.22 ${name} 01\n`)).toEqual([]);
    }
  });

  test("an ending of multicast DNS or of the root is no part of a name", () => {
    for (const name of ["annas-phone.local", "annas-phone.local.", "annas-phone."]) {
      expect(read(`1795732800 ${PHONE} 192.168.1.22 ${name} 01\n`)).toEqual([`lease ${PHONE} annas-phone`]);
    }
  });

  const piece = fc.constantFrom(
    "lease 192.168.1.22 {\n",
    "host x {",
    "}",
    ";",
    '"',
    "\\",
    "#",
    "\n",
    "\r\n",
    " ",
    ",",
    "*",
    "0",
    "hardware ethernet 04:5d:4b:10:20:01;",
    'client-hostname "tv";',
    "dhcp-host=",
    "04:5d:4b:10:20:01",
    "192.168.1.20",
    "1795732800",
    "tv",
    "address,hwaddr,hostname,state\n",
    "fd00::1",
    "\u202e",
    "\ud800",
    "&#x2c",
  );
  const anyText = fc.oneof(
    fc.array(piece, { maxLength: 60 }).map((all) => all.join("")),
    fc.string({ unit: "binary", maxLength: 200 }),
  );

  test("whatever a file holds is read to its end, and each name is of an address, clean and short", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const { mac, ip, name } of namesInFile(text)) {
          expect(mac ?? ip).toMatch(/^(?:[0-9a-f]{2}(?::[0-9a-f]{2}){5}|[0-9a-f.:]+)$/);
          expect(name).toMatch(/^[^\p{Cc}\u202a-\u202e\u2066-\u2069]{1,253}$/u);
          expect(name).toBe(name.trim().toWellFormed());
        }
      }),
      { numRuns: 3_000 },
    );
  });

  test("a file of strings that don't end is read once, not from each of its places", () => {
    const text = `lease x {\n${'"\\'.repeat(1_000_000)}\nlease 192.168.1.22 {\n`;
    expect(read(text)).toEqual([]);
  });

  test("a file that is cut anywhere names no device otherwise than the whole one", () => {
    const files = [
      `1795732800 ${PHONE} 192.168.1.22 annas-phone 01:02\n1795732800 04:5d:4b:10:20:01 192.168.1.20 living-room *\n`,
      `lease 192.168.1.22 {\n  hardware ethernet ${PHONE};\n  client-hostname "annas-phone";\n}\nhost tv { hardware ethernet 04:5d:4b:10:20:01; }\n`,
      `address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n192.168.1.22,${PHONE},01,3600,1,1,1,1,annas-phone,0,,0\n`,
    ];
    for (const whole of files) {
      const all = read(whole);
      for (let length = 0; length < whole.length; length++) {
        for (const name of read(whole.slice(0, length))) expect(all).toContain(name);
      }
    }
  });
});

import { describe, expect, test } from "vitest";
import { containsAny, normaliseMac, parseAddress } from "../accounting/address.ts";
import { compileIpFilter } from "./ip-filter.ts";
import * as kinds from "./kinds.ts";
import { canonicalSegment, parseRouters, parseSegments, withFound } from "./lan.ts";
import { darkstatAddresses, measuredInterfaces, meterNames } from "./meter-lists.ts";
import { ValidationError } from "./validation-error.ts";

const lan = (list: string, ip: string) => {
  const address = parseAddress(ip);
  return address !== null && containsAny(parseSegments(list).prefixes, address);
};

describe("LAN segments", () => {
  test.each([
    ["192.168.1", "192.168.1.200", true],
    ["192.168.1", "192.168.100.1", false],
    ["192.168.1.", "192.168.1.9", true],
    ["192.168", "192.168.77.1", true],
    ["192.168", "192.169.0.1", false],
    ["10", "10.200.3.4", true],
    ["10", "100.1.1.1", false],
    ["172.16", "172.16.3.4", true],
    ["172.16", "172.17.0.1", false],
    ["192.168.1.7", "192.168.1.7", true],
    ["192.168.1.7", "192.168.1.8", false],
    ["203.0.113.0/25", "203.0.113.127", true],
    ["203.0.113.0/25", "203.0.113.128", false],
    ["fd", "fd12:3456::1", true],
    ["fd", "fc00::1", false],
    ["fe80", "fe80::1", true],
    ["fe80", "fec0::1", false],
    ["fec0", "fec0::1", true],
    ["2001:db8", "2001:db8:ffff::1", true],
    ["2001:db8", "2001:db9::1", false],
    ["2001:db8::", "2001:db8:1::1", true],
    ["2001:db8::/48", "2001:db8:1::1", false],
    ["192.168.1|10", "10.0.0.1", true],
    ["192.168.1, 10", "10.0.0.1", true],
    ["192.168.1 10", "10.0.0.1", true],
  ])("%s holds %s: %s", (list, ip, expected) => {
    expect(lan(list, ip)).toBe(expected);
  });

  test("auto, in any case, and an empty list go by the defaults and what is named besides", () => {
    for (const list of ["auto", "AUTO", "", "  ", "auto|203.0.113"]) {
      expect(parseSegments(list).auto).toBe(true);
      expect(lan(list, "172.31.0.1")).toBe(true);
      expect(lan(list, "fd00::1")).toBe(true);
      expect(lan(list, "8.8.8.8")).toBe(false);
    }
    expect(lan("auto|203.0.113", "203.0.113.9")).toBe(true);
  });

  test("a fixed list replaces the defaults of the families that it names, and only those", () => {
    expect(parseSegments("192.168.1").auto).toBe(false);
    expect(lan("192.168.1", "10.0.0.1")).toBe(false);
    expect(lan("192.168.1", "fe80::1")).toBe(true);
    expect(lan("fd", "10.0.0.1")).toBe(true);
    expect(lan("fd", "fc00::1")).toBe(false);
  });

  test("link-local addresses are LAN whatever is listed: nothing beyond a router has one", () => {
    expect(lan("192.168.1", "169.254.3.4")).toBe(true);
    expect(lan("fd", "fe80::1")).toBe(true);
  });

  test("the words behind auto are what was found", () => {
    const { found, texts } = parseSegments("10.9|auto|192.168.1|192.168.0");
    expect(found).toEqual(["192.168.1", "192.168.0"]);
    expect(texts).toEqual(["10.9", "192.168.1", "192.168.0"]);
    expect(parseSegments("10.9|192.168.1").found).toEqual([]);
  });

  test.each(["192.168.300", "192.168.1.0/33", "192.168.1.x", "lan", "1921", "10.1.2.3.4", "*"])(
    "%j is refused by name",
    (word) => {
      expect(() => parseSegments(`10|${word}`)).toThrow(new ValidationError(`"${word}" isn't a valid network`));
    },
  );

  test("every bad word of a list is named", () => {
    expect(() => parseSegments("lan|10|wifi")).toThrow(`"lan", "wifi" aren't valid networks`);
  });
});

describe("LAN routers", () => {
  test("MACs are read in any notation, and auto is told from what it found", () => {
    expect(parseRouters("02-FF-FF-FF-FF-01|auto|2:a:b:c:d:e")).toEqual({
      auto: true,
      macs: ["02:ff:ff:ff:ff:01", "02:0a:0b:0c:0d:0e"],
      none: [],
      found: ["02:0a:0b:0c:0d:0e"],
      texts: ["02-FF-FF-FF-FF-01", "2:a:b:c:d:e"],
    });
    expect(parseRouters("02:ff:ff:ff:ff:01").auto).toBe(false);
    expect(parseRouters("").auto).toBe(true);
  });

  test("a MAC with an exclamation mark before it is no router's, and says nothing about the others", () => {
    expect(parseRouters("auto|!02-FF-FF-FF-FF-01")).toMatchObject({
      auto: true,
      macs: [],
      none: ["02:ff:ff:ff:ff:01"],
    });
    expect(parseRouters("!02:ff:ff:ff:ff:01")).toMatchObject({ auto: true, macs: [], none: ["02:ff:ff:ff:ff:01"] });
    expect(parseRouters("02:ff:ff:ff:ff:01|!02:ff:ff:ff:ff:02")).toMatchObject({ auto: false });
    expect(() => parseRouters("!nobody")).toThrow('"!nobody"');
  });

  test("what is no MAC is refused by name", () => {
    expect(() => parseRouters("02:ff:ff:ff:ff:01|192.168.1.1")).toThrow(`"192.168.1.1" isn't a valid MAC address`);
  });
});

describe("what was found", () => {
  test("is appended behind auto, once", () => {
    expect(withFound("auto", ["192.168.1", "192.168.0"], canonicalSegment)).toBe("auto|192.168.1|192.168.0");
    expect(withFound("auto|192.168.1", ["192.168.1.0/24", "10.1"], canonicalSegment)).toBe("auto|192.168.1|10.1");
    expect(withFound("", ["02:FF:00:00:00:01", "02-ff-00-00-00-01"], normaliseMac)).toBe("auto|02:FF:00:00:00:01");
  });

  test("leaves a fixed list alone, and an automatic one that knows it all", () => {
    expect(withFound("192.168.1", ["192.168.2"], canonicalSegment)).toBe("192.168.1");
    expect(withFound(" auto , 192.168.1", ["192.168.1"], canonicalSegment)).toBe(" auto , 192.168.1");
  });

  test("ends at 64 words, however many are made up", () => {
    const many = Array.from({ length: 300 }, (_, i) => `10.${i % 256}.${i}`.slice(0, 10));
    const list = withFound("auto", many.slice(0, 200), canonicalSegment);
    expect(list.split("|")).toHaveLength(65);
  });
});

describe("IPFilter", () => {
  test("is anchored at the start and open at the end, as it always was", () => {
    expect(compileIpFilter("([\\d]+\\.){3,3}\\d+").test("192.168.1.7")).toBe(true);
    expect(compileIpFilter("([\\d]+\\.){3,3}\\d+").test("fe80::1.2.3.4")).toBe(false);
    expect(compileIpFilter("192").test("192.168.1.7")).toBe(true);
    expect(compileIpFilter("168").test("192.168.1.7")).toBe(false);
    expect(compileIpFilter("10|192").test("8.192.0.0")).toBe(false);
    expect(compileIpFilter("").test("fe80::1")).toBe(true);
  });

  test("what only Python spells so is translated", () => {
    expect(compileIpFilter("\\A(?P<net>192)\\.168\\.1\\.7\\Z").test("192.168.1.7")).toBe(true);
    expect(compileIpFilter("\\A192\\.168\\.1\\.7\\Z").test("192.168.1.77")).toBe(false);
    expect(() => compileIpFilter("(?P<a>\\d+)\\.(?P=a)\\.")).toThrow("holds the back-reference \\k");
    expect(compileIpFilter("(?i)FE80").test("fe80::1")).toBe(true);
  });

  test("an escaped backslash is not the start of an escape", () => {
    expect(compileIpFilter("\\\\A").test("\\A")).toBe(true);
  });

  test("a pattern that can't be compiled says why", () => {
    expect(() => compileIpFilter("([\\d+")).toThrow(/isn't a valid regular expression: /);
    expect(() => compileIpFilter("(?(1)a|b)")).toThrow(ValidationError);
    expect(() => compileIpFilter("\\d{1000000}")).toThrow(ValidationError);
  });
});

describe("single values", () => {
  const ok: [string, (text: string) => unknown, string, unknown][] = [
    ["number", kinds.wholeNumber([1, 3600]), "30", 30],
    ["number", kinds.wholeNumber([1, 3600]), " 3600 ", 3600],
    ["days", kinds.daysKept([0, 36500]), "0", null],
    ["days", kinds.daysKept([0, 36500]), "62", 62],
    ["file", kinds.fileName, "logs/White Stat.db", "logs/White Stat.db"],
    ["file", kinds.fileName, "/var/log/whitestat.txt", "/var/log/whitestat.txt"],
    ["url", kinds.webAddress, "", null],
    ["url", kinds.webAddress, "HTTP://192.168.1.5:667", "http://192.168.1.5:667/"],
    ["url", kinds.webAddress, "https://u:p@[fd00::1]/darkstat/", "https://u:p@[fd00::1]/darkstat/"],
    ["darkstats", darkstatAddresses, " ", []],
    ["darkstats", darkstatAddresses, "http://a=b:1/x", [{ name: null, url: "http://a=b:1/x" }]],
    ["darkstats", darkstatAddresses, "http://u:p|q@a/", [{ name: null, url: "http://u:p%7Cq@a/" }]],
    [
      "darkstats",
      darkstatAddresses,
      "Home=http://a:667 | guest-2 = https://u:p=|x@b/",
      [
        { name: "Home", url: "http://a:667/" },
        { name: "guest-2", url: "https://u:p%3D%7Cx@b/" },
      ],
    ],
    ["views", meterNames, " guest | ap|", ["guest", "ap"]],
    ["file or none", kinds.fileNameOrNone, " ", null],
    ["file or none", kinds.fileNameOrNone, "/etc/ssl/darkstat.pem", "/etc/ssl/darkstat.pem"],
    ["database", kinds.databaseUrl, "", null],
    ["database", kinds.databaseUrl, "postgres://u@h/d", "postgres://u@h/d"],
    ["database", kinds.databaseUrl, "postgresql://u:p@ss word@h:5433/d", "postgresql://u:p%40ss%20word@h:5433/d"],
    [
      "database",
      kinds.databaseUrl,
      "postgres://u:p%2Fq@[::1]/d?sslmode=require",
      "postgres://u:p%2Fq@[::1]/d?sslmode=require",
    ],
    ["interfaces", measuredInterfaces, "", []],
    ["interfaces", measuredInterfaces, "enp3s0.20", [{ name: null, devices: ["enp3s0.20"] }]],
    ["interfaces", measuredInterfaces, " br0 | wlan0|", [{ name: null, devices: ["br0", "wlan0"] }]],
    [
      "interfaces",
      measuredInterfaces,
      "lan=br-lan|guest=br-guest| LAN = eth2",
      [
        { name: "lan", devices: ["br-lan", "eth2"] },
        { name: "guest", devices: ["br-guest"] },
      ],
    ],
    ["listen", kinds.listenAddress, "", null],
    ["listen", kinds.listenAddress, "[::1]", "::1"],
    ["listen", kinds.listenAddress, "127.0.0.1", "127.0.0.1"],
    ["zone", kinds.timeZone, "", null],
    ["zone", kinds.timeZone, ":Europe/Berlin", "Europe/Berlin"],
    ["zone", kinds.timeZone, "/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"],
    ["choice", kinds.oneOf(["info", "trace"]), "TRACE", "trace"],
    ["base", kinds.basePath, "", ""],
    ["base", kinds.basePath, "/", ""],
    ["base", kinds.basePath, "a/b-c//".replace("//", "/"), "/a/b-c"],
    ["hosts", kinds.hostNames, "", []],
    ["hosts", kinds.hostNames, "A.example:8080|*.Example.net, .x.org", ["a.example", ".example.net", ".x.org"]],
    ["hosts", kinds.hostNames, "büro.example", ["xn--bro-hoa.example"]],
    ["origins", kinds.origins, "https://a.example/ http://b:8080", ["https://a.example", "http://b:8080"]],
  ];
  test.each(ok)("%s: %#", (_, read, text, value) => {
    expect(read(text)).toEqual(value);
  });

  const bad: [string, (text: string) => unknown, string, RegExp][] = [
    ["number", kinds.wholeNumber([1, 3600]), "0", /0 is too small/],
    ["number", kinds.wholeNumber([1, 3600]), "3601", /3601 is too large/],
    ["number", kinds.wholeNumber([1, 3600]), "1.5", /"1.5" isn't a whole number/],
    ["number", kinds.wholeNumber([1, 3600]), "30s", /isn't a whole number/],
    ["number", kinds.wholeNumber([1, 3600]), "", /isn't a whole number/],
    ["file", kinds.fileName, " ", /is empty/],
    ["file", kinds.fileName, "logs/", /names a folder/],
    ["file", kinds.fileName, "..", /names a folder/],
    ["file", kinds.fileName, "a/../../x", /is outside of the data store/],
    ["file", kinds.fileName, "a\nb", /control characters/],
    ["url", kinds.webAddress, "192.168.1.5:667", /did you mean "http:\/\/192.168.1.5:667"\?/],
    ["url", kinds.webAddress, "raspberry:667", /doesn't begin with http/],
    ["url", kinds.webAddress, "ftp://x/", /neither http nor https/],
    ["url", kinds.webAddress, '"http://192.168.1.5:667"', /begins with ": remove it$/],
    ["url", kinds.webAddress, "anna:geheim@192.168.1.5:667", /^"anna:\*{3}@192.168.1.5:667" doesn't begin/],
    ["url", kinds.webAddress, "anna:geheim@192.168.1.5:667", /did you mean "http:\/\/anna:\*{3}@192.168.1.5:667"\?$/],
    ["url", kinds.webAddress, "nonsense at all", /doesn't begin with http:\/\/$/],
    ["url", kinds.webAddress, "http://", /isn't a valid web address/],
    ["url", kinds.webAddress, "http://a b/", /isn't a valid web address/],
    ["database", kinds.databaseUrl, "mysql://u:secret@h/d", /doesn't begin with postgres/],
    ["database", kinds.databaseUrl, "u:secret@h/d", /doesn't begin with postgres/],
    ["database", kinds.databaseUrl, "postgres://h/d", /names no user/],
    ["database", kinds.databaseUrl, "postgres://u:secret@h", /names no database/],
    ["database", kinds.databaseUrl, "postgres://u:secret@h/", /names no database/],
    ["database", kinds.databaseUrl, "postgres:///d", /names no host/],
    ["database", kinds.databaseUrl, "postgres://u:secret@a,b/d", /several hosts/],
    ["database", kinds.databaseUrl, "postgres://u:sec/ret@h/d", /isn't percent-encoded/],
    ["database", kinds.databaseUrl, "postgres://u:sec#ret@h/d", /isn't percent-encoded/],
    ["database", kinds.databaseUrl, "postgres://u:sec%ret@h/d", /write it as %25/],
    ["database", kinds.databaseUrl, "postgres://u:sec\nret@h/d", /control characters/],
    ["database", kinds.databaseUrl, "postgres://u:secret@h/d?ssl=1", /unknown parameter "ssl"; known: host/],
    [
      "database",
      kinds.databaseUrl,
      "postgres://u:secret@h/d?sslmode=prefer",
      /unknown sslmode "prefer"; known: disable/,
    ],
    ["interfaces", measuredInterfaces, "eth0|a/b", /isn't the name of a network interface/],
    ["interfaces", measuredInterfaces, 'a"b', /isn't the name of a network interface/],
    ["interfaces", measuredInterfaces, "abcdefghijklmnop", /isn't the name of a network interface/],
    ["interfaces", measuredInterfaces, "lan=br0|br1", /not all have a name; write lan=br-lan\|guest=br-guest$/],
    ["interfaces", measuredInterfaces, "lan=br0|guest=br0", /"br0" has two names: its packets would count twice/],
    ["interfaces", measuredInterfaces, "lan=", /"lan" has no interface/],
    [
      "interfaces",
      measuredInterfaces,
      "my lan=br0",
      /"my lan" is no name of a meter: 1 to 31 letters, digits and hyphens/,
    ],
    [
      "darkstats",
      darkstatAddresses,
      "http://a|http://b",
      /lists several, of which not all have a name; write home=http/,
    ],
    ["darkstats", darkstatAddresses, "home=http://a|guest=http://A/", /"home" and "guest" are the same address/],
    ["darkstats", darkstatAddresses, "home=http://a|HOME=http://b", /"HOME" names two addresses/],
    ["darkstats", darkstatAddresses, "home=", /"home" has no address/],
    ["darkstats", darkstatAddresses, "h_me=http://u:geheim@a", /^"h_me" is no name of a meter/],
    ["darkstats", darkstatAddresses, "home=u:geheim@a", /^"u:\*{3}@a" doesn't begin/],
    ["views", meterNames, "guest|<b>", /"<b>" is no name of a meter/],
    ["listen", kinds.listenAddress, "eth0", /isn't an IP address/],
    ["zone", kinds.timeZone, "Mars/Phobos", /isn't a time zone/],
    ["zone", kinds.timeZone, "CET-1CEST,M3.5.0,M10.5.0/3", /isn't a time zone/],
    ["choice", kinds.oneOf(["info", "trace"]), "debug", /isn't one of them/],
    ["base", kinds.basePath, "/a/../b", /isn't a path/],
    ["base", kinds.basePath, "/a b", /isn't a path/],
    ["hosts", kinds.hostNames, "*", /isn't a valid host name \(all hosts/],
    ["hosts", kinds.hostNames, "ok.example|https://x/", /"https:\/\/x\/" isn't a valid host name/],
    ["origins", kinds.origins, "*", /isn't a valid origin \(every web page/],
    ["origins", kinds.origins, "null", /isn't a valid origin/],
    ["origins", kinds.origins, "https://a.example/path", /isn't a valid origin/],
    ["origins", kinds.origins, "a.example", /isn't a valid origin/],
  ];
  test.each(bad)("a bad %s is refused: %#", (_, read, text, message) => {
    expect(() => read(text)).toThrow(ValidationError);
    expect(() => read(text)).toThrow(message);
  });

  test("no error about a database shows its password, or a part of it", () => {
    for (const [, read, text] of bad) {
      if (read === kinds.databaseUrl) expect(() => read(text)).not.toThrow(/sec.?ret/);
    }
  });
});

describe("where names of devices are read", () => {
  test("by default where programs keep them; and at files and folders that are named", () => {
    expect(kinds.namePlaces("auto")).toEqual({ auto: true, paths: [] });
    expect(kinds.namePlaces("")).toEqual({ auto: false, paths: [] });
    expect(kinds.namePlaces(" /data/../leases/ | AUTO |/hosts| /hosts")).toEqual({
      auto: true,
      paths: ["/leases/", "/hosts"],
    });
  });

  test("a name that isn't absolute is refused", () => {
    expect(() => kinds.namePlaces("auto|dhcp.leases")).toThrow('"dhcp.leases" doesn\'t begin with /');
    expect(() => kinds.namePlaces("/a\nb")).toThrow("control characters");
  });
});

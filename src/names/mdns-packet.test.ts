import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatAddress } from "../accounting/address.ts";
import { hostsInPacket, reverseQuestion } from "./mdns-packet.ts";

const bytes = (text: string) => Buffer.from(text.replace(/\s/g, ""), "hex");
const label = (text: string) => Buffer.from([text.length, ...Buffer.from(text)]);
const name = (...labels: string[]) => Buffer.concat([...labels.map(label), Buffer.from([0])]);

function record(owner: Uint8Array, type: number, data: Uint8Array, { ttl = 120, recordClass = 0x8001 } = {}): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(recordClass, 2);
  head.writeUInt32BE(ttl, 4);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([owner, head, data]);
}

function response(answers: readonly Uint8Array[], flags = 0x8400): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(flags, 2);
  head.writeUInt16BE(answers.length, 6);
  return Buffer.concat([head, ...answers]);
}

const read = (packet: Uint8Array) => hostsInPacket(packet).map(({ ip, name: host }) => `${ip} ${host}`);
const IP = Buffer.from([192, 168, 1, 22]);

describe("what a host says of itself", () => {
  test("the address of a name, of both families", () => {
    const six = Buffer.from("fd000000000000000000000000000022", "hex");
    expect(
      read(response([record(name("Annas-iPhone", "local"), 1, IP), record(name("Annas-iPhone", "local"), 28, six)])),
    ).toEqual(["192.168.1.22 Annas-iPhone", "fd00::22 Annas-iPhone"]);
  });

  test("the name of an address, which a jump may end", () => {
    const owner = name("22", "1", "168", "192", "in-addr", "arpa");
    const target = Buffer.concat([label("Annas-iPhone"), bytes("c0 36")]);
    // At 0x36 stands "local", behind the first record.
    const first = record(owner, 12, Buffer.concat([label("x"), name("local")]));
    const at = 12 + first.length - 7;
    target.writeUInt16BE(0xc000 | at, target.length - 2);
    expect(read(response([first, record(owner, 12, target)]))).toEqual(["192.168.1.22 x", "192.168.1.22 Annas-iPhone"]);
  });

  test("questions, records that are taken back, services and names beyond .local say nothing", () => {
    const host = name("tv", "local");
    expect(read(response([record(host, 1, IP)], 0))).toEqual([]);
    expect(read(response([record(host, 1, IP, { ttl: 0 })]))).toEqual([]);
    expect(read(response([record(host, 1, IP, { recordClass: 3 })]))).toEqual([]);
    expect(read(response([record(name("tv", "_airplay", "_tcp", "local"), 1, IP)]))).toEqual([]);
    expect(read(response([record(name("www", "example", "com"), 1, IP)]))).toEqual([]);
    expect(read(response([record(name("tv", "local"), 1, Buffer.from([1, 2, 3]))]))).toEqual([]);
  });
});

describe("untrusted packets", () => {
  test("a name that jumps to itself, forwards or in a ring ends the reading", () => {
    for (const jump of ["c0 0c", "c0 20", "c0 0e c0 0c"]) {
      expect(read(response([record(bytes(jump), 1, IP)]))).toEqual([]);
    }
  });

  test("a name is text without marks that hide or reorder", () => {
    expect(read(response([record(name("<b>\u202etv", "local"), 1, IP)].slice(0, 1)))).toEqual([]);
    const host = Buffer.from("<b>\u202etv");
    const owner = Buffer.concat([Buffer.from([host.length]), host, name("local")]);
    expect(read(response([record(owner, 1, IP)]))).toEqual(["192.168.1.22 <b> tv"]);
  });

  test("whatever comes is read to its end or refused, quickly", () => {
    const whole = response([
      record(name("tv", "local"), 1, IP),
      record(name("22", "1", "168", "192", "in-addr", "arpa"), 12, name("tv", "local")),
    ]);
    const mutated = fc
      .array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 6 })
      .map((changes) => {
        const packet = Buffer.from(whole);
        for (const [at, value] of changes) packet[at] = value;
        return packet;
      });
    const cut = fc.nat(whole.length).map((length) => whole.subarray(0, length));
    fc.assert(
      fc.property(fc.oneof(mutated, cut, fc.uint8Array({ maxLength: 600 })), (packet) => {
        for (const host of hostsInPacket(packet)) {
          expect(host.name.length).toBeLessThanOrEqual(253);
          expect(host.ip).toMatch(/^[0-9a-f.:]+$/);
        }
      }),
      { numRuns: 5_000 },
    );
    // Thousands of records, each of which is a jump to a long name.
    const long = name(...Array<string>(100).fill("a"), "local");
    const many = response([record(long, 1, IP), ...Array.from({ length: 500 }, () => record(bytes("c0 0c"), 1, IP))]);
    expect(read(many)).toEqual([]);
  });
});

test("a question asks for the names of addresses of both families", () => {
  const packet = reverseQuestion(["192.168.1.22", "fd00::22"]);
  const digits = `${"0022".split("").reverse().join("")}${"0".repeat(24)}00df`;
  expect(packet.readUInt16BE(2)).toBe(0);
  expect(packet.subarray(4, 6)).toEqual(Buffer.from([0, 2]));
  expect(packet.subarray(12)).toEqual(
    Buffer.concat([
      name("22", "1", "168", "192", "in-addr", "arpa"),
      bytes("00 0c 00 01"),
      name(...digits, "ip6", "arpa"),
      bytes("00 0c 00 01"),
    ]),
  );
});

test("a question's address is read from an answer to it", () => {
  const anyIp = fc.tuple(
    fc.constantFrom(4, 6) as fc.Arbitrary<4 | 6>,
    fc.array(fc.integer({ min: 1, max: 0xdfffffff }), { minLength: 4, maxLength: 4 }),
  );
  fc.assert(
    fc.property(anyIp, ([family, words]) => {
      const ip = formatAddress({ family, words: family === 4 ? words.slice(0, 1) : words });
      fc.pre(!/^(?:127\.|0\.|22[4-9]|23|ff)/.test(ip));
      const question = reverseQuestion([ip]);
      const owner = question.subarray(12, question.length - 4);
      expect(read(response([record(owner, 12, name("tv", "local"))]))).toEqual([`${ip} tv`]);
    }),
  );
});

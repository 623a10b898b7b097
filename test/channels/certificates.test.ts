import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { createSend } from "../../src/channels/send.ts";
import { createFakeDarkstat } from "../../src/meters/darkstat/simulated/index.ts";
import { PROGRAM, startWhiteStat } from "../lib/whitestat.ts";
import { type Certificate, makeAuthority, opensslObstacle } from "./authority.ts";
import { httpsServer, mailServer, type TestServer } from "./servers.ts";

const obstacle = opensslObstacle();
const file = fileURLToPath(new URL("../../src/channels/child.ts", import.meta.url));
const MESSAGE = {
  id: "msg_1",
  at: Date.UTC(2026, 10, 26, 12),
  rule: "plan",
  level: "warning",
  title: "A title for nobody else",
  text: "A text for nobody else",
} as const;
const CREDENTIALS = "stat:s3cret";

/** Each kind of channel that may be encrypted, at a server with some certificate. */
const CHANNELS: readonly [
  name: string,
  start: (certificate: Certificate) => Promise<TestServer>,
  url: (port: number, host: string) => string,
][] = [
  ["a webhook", httpsServer, (port, host) => `https://${CREDENTIALS}@${host}:${port}/hook`],
  ["ntfys", httpsServer, (port, host) => `ntfys://${CREDENTIALS}@${host}:${port}/topic`],
  [
    "mail with TLS from the start",
    (certificate) => mailServer("implicit", certificate),
    (port, host) => `mailtos://${CREDENTIALS}@${host}:${port}?mode=ssl&from=a@example.com&to=b@example.com`,
  ],
  [
    "mail by STARTTLS",
    (certificate) => mailServer("starttls", certificate),
    (port, host) => `mailtos://${CREDENTIALS}@${host}:${port}?from=a@example.com&to=b@example.com`,
  ],
  [
    "mail that takes what there is",
    (certificate) => mailServer("starttls", certificate),
    (port, host) => `smtp://${CREDENTIALS}@${host}:${port}?from=a@example.com&to=b@example.com`,
  ],
];

describe.skipIf(obstacle !== null)(`servers' certificates${obstacle === null ? "" : ` (${obstacle})`}`, () => {
  const authority = obstacle === null ? makeAuthority() : null;
  afterAll(() => authority?.dispose());
  const made = () => authority as NonNullable<typeof authority>;
  const certificates = new Map<string, Certificate>();
  /** Each is made once: openssl is slow where much else runs. */
  function once(kind: "issue" | "selfSigned", name: string, days = 2): Certificate {
    const key = `${kind} ${name} ${days}`;
    const known = certificates.get(key) ?? made()[kind](name, days);
    certificates.set(key, known);
    return known;
  }
  /** Sends with these certificates trusted besides the public ones. */
  const sendTrusting = (trusted: string | undefined, more: Record<string, string> = {}) =>
    createSend({
      file,
      version: "12",
      env: { PATH: process.env.PATH, ...(trusted === undefined ? {} : { NODE_EXTRA_CA_CERTS: trusted }), ...more },
    });

  /** Nothing arrived, and whoever looks at the wire reads neither the message nor the password. */
  function expectNothingTold({ arrived, wire }: TestServer) {
    expect(arrived).toEqual([]);
    const seen = wire().toString("latin1");
    for (const secret of [
      "nobody else",
      "s3cret",
      btoa("s3cret"),
      btoa(CREDENTIALS),
      btoa("\0stat\0s3cret"),
      "a@example.com",
    ]) {
      expect(seen).not.toContain(secret);
    }
  }

  describe.each(CHANNELS)("%s", (name, start, url) => {
    test("arrives, encrypted, where the authority is named in NODE_EXTRA_CA_CERTS, and the server's name is right", async () => {
      await using server = await start(once("issue", "DNS:localhost"));
      const verdict = await sendTrusting(made().file)(url(server.port, "localhost"), MESSAGE);
      expect(verdict).toMatchObject({ ok: true });
      expect(server.arrived).toEqual([{ body: expect.stringContaining("nobody else"), encrypted: true }]);
      expect(server.wire().toString("latin1")).not.toContain("nobody else");
    });

    test("arrives by an address that the certificate has", async () => {
      await using server = await start(once("issue", "IP:127.0.0.1"));
      expect(await sendTrusting(made().file)(url(server.port, "127.0.0.1"), MESSAGE)).toMatchObject({ ok: true });
      expect(server.arrived).toHaveLength(1);
    });

    test("arrives where a self-signed certificate is itself the trusted one", async () => {
      const own = once("selfSigned", "DNS:localhost");
      await using server = await start(own);
      expect(await sendTrusting(own.file)(url(server.port, "localhost"), MESSAGE)).toMatchObject({ ok: true });
      expect(server.arrived).toHaveLength(1);
    });

    // ntfy goes the way of webhooks: what is refused there needs no second look.
    test.skipIf(name === "ntfys").each<[string, () => Certificate, string | null, string]>([
      [
        "an authority that nobody named",
        () => once("issue", "DNS:localhost"),
        null,
        "the server's certificate isn't signed by a trusted authority. If you trust it, save that authority's certificate as a PEM file, name that in the environment variable NODE_EXTRA_CA_CERTS, and start WhiteStat again.",
      ],
      [
        "a self-signed certificate",
        () => once("selfSigned", "DNS:localhost"),
        null,
        "the server's certificate is self-signed. If you trust it, save it as a PEM file, name that in the environment variable NODE_EXTRA_CA_CERTS, and start WhiteStat again.",
      ],
      [
        "a self-signed certificate, where another is trusted",
        () => once("selfSigned", "DNS:localhost"),
        "authority",
        "the server's certificate is self-signed. If you trust it, add it to AUTHORITY, which NODE_EXTRA_CA_CERTS names.",
      ],
      [
        "an authority in a file that can't be read",
        () => once("issue", "DNS:localhost"),
        "/nowhere/ca.pem",
        "the server's certificate isn't signed by a trusted authority. NODE_EXTRA_CA_CERTS names /nowhere/ca.pem, which can't be read by WhiteStat's user or holds no certificate in PEM.",
      ],
      [
        "an expired certificate",
        () => once("issue", "DNS:localhost", -1),
        "authority",
        "the server's certificate has expired. Renew it there, and check this machine's clock.",
      ],
      [
        "a certificate for another name",
        () => once("issue", "DNS:mail.example.org,DNS:www.example.org"),
        "authority",
        "the server's certificate is for another name. Write a name that it has into the channel's URL: DNS:mail.example.org, DNS:www.example.org",
      ],
    ])("is not sent to %s, and it is said what to do", async (_name, certificate, trusted, answer) => {
      await using server = await start(certificate());
      const named = trusted === "authority" ? made().file : (trusted ?? undefined);
      const verdict = await sendTrusting(named)(url(server.port, "localhost"), MESSAGE);
      expect(verdict).toMatchObject({ ok: false, isFinal: false, answer: answer.replace("AUTHORITY", made().file) });
      expectNothingTold(server);
    });
  });

  test("what the machine trusts is trusted where NODE_USE_SYSTEM_CA says so", async () => {
    await using server = await httpsServer(once("issue", "DNS:localhost"));
    const url = `https://localhost:${server.port}/hook`;
    const system = { SSL_CERT_FILE: made().file };
    expect(await sendTrusting(undefined, system)(url, MESSAGE)).toMatchObject({ ok: false });
    expect(await sendTrusting(undefined, { ...system, NODE_USE_SYSTEM_CA: "1" })(url, MESSAGE)).toMatchObject({
      ok: true,
    });
  });

  test("mailtos never goes on without TLS where the server offers none; smtp does, as it says", async () => {
    await using server = await mailServer("none", once("issue", "DNS:localhost"));
    const to = (scheme: string) => `${scheme}://${CREDENTIALS}@localhost:${server.port}?from=a@example.com`;
    const send = sendTrusting(made().file);
    expect(await send(to("mailtos"), MESSAGE)).toMatchObject({
      ok: false,
      isFinal: false,
      answer:
        "the mail server offers no STARTTLS, so nothing was sent. Use its port of TLS from the start, mostly 465. Only smtp:// and mailto:// send without TLS.",
    });
    expectNothingTold(server);
    expect(await send(`${to("mailtos")}&mode=ssl`, MESSAGE)).toMatchObject({
      ok: false,
      answer:
        "no TLS is spoken there from the start, as on port 465. Use the port of STARTTLS, mostly 587, without mode=ssl.",
    });
    expectNothingTold(server);
    expect(await send(to("smtp"), MESSAGE)).toMatchObject({ ok: true });
    expect(server.arrived).toEqual([{ body: expect.stringContaining("nobody else"), encrypted: false }]);
  });

  test("an https address where only http is spoken is told as that", async () => {
    await using server = await mailServer("none", once("issue", "DNS:localhost"));
    expect(await sendTrusting(made().file)(`https://localhost:${server.port}/`, MESSAGE)).toMatchObject({
      ok: false,
      answer: "no TLS is spoken there. Use the port of its https address.",
    });
    expectNothingTold(server);
  });

  test.skipIf(!existsSync(PROGRAM))(
    "the built product passes NODE_EXTRA_CA_CERTS on to what sends",
    async () => {
      const store = mkdtempSync(join(tmpdir(), "whitestat-certificates-"));
      const darkstat = createFakeDarkstat({ now: () => Date.now() });
      const env = { DARKSTAT_URL: await darkstat.start(), LISTEN_ADDRESS: "127.0.0.1" };
      await using server = await httpsServer(once("issue", "DNS:localhost"));
      await using mail = await mailServer("starttls", once("issue", "DNS:localhost"));
      const urls = [`https://localhost:${server.port}/hook`, `mailtos://localhost:${mail.port}?from=a@example.com`];
      try {
        for (const trusted of [false, true]) {
          const product = await startWhiteStat({
            store,
            env: { ...env, NODE_EXTRA_CA_CERTS: trusted ? made().file : "" },
          });
          for (const url of urls) {
            const response = await fetch(`${product.url}/api/v1/alerts/test`, {
              method: "POST",
              headers: { "content-type": "application/json" },
              body: JSON.stringify({ url }),
            });
            const { ok, answer } = (await response.json()) as { ok: boolean; answer: string };
            expect([ok, answer]).toEqual([
              trusted,
              expect.stringMatching(trusted ? /^(HTTP 200|250 )/ : /NODE_EXTRA_CA_CERTS/),
            ]);
          }
          expect(await product.stop()).toBe(0);
        }
        expect([server.arrived.length, mail.arrived.length]).toEqual([1, 1]);
      } finally {
        await darkstat.stop();
        rmSync(store, { recursive: true, force: true });
      }
    },
    120_000,
  );
});

/**
 * The program that sends one message and ends: a process of its own, so that what TLS and mail cost is given back, and
 * nothing that another side answers gets near the figures. It reads one {@link Errand} as a line of JSON from its input, so that
 * secrets stand in no argument and no environment, and writes a {@link Verdict} to its output.
 */
import { createHmac } from "node:crypto";
import { type IncomingMessage, nodeHttp, nodeHttps, nodeTls } from "../builtin.ts";
import { UNSAFE_CHARACTERS } from "../shared/untrusted-text.ts";
import { type MailChannel, type Message, readChannel, secretsOf } from "./channel.ts";
import { EXTRA_CERTIFICATES, type ExtraCertificates, reasonOf } from "./reasons.ts";
import { requestsOf, type ServiceRequest, type Verdict, verdictOf } from "./request.ts";

/** What it is to do. */
export interface Errand {
  readonly url: string;
  readonly message: Message;
  readonly version: string;
}

/** Standard Webhooks recommends 15 to 30 s. */
const TIMEOUT_MS = 20_000;
const ANSWER_BYTES = 4_096;
const ANSWER_SHOWN = 300;

/**
 * The first line of the input. Its end afterwards means that whoever asked is gone, and will ask again when he is back: what
 * isn't sent yet is better not sent.
 */
function inputLine(): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    process.stdin.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const end = text.indexOf("\n");
      if (end !== -1) resolve(text.slice(0, end));
    });
    process.stdin.on("end", () => process.exit(1));
  });
}

async function run({ url, message, version }: Errand): Promise<Verdict> {
  const channel = readChannel(url);
  const clean = (text: string) => scrubbed(text, secretsOf(channel));
  try {
    if (channel.service === "mail") return await sendMail(channel, message, clean);
    const sign = (key: Buffer, text: string) => createHmac("sha256", key).update(text).digest("base64");
    let verdict: Verdict | null = null;
    for (const request of requestsOf(channel, message, Date.now(), sign)) {
      const answer = await post(request, version);
      const { answer: said, ...rest } = verdictOf(channel.service, answer, Date.now());
      verdict = { ...rest, answer: clean(said) };
      if (!verdict.ok) return verdict;
    }
    return verdict ?? failed("nothing to send");
  } catch (error) {
    return failed(clean(reasonOf(error, false, EXTRA)));
  }
}

/** Redirects are not followed: they could lead anywhere. */
function post(
  { url, headers, body }: ServiceRequest,
  version: string,
): Promise<{ status: number; body: string; retryAfter: string | null }> {
  return new Promise((resolve, reject) => {
    if (isLinkLocal(new URL(url).hostname)) throw new Error("link-local addresses are not sent to");
    const { request } = url.startsWith("https:") ? nodeHttps() : nodeHttp();
    const options = {
      method: "POST",
      agent: false,
      headers: { ...headers, "user-agent": `WhiteStat/${version}`, "content-length": Buffer.byteLength(body) },
    } as const;
    const asked = request(url, options, (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const done = () => {
        const text = Buffer.concat(chunks).subarray(0, ANSWER_BYTES).toString("utf8");
        const retryAfter = response.headers["retry-after"] ?? null;
        resolve({ status: response.statusCode ?? 0, body: text, retryAfter });
        asked.destroy();
      };
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size >= ANSWER_BYTES) done();
      });
      response.on("end", done);
      response.on("error", reject);
    });
    asked.on("socket", (socket) => {
      socket.on("lookup", (_error: Error | null, address: string) => {
        if (isLinkLocal(address)) asked.destroy(new Error("link-local addresses are not sent to"));
      });
    });
    asked.setTimeout(TIMEOUT_MS);
    const timer = setTimeout(() => asked.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
    asked.on("close", () => clearTimeout(timer));
    asked.on("error", reject);
    asked.end(body);
  });
}

/** Where clouds keep what is for a machine alone: nobody's channel. A name may lead there as well: see `post`. */
function isLinkLocal(host: string): boolean {
  return /^169\.254\.|^\[?fe[89ab][0-9a-f]:|^\[?::ffff:a9fe:/i.test(host);
}

async function sendMail(channel: MailChannel, message: Message, clean: (text: string) => string): Promise<Verdict> {
  const { createTransport } = await import("nodemailer");
  const { host, port, tls, demandsTls, user, password, from, to } = channel;
  const transport = createTransport({
    host,
    port,
    secure: tls,
    requireTLS: demandsTls,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    // Nothing of a message may name a file or an address to be fetched.
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(user === null ? {} : { auth: { user, pass: password ?? "" } }),
  });
  try {
    const domain = from.split("@")[1] ?? "localhost";
    const { response } = await transport.sendMail({
      from: { name: "WhiteStat", address: from },
      to: [...to],
      subject: message.title,
      text: message.text,
      date: new Date(message.at),
      // The same at each attempt: mail servers and programs know it again.
      messageId: `<${message.id}@${domain}>`,
      headers: { "Auto-Submitted": "auto-generated" },
    });
    return { ok: true, answer: clean(response), isFinal: false, isGone: false, retryAfterMs: null };
  } catch (error) {
    const { responseCode } = error as { responseCode?: number };
    // 550 to 554: of this mail, or of its receiver; 535, a wrong password, can be put right.
    const isFinal = responseCode !== undefined && responseCode >= 550 && responseCode <= 554;
    return { ...failed(clean(reasonOf(error, true, EXTRA))), isFinal };
  } finally {
    transport.close();
  }
}

function failed(answer: string): Verdict {
  return { ok: false, answer, isFinal: false, isGone: false, retryAfterMs: null };
}

/** Node has read them when it started. */
const EXTRA: ExtraCertificates = {
  file: process.env[EXTRA_CERTIFICATES] || null,
  count: () => nodeTls().getCACertificates("extra").length,
};

/** One line, without control characters and secrets. */
function scrubbed(text: string, secrets: readonly string[]): string {
  let clean = text.toWellFormed().replace(UNSAFE_CHARACTERS, " ").replace(/\s+/g, " ").trim();
  for (const secret of secrets) {
    for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
      if (form !== "") clean = clean.replaceAll(form, "***");
    }
  }
  return clean.length > ANSWER_SHOWN ? `${clean.slice(0, ANSWER_SHOWN - 1)}…` : clean;
}

// Last: what is above must be there before anything waits.
process.stdout.write(JSON.stringify(await run(JSON.parse(await inputLine()) as Errand)), () => process.exit(0));

/** The environment variable that names certificates to be trusted besides the public authorities': Node reads it itself. */
export const EXTRA_CERTIFICATES = "NODE_EXTRA_CA_CERTS";

/** What a failure to reach a server is told from: the codes of Node, and those that the client of mail puts in their place. */
interface Failure {
  readonly code?: string;
  readonly originalCode?: string;
  readonly errno?: string | number;
  readonly message?: string;
  readonly responseCode?: number;
  /** What of SMTP it was at. */
  readonly command?: string;
  /** Of a wrong name. */
  readonly cert?: { readonly subjectaltname?: string };
}

/** Which certificates are trusted beside the public ones. */
export interface ExtraCertificates {
  /** The file that is named; null for none. */
  readonly file: string | null;
  /** How many Node found in it. */
  count(): number;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection was closed without an answer",
  ENOTFOUND: "unknown host name",
  EAI_AGAIN: "the host name could not be resolved",
  EHOSTUNREACH: "no route to that host",
  ENETUNREACH: "no route to that network",
  ETIMEDOUT: "connection timed out",
};

const SELF_SIGNED = "the server's certificate is self-signed";
const UNKNOWN_AUTHORITY = "the server's certificate isn't signed by a trusted authority";
const UNTRUSTED: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: SELF_SIGNED,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
};

/** What comes of TLS where the other side begins without it, or asks for another kind. */
const NO_TLS = /wrong.version.number|packet.length.too.long|record.layer.failure/i;

/**
 * Why a server couldn't be sent to, in words for a person, and where its certificate is the cause what to do. May hold what
 * the server said.
 */
export function reasonOf(error: unknown, isMail: boolean, extra: ExtraCertificates): string {
  const failure = error as Failure;
  const { code, originalCode, errno, message } = failure;
  // The client of mail has some of the system's words in its message only.
  const word = /\b(E[A-Z]{4,})\b/.exec(message ?? "")?.[1];
  const codes = [originalCode, code, String(errno ?? ""), word].filter((one) => one !== undefined);
  const tls = tlsReason(failure, codes, isMail, extra);
  if (tls !== null) return tls;
  const known = codes.find((one) => Object.hasOwn(REASONS, one));
  return known === undefined ? (message ?? String(error)) : (REASONS[known] as string);
}

function tlsReason(
  { cert, responseCode, code, command, message = "" }: Failure,
  codes: readonly string[],
  isMail: boolean,
  extra: ExtraCertificates,
): string | null {
  for (const one of codes) {
    const untrusted = Object.hasOwn(UNTRUSTED, one) ? UNTRUSTED[one] : undefined;
    if (untrusted !== undefined) return `${untrusted}. ${howToTrust(untrusted === SELF_SIGNED, extra)}`;
    if (one === "CERT_HAS_EXPIRED")
      return "the server's certificate has expired. Renew it there, and check this machine's clock.";
    if (one === "CERT_NOT_YET_VALID")
      return "the server's certificate isn't valid yet. Check the clocks of both machines.";
    if (one === "ERR_TLS_CERT_ALTNAME_INVALID") {
      const names = cert?.subjectaltname === undefined ? "." : `: ${cert.subjectaltname}`;
      return `the server's certificate is for another name. Write a name that it has into the channel's URL${names}`;
    }
  }
  if (NO_TLS.test(`${codes.join(" ")} ${message}`)) {
    return isMail
      ? "no TLS is spoken there from the start, as on port 465. Use the port of STARTTLS, mostly 587, without mode=ssl."
      : "no TLS is spoken there. Use the port of its https address.";
  }
  if (code === "ETLS" && command === "STARTTLS" && responseCode !== undefined) {
    return "the mail server offers no STARTTLS, so nothing was sent. Use its port of TLS from the start, mostly 465. Only smtp:// and mailto:// send without TLS.";
  }
  if (code === "ETIMEDOUT" && /greeting/i.test(message)) {
    return "the mail server said nothing. If it speaks TLS from the start there, write port 465 or mode=ssl into the channel's URL.";
  }
  return null;
}

function howToTrust(isOwn: boolean, { file, count }: ExtraCertificates): string {
  if (file !== null && count() === 0) {
    return `${EXTRA_CERTIFICATES} names ${file}, which can't be read by WhiteStat's user or holds no certificate in PEM.`;
  }
  const what = isOwn ? "it" : "that authority's certificate";
  return file === null
    ? `If you trust it, save ${what} as a PEM file, name that in the environment variable ${EXTRA_CERTIFICATES}, and start WhiteStat again.`
    : `If you trust it, add ${what} to ${file}, which ${EXTRA_CERTIFICATES} names.`;
}

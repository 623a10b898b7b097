/** What kind of trouble a reading ran into. Stable: logs, health and tests go by it. */
export type DarkstatErrorCode =
  | "unreachable"
  | "timeout"
  | "too-large"
  | "http-status"
  | "cut"
  | "garbled"
  | "restarted"
  | "refused-query";

/** Why a reading of darkstat was rejected, whole. `remedy` is one sentence for a person: what to do about it. */
export class DarkstatError extends Error {
  override readonly name = "DarkstatError";
  readonly code: DarkstatErrorCode;
  readonly remedy: string;
  constructor(code: DarkstatErrorCode, message: string, remedy: string = REMEDIES[code], options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.remedy = remedy;
  }
}

const REMEDIES: Record<DarkstatErrorCode, string> = {
  unreachable:
    "Check that darkstat runs and that DARKSTAT_URL names its address and port, e.g. http://192.168.1.1:667/.",
  timeout: "Check the load of the machine that darkstat runs on, and the network in between.",
  "too-large": "Check that DARKSTAT_URL names a darkstat, or start darkstat with a smaller --hosts-max.",
  "http-status": "Check DARKSTAT_URL: it must be the first page of darkstat, with its --base path if it has one.",
  cut: "Nothing to do if it passes with the next reading; else look for a proxy that shortens darkstat's pages.",
  garbled: "Check that DARKSTAT_URL names a darkstat of version 3.0.719 or later and not another program.",
  restarted: "Nothing to do if it passes with the next reading; else find out why darkstat restarts again and again.",
  "refused-query": "Check that darkstat is of version 3.0.719 or later.",
};

/** A piece of a foreign text for an error message: quoted, on one line, never long. */
export function excerpt(text: string, most = 60): string {
  return JSON.stringify(text.length > most ? `${text.slice(0, most)}…` : text);
}

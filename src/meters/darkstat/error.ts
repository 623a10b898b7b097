import { MeterError } from "../meter.ts";

/** Why a reading failed. Stable: logs, health and tests go by it. */
export type DarkstatErrorCode =
  | "unreachable"
  | "timeout"
  | "too-large"
  | "http-status"
  | "cut"
  | "garbled"
  | "restarted"
  | "refused-query";

/** Why a reading of darkstat was rejected, whole. `hint` is one sentence for a person: what to do about it. */
export class DarkstatError extends MeterError {
  override readonly name = "DarkstatError";
  override readonly code: DarkstatErrorCode;
  override readonly hint: string;
  constructor(code: DarkstatErrorCode, message: string, hint: string = HINTS[code], options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }
  override get isGone(): boolean {
    return this.code === "unreachable" || this.code === "timeout";
  }
}

const HINTS: Record<DarkstatErrorCode, string> = {
  unreachable: "Check that darkstat runs and that DARKSTAT_URL has its address and port, e.g. http://192.168.1.1:667/.",
  timeout: "Check the load of the machine that darkstat runs on, and the network in between.",
  "too-large":
    "Check that DARKSTAT_URL is the address of a darkstat, start darkstat with a smaller --hosts-max, or raise DARKSTAT_MAX_HOSTS.",
  "http-status":
    "Check DARKSTAT_URL: it must be the address of darkstat's first page, with its --base path if it has one.",
  cut: "Nothing to do if the next reading works; otherwise look for a proxy that truncates darkstat's pages.",
  garbled: "Check that DARKSTAT_URL is the address of a darkstat 3.0.719 or later, not of another program.",
  restarted: "Nothing to do if the next reading works; otherwise find out why darkstat keeps restarting.",
  "refused-query": "Check that darkstat is of version 3.0.719 or later.",
};

/** A piece of a foreign text for an error message: quoted, on one line, never long. */
export function excerpt(text: string, most = 60): string {
  return JSON.stringify(text.length > most ? `${text.slice(0, most)}…` : text);
}

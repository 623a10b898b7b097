import { MeterError } from "../meter.ts";

/** Why the kernel's counters could not be read. Stable: logs and tests go by it. */
export type KernelErrorCode =
  /** nft can't be run. */
  | "missing"
  /** This process may not. */
  | "refused"
  /** The kernel, or this nft, can't do what is needed. */
  | "unsupported"
  /** An interface is not there. */
  | "no-interface"
  /** nft took too long. */
  | "timeout"
  /** nft gave something else than it should. */
  | "garbled"
  /** nft failed for another reason. */
  | "failed";

export class KernelError extends MeterError {
  override readonly name = "KernelError";
  override readonly code: KernelErrorCode;
  override readonly hint: string;
  constructor(code: KernelErrorCode, message: string, hint: string = HINTS[code]) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
  override get isGone(): boolean {
    return this.code !== "garbled";
  }
}

const HINTS: Record<KernelErrorCode, string> = {
  missing: "Install nftables (apt-get install nftables), or set METER=darkstat.",
  refused: "Give WhiteStat the capability NET_ADMIN, or start it as root; METER=darkstat does without.",
  unsupported: "It takes Linux 5.16 or later with nftables; METER=darkstat does without.",
  "no-interface": "Set HOST_INTERFACE to an interface that exists (ip link).",
  timeout: "Check the load of this machine.",
  garbled: "Check that the nft in the PATH is that of nftables (nft --version).",
  failed: "See what sudo nft list table netdev whitestat says; METER=darkstat does without.",
};

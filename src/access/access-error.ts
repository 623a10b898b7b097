/** Why signing in, or a change of who may come in, was refused. `hint` is one sentence for a person. */
export class AccessError extends Error {
  override readonly name = "AccessError";
  readonly code:
    | "bad-access"
    | "wrong-password"
    | "slow-down"
    | "busy"
    | "no-password"
    | "sign-in-off"
    | "unknown-access"
    | "too-many-access";
  readonly hint: string;
  /** Of `slow-down`: milliseconds until it is worth trying again; else 0. */
  readonly waitMs: number;
  constructor(code: AccessError["code"], message: string, hint: string, waitMs = 0) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.waitMs = waitMs;
  }
}

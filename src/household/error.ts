/** Why something that was said of the household can't be taken in, in words for the person who said it. */
export class HouseholdError extends Error {
  override readonly name = "HouseholdError";
  /** `overtaken`: it can't be undone, because something that came later builds on it. */
  readonly code: "bad-change" | "unknown-device" | "unknown-owner" | "unknown-change" | "overtaken" | "not-confirmed";
  /** What is allowed, or what to do, in a sentence. */
  readonly hint: string;
  constructor(code: HouseholdError["code"], message: string, hint = "") {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

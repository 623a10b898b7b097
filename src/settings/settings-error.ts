/** One thing that is wrong with the settings, told so that a person can put it right. */
export interface SettingsIssue {
  /** The setting; null when the issue is the file's or the folder's. */
  readonly key: string | null;
  /** Where: file, line and key, or the environment's variable. */
  readonly place: string;
  /** What is wrong there. */
  readonly problem: string;
  /** What is allowed, or what to do, as a sentence; empty where the problem says it. */
  readonly hint: string;
  /** A line that would be right; empty without one. */
  readonly example: string;
}

/** Why the program can't start: every issue at once, in one message. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly issues: readonly SettingsIssue[];
  constructor(issues: readonly SettingsIssue[], options?: ErrorOptions) {
    super(describeIssues(issues), options);
    this.issues = issues;
  }
}

function describeIssues(issues: readonly SettingsIssue[]): string {
  const lines = issues.map(({ place, problem, hint, example }) => {
    const rest = [hint, example && `Example: ${example}`].filter((part) => part !== "");
    return [`  - ${place}: ${problem}`, ...rest.map((part) => `      ${part}`)].join("\n");
  });
  const count = issues.length === 1 ? "a problem" : `${issues.length} problems`;
  return [`WhiteStat can't start: ${count} in the settings.`, ...lines].join("\n");
}

/** A value as a message shows it: in quotes, on one line, not endless, without a password. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value, (_, part) => (typeof part === "string" ? withoutPassword(part) : part));
  const safe = text ?? String(value);
  return safe.length > 120 ? `${safe.slice(0, 120)}…` : safe;
}

/**
 * A text without the password that an address in it may carry, or one of several with names, whole or misspelt: all between the first colon that does
 * not belong to a scheme and the last @, which a password may hold itself. Rather too much is hidden than too little.
 */
export function withoutPassword(text: string): string {
  return text.replace(
    /^(\s*["'<]?\s*(?:[^\s=:/@]*\s*=\s*)?(?:[a-z][a-z\d+.-]*:\/+)?[^:@]*):(?!\/\/)[\s\S]*(@|%40)/i,
    "$1:***$2",
  );
}

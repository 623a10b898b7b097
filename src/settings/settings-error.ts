/** One thing that is wrong with the settings, told so that a person can put it right. */
export interface SettingsIssue {
  /** The setting; null when the issue is the file's or the folder's. */
  readonly key: string | null;
  /** Where: file, line and key, or the environment's variable. */
  readonly place: string;
  /** What is wrong there. */
  readonly problem: string;
  /** What is allowed, as a sentence; empty where the problem says it. */
  readonly allowed: string;
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
  const count = issues.length === 1 ? "an issue" : `${issues.length} issues`;
  const lines = issues.map(({ place, problem, allowed, example }) => {
    const rest = [allowed, example && `Example: ${example}`].filter((part) => part !== "");
    return [`  - ${place}: ${problem}`, ...rest.map((part) => `      ${part}`)].join("\n");
  });
  return [`There is ${count} in the settings:`.replace(/is (\d)/, "are $1"), ...lines].join("\n");
}

/** A value as a message shows it: in quotes, on one line, not endless, without a URL's password. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  const safe = text.replace(/(\/\/[^/:@\s"]*):[^/@\s"]*@/g, "$1:***@");
  return safe.length > 120 ? `${safe.slice(0, 120)}…` : safe;
}

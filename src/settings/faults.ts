/** One thing that is wrong with the settings, told so that a person can put it right. */
export interface Fault {
  /** The setting; null when the fault is the file's or the folder's. */
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

/** Why the program can't start: every fault at once, in one message. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[], options?: ErrorOptions) {
    super(describeFaults(faults), options);
    this.faults = faults;
  }
}

function describeFaults(faults: readonly Fault[]): string {
  const count = faults.length === 1 ? "a fault" : `${faults.length} faults`;
  const lines = faults.map(({ place, problem, allowed, example }) => {
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

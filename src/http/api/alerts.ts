import { ChannelError, readChannel } from "../../channels/channel.ts";
import type {
  AlertKind,
  AlertRulesInput,
  AlertsInput,
  AlertsReport,
  SnoozeInput,
  TestResult,
} from "../../shared/alerts-api.ts";
import { HttpProblem } from "../errors.ts";

/** Rules, channels, and what was told: the part of the product that `api/v1/alerts` speaks for. */
export interface Alerts {
  report(): AlertsReport;
  /** Sets rules and channels. Durable at once. @throws StoreError, ChannelError */
  set(input: AlertsInput): Promise<void>;
  /** Lists alerts of a kind (null: all) without sending them, until then; null ends it. @throws StoreError */
  snooze(rule: AlertKind | null, until: number | null): Promise<void>;
  /** Sends a test. Null where there is no such channel; one at a time. @throws ChannelError */
  test(which: { channel?: string | undefined; url?: string | undefined }): Promise<TestResult | "busy" | null>;
  /** Whether there is a channel of that id. */
  knows(channel: string): boolean;
}

const EXAMPLE =
  'Get api/v1/alerts, change its rules, quiet and channels, and send these three. A channel is for example {"name": null, "url": "ntfys://ntfy.example.com/topic", "enabled": true}';

/** What is set, in the body of a request. @throws HttpProblem `bad-alerts`, `bad-channel`, `unknown-channel` */
export async function readAlerts(alerts: Alerts, value: unknown): Promise<AlertsInput> {
  const { alertsInputSchema } = await import("../../shared/alerts-api.ts");
  const input = checked(alertsInputSchema.safeParse(value), EXAMPLE);
  for (const [index, { id, url }] of input.channels.entries()) {
    if (id !== undefined && !alerts.knows(id)) throw unknownChannel(id);
    if (id === undefined && url === undefined) {
      throw new HttpProblem("bad-alerts", `channels.${index}.url is missing: a new channel needs one.`, EXAMPLE);
    }
    if (url !== undefined) checkChannel(url);
  }
  return input;
}

/** Rules and quiet hours alone, without channels. @throws HttpProblem `bad-alerts` */
export async function readAlertRules(value: unknown): Promise<AlertRulesInput> {
  const { alertRulesInputSchema } = await import("../../shared/alerts-api.ts");
  return checked(alertRulesInputSchema.safeParse(value), "Its rules and quiet are those of GET api/v1/alerts");
}

/** @throws HttpProblem `bad-alerts` */
export async function readSnooze(value: unknown): Promise<SnoozeInput> {
  const { snoozeInputSchema } = await import("../../shared/alerts-api.ts");
  return checked(snoozeInputSchema.safeParse(value), 'Send for example {"rule": "unusual", "until": 1795694400000}');
}

/** Sends a test to a channel. @throws HttpProblem `bad-alerts`, `bad-channel`, `unknown-channel`, `busy` */
export async function testChannel(alerts: Alerts, value: unknown): Promise<TestResult> {
  const { testInputSchema } = await import("../../shared/alerts-api.ts");
  const example = 'Send for example {"url": "ntfys://ntfy.example.com/topic"}, or {"channel": "the id of one"}';
  const which = checked(testInputSchema.safeParse(value), example);
  if (which.url !== undefined) checkChannel(which.url);
  else if (which.channel === undefined) throw new HttpProblem("bad-alerts", "channel or url is missing.", example);
  const result = await alerts.test(which);
  if (result === null) throw unknownChannel(which.channel ?? "");
  if (result === "busy") throw new HttpProblem("busy", "Another test is on its way.", "Try again when it has ended.");
  return result;
}

function checkChannel(url: string): void {
  try {
    readChannel(url);
  } catch (cause) {
    if (!(cause instanceof ChannelError)) throw cause;
    throw new HttpProblem("bad-channel", cause.message, cause.hint, { cause });
  }
}

function unknownChannel(id: string): HttpProblem {
  return new HttpProblem("unknown-channel", `There is no channel ${id.slice(0, 40)}.`, "GET api/v1/alerts lists them.");
}

interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly keys?: readonly string[];
}

function checked<T>(
  { success, data, error }: { success: boolean; data?: T; error?: { readonly issues: readonly Issue[] } | undefined },
  example: string,
): T {
  if (success) return data as T;
  const [issue] = error?.issues ?? [];
  const where = issue === undefined || issue.path.length === 0 ? "The body" : issue.path.map(String).join(".");
  const unknown = (issue?.keys ?? []).map((key) => `"${key.slice(0, 40)}"`).join(", ");
  const message =
    unknown === "" ? `${where} is missing or not allowed.` : `${where} has a field ${unknown}, which is unknown.`;
  throw new HttpProblem("bad-alerts", message, `${example}. api/v1/openapi.json says what is allowed.`);
}

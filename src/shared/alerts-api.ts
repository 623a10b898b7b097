/** The shapes of alerts and channels. See src/shared/api.ts for the units. */
import * as z from "zod/mini";
import { count, instant, pastInstant } from "./api.ts";

/** What people are told of. Null and false switch a rule off. */
export const alertRulesSchema = z.strictObject({
  plan: z
    .nullable(
      z.strictObject({
        percents: z
          .array(z.int().check(z.minimum(1), z.maximum(1000)))
          .check(z.maxLength(10))
          .check(z.describe("Shares of the allowance that are told of when they are reached, 1 to 1000 percent each")),
        forecast: z.boolean().check(z.describe("Whether it is told when the cycle will probably go over")),
      }),
    )
    .check(z.describe("The data plan")),
  usage: z
    .array(
      z.strictObject({
        device: z
          .nullable(z.string().check(z.minLength(1), z.maxLength(64)))
          .check(z.describe("Its key; null for each device")),
        owner: z
          .optional(z.nullable(z.int()))
          .check(z.describe("Or the id of an owner: the devices that are his today, together; device is null then")),
        bytes: z.int().check(z.minimum(1_000_000)).check(z.describe("More than so many bytes, 1000000 or more")),
        per: z.enum(["day", "cycle"]).check(z.describe("In a day, or in a cycle of the data plan")),
        counts: z.enum(["download", "upload", "both"]),
      }),
    )
    .check(z.maxLength(50))
    .check(z.describe("A device used more than so much. 50 at most")),
  newDevice: z
    .nullable(
      z.strictObject({
        privateMacs: z.boolean().check(z.describe("Also of devices with private (random) MACs")),
        proposed: z
          .optional(z.boolean())
          .check(
            z.describe(
              "Also of a private MAC that is probably a known device's new one: it has its name, or GET proposals says so. By default not",
            ),
          ),
      }),
    )
    .check(z.describe("A device that was never seen before")),
  unusual: z.boolean().check(z.describe("A device used far beyond its usual")),
  silent: z
    .nullable(z.strictObject({ minutes: z.int().check(z.minimum(2), z.maximum(10_080)) }))
    .check(z.describe("No reading for so many minutes, 2 to 10080")),
  missed: z
    .nullable(z.strictObject({ percent: z.number().check(z.minimum(0.1), z.maximum(100)) }))
    .check(z.describe("The meter missed more than such a share of today's packets, 0.1 to 100 percent")),
  books: z.boolean().check(z.describe("The meter's figures contradict each other")),
  store: z.boolean().check(z.describe("The database can't be written, or was restored from a backup")),
});
export type AlertRules = z.infer<typeof alertRulesSchema>;

/** Kinds of what is told, by the rule that tells it. */
export const ALERT_KINDS = [
  "plan",
  "usage",
  "new-device",
  "unusual",
  "silent",
  "missed",
  "books",
  "store",
  "digest",
  "test",
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

const hourOfDay = z.int().check(z.minimum(0), z.maximum(23));
const quietSchema = z
  .nullable(z.strictObject({ from: hourOfDay, to: hourOfDay }))
  .check(
    z.describe(
      "Hours by the clock on the wall, 0 to 23, in which nothing is sent: it is held back until they are over",
    ),
  );

const channelUrl = z.string().check(z.minLength(1), z.maxLength(2_000));

/** What is set. */
export const alertsInputSchema = z.strictObject({
  rules: alertRulesSchema,
  quiet: quietSchema,
  channels: z
    .array(
      z.strictObject({
        id: z
          .optional(z.string().check(z.maxLength(64)))
          .check(z.describe("Of a channel that is there; without one it is new")),
        name: z.nullable(z.string().check(z.maxLength(60))),
        url: z
          .optional(channelUrl)
          .check(
            z.describe(
              "Where it leads, as https://github.com/caronc/apprise has it. Without one, that of before stays",
            ),
          ),
        enabled: z.boolean(),
        kinds: z
          .optional(z.nullable(z.array(z.enum(ALERT_KINDS)).check(z.minLength(1), z.maxLength(ALERT_KINDS.length))))
          .check(
            z.describe("Which kinds of alerts go there, one at least; null for all. Without it, those of before stay"),
          ),
      }),
    )
    .check(z.maxLength(20))
    .check(z.describe("Where messages go, 20 at most. Those that are left out are removed")),
});
export type AlertsInput = z.infer<typeof alertsInputSchema>;

/** What of it is no secret: what a household's file has. */
export const alertRulesInputSchema = z.strictObject({ rules: alertRulesSchema, quiet: quietSchema });
export type AlertRulesInput = z.infer<typeof alertRulesInputSchema>;

export const atomSchema = z.string().check(z.describe("Atom, RFC 4287: an entry for each alert, the latest first"));
export const calendarSchema = z.string().check(z.describe("iCalendar, RFC 5545: an event for each alert"));

/** Nothing is sent until an instant; what would have been is listed. */
export const snoozeInputSchema = z.strictObject({
  rule: z.nullable(z.enum(ALERT_KINDS)).check(z.describe("Of which kind; null for all")),
  until: z.nullable(pastInstant).check(z.describe("Null to end it")),
});
export type SnoozeInput = z.infer<typeof snoozeInputSchema>;

export const testInputSchema = z.strictObject({
  channel: z.optional(z.string()).check(z.describe("The id of a channel that is there")),
  url: z.optional(channelUrl).check(z.describe("Or where one leads that isn't kept yet")),
});

/** What the other side said to a test. */
export const testResultSchema = z.object({
  ok: z.boolean(),
  answer: z.string().check(z.describe("Untrusted text, without secrets")),
});
export type TestResult = z.infer<typeof testResultSchema>;

const deliverySchema = z.object({
  channel: z.string().check(z.describe("Its id")),
  state: z
    .enum(["waiting", "sent", "dead"])
    .check(z.describe("dead: given up, see answer. What was sent in a digest counts as sent")),
  at: z.nullable(instant).check(z.describe("When it was sent or given up")),
  answer: z.nullable(z.string()).check(z.describe("What the other side said last. Untrusted text, without secrets")),
});

/** Rules, channels, and what was told. */
export const alertsReportSchema = z.object({
  now: instant,
  zone: z.string(),
  rules: alertRulesSchema,
  quiet: quietSchema,
  snoozed: z.array(z.object({ rule: z.nullable(z.enum(ALERT_KINDS)), until: instant })),
  channels: z.array(
    z.object({
      id: z.string(),
      name: z.nullable(z.string()),
      label: z.string().check(z.describe("Its service and host; secrets are never told")),
      enabled: z.boolean(),
      kinds: z.nullable(z.array(z.enum(ALERT_KINDS))).check(z.describe("Which kinds of alerts go there; null for all")),
      waiting: count.check(z.describe("Messages that are yet to be sent")),
      failures: count.check(z.describe("Attempts in a row that failed")),
      nextAt: z.nullable(instant).check(z.describe("When it is tried again; null while nothing waits")),
      answer: z.nullable(z.string()).check(z.describe("What it said last")),
    }),
  ),
  history: z
    .array(
      z.object({
        id: z.string().check(z.describe("The same in the message that was sent")),
        at: instant,
        rule: z.enum(ALERT_KINDS),
        level: z.enum(["info", "warning", "problem", "over"]),
        title: z.string(),
        text: z.string(),
        snoozed: z.boolean(),
        heldUntil: z.nullable(instant).check(z.describe("The end of the quiet hours that it was held back in")),
        deliveries: z.array(deliverySchema),
      }),
    )
    .check(z.describe("The latest first, 200 at most and all that wait. Names in it are untrusted input")),
});
export type AlertsReport = z.infer<typeof alertsReportSchema>;

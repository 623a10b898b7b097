/** The shapes of what a plan is compared with: a provider's bill, and other plans. See src/shared/api.ts for the units. */
import * as z from "zod/mini";
import { bytes, day, planSchema } from "./api.ts";
import { BILL_CAUSES } from "./plan-words.ts";

const signed = z.int();

/** A provider's figure of a cycle beside ours. */
export const billCheckSchema = z.object({
  plan: planSchema,
  today: day,
  zone: z.string(),
  cycle: z.object({ from: day, to: day }),
  bytes: z.nullable(bytes).check(z.describe("The provider's figure, as it was asked for; null without one")),
  ours: bytes.check(z.describe("What counts, as measured, without the plan's corrections")),
  difference: z.nullable(signed).check(z.describe("The provider's figure less ours; null without one")),
  days: z
    .array(
      z.object({
        day,
        download: bytes,
        upload: bytes,
        free: bytes.check(z.describe("Of what the plan counts otherwise, what fell into free hours")),
        counted: bytes,
        sum: bytes.check(z.describe("What counted since the cycle began, this day included")),
        spread: z
          .nullable(bytes)
          .check(
            z.describe("What the provider's figure comes to on this day if it is spread as ours is; null without one"),
          ),
        measured: z.boolean().check(z.describe("Whether the meter was read on it")),
      }),
    )
    .check(z.describe("The cycle's days up to today")),
  causes: z
    .array(
      z.object({
        kind: z.enum(BILL_CAUSES),
        low: signed.check(
          z.describe(
            "By how much the provider's figure would be above ours because of it, at least; negative where it would be below",
          ),
        ),
        high: signed.check(z.describe("The same, at most")),
        explains: z
          .number()
          .check(
            z.minimum(0),
            z.maximum(1),
            z.describe("How much nearer the figures are with it: 1 where they are the same"),
          ),
        leaves: signed.check(z.describe("What is left of the difference with it")),
        figure: z
          .nullable(z.number())
          .check(
            z.describe(
              "Of unmeasured and whole the days, of headers the bytes of a packet, of zone the hours that the provider's clock is ahead of UTC",
            ),
          ),
      }),
    )
    .check(
      z.describe(
        "What may make the figures differ, what explains most first: each by itself. missed: packets that the meter missed; unlisted: of hosts that it can't tell; removed: figures that somebody removed; unmeasured: days without readings; estimated: bytes at the edges that may be another cycle's; whole: days whose free hours are no longer known; router: the router's own traffic; between: traffic between devices; group: multicast and broadcast; headers: Ethernet and PPPoE; unit: GB against GiB; zone: days that begin at another hour; day-earlier, day-later: another billing day; delay: a figure of yesterday or earlier today; excluded: addresses that IPFilter leaves out; free: free hours; only-download, only-upload, both: other directions",
      ),
    ),
});
export type BillCheck = z.infer<typeof billCheckSchema>;

const money = z.number().check(z.minimum(0));
const fee = z._default(money.check(z.maximum(1_000_000)), 0);

/** Another plan, to be tried on the past. Nothing of it is saved. */
export const whatIfInputSchema = z.strictObject({
  plan: planSchema.check(z.describe("The other plan; its corrections count for nothing")),
  fee: fee.check(z.describe("What each of its cycles costs, whatever is used; 0 to 1000000")),
  ownFee: fee.check(z.describe("What each cycle of the plan that is set costs; 0 to 1000000")),
  from: z
    ._default(z.nullable(day), null)
    .check(
      z.describe(
        "The first day that is looked at, e.g. 2026-01-31; null for a year before today, or the first day with data",
      ),
    ),
});
export type WhatIfInput = z.infer<typeof whatIfInputSchema>;

const offeredSchema = z.object({
  plan: planSchema,
  fee: money,
  cycles: z
    .array(
      z.object({
        from: day,
        to: day,
        used: bytes.check(z.describe("What would have counted, as measured")),
        free: bytes,
        over: bytes.check(z.describe("Beyond the allowance; 0 without one")),
        cost: money.check(z.describe("The fee, and what is over by its price")),
        estimatedDays: z
          .int()
          .check(
            z.minimum(0),
            z.describe("Days whose hours aren't kept: the usual share of free hours of their weekday was taken off"),
          ),
        isComplete: z.boolean().check(z.describe("Whether it is over, and data begin before it")),
      }),
    )
    .check(z.describe("Those that days of the range lie in, the earliest first")),
  sum: z
    .object({
      cycles: z.int(),
      days: z.int(),
      used: bytes,
      free: bytes,
      over: bytes,
      cost: money,
      perMonth: z.nullable(money).check(z.describe("The cost of a twelfth of a year; null without a complete cycle")),
    })
    .check(z.describe("The complete cycles together")),
});

/** What the same past would have used and cost under two plans. */
export const whatIfSchema = z.object({
  today: day,
  zone: z.string(),
  from: day.check(z.describe("The first day that was looked at")),
  own: z.nullable(offeredSchema).check(z.describe("The plan that is set; null without one")),
  other: offeredSchema,
});
export type WhatIf = z.infer<typeof whatIfSchema>;

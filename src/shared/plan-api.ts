/** The shapes of data plans, and of what a plan is compared with: a provider's bill, and other plans. See src/shared/api.ts for the units. */
import * as z from "zod/mini";
import { bytes, count, day, instant, pastInstant } from "./api.ts";
import { isDay } from "./calendar-days.ts";
import { BILL_CAUSES } from "./plan-words.ts";

const hour = (least: number, most: number) => z.int().check(z.minimum(least), z.maximum(most));

/** The data plan of the line. What may be left out has a default. */
export const planSchema = z.strictObject({
  name: z
    ._default(z.nullable(z.string().check(z.maxLength(60))), null)
    .check(z.describe("What the provider calls it; 60 characters at most")),
  cycle: z
    .strictObject({
      unit: z.enum(["day", "week", "month"]),
      count: z.int().check(z.minimum(1), z.maximum(366)),
      from: day.check(z.refine((text) => isDay(text) && text >= "1970-01-01" && text < "2200-01-01")),
    })
    .check(
      z.describe(
        "Cycles of so many (1 to 366) days, weeks or months, one of which begins on the day from (1970 to 2199). They go on in both directions. A cycle of months begins on that day of the month; where the month is too short, on its last day",
      ),
    ),
  allowance: z
    ._default(z.nullable(z.int().check(z.minimum(1))), null)
    .check(z.describe("Bytes of a cycle; null where there is no limit")),
  unit: z
    ._default(z.union([z.literal(1000), z.literal(1024)]), 1000)
    .check(z.describe("1000 where the provider counts in GB of 1000³ bytes, 1024 for GiB: what prices are per")),
  counts: z._default(z.enum(["download", "upload", "both"]), "both"),
  free: z
    ._default(
      z
        .array(
          z.strictObject({
            weekdays: z.array(z.int().check(z.minimum(1), z.maximum(7))).check(z.minLength(1), z.maxLength(7)),
            from: hour(0, 23),
            to: hour(1, 24),
          }),
        )
        .check(z.maxLength(20)),
      [],
    )
    .check(
      z.describe(
        "Hours that don't count, 20 windows at most: on weekdays from 1 (Monday) to 7, from an hour (0 to 23) to an hour (1 to 24) of the server's clock. A window whose to is not later ends on the next day. Only where hours are kept (HOURS_KEPT_DAYS)",
      ),
    ),
  except: z
    ._default(
      z.strictObject({
        owners: z._default(z.array(z.int().check(z.minimum(1))).check(z.maxLength(100)), []),
        devices: z._default(z.array(z.string().check(z.minLength(1), z.maxLength(64))).check(z.maxLength(100)), []),
      }),
      { owners: [], devices: [] },
    )
    .check(
      z.describe(
        "Who doesn't count in the plan of a line: ids of owners and keys of devices, 100 of each at most. Of an owner, what devices used while they were his. Empty in plans of owners and devices",
      ),
    ),
  overPrice: z
    ._default(
      z.nullable(
        z.strictObject({
          perGb: z.number().check(z.minimum(0), z.maximum(1_000_000)),
          currency: z.string().check(z.regex(/^[A-Z]{3}$/)),
        }),
      ),
      null,
    )
    .check(z.describe("What a GB beyond the allowance costs, and the currency as ISO 4217 has it, e.g. EUR")),
  corrections: z
    ._default(z.array(z.strictObject({ at: pastInstant, cycle: day, bytes })).check(z.maxLength(500)), [])
    .check(
      z.describe(
        "What the provider said: so many bytes were used by the instant at, in the cycle that began on the day cycle. 500 at most. The last one of a cycle counts, and what was measured since; of a cycle that no longer begins on that day, none does",
      ),
    ),
});
export type Plan = z.infer<typeof planSchema>;

/** What is allowed in a field of a plan, in words; null for what is no field, or says it by its values. */
export function planFieldText(name: string): string | null {
  const field = Object.entries(planSchema.shape).find(([known]) => known === name);
  return field === undefined ? null : (z.globalRegistry.get(field[1])?.description ?? null);
}

/** Who doesn't count, with names. */
const notCountedSchema = z
  .array(
    z.object({
      of: z.string().check(z.describe("owner:ID or device:KEY")),
      name: z.nullable(z.string()).check(z.describe("Null for one who is no more. Untrusted text")),
    }),
  )
  .check(z.describe("Who doesn't count, as the plan's except has it, with their names"));

/** What is set: null takes the plan away. */
export const planInputSchema = z.strictObject({ plan: z.nullable(planSchema) });

const planCycleSchema = z.object({
  from: day,
  to: day,
  download: bytes.check(z.describe("As measured, all hours")),
  upload: bytes,
  free: bytes.check(z.describe("Of what the plan counts otherwise, what fell into free hours")),
  measured: bytes.check(z.describe("What counts, as measured")),
  used: bytes.check(z.describe("What counts: the provider's figure and what was measured since, or what was measured")),
  correction: z.nullable(z.object({ at: instant, bytes })).check(z.describe("The provider's last word on this cycle")),
  over: z.nullable(bytes).check(z.describe("What was used beyond the allowance; null without one")),
  cost: z.nullable(z.number().check(z.minimum(0))).check(z.describe("What that costs; null without a price")),
  measuredFrom: z.nullable(day).check(z.describe("The first day with data, where it lies within the cycle")),
  unmeasuredDays: count.check(z.describe("Finished days of it since then on which the meter was not read at all")),
  wholeDays: count.check(z.describe("Days that were counted whole because their hours are no longer kept")),
});
export type PlanCycle = z.infer<typeof planCycleSchema>;

const forecastSchema = z
  .nullable(z.object({ expected: z.nullable(bytes), low: bytes, high: bytes }))
  .check(
    z.describe(
      "What the running cycle will come to. Four of five cycles end between low and high; expected is null with under a week of history, all with under three days",
    ),
  );

const planOf = z
  .string()
  .check(z.describe("Whose it is: line for everything that is measured, meter:NAME, owner:ID or device:KEY"));
const planOfName = z
  .nullable(z.string())
  .check(z.describe("What the meter, the owner or the device is called; null for the line. Untrusted text"));

/** A plan, and what was used of it. */
export const planReportSchema = z.object({
  of: planOf,
  name: planOfName,
  plan: z.nullable(planSchema),
  notCounted: notCountedSchema,
  today: day,
  zone: z.string(),
  now: instant,
  cycle: z.nullable(planCycleSchema).check(z.describe("The running cycle, up to now; null without a plan")),
  forecast: forecastSchema,
  past: z.array(planCycleSchema).check(z.describe("Finished cycles, the latest first")),
  pastCycles: count.check(z.describe("How many finished cycles there are data of")),
});
export type PlanReport = z.infer<typeof planReportSchema>;
export type NotCounted = PlanReport["notCounted"];

/** All plans as they stand. */
export const plansReportSchema = z.object({
  today: day,
  zone: z.string(),
  now: instant,
  plans: z
    .array(
      z.object({
        of: planOf,
        name: planOfName,
        plan: planSchema,
        notCounted: notCountedSchema,
        cycle: planCycleSchema,
        forecast: forecastSchema,
      }),
    )
    .check(
      z.describe("The line's first, then those of meters, owners and devices in the order in which they were set"),
    ),
});
export type PlansReport = z.infer<typeof plansReportSchema>;

const signed = z.int();

/** A provider's figure of a cycle beside ours. */
export const billCheckSchema = z.object({
  of: planOf,
  plan: planSchema,
  notCounted: notCountedSchema,
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
        "What may make the figures differ, what explains most first: each by itself. missed: packets that the meter missed; unlisted: of hosts that it can't tell; removed: figures that somebody removed; unmeasured: days without readings; estimated: bytes at the edges that may be another cycle's; whole: days whose free hours are no longer known; router: the router's own traffic; between: traffic between devices; group: multicast and broadcast; headers: Ethernet and PPPoE; unit: GB against GiB; zone: days that begin at another hour; day-earlier, day-later: another billing day; delay: a figure of yesterday or earlier today; excluded: addresses that IPFilter leaves out; not-counted: owners and devices that the plan doesn't count; free: free hours; only-download, only-upload, both: other directions",
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
  notCounted: notCountedSchema,
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
  of: planOf,
  today: day,
  zone: z.string(),
  from: day.check(z.describe("The first day that was looked at")),
  own: z.nullable(offeredSchema).check(z.describe("The plan that is set; null without one")),
  other: offeredSchema,
});
export type WhatIf = z.infer<typeof whatIfSchema>;

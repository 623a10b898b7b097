import * as z from "zod/mini";
import { count, instant } from "./api.ts";

/** The shapes of `api/v1/name-sources`: where names of devices are looked for. See src/shared/api.ts for the units. */

const state = {
  readAt: z.nullable(instant).check(z.describe("When it was last read well; null if it never was")),
  problem: z.nullable(z.string()).check(z.describe("What is wrong with it now; null for nothing")),
  names: count.check(z.describe("Known devices that have a name from there")),
};
const on = z.boolean();
const url = z.string().check(z.maxLength(1_000), z.describe("http://192.168.1.2; empty for none"));

export const nameSourcesSchema = z.object({
  files: z
    .object({ on, paths: z.array(z.object({ path: z.string(), ...state })) })
    .check(z.describe("Lease and hosts files of this machine, and those that NAME_FILES names")),
  mdns: z.object({ on, ...state }),
  pihole: z.object({ on, url, hasPassword: z.boolean(), ...state }),
  adguard: z.object({ on, url, user: z.nullable(z.string()), hasPassword: z.boolean(), ...state }),
});
export type NameSources = z.infer<typeof nameSourcesSchema>;

const password = z
  .optional(z.nullable(z.string().check(z.maxLength(2_000))))
  .check(
    z.describe("Never told again. Null takes it away; left out, it stays as long as address and user stay the same"),
  );

/** What is left out stays as it is. */
export const nameSourcesInputSchema = z.strictObject({
  files: z.optional(z.strictObject({ on: z.optional(on) })),
  mdns: z.optional(z.strictObject({ on: z.optional(on) })),
  pihole: z.optional(z.strictObject({ on: z.optional(on), url: z.optional(url), password })),
  adguard: z.optional(
    z.strictObject({
      on: z.optional(on),
      url: z.optional(url),
      user: z.optional(z.nullable(z.string().check(z.maxLength(1_000)))),
      password,
    }),
  ),
});
export type NameSourcesInput = z.infer<typeof nameSourcesInputSchema>;

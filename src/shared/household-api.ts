import * as z from "zod/mini";
import {
  bytes,
  count,
  day,
  deviceAboutSchema,
  deviceSchema,
  instant,
  ownerColour,
  ownerId,
  typeSchema,
} from "./api.ts";

/** The shapes of `api/v1/household`: people, their devices, and what they say of them. See src/shared/api.ts for the units. */

const deviceKey = z
  .string()
  .check(z.minLength(1), z.maxLength(64), z.describe("Key of a device: its MAC, or its IP where no MAC is known"));
const keys = z.array(deviceKey).check(z.minLength(1), z.maxLength(200));
const changeId = z.int().check(z.minimum(1));
/** Owners' names are held to 60 characters, devices' names to 200, notes to 2,000: see src/household/check.ts. */
const text = z.string().check(z.maxLength(4_000));

export const ownerSchema = z.object({
  id: ownerId,
  name: z.string(),
  colour: ownerColour,
  devices: count.check(z.describe("How many are theirs today")),
});

export const householdDeviceSchema = z.extend(deviceSchema, deviceAboutSchema.shape);

const removalSchema = z.object({
  id: changeId.check(z.describe("That of the change which removed them: undo it, and they are back")),
  at: instant,
  device: z.string().check(z.describe("Key of the device at that time")),
  from: day,
  to: day,
  days: count.check(z.describe("Days with figures")),
  download: bytes.check(z.describe("At all addresses, those that IPFilter excludes included")),
  upload: bytes,
});

const doneSchema = z.object({
  id: changeId,
  at: instant,
  kind: z.string().check(z.describe("What its first step does: merge, describe, …")),
  text: z.string().check(z.describe("In a sentence: Merged 2 devices into Anna's phone")),
  undone: z.boolean(),
});

export const householdSchema = z.object({
  today: day,
  owners: z.array(ownerSchema).check(z.describe("In the order of their names")),
  devices: z
    .array(householdDeviceSchema)
    .check(
      z.describe("Every device, hidden and archived ones too, without routers: the one seen last first, 2,000 at most"),
    ),
  routers: z
    .array(
      z.object({
        mac: z.string(),
        name: z.nullable(z.string()),
        vendor: z.nullable(z.string()),
        router: z.boolean().check(z.describe("Whether it is taken for one")),
        said: z.nullable(z.boolean()).check(z.describe("What a person said on the page; null: nothing")),
        found: z
          .nullable(z.object({ since: day, networks: count }))
          .check(z.describe("When it was found to carry so many foreign networks; null where it was not")),
        nextHop: z.boolean().check(z.describe("It is the next hop of this machine's default route")),
        setting: z.nullable(z.boolean()).check(z.describe("What LAN_ROUTERS_TO_SKIP says of it; null: nothing")),
      }),
    )
    .check(z.describe("MACs that are taken for a router's, and those of which somebody says that they are none")),
  notSame: z
    .array(z.tuple([z.string(), z.string()]))
    .check(z.describe("Pairs of interfaces of which a person said that they are not one device")),
  removals: z.array(removalSchema).check(z.describe("Figures that are removed, the latest first")),
  changes: z
    .array(doneSchema)
    .check(z.describe("What was changed in the last seven days, the latest first; 100 at most are told")),
  units: z
    .nullable(z.union([z.literal(1000), z.literal(1024)]))
    .check(z.describe("Units of the page for who has chosen none: 1000 or 1024; null: as the page has them")),
});
export type Household = z.infer<typeof householdSchema>;

/** One step of a change. Fields that are left out stay as they are. */
const steps = [
  z.strictObject({ do: z.literal("add-owner"), name: text, colour: z.optional(ownerColour) }),
  z.strictObject({
    do: z.literal("edit-owner"),
    owner: ownerId,
    name: z.optional(text),
    colour: z.optional(ownerColour),
  }),
  z.strictObject({ do: z.literal("delete-owner"), owner: ownerId }),
  z.strictObject({
    do: z.literal("describe"),
    devices: keys,
    name: z.optional(z.nullable(text)),
    type: z.optional(z.nullable(typeSchema)),
    note: z.optional(z.nullable(text)),
    hidden: z.optional(z.boolean()),
    archived: z.optional(z.boolean()),
  }),
  z.strictObject({
    do: z.literal("hand-over"),
    devices: keys,
    owner: z.nullable(ownerId),
    from: z.nullable(day),
  }),
  z.strictObject({ do: z.literal("merge"), device: deviceKey, with: keys }),
  z.strictObject({ do: z.literal("split"), device: deviceKey, interfaces: keys }),
  z.strictObject({ do: z.literal("not-same"), devices: z.tuple([deviceKey, deviceKey]) }),
  z.strictObject({ do: z.literal("router"), mac: deviceKey, router: z.nullable(z.boolean()) }),
  z.strictObject({ do: z.literal("units"), units: z.nullable(z.union([z.literal(1000), z.literal(1024)])) }),
  z.strictObject({ do: z.literal("remove"), device: deviceKey, from: day, to: day, bytes }),
] as const;

export const stepSchema = z
  .discriminatedUnion("do", steps)
  .check(
    z.describe(
      [
        "add-owner: the new owner's id is in the answer.",
        "delete-owner: the devices stay, nobody's.",
        "describe: name (of one device), type (null: as guessed), note, hidden (left out of lists, not of totals), archived.",
        "hand-over: whose the devices are from a day on, or (from: null) from the beginning; owner null: nobody's.",
        "merge: the others' interfaces become the device's.",
        "split: each of the interfaces becomes a device of its own.",
        "not-same: two interfaces are never proposed as one again.",
        "router: a MAC is a router (true), is none (false), or as it is found (null).",
        "remove: the figures of the days; bytes are those that GET …/removal says, both directions. It must be the only step.",
      ].join(" "),
    ),
  );
export type Step = z.infer<typeof stepSchema>;

/** What is changed, all of it or nothing, and undone as one. */
export const changeInputSchema = z.strictObject({
  steps: z.array(stepSchema).check(z.minLength(1), z.maxLength(50)),
});
/** An undo takes nothing. */
export const undoInputSchema = z.strictObject({});

export const changedSchema = z.object({
  change: z.nullable(doneSchema).check(z.describe("Null where everything was so already")),
  owners: z.array(ownerId).check(z.describe("Ids of the owners that were added")),
});
export type Changed = z.infer<typeof changedSchema>;

/** What a removal would remove: to be shown before, and to be confirmed by its bytes. */
export const removableSchema = z.object({
  device: z.string(),
  from: day,
  to: day,
  days: count.check(z.describe("Days with figures")),
  firstDay: z.nullable(day),
  lastDay: z.nullable(day),
  download: bytes.check(z.describe("At all addresses, those that IPFilter excludes included")),
  upload: bytes,
  bytes: bytes.check(z.describe("Both directions: what confirms the removal")),
});
export type Removable = z.infer<typeof removableSchema>;

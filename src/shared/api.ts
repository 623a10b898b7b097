import * as z from "zod/mini";
import { BYS, GROUPS, TRAFFICS } from "./groups.ts";
import { DEVICE_TYPES, OWNER_COLOURS } from "./household-words.ts";
import { NAME_KINDS } from "./name-kinds.ts";
import type { Patch } from "./patch.ts";
import type { ProblemCode } from "./status.ts";

/**
 * The shapes of `api/v1`, as schemas: the server writes its OpenAPI document from them, checks bodies by them, and takes the
 * types of its answers from them. The dashboard imports the types only, so that nothing of this is shipped; the server
 * imports them when somebody asks for the document or gives a name, because zod is 2 MB that most lives need not.
 *
 * Amounts are whole bytes, `download` and `upload` as the device sees them; instants are ms UTC; days are
 * `YYYY-MM-DD` in the server's time zone, and ranges include both their ends. Names are untrusted input.
 */

export const bytes = z.int().check(z.minimum(0), z.describe("Bytes"));
export const instant = z.int().check(z.describe("Instant, milliseconds since 1970-01-01 in UTC"));
export const day = z
  .string()
  .check(z.regex(/^\d{4}-\d{2}-\d{2}$/), z.describe("Calendar day in the server's time zone, YYYY-MM-DD"));
const share = z.number().check(z.minimum(0), z.maximum(1));
export const count = z.int().check(z.minimum(0));
/** Up to the year 2200: days can be told of it. */
export const pastInstant = instant.check(z.minimum(0), z.maximum(7_258_118_400_000));
const flags = count.check(z.describe("Bit 1: partly estimated. Bit 2: implausible, imported from an older version"));

export const groupSchema = z.enum(GROUPS);
export type Group = z.infer<typeof groupSchema>;

export const typeSchema = z.enum(DEVICE_TYPES);
export const ownerId = z.int().check(z.minimum(1), z.describe("Id of an owner: never used again for another"));
export const ownerColour = z
  .int()
  .check(z.minimum(1), z.maximum(OWNER_COLOURS), z.describe("Which colour of the charts"));

/** Who a device is, whatever it used. */
export const deviceSchema = z.object({
  key: z.string().check(z.describe("MAC, or the IP address where the meter shows no MAC")),
  mac: z.nullable(z.string()),
  name: z.nullable(z.string()).check(z.describe("The name that a person gave it")),
  hostname: z
    .nullable(z.string())
    .check(z.describe("What it is called on the network: the learnt name, else that by reverse DNS. Others choose it")),
  learnt: z
    .nullable(
      z.object({
        name: z.string(),
        kind: z
          .enum(NAME_KINDS)
          .check(
            z.describe(
              "static: a person gave it elsewhere (a fixed lease, a client of AdGuard Home). hosts: a hosts file. lease: the device gave it when it asked for an address. mdns: it said so by multicast DNS. dns: a name server knows it",
            ),
          ),
        from: z.string().check(z.describe("A file, Pi-hole, AdGuard Home or multicast DNS")),
      }),
    )
    .check(z.describe("The best of the names that came by themselves, and where from")),
  vendor: z.nullable(z.string()).check(z.describe("Vendor of the network card, from its MAC")),
  privateMac: z
    .boolean()
    .check(z.describe("The MAC was made up by the device (a private, random one): it has no vendor")),
  firstDay: day,
  lastDay: day,
  router: z.boolean(),
  type: typeSchema.check(z.describe("What it is: as a person says, else as its vendor and names let guess")),
  typeGuessed: z.boolean(),
  owner: z.nullable(ownerId).check(z.describe("Whose it is today; null: nobody's")),
  hidden: z.boolean().check(z.describe("A person left it out of lists; it counts in all totals")),
  archived: z.boolean().check(z.describe("As hidden, because it is long gone")),
});
export type ApiDevice = z.infer<typeof deviceSchema>;

/** What a device is besides its figures: what a person said of it, and what it is made of. */
export const deviceAboutSchema = z.object({
  note: z.nullable(z.string()),
  guess: typeSchema.check(z.describe("The type by its vendor and names: what it is unless a person chose another")),
  interfaces: z
    .array(
      z.object({
        key: z.string().check(z.describe("MAC, or the IP standing in for one")),
        vendor: z.nullable(z.string()),
        privateMac: z.boolean(),
        merged: z
          .nullable(z.enum(["page", "file"]))
          .check(z.describe("What makes it part of this device: the page, or MAC_MAC.txt; null for the first one")),
      }),
    )
    .check(z.describe("The first one, whose key is the device's, first; 100 at most")),
  owners: z
    .array(z.object({ from: z.nullable(day), owner: z.nullable(ownerId) }))
    .check(
      z.describe(
        "Whose it is from a day on (from the beginning where from is null), the earliest first; owner null: nobody's",
      ),
    ),
});

const seriesSchema = z.object({
  download: z.array(bytes).check(z.describe("One figure for each bucket")),
  upload: z.array(bytes),
  reconstructed: z.array(count).check(z.describe("Indexes of buckets of which a part was estimated")),
});

/** A device with what it used in a range. */
export const usageDeviceSchema = z.extend(deviceSchema, {
  addresses: z
    .array(z.string())
    .check(z.describe("Addresses that it used in the range, IPv4 before IPv6, the latest first; 16 at most")),
  download: bytes,
  upload: bytes,
  lastSeen: z.nullable(instant).check(z.describe("When it last sent, within the range")),
  lastActiveDay: z.nullable(day),
  reconstructed: z.boolean(),
  implausible: z.boolean(),
  previous: z
    .nullable(z.object({ download: bytes, upload: bytes }))
    .check(z.describe("What it used in the range before; null where that was not measured")),
  series: seriesSchema,
});
export type UsageDevice = z.infer<typeof usageDeviceSchema>;

/** A remote (internet) host. */
export const usageRemoteSchema = z.object({
  ip: z.string(),
  hostname: z.nullable(z.string()),
  download: bytes.check(z.describe("What devices downloaded from the host")),
  upload: bytes.check(z.describe("What devices uploaded to it")),
  lastSeen: z.nullable(instant),
});

const sideSchema = z.object({ in: bytes, out: bytes });
const twoWays = z.object({ download: bytes, upload: bytes });

/** Everything that was charged, against what the meter counted. */
export const balanceSchema = z.object({
  balanced: z
    .boolean()
    .check(
      z.describe(
        "Whether in each direction what was charged is what the meter counted. Days imported from an older version, before the first that was counted, are in none of the balance",
      ),
    ),
  counted: bytes,
  devices: sideSchema,
  hidden: sideSchema.check(z.describe("Of devices, at addresses that IPFilter excludes")),
  routers: sideSchema,
  remote: sideSchema,
  group: sideSchema.check(z.describe("Multicast and broadcast")),
  unlisted: sideSchema.check(z.describe("Of hosts that the meter does not list (darkstat's --local-only)")),
  removed: sideSchema.check(z.describe("Of devices, and removed by a person: in no other figure")),
  unattributed: sideSchema.check(z.describe("Counted by the meter, and nobody can be charged for it")),
  seenShare: z
    .nullable(share)
    .check(
      z.describe(
        "What the meter counted of what its interface carried by its own counters, in bytes; null where that isn't known",
      ),
    ),
  missedShare: z
    .nullable(share)
    .check(z.describe("Packets that the meter missed, of all; null where none were counted")),
  lan: bytes.check(
    z.describe(
      "What was counted, and no internet host had a part in it: it stayed on the LAN. At least so much, where not every host is listed. Known for every meter, for all devices together, each byte once",
    ),
  ),
});
export type UsageBalance = z.infer<typeof balanceSchema>;

/** One bar of the chart. Hours at the end of summer time share a label: `from` is what tells buckets apart. */
export const bucketSchema = z.object({
  from: instant,
  to: instant.check(z.describe("End of the bucket, itself not in it")),
  label: z.string().check(z.describe("2026-11-22T13, 2026-11-22 or 2026-11: local time by the clock on the wall")),
  day: day.check(z.describe("The bucket's first day within the range")),
});
export type UsageBucket = z.infer<typeof bucketSchema>;

/** Devices taken together: what they used while they were in the group. */
const usageGroupSchema = z.object({
  key: z.string().check(z.describe("The owner's id, a type of devices, or none for nobody's")),
  name: z.nullable(z.string()).check(z.describe("The owner's name; null where there is none")),
  colour: z.nullable(ownerColour),
  download: bytes,
  upload: bytes,
  lastSeen: z.nullable(instant),
  lastActiveDay: z.nullable(day),
  reconstructed: z.boolean(),
  implausible: z.boolean(),
  previous: z.nullable(z.object({ download: bytes, upload: bytes })),
  members: z
    .array(z.object({ key: z.string(), download: bytes, upload: bytes }))
    .check(
      z.describe(
        "Devices in it by their keys, with what they used in it, the largest first. Those that are not listed among the devices (others) are in no group's members, and of type unknown",
      ),
    ),
  series: seriesSchema,
});
export type UsageGroup = z.infer<typeof usageGroupSchema>;

/** What everyone used in a range. */
export const usageSchema = z.object({
  from: day,
  to: day,
  source: z.nullable(z.string()).check(z.describe("The meter that was asked for; null for all")),
  traffic: z
    .enum(TRAFFICS)
    .check(
      z.describe(
        "With whom: all traffic, that with the internet, or that with others on the LAN. The balance is of all",
      ),
    ),
  unknownTraffic: z
    .nullable(z.object({ download: bytes, upload: bytes }))
    .check(
      z.describe(
        "What devices used in the range of which the meter couldn't tell with whom: in none of the other figures. Null for all traffic",
      ),
    ),
  today: day,
  zone: z.string().check(z.describe("The server's time zone, e.g. Europe/Berlin")),
  now: instant,
  group: groupSchema,
  by: z.enum(BYS),
  owner: z
    .nullable(z.union([ownerId, z.literal("none")]))
    .check(
      z.describe("Whose figures were asked for; null: everybody's. The balance and remote hosts are those of the line"),
    ),
  buckets: z.array(bucketSchema),
  unmeasured: z
    .array(z.object({ from: instant, to: instant }))
    .check(z.describe("When in the range, up to now, the meter was not read, the earliest first")),
  devices: z.array(usageDeviceSchema).check(z.describe("Routers are left out. Largest first, 1,000 at most")),
  others: z
    .nullable(z.object({ devices: count, download: bytes, upload: bytes, series: seriesSchema }))
    .check(z.describe("The devices that are too many to be listed, together; null where all are listed")),
  groups: z
    .nullable(z.array(usageGroupSchema))
    .check(z.describe("The devices taken together as by asks, the largest first; null by device")),
  remotes: z
    .nullable(z.array(usageRemoteSchema))
    .check(z.describe("Null unless asked for by remote=yes. Largest first, 2,000 at most")),
  remoteTotals: z
    .nullable(z.object({ download: bytes, upload: bytes, hosts: count }))
    .check(z.describe("Of all remote hosts, those too that are not listed; null unless asked for")),
  totals: z
    .object({ download: bytes, upload: bytes, devices: count })
    .check(z.describe("devices: those that used any")),
  previous: z
    .nullable(
      z.object({
        from: day,
        to: day,
        until: z
          .nullable(instant)
          .check(z.describe("Where the range holds today: the instant up to which the range before is added up")),
        download: bytes,
        upload: bytes,
        devices: count,
        gone: z
          .array(z.extend(deviceSchema, { download: bytes, upload: bytes }))
          .check(
            z.describe("Devices that used something then, and nothing in the range. Largest first, 1,000 at most"),
          ),
      }),
    )
    .check(z.describe("The range before; null where it was not measured, or not from its beginning")),
  balance: balanceSchema,
  hiddenShare: share.check(z.describe("Share of the devices' bytes that IPFilter hides")),
});
export type Usage = z.infer<typeof usageSchema>;

/**
 * The figures as a page keeps them current: whole at first, and then what changed since an answer that it has. `patch`
 * is a `Patch` of src/shared/patch.ts.
 */
export const usageUpdateSchema = z.union([
  z.extend(usageSchema, { tag: z.string().check(z.describe("Names this answer: since=… gets what changed after it")) }),
  z.object({
    tag: z.string(),
    patch: z
      .unknown()
      .check(
        z.describe(
          'Turns the Usage named by since into the present one. A number, a text, a boolean or null takes the place of what was there, and so does what is in {"set": …}. {"fields": {name: patch}} are the fields of an object that changed. {"at": [[index, patch]], "order": [index]} are the places of a list that changed; where there is an order, the list is first made of items of the one before by their index, -1 for a new one',
        ),
      ),
  }),
]);
export type UsageUpdate = (Usage & { readonly tag: string }) | { readonly tag: string; readonly patch: Patch };

export const csvSchema = z
  .string()
  .check(
    z.describe(
      "CSV by RFC 4180, UTF-8 with a byte order mark: the bucket's label, the device's (or group's) key and name, bytes",
    ),
  );

/** Each device's days: what the table shows by day, and exports. */
export const daysSchema = z.object({
  from: day,
  to: day,
  devices: z.array(deviceSchema).check(z.describe("Routers are left out")),
  rows: z
    .array(z.tuple([day, count, z.nullable(z.string()), bytes, bytes, z.nullable(instant), flags]))
    .check(
      z.describe(
        "Day, index into devices, the address charged last, download, upload, last seen, flags. The latest day first, and largest first within it",
      ),
    ),
  unlisted: count.check(z.describe("Rows that are not listed: of each day, the 1,000 largest are")),
});
export type Days = z.infer<typeof daysSchema>;
export type DaysRow = Days["rows"][number];

/** Everything about one device. */
export const deviceDetailSchema = z.object({
  device: deviceSchema,
  about: deviceAboutSchema,
  today: day,
  zone: z.string(),
  days: z
    .array(z.tuple([day, bytes, bytes, flags]))
    .check(z.describe("Day, download, upload, flags: every day with figures, the earliest first")),
  week: z
    .object({
      from: day,
      to: day,
      hours: z.array(z.array(bytes)).check(z.describe("7 days, Monday first, of 24 hours each: mean bytes, both ways")),
    })
    .check(z.describe("Its typical week, of the last eight whole weeks at most, today left out")),
  unmeasured: z
    .array(day)
    .check(z.describe("Days of the last year, since it was first seen, on which the meter was not read at all")),
  addresses: z
    .array(z.object({ ip: z.string(), hostname: z.nullable(z.string()), firstDay: day, lastDay: day }))
    .check(z.describe("The latest first")),
  traffic: z
    .object({ internet: twoWays, lan: twoWays, unknown: twoWays })
    .check(z.describe("All that it used, by with whom; unknown where the meter couldn't tell, whatever is asked for")),
  firstDay: day,
  lastSeen: z.nullable(instant),
});
export type DeviceDetail = z.infer<typeof deviceDetailSchema>;

/** The name of a device, as it is given and answered. Null, an empty text or `(none)` takes it back. */
export const nameInputSchema = z.strictObject({ name: z.nullable(z.string()) });
export const namedSchema = z.object({ key: z.string(), name: z.nullable(z.string()) });
export type Named = z.infer<typeof namedSchema>;

/** Whether figures are of IPv6 addresses, too: for the past as well. */
export const ipv6InputSchema = z.strictObject({ included: z.boolean() });

/** How the process was set up, and the networks that it takes for the LAN. No passwords. */
export const settingsSchema = z.object({
  file: z.string().check(z.describe("The settings file, on the machine that runs WhiteStat")),
  segments: z.object({
    auto: z.boolean().check(z.describe("Whether private addresses are LAN, and what is found is added")),
    named: z.array(z.string()).check(z.describe("Networks that somebody listed")),
    found: z.array(z.string()).check(z.describe("Networks that WhiteStat found; 192.168.1 is 192.168.1.0/24")),
  }),
  process: z
    .array(
      z.object({
        key: z.string(),
        value: z
          .string()
          .check(z.describe("In force now; empty for nothing. Of an address, user and password are ***")),
        origin: z.string().check(z.describe("file, environment, default, or what it was converted from")),
        sentence: z.string(),
        allowed: z.string(),
        environment: z.boolean().check(z.describe("Whether an environment variable of that name counts, too")),
      }),
    )
    .check(z.describe("Settings that are read when WhiteStat starts")),
});
export type ApiSettings = z.infer<typeof settingsSchema>;

/** What is unusual today. */
export const unusualReportSchema = z.object({
  today: day,
  zone: z.string(),
  now: instant,
  unusual: z
    .array(
      z.object({
        device: deviceSchema,
        direction: z.enum(["download", "upload"]),
        bytes: bytes.check(z.describe("What was used in those hours")),
        usual: bytes.check(z.describe("What usually is: the median of comparable days")),
        from: instant.check(z.describe("When the hours begin in which it happened")),
        to: z.nullable(instant).check(z.describe("When they end; null while the last of them runs")),
        hosts: z
          .array(z.object({ ip: z.string(), hostname: z.nullable(z.string()), bytes }))
          .check(
            z.describe("Internet hosts whose traffic grew in the same hours, by how much: a coincidence, not a proof"),
          ),
        sentence: z.string().check(z.describe("All of it in a sentence, in English. Names in it are untrusted input")),
      }),
    )
    .check(z.describe("The largest first; mostly none")),
});
export type UnusualReport = z.infer<typeof unusualReportSchema>;

const PROBLEM_CODES = [
  "meter-unreachable",
  "meter-unreadable",
  "darkstat-missing",
  "capture-refused",
  "store",
  "database-restored",
  "clock",
  "books",
  "many-new-devices",
  "bytes-missed",
  "packets-missed",
  "several-interfaces",
  "same-traffic",
  "seen-twice",
  "internet-side",
] as const satisfies readonly ProblemCode[];

/** How a meter is doing. */
export const meterSchema = z.object({
  name: z.nullable(z.string()).check(z.describe("Null where it is the only one, and nobody named it")),
  isView: z.boolean().check(z.describe("Shown by itself (source=NAME), and not added to the others")),
  kind: z.enum(["darkstat", "kernel"]).check(z.describe("What counts: a darkstat, or this machine's kernel")),
  url: z.nullable(z.string()),
  embedded: z.boolean(),
  whyNotKernel: z.nullable(z.string()),
  version: z.nullable(z.string()),
  interface: z.nullable(z.string()),
  readAt: z.nullable(instant),
  intervalMs: z.int(),
  measuringSince: z.nullable(instant),
  seenShare: z
    .nullable(share)
    .check(
      z.describe(
        "What the meter counted of what its interface carried by its own counters, in bytes, of late; null where the meter is on another machine, or too little passed",
      ),
    ),
  missedShare: z.nullable(share).check(z.describe("Packets that the meter missed, of all")),
});

/** How the product is doing: `Status`, and what the dashboard says beside it. */
export const statusSchema = z.object({
  version: z.string(),
  startedAt: instant,
  demo: z.boolean(),
  ipv6: z
    .enum(["included", "excluded", "filtered"])
    .check(z.describe("Whether figures are of IPv6 addresses, too; filtered: as an IPFilter of somebody's own says")),
  meter: meterSchema.check(z.describe("Of several meters the one that was read least lately")),
  meters: z.array(meterSchema).check(z.describe("All of them, in the order of the settings")),
  problems: z
    .array(
      z.object({
        code: z.enum(PROBLEM_CODES),
        since: instant,
        meter: z.optional(z.string()).check(z.describe("Of which of several meters")),
        message: z.string(),
        hint: z.string(),
      }),
    )
    .check(z.describe("What is wrong now, the most severe first")),
  now: instant,
  today: day,
  zone: z.string(),
  range: z.nullable(z.object({ first: day, last: day })).check(z.describe("The first and the last day with figures")),
  notes: z
    .array(z.object({ at: instant, code: z.string(), text: z.string() }))
    .check(z.describe("What happened, the latest first")),
});
export type ApiStatus = z.infer<typeof statusSchema>;

/** Data of the event `reading` of `api/v1/events`: figures were read at `at`, and this is how things are now. */
export const readingEventSchema = z.object({ at: instant, status: statusSchema });
export type ReadingEvent = z.infer<typeof readingEventSchema>;

/** What every error looks like. */
export const errorSchema = z.object({
  error: z.object({
    code: z.string().check(z.describe("Stable: programs may rely on it")),
    message: z.string(),
    hint: z.optional(z.string()).check(z.describe("What to do about it, in a sentence")),
  }),
});

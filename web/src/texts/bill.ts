/** Texts of the bill check. */
import type { BillCause } from "../../../src/shared/plan-words.ts";

interface CauseText {
  readonly title: string;
  /** `figure` is what the server says of it: days, bytes of a packet, or hours ahead of UTC. */
  readonly about: (figure: number) => string;
}

const say = (title: string, about: string): CauseText => ({ title, about: () => about });
const days = (count: number) => (count === 1 ? "1 day" : `${count} days`);

export const billText = {
  back: "Back to the figures",
  intro: "Enter what your provider says was used. Nothing of it is saved.",
  cycle: "Cycle",
  running: (range: string) => `${range} (running)`,
  says: (unit: string) => `Provider says, in ${unit}`,
  compare: "Compare",
  wrong: "Enter a number, e.g. 250.5.",

  figures: { theirs: "Provider", ours: "WhiteStat", difference: "Difference" },
  ofTheirs: (share: string) => `${share} of the provider's figure`,
  verdicts: {
    same: "The two agree within 1%.",
    explained: (title: string) => `Most likely: ${title}.`,
    unexplained: "No single cause explains most of it. Several together may.",
  },

  causes: "Possible causes",
  causesAbout:
    "Each by itself: what it would add to our figure, or take from it, and how much of the difference it explains.",
  noCauses: "None that would move the figures in this direction.",
  columns: { cause: "Cause", effect: "Would change ours by", explains: "Explains", leaves: "Leaves" },
  range: (low: string, high: string) => `${low} to ${high}`,

  days: "Day by day",
  dayColumns: {
    day: "Day",
    download: "Download",
    upload: "Upload",
    free: "Free",
    counted: "Counts",
    sum: "Running total",
    spread: "Provider",
  },
  spreadAbout: "The provider's figure, spread over the days as ours is.",
  unmeasured: "not measured",
  total: "Total",

  print: "Print",
  csv: "Export CSV",
  csvFile: (from: string, to: string) => `whitestat-bill-${from}-to-${to}.csv`,
  csvColumns: [
    "Day",
    "Download (bytes)",
    "Upload (bytes)",
    "Free (bytes)",
    "Counts (bytes)",
    "Sum (bytes)",
    "Provider (bytes)",
    "Remark",
  ],

  cause: {
    missed: say("Packets that the meter missed", "The meter said how many it could not see."),
    unlisted: say(
      "Traffic of hosts that the meter can't name",
      "It was counted, but belongs to no device here: unlisted or unattributed in the traffic breakdown.",
    ),
    removed: say(
      "Figures that were removed",
      "Somebody took them out of a device's history. The provider counted them.",
    ),
    unmeasured: {
      title: "Days without readings",
      about: (count) => `WhiteStat wasn't running on ${days(count)}. Estimated from the other days of the cycle.`,
    },
    estimated: say(
      "Estimated edges",
      "WhiteStat wasn't running around midnight on a first or last day: some bytes may belong to the next cycle.",
    ),
    whole: {
      title: "Free hours that are no longer known",
      about: (count) =>
        `${days(count)} had to be counted whole, since hours are kept for a limited time (HOURS_KEPT_DAYS).`,
    },
    router: say("The router's own traffic", "Updates, DNS, a VPN: the provider counts it, and no device here used it."),
    between: say(
      "Traffic between devices",
      "The meter saw traffic that never left the house, and counted it for both sides.",
    ),
    group: say("Multicast and broadcast", "Devices sent it to the whole network. It never left the house."),
    headers: {
      title: "Headers",
      about: (bytes) =>
        `The provider may count Ethernet or PPPoE headers: 14 to 30 bytes for each packet${bytes > 0 ? `, which holds ${bytes} bytes on average` : ""}.`,
    },
    unit: say("GB or GiB", "The provider's figure may be in the other unit: 1 GiB is 1.074 GB."),
    zone: {
      title: "Midnight in another time zone",
      about: (hours) =>
        `With days that begin at midnight UTC${hours === 0 ? "" : hours > 0 ? `+${hours}` : `−${Math.abs(hours)}`}.`,
    },
    "day-earlier": say("A billing day earlier", "With a cycle that begins and ends one day earlier."),
    "day-later": say("A billing day later", "With a cycle that begins and ends one day later."),
    delay: say("The provider is late", "Its figure may be of yesterday, or of earlier today."),
    excluded: say(
      "Excluded addresses (IPv6)",
      "The plan counts addresses that IPFilter excludes. The provider may not.",
    ),
    "not-counted": say("Owners and devices that don't count", "The provider may count what the plan leaves out."),
    free: say("Free hours", "The provider may count the free hours as well."),
    "only-download": say("Download only", "The provider may count downloads alone."),
    "only-upload": say("Upload only", "The provider may count uploads alone."),
    both: say("Both directions", "The provider may count downloads and uploads."),
  } satisfies Record<BillCause, CauseText> as Record<BillCause, CauseText>,
} as const;

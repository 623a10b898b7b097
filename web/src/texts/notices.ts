/** Texts of the notices above the figures and the hints below the charts. Each is a title and what comes after it. */
export const noticeText = {
  notices: "Notices",
  hints: "Hints",
  dismiss: (title: string) => `Don't show again: ${title}`,
  retry: "Try again",

  demo: { title: "Demo:", text: "simulated data" },
  lost: (since: string) => ({
    title: `No connection to WhiteStat since ${since}.`,
    text: "Showing earlier data. Reconnecting…",
  }),
  since: (since: string, duration: string, hint: string) => `Since ${since} (${duration}). ${hint}`,
  late: (since: string) => ({
    title: `No reading since ${since}.`,
    text: "Traffic after that appears with the next reading.",
  }),
  starting: (interval: string) => ({
    title: "Starting…",
    text: `Waiting for the first reading. The meter is read every ${interval}.`,
  }),
  measuring: (since: string, next: string) => ({
    title: `Measuring since ${since}:`,
    text: `the first figures come with the next reading, at ${next}.`,
  }),
  noTraffic: "No traffic recorded yet",
  noActivity: "No activity in this period",
  noData: (days: string) => `No data for ${days}.`,
  available: (days: string) => `Data is available for ${days}.`,
  showAvailable: "Show available data",
  counted: (share: string) => ({
    title: `The meter counted ${share} of what its interface carried.`,
    text: "Figures are too low by the rest.",
  }),
  dropped: (share: string) => ({
    title: `${share} of packets were dropped.`,
    text: "Figures are too low by about that much: the machine that runs darkstat can't keep up with the traffic.",
  }),
  excluded: (share: string, period: string) => ({
    title: `${share} of ${period} traffic isn't included:`,
    text: "IPFilter in WhiteStatConfig.json excludes its addresses.",
  }),
  ipv6: (share: string, period: string) => `${share} of ${period} traffic is IPv6 and isn't included.`,
  includeIpv6: "Include IPv6",
  ipv6Included: {
    title: "IPv6 is included now,",
    text: "in all figures and for past days, too. IPFilter in WhiteStatConfig.json was set to .*",
  },
  undo: "Undo",
  todays: "today's",
  thisPeriods: "this period's",
  estimated: {
    title: "Figures marked ≈ are estimated:",
    text: "WhiteStat wasn't running at the time, so traffic was spread over the hours in between. The sum is exact.",
  },
  implausible: {
    title: "Some figures are implausibly high.",
    text: "They come from an older version, which counted some traffic twice, and were kept unchanged.",
  },
} as const;

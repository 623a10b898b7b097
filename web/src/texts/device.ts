/** Texts of the page of one device. */
export const deviceText = {
  allDevices: "All devices",
  loading: "Loading…",
  unknown: "Unknown device",
  unavailable: "This device can't be shown",

  manufacturer: "Manufacturer",
  noMac: "Unknown: the meter reports no MAC, so the device is identified by its address",
  privateMac: "Private (randomised) MAC",
  unknownManufacturer: "Unknown manufacturer",
  mac: "MAC",
  address: "Address",
  hostname: "Hostname",
  firstSeen: "First seen",
  lastSeen: "Last seen",
  never: "never",
  ago: (ago: string) => `(${ago})`,

  range: "Usage in a period",
  share: "Share of total",
  rank: (rank: string, of: string) => `number ${rank} of ${of} devices`,
  noRank: "no traffic in this period",
  sums: "Totals",
  download: "Download",
  upload: "Upload",
  total: "Total",
  today: "Today",
  days: (count: number) => `${count} days`,
  since: (day: string) => `Since ${day}`,

  daily: "Daily usage",
  period: "Period",
  lastTwelveMonths: "Last 12 months",
  calendarKeys: (from: string, to: string) =>
    `Daily usage from ${from} to ${to}. Use the arrow keys to move between days and weeks.`,
  calendarCaption: (from: string, to: string) => `Daily usage from ${from} to ${to}`,
  showDay: "show hours",

  week: "Typical week",
  weekOf: (days: string) => `average of ${days}`,
  weekKeys: "Typical week. Use the arrow keys to move between hours and days.",
  weekPending: "Available after the first full day",
  weekdayHour: (weekday: string, hour: string) => `${weekday}, ${hour}`,
  weekCell: (when: string, bytes: string) => `${when}: ${bytes} on average`,
  weekCellNone: (when: string) => `${when}: none`,

  addresses: "Addresses",
  addressesCaption: "Addresses over time",
  first: "First",
  last: "Last",

  dayName: (weekday: string, day: string) => `${weekday}, ${day}`,
  dayNone: (day: string, why: string) => `${day}: ${why}.`,
  dayFigures: (day: string, total: string, notes: readonly string[], download: string, upload: string) =>
    `${day}: ${[total, ...notes].join(", ")}. Download ${download}, upload ${upload}.`,
  soFar: "so far",
  partlyEstimated: "partly estimated",
  implausible: "implausible",
  implausibleWhy:
    "Far more than is usual here, or than the line can carry: an older version probably counted this day wrongly.",
} as const;

/** Texts of the charts: trend, top devices, heat maps, their tips and tables. */
import type { Direction, Group } from "../wire.ts";

const MEASURES: Readonly<Record<Direction, string>> = { download: "Download", upload: "Upload", total: "Total" };
const MEASURES_IN_FULL: Readonly<Record<Direction, string>> = { ...MEASURES, total: "Download and upload" };
const CENTRE: Readonly<Record<Direction, string>> = { download: "download", upload: "upload", total: "total" };
const BY_GROUP: Readonly<Record<Group, string>> = { hour: "by hour", day: "by day", month: "by month" };
const GROUPS: Readonly<Record<Group, string>> = { hour: "Hours", day: "Days", month: "Months" };
/** What a click on a bar shows instead of it. */
const FINER = { month: "show days", day: "show hours" } as const;

export const chartText = {
  measures: MEASURES,
  measuresInFull: MEASURES_IN_FULL,
  centre: CENTRE,
  switch: "Charts show",
  groups: GROUPS,
  groupBy: "Bars are",
  trendTitle: (by: Direction, group: Group) => `${MEASURES_IN_FULL[by]} ${BY_GROUP[group]}`,
  ranks: (by: Direction, of: string) => `${MEASURES_IN_FULL[by]} by ${of.toLowerCase()}`,
  barKeys: (title: string) => `${title}. Use the arrow keys to move between bars.`,

  share: "Share",
  /** Where a filter leaves devices out. */
  shareOfAll: (share: string) => `${share} of all`,
  shareOfAllDevices: "Share of all devices",
  sharesOfAll: "Percentages are of the traffic of all devices, also of those that aren't shown.",
  others: (count: number) => (count === 1 ? "1 other" : `${count} others`),
  legend: "Devices in the chart",

  finer: FINER,
  press: (what: string) => `Press Enter to ${what}.`,
  click: (what: string) => `Click to ${what}`,
  tap: (what: string) => `Tap again to ${what}`,

  soFar: "so far",
  ahead: "still to come",
  aheadOf: (bar: string) => `${bar}: still to come.`,
  partlyEstimated: "partly estimated",
  estimated: "Partly estimated: WhiteStat wasn't running at the time, so traffic was spread over the hours in between.",

  unmeasured: "not measured",
  partlyUnmeasured: "partly not measured",
  unmeasuredFrom: (from: string, to: string) => `Not measured from ${from} to ${to}`,
  unmeasuredNote: "Not measured: WhiteStat or its meter wasn't running, or couldn't be reached.",
  absent: "not seen yet",
  missing: { unmeasured: "not measured", absent: "not seen yet" },
  absentNote: "Before this device was first seen.",

  allHidden: "All devices are hidden in the legend",
  noTraffic: "No traffic so far",
  noActivity: "No activity in this period",
  noData: "No data for this period",
  noHours: "Only totals are left of these days: hourly data is kept for a limited time",

  showAsTable: "Show as a table",
  asTable: (caption: string) => `${caption}, as a table`,
  time: "Time",
  day: "Day",
  hour: "Hour",
  total: "Total",

  colours: "Colours",
  none: "none",
  more: "more",
  upTo: (bytes: string) => `up to ${bytes}`,
} as const;

/** Texts of the frame: header, range bar, footer, and the title of the tab. A file like this per view, for translators. */
import type { Theme } from "../state/preferences.ts";
import type { RangeName } from "../state/ranges.ts";
import type { ApiStatus, Usage } from "../wire.ts";

const THEMES: Readonly<Record<Theme, string>> = { auto: "Auto", light: "Light", dark: "Dark" };

const RANGES: Readonly<Record<RangeName, string>> = {
  today: "Today",
  yesterday: "Yesterday",
  "7d": "7 days",
  "30d": "30 days",
  month: "This month",
  "last-month": "Last month",
  cycle: "This cycle",
  "last-cycle": "Last cycle",
  custom: "Custom",
};

export const frameText = {
  skip: "Skip to content",

  connecting: "Connecting…",
  notConnected: "Not connected",
  live: "Live",
  delayed: "Delayed",
  noReading: "No reading yet",

  lastChange: "Last change",
  undo: "Undo",
  dismiss: "Dismiss",

  settings: "Settings",
  display: "Display",
  dataPlan: "Data plan…",
  theme: "Theme",
  themes: THEMES,
  units: "Units",
  unitChoices: { 1000: "MB, GB", 1024: "MiB, GiB", bits: "Mbit, Gbit" },

  range: "Range",
  ranges: RANGES,
  earlier: "Earlier",
  later: "Later",
  stepTo: (step: string, days: string) => `${step}: ${days}`,
  from: "From",
  to: "To",
  show: "Show",

  title: (total: string, days: string) => `${total}, ${days}`,
  titleToday: (total: string) => `${total} today`,
  titleOf: (owner: string, total: string) => `${owner}: ${total}`,
  titleNoData: "No data",
  titleFiltered: (total: string) => `${total} (filtered)`,
} as const;

type MeterKind = ApiStatus["meter"]["kind"];
type Host = Exclude<keyof Usage["balance"], "balanced" | "counted" | "seenShare" | "missedShare" | "lan">;

const HOSTS: Readonly<Record<Host, string>> = {
  devices: "Devices",
  hidden: "Excluded addresses",
  routers: "Routers",
  remote: "Internet hosts",
  group: "Multicast and broadcast",
  unlisted: "Hosts that the meter doesn't list",
  unattributed: "Unattributed",
  removed: "Removed by you",
};

/** Of several meters. */
export const meterText = {
  meter: "Meter",
  all: "All together",
  view: (name: string) => `${name} (view)`,
  label: "Meter",
  showing: "Showing the meter",
  notAdded: "It is a view: not added to the others.",
  showAll: "Show all",
} as const;

export const footerText = {
  loading: "Loading status…",
  noReading: (kind: MeterKind) => `no reading of ${kind === "kernel" ? "the kernel's counters" : "darkstat"} yet`,
  meter: (kind: MeterKind, version: string) =>
    kind === "kernel" ? `the kernel's counters (nftables ${version})` : `darkstat ${version}`,
  on: (networkInterface: string) => `on ${networkInterface}`,
  readAgo: (ago: string) => `read ${ago}`,
  seen: (share: string) => `${share} of its traffic counted`,
  noneDropped: "no packets dropped",
  dropped: (share: string) => `${share} of packets dropped`,
  totalsMatch: "totals match",
  totalsDiffer: "totals don't match",

  breakdown: "Traffic breakdown",
  counted: (bytes: string) =>
    `The meter counted ${bytes} in this period. Every byte is sent by one host and received by another, so each column should add up to that total.`,
  matches: "Both do.",
  differs: "They don't: some traffic is missing or was counted twice.",
  seenThen: (share: string) => `That is ${share} of what its interface carried, by the interface's own counters.`,
  droppedThen: (dropped: string) => `Capture: ${dropped}.`,
  lan: (bytes: string) => `At least ${bytes} stayed on the LAN: no internet host sent or received them.`,
  bytesByType: "Bytes by type of host",
  type: "Type",
  received: "Received",
  sent: "Sent",
  hosts: HOSTS,
  total: "Total",

  events: "Recent events",
  settings: "Settings",
  plainTable: "Plain table",
  todayAsJson: "Today as JSON",
  api: "API",
  version: (version: string) => `WhiteStat ${version}`,
} as const;

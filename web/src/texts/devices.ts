/** Texts of the device table: its columns, filters, marks, names being edited, and what it says of itself. */
import type { ColumnId } from "../devices/columns.ts";

const COLUMNS: Readonly<Record<ColumnId | "host" | "address", string>> = {
  name: "Name",
  addresses: "Addresses",
  mac: "MAC",
  download: "Download",
  upload: "Upload",
  total: "Total",
  share: "Share",
  change: "Change",
  seen: "Last seen",
  day: "Last day with traffic",
  host: "Host",
  address: "Address",
};

/** In the empty filter box of each column. */
const EXAMPLES: Readonly<Record<ColumnId, string>> = {
  name: "phone",
  addresses: "192.168.1.",
  mac: "02:1a",
  download: ">500 MB",
  upload: "<2 GB",
  total: "1..5 GB",
  share: ">5 %",
  change: ">50 %",
  seen: "<2 h",
  day: ">2026-11-01",
};

const SYNTAX: readonly (readonly [examples: readonly string[], meaning: string])[] = [
  [["phone", "!phone"], "Contains / doesn't contain; ignores case and accents."],
  [["=tv", '=""'], "Is exactly / is empty. “!=” means not."],
  [
    [">500 MB", "<1.5 GiB", ">=2k"],
    "Amounts. MB is 1000², MiB is 1024², Mbit is bits; M alone is the unit shown on the page.",
  ],
  [["500 kB..2 MB", ">1 GB <5 GB"], "Between two amounts; also for shares and dates."],
  [["=1.5 GB"], "Everything shown as 1.5 GB."],
  [[">5 %", "1..10 %"], "Shares."],
  [[">50 %", "<-10 %", "none"], "Change from the period before; none: no traffic then."],
  [["2026-11-20", "2026-11", ">2026-11-01", "today"], "Dates: a day, a month, after a day, today, yesterday."],
  [["<2 h", ">7 d", "never"], "Last seen within two hours, more than a week ago, never."],
];

export const tableText = {
  title: "Devices",
  columns: COLUMNS,
  day: "Day",
  /** Of a period that is over: since then a device may have been seen again. */
  seenThen: "Last seen in period",
  examples: EXAMPLES,

  /** A device without any name. */
  unnamed: (vendor: string | null, end: string) => `${vendor ?? "Device"} ${end}`,

  rowsOfTable: "Rows of the table",
  byDevice: "By device",
  byDay: "By day",

  searchDevices: "Search devices",
  searchHint: "Search name, address, MAC, manufacturer",
  searchGroups: "Search names",
  filters: "Filters",
  filterBy: "Filter by",
  syntax: "Filter syntax",
  syntaxLines: SYNTAX,
  matching: (matching: string, all: string) => `${matching} of ${all} rows match.`,

  exportCsv: "Export CSV",
  copyLink: "Copy JSON link",
  copyLinkWhy: "Link to this period as JSON, for Excel's Power Query and Power BI",
  copied: "Link copied",
  copiedWhole: "The link to this period as JSON was copied.",
  copyByHand: "Copy it from here:",

  sortBy: "Sort by",
  order: (direction: string) => `Order: ${direction}`,
  orders: {
    text: { asc: "A to Z", desc: "Z to A" },
    time: { asc: "oldest first", desc: "latest first" },
    amount: { asc: "smallest first", desc: "largest first" },
  },

  none: "none",
  never: "never",
  moreAddresses: (count: number) => `${count} more ${count === 1 ? "address" : "addresses"}`,
  before: (bytes: string) => `was ${bytes}`,
  estimated: "Estimated",
  estimatedWhy:
    "Estimated: WhiteStat wasn't running at the time. The sum is exact; how it is spread over hours and days is estimated.",
  implausible: "Implausible",
  implausibleWhy:
    "Far more than is usual here, or than the line can carry. It comes from an older version, which counted some traffic twice, and was kept unchanged.",

  devices: (count: string, isOne: boolean) => `${count} ${isOne ? "device" : "devices"}`,
  some: (count: string, all: string) => `${count} of ${all}`,
  withRows: (members: string, rows: string) => `${members}, ${rows} rows`,

  showHidden: (count: number) => (count === 1 ? "Show 1 hidden device" : `Show ${count} hidden devices`),
  leaveHidden: "Leave out hidden devices",

  loadingDays: "Loading days…",
  noActivity: "No activity in this period",
  noMatch: "No matches for this search and these filters.",
  hiddenMatch: (count: number) => (count === 1 ? "One hidden device matches." : `${count} hidden devices match.`),
  clearFilters: "Clear filters",
  retry: "Try again",

  pages: "Pages of the table",
  firstPage: "First page",
  previousPage: "Previous page",
  nextPage: "Next page",
  lastPage: "Last page",
  pageOf: (first: string, last: string, all: string) => `${first}–${last} of ${all}`,
  rows: "Rows",

  csv: {
    bytes: (column: string) => `${column} (bytes)`,
    before: "Total before (bytes)",
    owner: "Owner",
    type: "Type",
    remark: "Remark",
    estimated: "estimated",
    implausible: "implausible",
  },
} as const;

/** What is said of a filter that can't be read. `text` is what was written. */
export const filterText = {
  amount: (text: string) => `“${text}” isn't an amount. Example: >500 MB, <1.5 GiB or 500 kB..2 MB.`,
  share: (text: string) => `“${text}” isn't a share. Example: >5 % or 1..10 %.`,
  change: (text: string) => `“${text}” isn't a change. Example: >50 %, <-10 % or none.`,
  ambiguous: (text: string, decimal: string, thousands: string) =>
    `“${text}” could be ${decimal} or ${thousands}: write it without the comma.`,
  number: (text: string) => `“${text}” isn't a number. Example: 1.5 or 1500.`,
  day: (text: string) => `“${text}” isn't a valid date. Example: 2026-11-20, >2026-11-01 or today.`,
  time: (text: string) => `“${text}” isn't a time. Example: <2 h, >7 d, today or >2026-11-01.`,
  unfinished: (text: string) => `“${text}” is incomplete: a value is missing.`,
  rangeWithSign: (text: string, sign: string) => `“${text}”: a range can't be combined with “${sign}”.`,
  rangeEnds: (text: string) => `“${text}”: a range has two ends, for example 1..2.`,
  empty: (text: string) => `“${text}”: write ="" for empty, !="" for not empty.`,
} as const;

export const renameText = {
  rename: (name: string) => `Rename ${name}`,
  nameOf: (name: string) => `Name of ${name}`,
  name: "Name",
  emptyFor: (hostname: string) => `Leave empty for ${hostname}`,
  save: "Save",
  cancel: "Cancel",
  notSaved: (reason: string) => `Not saved. ${reason}`,
  unknownReason: "Something went wrong.",
} as const;

export const hostsText = {
  title: "Internet hosts",
  show: "Show Internet hosts",
  hide: "Hide Internet hosts",
  loading: "Loading Internet hosts…",
  about: "Who devices exchanged data with. Download is what devices downloaded from a host.",
  search: "Search Internet hosts",
  searchHint: "Search host or address",
  count: (count: string, isOne: boolean) => `${count} ${isOne ? "Internet host" : "Internet hosts"}`,
  noMatch: "No matches for this search.",
} as const;

export const filterBarText = {
  label: "Filters in use",
  /** `members` is "8 devices" or "3 owners". */
  showing: (shown: string, members: string) => `Showing ${shown} of ${members}:`,
  tableOnly: "Filters of the table only:",
  /** Where other filters choose devices as well. */
  partly: "(filters on figures and dates apply to the table's rows only)",
  search: (text: string) => `“${text}”`,
  filter: (column: string, text: string) => `${column} ${text}`,
} as const;

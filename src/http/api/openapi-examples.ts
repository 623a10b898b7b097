import type { AlertsInput, AlertsReport } from "../../shared/alerts-api.ts";
import type {
  ApiDevice,
  ApiSettings,
  ApiStatus,
  Days,
  DeviceDetail,
  Named,
  ReadingEvent,
  UnusualReport,
  Usage,
} from "../../shared/api.ts";
import type { Changed, Household, Removable, Step } from "../../shared/household-api.ts";
import type { NameSources, NameSourcesInput } from "../../shared/names-api.ts";
import type { BillCheck, NotCounted, Plan, PlanCycle, PlanReport, PlansReport, WhatIf } from "../../shared/plan-api.ts";
import type { Proposals } from "../../shared/proposals-api.ts";
import { ACCESS_EXAMPLES } from "./access-examples.ts";
import { atomOf, icsOf } from "./alert-feeds.ts";

/** Of a laptop that used something on one day: what the examples of the OpenAPI document tell of. */

const DEVICE: ApiDevice = {
  key: "3c:22:fb:10:20:02",
  mac: "3c:22:fb:10:20:02",
  name: "Anna's laptop",
  hostname: "annas-mbp",
  learnt: { name: "annas-mbp", kind: "lease", from: "/etc/pihole/dhcp.leases" },
  vendor: "Apple, Inc.",
  privateMac: false,
  firstDay: "2026-01-02",
  lastDay: "2026-01-31",
  router: false,
  type: "laptop",
  typeGuessed: false,
  owner: 1,
  hidden: false,
  archived: false,
};
const ABOUT: DeviceDetail["about"] = {
  note: "Bought in May",
  guess: "laptop",
  interfaces: [
    { key: DEVICE.key, vendor: "Apple, Inc.", privateMac: false, merged: null },
    { key: "3c:22:fb:10:20:03", vendor: "Apple, Inc.", privateMac: false, merged: "page" },
  ],
  owners: [
    { from: null, owner: 1 },
    { from: "2026-03-01", owner: null },
  ],
};
const NONE = { in: 0, out: 0 };
/** 2026-01-31 00:00 and 12:00 in Berlin. */
const [MIDNIGHT, NOON] = [1_769_814_000_000, 1_769_857_200_000];

const USAGE: Usage = {
  from: "2026-01-31",
  to: "2026-01-31",
  source: null,
  traffic: "all",
  unknownTraffic: null,
  today: "2026-01-31",
  zone: "Europe/Berlin",
  now: NOON,
  group: "day",
  by: "owner",
  owner: null,
  buckets: [{ from: MIDNIGHT, to: MIDNIGHT + 86_400_000, label: "2026-01-31", day: "2026-01-31" }],
  unmeasured: [],
  devices: [
    {
      ...DEVICE,
      addresses: ["192.168.1.21"],
      download: 648_200_000,
      upload: 110_100_000,
      lastSeen: NOON - 12_000,
      lastActiveDay: "2026-01-31",
      reconstructed: false,
      implausible: false,
      previous: { download: 540_000_000, upload: 90_000_000 },
      series: { download: [648_200_000], upload: [110_100_000], reconstructed: [] },
    },
  ],
  others: null,
  groups: [
    {
      key: "1",
      name: "Anna",
      colour: 3,
      download: 648_200_000,
      upload: 110_100_000,
      lastSeen: NOON - 12_000,
      lastActiveDay: "2026-01-31",
      reconstructed: false,
      implausible: false,
      previous: { download: 540_000_000, upload: 90_000_000 },
      members: [{ key: DEVICE.key, download: 648_200_000, upload: 110_100_000 }],
      series: { download: [648_200_000], upload: [110_100_000], reconstructed: [] },
    },
  ],
  remotes: null,
  remoteTotals: null,
  totals: { download: 648_200_000, upload: 110_100_000, devices: 1 },
  previous: {
    from: "2026-01-30",
    to: "2026-01-30",
    until: NOON - 86_400_000,
    download: 540_000_000,
    upload: 90_000_000,
    devices: 1,
    gone: [],
  },
  balance: {
    balanced: true,
    counted: 758_300_000,
    devices: { in: 648_200_000, out: 110_100_000 },
    hidden: NONE,
    routers: NONE,
    remote: { in: 110_100_000, out: 648_200_000 },
    group: NONE,
    unlisted: NONE,
    unattributed: NONE,
    seenShare: 0.9998,
    removed: NONE,
    missedShare: 0,
    lan: 0,
  },
  hiddenShare: 0,
};

const DAYS: Days = {
  from: "2026-01-31",
  to: "2026-01-31",
  devices: [DEVICE],
  rows: [["2026-01-31", 0, "192.168.1.21", 648_200_000, 110_100_000, NOON - 12_000, 0]],
  unlisted: 0,
};

const DETAIL: DeviceDetail = {
  device: DEVICE,
  about: ABOUT,
  today: "2026-01-31",
  zone: "Europe/Berlin",
  days: [["2026-01-31", 648_200_000, 110_100_000, 0]],
  week: {
    from: "2026-01-05",
    to: "2026-01-25",
    hours: Array.from({ length: 7 }, () => new Array(24).fill(31_600_000)),
  },
  unmeasured: [],
  addresses: [{ ip: "192.168.1.21", hostname: "annas-mbp.lan", firstDay: "2026-01-02", lastDay: "2026-01-31" }],
  traffic: {
    internet: { download: 648_200_000, upload: 110_100_000 },
    lan: { download: 2_000_000, upload: 10_000_000_000 },
    unknown: { download: 0, upload: 0 },
  },
  firstDay: "2026-01-02",
  lastSeen: NOON - 12_000,
};

const METER: ApiStatus["meter"] = {
  name: null,
  isView: false,
  url: "http://127.0.0.1:667/",
  kind: "darkstat",
  embedded: true,
  whyNotKernel: null,
  version: "3.0.719",
  interface: "eth0",
  readAt: NOON - 12_000,
  intervalMs: 30_000,
  measuringSince: NOON - 3_600_000,
  seenShare: 0.9998,
  missedShare: 0,
};

const STATUS: ApiStatus = {
  version: "12.0.0",
  startedAt: NOON - 3_600_000,
  demo: false,
  ipv6: "excluded",
  meter: METER,
  meters: [METER],
  problems: [],
  now: NOON,
  today: "2026-01-31",
  zone: "Europe/Berlin",
  range: { first: "2026-01-02", last: "2026-01-31" },
  notes: [],
};

const PLAN: Plan = {
  name: "Fibre 250",
  cycle: { unit: "month", count: 1, from: "2026-01-15" },
  allowance: 250_000_000_000,
  unit: 1000,
  counts: "both",
  free: [{ weekdays: [1, 2, 3, 4, 5], from: 1, to: 7 }],
  except: { owners: [], devices: ["02:1a:2b:00:00:05"] },
  overPrice: { perGb: 0.5, currency: "EUR" },
  corrections: [],
};
const NOT_COUNTED: NotCounted = [{ of: "device:02:1a:2b:00:00:05", name: "Work laptop" }];
const PLAN_CYCLE: PlanCycle = {
  from: "2026-01-15",
  to: "2026-02-14",
  download: 171_500_000_000,
  upload: 14_200_000_000,
  free: 6_300_000_000,
  measured: 179_400_000_000,
  used: 179_400_000_000,
  correction: null,
  over: 0,
  cost: 0,
  measuredFrom: null,
  unmeasuredDays: 0,
  wholeDays: 0,
};
const PLAN_REPORT: PlanReport = {
  of: "line",
  name: null,
  plan: PLAN,
  notCounted: NOT_COUNTED,
  today: "2026-01-31",
  zone: "Europe/Berlin",
  now: NOON,
  cycle: PLAN_CYCLE,
  forecast: { expected: 327_000_000_000, low: 291_000_000_000, high: 366_000_000_000 },
  past: [],
  pastCycles: 0,
};

const PLANS_REPORT: PlansReport = {
  today: "2026-01-31",
  zone: "Europe/Berlin",
  now: NOON,
  plans: [
    {
      of: "line",
      name: null,
      plan: PLAN,
      notCounted: NOT_COUNTED,
      cycle: PLAN_CYCLE,
      forecast: PLAN_REPORT.forecast,
    },
    {
      of: "owner:1",
      name: "Anna",
      plan: {
        ...PLAN,
        name: null,
        cycle: { unit: "week", count: 1, from: "2026-01-05" },
        allowance: 50_000_000_000,
        free: [],
        except: { owners: [], devices: [] },
        overPrice: null,
      },
      notCounted: [],
      cycle: {
        ...PLAN_CYCLE,
        from: "2026-01-26",
        to: "2026-02-01",
        download: 38_100_000_000,
        upload: 2_400_000_000,
        free: 0,
        measured: 40_500_000_000,
        used: 40_500_000_000,
        cost: null,
      },
      forecast: { expected: 47_000_000_000, low: 44_000_000_000, high: 51_000_000_000 },
    },
  ],
};

const BILL_CHECK: BillCheck = {
  of: "line",
  plan: PLAN,
  notCounted: NOT_COUNTED,
  today: "2026-01-31",
  zone: "Europe/Berlin",
  cycle: { from: "2026-01-15", to: "2026-02-14" },
  bytes: 186_000_000_000,
  ours: 179_400_000_000,
  difference: 6_600_000_000,
  days: [
    {
      day: "2026-01-15",
      download: 9_800_000_000,
      upload: 700_000_000,
      free: 400_000_000,
      counted: 10_100_000_000,
      sum: 10_100_000_000,
      spread: 10_471_571_906,
      measured: true,
    },
  ],
  causes: [
    {
      kind: "free",
      low: 6_300_000_000,
      high: 6_300_000_000,
      explains: 0.9545,
      leaves: 300_000_000,
      figure: null,
    },
    {
      kind: "headers",
      low: 2_400_000_000,
      high: 5_100_000_000,
      explains: 0.7727,
      leaves: 1_500_000_000,
      figure: 1046,
    },
  ],
};

const OTHER_PLAN: Plan = { ...PLAN, name: "Fibre 150", allowance: 150_000_000_000, free: [] };
const OFFERED = {
  from: "2025-12-15",
  to: "2026-01-14",
  used: 201_300_000_000,
  free: 0,
  over: 51_300_000_000,
  cost: 50.65,
  estimatedDays: 0,
  isComplete: true,
};
const WHAT_IF: WhatIf = {
  of: "line",
  today: "2026-01-31",
  zone: "Europe/Berlin",
  from: "2025-12-02",
  own: {
    plan: PLAN,
    notCounted: NOT_COUNTED,
    fee: 35,
    cycles: [{ ...OFFERED, used: 188_200_000_000, free: 13_100_000_000, over: 0, cost: 35, estimatedDays: 2 }],
    sum: {
      cycles: 1,
      days: 31,
      used: 188_200_000_000,
      free: 13_100_000_000,
      over: 0,
      cost: 35,
      perMonth: 34.36,
    },
  },
  other: {
    plan: OTHER_PLAN,
    notCounted: NOT_COUNTED,
    fee: 25,
    cycles: [OFFERED],
    sum: { cycles: 1, days: 31, used: 201_300_000_000, free: 0, over: 51_300_000_000, cost: 50.65, perMonth: 49.73 },
  },
};

const SETTINGS: ApiSettings = {
  file: "/var/lib/whitestat/WhiteStatConfig.json",
  segments: { auto: true, named: [], found: ["192.168.1"] },
  process: [
    {
      key: "IdleSeconds",
      value: "30",
      origin: "default",
      sentence: "Seconds between two readings of the meter.",
      allowed: "a whole number from 1 to 3600",
      environment: true,
    },
  ],
};

const DONE: Changed["change"] = {
  id: 12,
  at: NOON,
  kind: "merge",
  text: "Merged 1 device into Anna's laptop",
  undone: false,
};
const HOUSEHOLD: Household = {
  today: "2026-01-31",
  owners: [{ id: 1, name: "Anna", colour: 3, devices: 1 }],
  devices: [
    {
      ...DEVICE,
      ...ABOUT,
    },
  ],
  routers: [
    {
      mac: "02:1a:2b:00:00:01",
      name: null,
      vendor: null,
      router: true,
      said: null,
      found: { since: "2026-01-02", networks: 31 },
      nextHop: true,
      setting: null,
    },
  ],
  notSame: [["02:1a:2b:00:00:05", "02:1a:2b:00:00:06"]],
  removals: [
    {
      id: 9,
      at: NOON - 3_600_000,
      device: DEVICE.key,
      from: "2026-01-03",
      to: "2026-01-03",
      days: 1,
      download: 98_000_000_000,
      upload: 1_000_000_000,
    },
  ],
  changes: [DONE],
  units: null,
};
const STEPS: Step[] = [
  { do: "add-owner", name: "Anna", colour: 3 },
  { do: "merge", device: DEVICE.key, with: ["3c:22:fb:10:20:03"] },
  { do: "describe", devices: [DEVICE.key], name: "Anna's laptop", type: "laptop", note: null, hidden: false },
  { do: "hand-over", devices: [DEVICE.key], owner: 1, from: null },
];
const REMOVABLE: Removable = {
  device: DEVICE.key,
  from: "2026-01-03",
  to: "2026-01-03",
  days: 1,
  firstDay: "2026-01-03",
  lastDay: "2026-01-03",
  download: 98_000_000_000,
  upload: 1_000_000_000,
  bytes: 99_000_000_000,
};
const UNUSUAL_REPORT: UnusualReport = {
  today: "2026-01-31",
  zone: "Europe/Berlin",
  now: NOON,
  unusual: [
    {
      device: DEVICE,
      direction: "upload",
      bytes: 41_000_000_000,
      usual: 300_000_000,
      from: MIDNIGHT + 2 * 3_600_000,
      to: MIDNIGHT + 6 * 3_600_000,
      hosts: [{ ip: "203.0.113.145", hostname: "backup.example.net", bytes: 38_000_000_000 }],
      sentence:
        "Anna's laptop uploaded 41 GB between 02:00 and 06:00; usually 300 MB. At the same time, traffic with backup.example.net (38 GB) grew.",
    },
  ],
};

const ALERTS_REPORT: AlertsReport = {
  now: NOON,
  zone: "Europe/Berlin",
  rules: {
    plan: { percents: [80, 100], forecast: true },
    usage: [{ device: DEVICE.key, bytes: 50_000_000_000, per: "day", counts: "both" }],
    newDevice: { privateMacs: true },
    unusual: true,
    silent: { minutes: 30 },
    missed: { percent: 5 },
    books: true,
    store: true,
  },
  quiet: { from: 22, to: 7 },
  snoozed: [{ rule: "unusual", until: NOON + 3_600_000 }],
  channels: [
    {
      id: "9f2c01ab",
      name: "Phone",
      label: "ntfy, ntfy.example.com",
      enabled: true,
      kinds: null,
      waiting: 0,
      failures: 0,
      nextAt: null,
      answer: "HTTP 200",
    },
  ],
  history: [
    {
      id: "msg_0123456789abcdef01234567",
      at: NOON - 60_000,
      rule: "plan",
      level: "warning",
      title: "Data plan: 80% used",
      text: "201 GB of 250 GB used, 49 GB left until 2026-02-14.",
      snoozed: false,
      heldUntil: null,
      deliveries: [{ channel: "9f2c01ab", state: "sent", at: NOON - 58_000, answer: "HTTP 200" }],
    },
  ],
};
const ALERTS_INPUT: AlertsInput = {
  rules: ALERTS_REPORT.rules,
  quiet: ALERTS_REPORT.quiet,
  channels: [{ name: "Phone", url: "ntfys://ntfy.example.com/topic", enabled: true }],
};

const NAMED: Named = { key: DEVICE.key, name: "Anna's laptop" };
const READING_EVENT: ReadingEvent = { at: NOON, status: STATUS };

/** An example of each shape of the interface, by the name of its schema in the OpenAPI document. */
const NAME_SOURCES: NameSources = {
  files: {
    on: true,
    paths: [{ path: "/etc/pihole/dhcp.leases", readAt: NOON - 60_000, problem: null, names: 12 }],
  },
  mdns: { on: false, readAt: null, problem: null, names: 0 },
  pihole: { on: true, url: "http://192.168.1.2", hasPassword: true, readAt: NOON - 90_000, problem: null, names: 14 },
  adguard: { on: false, url: "", user: null, hasPassword: false, readAt: null, problem: null, names: 0 },
};
const [OLD_MAC, NEW_MAC] = ["a6:11:42:9c:00:03", "6e:3b:90:d1:00:0e"] as const;
const PROPOSALS: Proposals = {
  proposals: [
    {
      devices: [OLD_MAC, NEW_MAC].map((key) => ({ ...DEVICE, key, mac: key, privateMac: true, vendor: null })),
      name: "annas-iphone",
      kinds: ["lease"],
      evidence: [
        'Both call themselves "annas-iphone" (DHCP)',
        `${OLD_MAC} was last active on 2026-01-20, ${NEW_MAC} first on 2026-01-21`,
        "They were never active at the same time",
        "The later MAC was made up by the device itself (private)",
      ],
      steps: {
        merge: [{ do: "merge", device: OLD_MAC, with: [NEW_MAC] }],
        notSame: [{ do: "not-same", devices: [OLD_MAC, NEW_MAC] }],
      },
    },
  ],
};
const NAME_SOURCES_INPUT: NameSourcesInput = {
  pihole: { on: true, url: "http://192.168.1.2", password: "an application password" },
};

export const EXAMPLES = {
  ...ACCESS_EXAMPLES,
  Proposals: PROPOSALS,
  NameSources: NAME_SOURCES,
  NameSourcesInput: NAME_SOURCES_INPUT,
  Usage: USAGE,
  UsageUpdate: { tag: "k3", patch: { fields: { now: NOON, totals: { fields: { download: 648_200_000 } } } } },
  AtomFeed: atomOf(ALERTS_REPORT.history, { since: NOON }),
  Calendar: icsOf(ALERTS_REPORT.history),
  Csv: "bucket,owner,name,download_bytes,upload_bytes\r\n2026-01-31,1,Anna,648200000,110100000\r\n",
  Days: DAYS,
  DeviceDetail: DETAIL,
  NameInput: { name: "Anna's laptop" },
  Ipv6Input: { included: true },
  Named: NAMED,
  Plan: PLAN,
  PlanInput: { plan: PLAN },
  PlanReport: PLAN_REPORT,
  PlansReport: PLANS_REPORT,
  BillCheck: BILL_CHECK,
  WhatIfInput: { plan: OTHER_PLAN, fee: 25, ownFee: 35, from: null },
  WhatIf: WHAT_IF,
  Mqtt: {
    url: "mqtt://whitestat:***@192.168.1.5:1883",
    bySetting: false,
    connected: true,
    why: null,
    published: 3,
    devices: ["02:1a:2b:00:00:05"],
    owners: true,
  },
  MqttInput: { url: "mqtt://whitestat:secret@192.168.1.5:1883", devices: "all" },
  MqttTestInput: { url: "mqtt://whitestat:secret@192.168.1.5:1883" },
  MqttTest: { ok: false, why: "the user or the password is wrong" },
  Settings: SETTINGS,
  Household: HOUSEHOLD,
  ChangeInput: { steps: STEPS },
  UndoInput: {},
  Changed: { change: DONE, owners: [1] },
  Removable: REMOVABLE,
  UnusualReport: UNUSUAL_REPORT,
  AlertsReport: ALERTS_REPORT,
  AlertsInput: ALERTS_INPUT,
  SnoozeInput: { rule: "unusual", until: NOON + 3_600_000 },
  TestInput: { url: "ntfys://ntfy.example.com/topic" },
  TestResult: { ok: true, answer: "HTTP 200" },
  Status: STATUS,
  ReadingEvent: READING_EVENT,
  Error: {
    error: { code: "bad-date", message: 'to: "tomorrow" is not a date.', hint: "Write it as 2026-01-31." },
  },
} as const;

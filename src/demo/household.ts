import type { DarkstatModel } from "../meters/darkstat/simulated/index.ts";

/** A device of the simulated household: who it is, and when it wants how much. */
export interface Inhabitant {
  readonly name: string;
  readonly mac: string;
  readonly ip: string;
  /** Megabytes downloaded on an ordinary day, and the share of that which goes up. */
  readonly megabytes: number;
  readonly upShare: number;
  /** Hours of its day, 0–24, and how much more it does at weekends. */
  readonly hours: readonly [from: number, to: number];
  readonly weekend: number;
  /** Share of days on which it is there at all. */
  readonly presence: number;
  /** Talks IPv6 for this share. */
  readonly ipv6?: number;
  /** The household got it so many days before the end of the story. */
  readonly sinceDaysAgo?: number;
  /** What it calls itself when it asks the router for an address. */
  readonly leaseName?: string;
  /** It made up another MAC so many days before the end of the story: what it went by until then. */
  readonly before?: { readonly mac: string; readonly ip: string; readonly untilDaysAgo: number };
}

export const DEMO_ROUTER = "02:de:40:00:00:01";

export const HOUSEHOLD: readonly Inhabitant[] = [
  {
    name: "Living room TV",
    mac: "04:5d:4b:10:20:01",
    ip: "192.168.1.20",
    megabytes: 5_200,
    upShare: 0.02,
    hours: [18, 23],
    weekend: 1.7,
    presence: 0.92,
  },
  {
    name: "Anna's laptop",
    mac: "3c:22:fb:10:20:02",
    ip: "192.168.1.21",
    megabytes: 2_100,
    upShare: 0.18,
    hours: [8, 18],
    weekend: 0.5,
    presence: 0.85,
    ipv6: 0.3,
  },
  {
    name: "Anna's phone",
    mac: "6e:3b:90:d1:00:0e",
    ip: "192.168.1.72",
    leaseName: "annas-iphone",
    before: { mac: "a6:11:42:9c:00:03", ip: "192.168.1.22", untilDaysAgo: 41 },
    megabytes: 620,
    upShare: 0.12,
    hours: [6, 23],
    weekend: 1.2,
    presence: 0.97,
    ipv6: 0.4,
  },
  {
    name: "Ben's gaming PC",
    mac: "70:85:c2:10:20:04",
    ip: "192.168.1.23",
    megabytes: 6_400,
    upShare: 0.05,
    hours: [16, 24],
    weekend: 1.9,
    presence: 0.7,
    sinceDaysAgo: 240,
  },
  {
    name: "Ben's phone",
    mac: "f6:20:c7:5a:00:0f",
    ip: "192.168.1.74",
    leaseName: "bens-pixel-8",
    before: { mac: "d2:7e:19:40:00:05", ip: "192.168.1.24", untilDaysAgo: 23 },
    megabytes: 850,
    upShare: 0.1,
    hours: [7, 24],
    weekend: 1.3,
    presence: 0.96,
  },
  {
    name: "Office workstation",
    mac: "a4:bb:6d:10:20:06",
    ip: "192.168.1.30",
    megabytes: 1_700,
    upShare: 0.3,
    hours: [9, 17],
    weekend: 0.1,
    presence: 0.75,
  },
  {
    name: "NAS",
    mac: "00:11:32:10:20:07",
    ip: "192.168.1.40",
    megabytes: 380,
    upShare: 4.5,
    hours: [1, 4],
    weekend: 1,
    presence: 1,
  },
  {
    name: "Kitchen speaker",
    mac: "48:a6:b8:10:20:08",
    ip: "192.168.1.41",
    megabytes: 190,
    upShare: 0.03,
    hours: [6, 21],
    weekend: 1.2,
    presence: 1,
  },
  {
    name: "Doorbell camera",
    mac: "2c:aa:8e:10:20:09",
    ip: "192.168.1.42",
    megabytes: 45,
    upShare: 14,
    hours: [0, 24],
    weekend: 1,
    presence: 1,
    sinceDaysAgo: 150,
  },
  {
    name: "Mia's tablet",
    mac: "1a:94:0b:e6:00:10",
    ip: "192.168.1.75",
    leaseName: "mias-ipad",
    before: { mac: "8a:30:d5:77:00:0a", ip: "192.168.1.25", untilDaysAgo: 27 },
    megabytes: 1_300,
    upShare: 0.03,
    hours: [14, 20],
    weekend: 1.8,
    presence: 0.8,
  },
  {
    name: "",
    mac: "b8:27:eb:10:20:0b",
    ip: "192.168.1.2",
    megabytes: 60,
    upShare: 0.2,
    hours: [0, 24],
    weekend: 1,
    presence: 1,
  },
  {
    name: "Printer",
    mac: "00:1b:a9:10:20:0c",
    ip: "192.168.1.50",
    megabytes: 4,
    upShare: 0.4,
    hours: [9, 17],
    weekend: 0.2,
    presence: 0.9,
  },
  {
    name: "Guest phone",
    mac: "5e:04:8f:21:00:0d",
    ip: "192.168.1.61",
    megabytes: 240,
    upShare: 0.15,
    hours: [17, 23],
    weekend: 3,
    presence: 0.08,
  },
];

const REMOTES = [
  ["198.51.100.10", "video-edge.example.net", 0.5],
  ["198.51.100.24", "downloads.example.org", 0.2],
  ["203.0.113.7", "cdn-7.example.com", 0.14],
  ["203.0.113.80", "mail.example.com", 0.05],
  ["198.51.100.77", "", 0.06],
  ["203.0.113.145", "backup.example.net", 0.05],
] as const;

const MEGABYTE = 1_000_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The names that the household gave its devices: MAC and name. Nobody named a MAC anew after a device had made it up. */
export const DEMO_NAMES: readonly (readonly [mac: string, name: string])[] = HOUSEHOLD.filter(
  (one) => one.name !== "",
).map((one) => [one.before?.mac ?? one.mac, one.name]);

/** The lease file of the household's router, as dnsmasq writes it. */
export const DEMO_LEASES: string = HOUSEHOLD.flatMap(({ mac, ip, leaseName, before }) =>
  leaseName === undefined
    ? []
    : [...(before ? [before] : []), { mac, ip }].map((at) => `0 ${at.mac} ${at.ip} ${leaseName} *\n`),
).join("");

/** Something that a device did once: so many bytes, evenly between two instants (ms UTC). */
export interface Incident {
  readonly mac: string;
  readonly from: number;
  readonly to: number;
  readonly down: number;
  readonly up: number;
}

export interface HouseholdOptions {
  readonly model: Pick<DarkstatModel, "traffic">;
  /** Who lives there; the demo's dozen devices without it. */
  readonly inhabitants?: readonly Inhabitant[];
  /** 0 ≤ random() < 1. */
  readonly random: () => number;
  /** Hours (0–24, with a fraction) since local midnight, and whether it is a weekend. */
  readonly localTime: (at: number) => { hour: number; weekend: boolean };
  /** What happens beside the habits. */
  readonly incidents?: readonly Incident[];
  /** Where the story ends: devices were bought so many days before. */
  readonly endsAt: number;
}

export interface Household {
  /** Lets the household live for a stretch of time that ends at `to` (ms UTC). */
  live(from: number, to: number): void;
}

/** A dozen devices with habits, whose traffic moves a simulated darkstat. */
export function createHousehold(options: HouseholdOptions): Household {
  const { model, inhabitants = HOUSEHOLD, random, localTime, incidents = [], endsAt } = options;
  /** What each device feels like today: some days are quiet, some a marathon. */
  const moods = new Map<string, { day: number; factor: number }>();

  function moodOf(one: Inhabitant, at: number): number {
    const day = Math.floor(at / DAY_MS);
    const known = moods.get(one.mac);
    if (known?.day === day) return known.factor;
    const factor = random() < one.presence ? 0.35 + random() ** 2 * 1.9 : 0;
    moods.set(one.mac, { day, factor });
    return factor;
  }

  function live(from: number, to: number): void {
    const hours = (to - from) / HOUR_MS;
    const { hour, weekend } = localTime((from + to) / 2);
    for (const incident of incidents) happen(incident, from, to);
    for (const one of inhabitants) {
      if (one.sinceDaysAgo !== undefined && from < endsAt - one.sinceDaysAgo * DAY_MS) continue;
      const mood = moodOf(one, from) * (weekend ? one.weekend : 1);
      if (mood === 0) continue;
      const bytes = one.megabytes * MEGABYTE * mood * activity(one.hours, hour) * hours * (0.4 + random() * 1.2);
      const { before } = one;
      const at = before !== undefined && from < endsAt - before.untilDaysAgo * DAY_MS ? { ...one, ...before } : one;
      spread(at, Math.round(bytes), Math.round(bytes * one.upShare * (0.7 + random() * 0.6)));
    }
  }

  /** With one host: a backup, an update. */
  function happen({ mac, from, to, down, up }: Incident, begin: number, end: number): void {
    const device = inhabitants.find((one) => one.mac === mac);
    const share = (Math.min(to, end) - Math.max(from, begin)) / (to - from);
    if (device === undefined || share <= 0) return;
    const [[ip, hostname]] = REMOTES;
    const remote = { ip, mac: DEMO_ROUTER, hostname };
    model.traffic({ ip: device.ip, mac }, remote, Math.round(down * share), Math.round(up * share));
  }

  function spread(one: Inhabitant, down: number, up: number): void {
    if (down + up < 200) return;
    const device = { ip: one.ip, mac: one.mac };
    for (const [ip, hostname, share] of REMOTES) {
      const part = share * (1 - (one.ipv6 ?? 0));
      model.traffic(device, { ip, mac: DEMO_ROUTER, hostname }, Math.round(down * part), Math.round(up * part));
    }
    if (one.ipv6 === undefined) return;
    const own = { ip: `2001:db8:77::${one.ip.split(".").at(-1)}`, mac: one.mac };
    const remote = { ip: "2001:db8:ffff::80", mac: DEMO_ROUTER, hostname: "v6.example.net" };
    model.traffic(own, remote, Math.round(down * one.ipv6), Math.round(up * one.ipv6));
  }

  return { live };
}

/** Share of the day's bytes for each hour at a time of day: most of it within the device's hours, a trickle at all times. */
function activity([from, to]: readonly [number, number], hour: number): number {
  const within = hour >= from && hour < to;
  return within ? 0.92 / (to - from) + 0.08 / 24 : 0.08 / 24;
}

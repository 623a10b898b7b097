import type { FakeDarkstat } from "../../../src/meters/darkstat/simulated/index.ts";
import type { Past } from "./past.ts";
import { ROUTER, type Scenario } from "./product.ts";

export const MB = 1_000_000;

/** A device of the household that most tests look at. Twice on each past day it uses this much; today twice that, once. */
export interface Inhabitant {
  readonly mac: string;
  readonly ip: string;
  /** As a person named it; empty where nobody did. */
  readonly name: string;
  /** As reverse DNS says; empty where it says nothing. */
  readonly hostname?: string;
  /** Bytes. */
  readonly down: number;
  readonly up: number;
  /** Uses another address on odd days. */
  readonly secondIp?: string;
  /** Talks IPv6 too: bytes down that IPFilter hides. */
  readonly hidden?: number;
  /** It was last there so many days ago. */
  readonly goneSince?: number;
}

/** Nine of them: two more than there are colours. */
export const HOME: readonly Inhabitant[] = [
  { name: "Living room TV", mac: "04:5d:4b:00:00:01", ip: "192.168.1.20", down: 3000 * MB, up: 60 * MB },
  {
    name: "Anna’s laptop",
    mac: "3c:22:fb:00:00:02",
    ip: "192.168.1.21",
    down: 900 * MB,
    up: 400 * MB,
    hidden: 200 * MB,
  },
  {
    name: "Ben’s phone",
    mac: "d2:7e:19:00:00:03",
    ip: "192.168.1.22",
    secondIp: "192.168.1.122",
    down: 400 * MB,
    up: 40 * MB,
  },
  {
    name: "",
    hostname: "nas.home.example",
    mac: "00:11:32:00:00:04",
    ip: "192.168.1.40",
    down: 150 * MB,
    up: 700 * MB,
  },
  {
    name: "Office",
    hostname: "office-pc.home.example",
    mac: "a4:bb:6d:00:00:05",
    ip: "192.168.1.30",
    down: 250 * MB,
    up: 80 * MB,
  },
  { name: "Doorbell", mac: "2c:aa:8e:00:00:06", ip: "192.168.1.42", down: 5 * MB, up: 220 * MB },
  { name: "", mac: "b8:27:eb:00:00:07", ip: "192.168.1.2", down: 60 * MB, up: 9 * MB },
  { name: "", mac: "5e:04:8f:00:00:08", ip: "192.168.1.61", down: 30 * MB, up: 3 * MB },
  { name: "Printer", mac: "00:1b:a9:00:00:09", ip: "192.168.1.50", down: 300_000, up: 100_000, goneSince: 3 },
];

export const VIDEO = { ip: "198.51.100.10", mac: ROUTER, hostname: "video.example.net" };
const MAIL = { ip: "203.0.113.80", mac: ROUTER, hostname: "mail.example.com" };

/** The days before today on which the household was there. */
export const HOME_DAYS = 75;
/** In the night after this day nobody read, from 19:00 to four in the morning: what was used meanwhile is divided. */
export const UNREAD_DAYS_AGO = 5;

export const homePast: Past = {
  days: HOME_DAYS,
  live(darkstat, { hour, daysAgo }) {
    if (hour !== 8 && hour !== 20) return;
    for (const one of HOME) useOnce(darkstat, one, daysAgo);
  },
  isRead: ({ hour, daysAgo }) => !isUnread(hour, daysAgo),
};

function isUnread(hour: number, daysAgo: number): boolean {
  return (daysAgo === UNREAD_DAYS_AGO && hour >= 19) || (daysAgo === UNREAD_DAYS_AGO - 1 && hour < 3);
}

function useOnce(darkstat: FakeDarkstat, one: Inhabitant, daysAgo: number): void {
  if (daysAgo < (one.goneSince ?? 0)) return;
  const times = daysAgo === 0 ? 2 : 1;
  const ip = one.secondIp !== undefined && daysAgo % 2 === 1 ? one.secondIp : one.ip;
  const device = { ip, mac: one.mac, ...(one.hostname === undefined ? {} : { hostname: one.hostname }) };
  darkstat.traffic(device, VIDEO, one.down * times * 0.75, one.up * times * 0.75);
  darkstat.traffic(device, MAIL, one.down * times * 0.25, one.up * times * 0.25);
  if (one.hidden === undefined) return;
  const v6 = { ip: `2001:db8:77::${one.ip.split(".").at(-1)}`, mac: one.mac };
  darkstat.traffic(v6, { ip: "2001:db8:ffff::80", mac: ROUTER }, one.hidden * times, 0);
}

/** A household whose every byte is known. */
export const home: Scenario = {
  past: homePast,
  names: HOME.filter(({ name }) => name !== "").map(({ mac, name }) => [mac, name] as const),
};

/** A thousand devices, each with something on each of 31 days, most of it little. */
export const thousand: Scenario = campus(1000);

/** So many devices, 250 to a network, each with something on each of 31 days, most of it little. */
export function campus(devices: number): Scenario {
  return {
    past: {
      days: 30,
      live(darkstat, { hour, daysAgo }) {
        if (hour !== 8) return;
        for (let n = 0; n < devices; n++) {
          const down = Math.round(4000 * MB * (1 / (1 + n)) * (1 + ((n * 7 + daysAgo * 3) % 5) / 5)) + 1000;
          darkstat.traffic(nth(n), VIDEO, down, Math.round(down / (3 + (n % 9))));
        }
      },
      isRead: ({ hour, daysAgo }) => hour === 7 || hour === 8 || (daysAgo === 0 && hour === 12),
    },
  };
}

function nth(n: number) {
  const hex = (value: number) => value.toString(16).padStart(2, "0");
  return {
    ip: `10.0.${Math.floor(n / 250)}.${1 + (n % 250)}`,
    mac: `02:1a:00:00:${hex(n >> 8)}:${hex(n & 255)}`,
    hostname: `device-${String(n).padStart(4, "0")}.campus.example`,
  };
}

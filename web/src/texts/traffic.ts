/** Texts about with whom bytes were exchanged: the internet, or others on the LAN. */
import type { TrafficChoice } from "../../../src/shared/groups.ts";

const CHOICES: Readonly<Record<TrafficChoice, string>> = { all: "All", internet: "Internet", lan: "LAN" };

export const trafficText = {
  traffic: "Traffic",
  choices: CHOICES,
  showing: { internet: "Showing internet traffic", lan: "Showing LAN traffic" },
  unknown: (bytes: string) =>
    `${bytes} in this period aren't included: the meter couldn't tell internet and LAN traffic apart.`,
  byBalance: (bytes: string) => `All devices together exchanged at least ${bytes} on the LAN.`,
  showAll: "Show all traffic",

  /** Of a device. */
  split: "Internet and LAN",
  parts: (internet: string, lan: string) => `${internet} with the internet, ${lan} on the LAN`,
  rest: (bytes: string) => `${bytes} from before this could be told`,
} as const;

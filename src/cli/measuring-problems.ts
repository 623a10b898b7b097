import {
  type SameTraffic,
  type SeenTwice,
  sameTraffic,
  seenTwice,
  seesOnlyTheInternet,
  severalInterfaces,
} from "../accounting/doubles.ts";
import { NOTABLE_MISSED_SHARE } from "../accounting/missed.ts";
import type { EndpointBytes } from "../accounting/routers.ts";
import type { View } from "../accounting/view.ts";
import { bytesText, shareText } from "../http/readable-text.ts";
import type { MeterKind, Problem } from "../shared/status.ts";

/** What is wrong with where and how the meter measures: the words that `doctor` and the running product share. */
export type MeasuringProblem = Pick<Problem, "code" | "message" | "hint">;

/** What the figures of a day are judged by. */
export interface Listener {
  /** The MACs that are routers. */
  readonly routers: ReadonlySet<string>;
  /** The MACs of this machine's network interfaces. */
  readonly ownMacs: ReadonlySet<string>;
  readonly view: View;
  /** What counts: the hints are for it. */
  readonly meter: MeterKind;
}

/**
 * Of a meter on this machine.
 * @param share of what its interface carried, 0 to 1, in bytes; null where too little is known
 * @param when completes the sentence: `since 10:00`
 * @param whyNotKernel why a darkstat is used where the kernel's counters would be better; null where METER says so
 */
export function bytesMissedProblem(
  share: number | null,
  { meter, iface, when, whyNotKernel }: { meter: MeterKind; iface: string; when: string; whyNotKernel: string | null },
): MeasuringProblem | null {
  if (share === null || 1 - share < NOTABLE_MISSED_SHARE) return null;
  const who = meter === "kernel" ? "The kernel" : "darkstat";
  return {
    code: "bytes-missed",
    message: `${who} counted ${shareText(share)} of what ${iface} carried ${when}: usage is too low by the rest.`,
    hint:
      meter === "kernel"
        ? "Something passes by its counters, such as hardware flow offloading or PPPoE: whitestat doctor looks for it."
        : `The kernel's own counters miss nothing. ${whyNotKernel ?? "Remove METER=darkstat to use them."}`,
  };
}

/**
 * Of a darkstat: the kernel misses none.
 * @param share of the captured packets, 0 to 1; null where none were captured
 * @param when completes the sentence: `of today`
 */
export function missedProblem(share: number | null, when: string): MeasuringProblem | null {
  if (share === null || share < NOTABLE_MISSED_SHARE) return null;
  return {
    code: "packets-missed",
    message: `darkstat dropped ${shareText(share)} of the packets ${when}: usage is too low by about as much.`,
    hint: "Run darkstat on a faster machine, or let it see less with a filter (-f).",
  };
}

/** Of a darkstat. @param text the interface that its pages name, or several */
export function interfacesProblem(text: string): MeasuringProblem | null {
  const names = severalInterfaces(text);
  if (names === null) return null;
  return {
    code: "several-interfaces",
    message: `darkstat listens on ${names.length} interfaces (${names.join(", ")}): a frame that passes several of them, such as a bridge and its ports, is counted several times.`,
    hint: "Start darkstat with one -i: the bridge itself, or the interface of the LAN.",
  };
}

/** What one of several meters has of a day: bytes of each device, both ways. */
export interface MeterDay {
  readonly name: string;
  readonly bytes: ReadonlyMap<number, number>;
}

/** Of meters that are added up: the first two that count the same packets. */
export function sameTrafficProblem(meters: readonly MeterDay[]): MeasuringProblem | null {
  for (const [index, one] of meters.entries()) {
    for (const other of meters.slice(index + 1)) {
      const same = sameTraffic(one.bytes, other.bytes);
      if (same !== null) return sameProblem(one, other, same);
    }
  }
  return null;
}

function sameProblem(one: MeterDay, other: MeterDay, { devices, bytes }: SameTraffic): MeasuringProblem {
  const sum = ({ bytes: all }: MeterDay) => [...all.values()].reduce((total, some) => total + some, 0);
  const smaller = sum(one) < sum(other) ? one : other;
  const whose = devices === 1 ? "1 device" : `${devices} devices`;
  return {
    code: "same-traffic",
    message: `${one.name} and ${other.name} see the same packets: ${bytesText(bytes)} of ${whose} is counted twice today.`,
    hint: `Set METER_VIEWS=${smaller.name}: it is then shown by itself, and added to nothing, for the past as well.`,
  };
}

/**
 * What the figures of a day tell of the place where the meter listens.
 * @param figures the sums of one day, each endpoint once
 */
export function placeProblem(
  figures: readonly EndpointBytes[],
  { routers, ownMacs, view, meter }: Listener,
): MeasuringProblem | null {
  // This machine may be that gateway: at its only port it carries for others what it takes to be found as a router no more than
  // the next one does.
  const twice = seenTwice(figures, routers, view) ?? seenTwice(figures, new Set([...routers, ...ownMacs]), view);
  if (twice !== null) return twiceProblem(twice, meter);
  if (!seesOnlyTheInternet(figures, routers, ownMacs, view)) return null;
  return {
    code: "internet-side",
    message: `${meter === "kernel" ? "The kernel" : "darkstat"} sees hosts on the internet, but no device beside this machine.`,
    hint:
      meter === "kernel"
        ? "If this machine is a router, the kernel counts on its internet side: set HOST_INTERFACE to the interface of the LAN."
        : "If this machine is a router, darkstat listens on its internet side: set HOST_INTERFACE (or darkstat's -i) to the interface of the LAN.",
  };
}

function twiceProblem({ gateway, addresses, bytes }: SeenTwice, meter: MeterKind): MeasuringProblem {
  const [first, ...others] = addresses;
  const who = others.length === 0 ? first : `${first} and ${others.length} more`;
  return {
    code: "seen-twice",
    message: `Traffic is seen twice, on its way to ${gateway} and sent on by it: up to half of ${bytesText(bytes)} of ${who} is too much.`,
    hint:
      meter === "kernel"
        ? "Let the kernel count on one side of that gateway only: set HOST_INTERFACE to another interface."
        : "Let darkstat see one side of that gateway only: another interface (-i), or a filter such as -f 'not ether src <its MAC>'.",
  };
}

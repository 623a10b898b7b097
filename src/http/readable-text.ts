import type { MeterKind } from "../shared/status.ts";
import type { StoredNote } from "../store/store.ts";

const UNITS = ["kB", "MB", "GB", "TB", "PB"];

/** Bytes as a person reads them: `0 B`, `812 B`, `1.4 GB`; 1000 to the next unit. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let amount = bytes / 1000;
  let unit = 0;
  // 999.95 would be rounded to 1000.0, which is 1.0 of the next unit.
  for (; amount >= 999.95 && unit < UNITS.length - 1; unit += 1) amount /= 1000;
  return `${amount.toFixed(1)} ${UNITS[unit]}`;
}

/** What counts, within a sentence: `darkstat`, `the kernel's counters`; with its version where one is given. */
export function meterText(kind: MeterKind, version: string | null = null): string {
  if (kind === "kernel") return `the kernel's counters${version === null ? "" : ` (nftables ${version})`}`;
  return version === null ? "darkstat" : `darkstat ${version}`;
}

/** How long ago, roughly: `12 s ago`, `5 min ago`, `2 h ago`, `3 days ago`. */
export function agoText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s ago`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.round(hours / 24)} days ago`;
}

/** A share from 0 to 1 in percent with one decimal; what isn't zero never reads as zero. */
export function shareText(share: number): string {
  return share > 0 && share < 0.0005 ? "< 0.1 %" : `${(share * 100).toFixed(1)} %`;
}

/** A duration in its largest unit, rounded: `45 seconds`, `5 hours`, `1 year`. */
function durationText(seconds: number): string {
  for (const [unit, length] of LONG_UNITS) {
    if (seconds >= length) return plural(Math.round(seconds / length), unit);
  }
  return plural(Math.round(seconds), "second");
}

const LONG_UNITS = [
  ["year", 31_556_952],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

/** A note in a sentence. `localText` formats the instants among its details. */
export function noteText(note: StoredNote, localText: (at: number) => string): string {
  const { detail } = note;
  const time = (name: string): string =>
    typeof detail[name] === "number" ? localText(detail[name]) : "an unknown time";
  const bytes = (name: string): string => (typeof detail[name] === "number" ? bytesText(detail[name]) : "some bytes");
  const atMost =
    typeof detail.lastReadAt === "number" ? ` Traffic between ${time("lastReadAt")} and the restart is lost.` : "";
  switch (note.code) {
    case "first-reading":
      return "First reading of this meter: usage is counted from here on.";
    case "meter-restarted":
      return `The counters began again at zero: darkstat, or the machine that counts, restarted.${atMost}`;
    case "other-meter":
      return "Another meter is read now: usage is counted from here on.";
    case "clean-import":
      return `darkstat restarted and loaded its counters from a file: ${detail.unattributed === 0 ? "nothing was lost." : `${bytes("unattributed")} since the last reading can't be attributed to devices.`}`;
    case "stale-import":
      return `darkstat restarted and loaded counters older than the last reading. ${bytes("unattributed")} since then can't be attributed to devices.`;
    case "darkstat-forgot":
      return `darkstat forgot ${plural(Number(detail.hosts ?? 0), "host")}: ${bytes("bytes")} of its count since then belong to hosts that it no longer lists. Raise --hosts-max and --hosts-keep.`;
    case "seen-twice":
      return `Some traffic is seen twice (${detail.reason ?? "see doctor"}): usage is too high by about as much.`;
    case "clock-jump":
      return typeof detail.seconds === "number"
        ? `Clock set ${detail.seconds < 0 ? "back" : "forward"} by ${durationText(Math.abs(detail.seconds))}.`
        : "Clock changed.";
    case "gap-reconstructed":
      return `No readings from ${time("from")} to ${time("to")}: hourly values in between are estimated.`;
    case "not-counted":
      if (detail.reason === "older") {
        return `The counters of the version before had to be replaced: what ${detail.interface} carried between ${time("from")} and ${time("to")} is counted only in part.`;
      }
      return detail.reason === "flushed"
        ? `Another program removed WhiteStat's table of counters (nft flush ruleset): what ${detail.interface} carried between ${time("from")} and ${time("to")} is counted only in part.`
        : `${detail.interface} had gone and is back: what it carried between ${time("from")} and ${time("to")} is counted only in part.`;
    case "router-found":
      return `${detail.mac ?? "A device"} is a router: its own traffic is not listed.${routerReason(detail)}`;
    case "books-violated":
      return `A reading did not add up and was rejected: ${detail.reason ?? "see the log"}.`;
    case "taken-over":
      return `Upgraded from WhiteStat ${detail.version ?? "(an older version)"}: ${historyText(detail)} The old file is kept as ${detail.backup ?? "a backup"}.`;
    case "imported":
      return `Imported: ${historyText(detail)}`;
    default:
      return `${note.code satisfies never}`;
  }
}

/** What speaks for a router, and what to do where that is wrong. */
function routerReason({ mac, networks, examples }: StoredNote["detail"]): string {
  if (typeof networks !== "number") return "";
  const seen = examples ? `, among them ${examples}` : "";
  return ` It forwards traffic of ${plural(networks, "remote network")}${seen}. If that is wrong, add !${mac} to LAN_ROUTERS_TO_SKIP.`;
}

/** What came from elsewhere, and what of it did not make sense: nothing is left out silently. */
function historyText(detail: StoredNote["detail"]): string {
  const count = (name: string): number => (typeof detail[name] === "number" ? detail[name] : 0);
  const span = detail.firstDay ? `, ${detail.firstDay} to ${detail.lastDay ?? "now"}` : "";
  const parts = [
    `${plural(count("rows"), "row")} of ${plural(count("devices"), "device")}${span}.`,
    count("rejected") > 0 &&
      `${plural(count("rejected"), "row")} ${count("rejected") === 1 ? "was" : "were"} rejected (table rejected).`,
    count("unreadable") > 0 && `${plural(count("unreadable"), "row")} could not be read from the damaged file.`,
    count("implausible") > 0 &&
      `${plural(count("implausible"), "day")} of single devices ${count("implausible") === 1 ? "is" : "are"} marked: far more than they or the line ever carried.`,
  ];
  return parts.filter((part) => part !== false).join(" ");
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

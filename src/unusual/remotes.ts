import type { Bytes } from "../accounting/types.ts";

/** Bytes of an internet host in a clock hour of a day: `in` is what it received from us. */
export interface RemoteHour extends Bytes {
  readonly ip: string;
  readonly hour: number;
}

/** An internet host that grew while something unusual happened, and by how many bytes. */
export interface Coincidence {
  readonly ip: string;
  readonly hostname: string | null;
  readonly bytes: number;
}

/** A host is named when it grew by so much of what the device used. */
const SHARE_NAMED = 0.2;
const MOST_NAMED = 3;

/**
 * The internet hosts that grew in the same hours: a coincidence, for nobody sees which device talked with which host.
 * @param remotes of that day
 * @param known what a host usually exchanges in a day, in that direction (bytes), and its name
 */
export function coincidencesOf(
  { from, to, bytes, direction }: { from: number; to: number; bytes: number; direction: "download" | "upload" },
  remotes: readonly RemoteHour[],
  known: { readonly usualOf: (ip: string) => number; readonly hostnameOf: (ip: string) => string | null },
): Coincidence[] {
  const hosts = Map.groupBy(
    remotes.filter(({ hour }) => hour >= from && hour < to),
    ({ ip }) => ip,
  );
  return [...hosts]
    .map(([ip, hours]) => {
      // What a host sent, we downloaded.
      const used = hours.reduce((sum, hour) => sum + (direction === "download" ? hour.out : hour.in), 0);
      const usual = (known.usualOf(ip) * (to - from)) / 24;
      return { ip, hostname: known.hostnameOf(ip), bytes: Math.round(used - usual) };
    })
    .filter((host) => host.bytes >= SHARE_NAMED * bytes)
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, MOST_NAMED);
}

import type { Day } from "./types.ts";

/**
 * Devices that come by the thousand are none: somebody on the network sends frames with addresses that he makes up, or a
 * program does so by mistake. They are counted like all others, so that the totals stay right; what is decided here is
 * when a person is told, and which of them may be put together as one.
 */

/** So many devices never come anew on a day, but by such a flood: a school's guests are some hundreds. */
export const MANY_NEW = 1_000;
/** A device that a person brings uses more on its first day than a made-up one. */
export const LITTLE_BYTES = 1_000_000;

interface Seen {
  readonly key: string;
  readonly router: boolean;
  readonly firstDay: Day;
  readonly lastDay: Day;
}

/**
 * The days on which so many devices were new that it was a flood, the earliest first.
 * @param began the first day with figures: on it, all devices are new
 */
export function floodDays(devices: readonly Pick<Seen, "firstDay">[], began: Day): Day[] {
  const counts = new Map<Day, number>();
  for (const { firstDay } of devices) counts.set(firstDay, (counts.get(firstDay) ?? 0) + 1);
  return [...counts]
    .filter(([day, count]) => day !== began && count >= MANY_NEW)
    .map(([day]) => day)
    .sort();
}

/**
 * The devices of floods: new on a day of one, never seen on any other day, without a name, and with next to no usage.
 * @param bytesOf what a device used in all, in both directions
 */
export function devicesOfFloods<Device extends Seen>(
  devices: readonly Device[],
  began: Day,
  bytesOf: (device: Device) => number,
  isNamed: (key: string) => boolean,
): Device[] {
  const days = new Set(floodDays(devices, began));
  return devices.filter(
    (device) =>
      days.has(device.firstDay) &&
      days.has(device.lastDay) &&
      !device.router &&
      !isNamed(device.key) &&
      bytesOf(device) < LITTLE_BYTES,
  );
}

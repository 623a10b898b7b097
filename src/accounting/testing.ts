import { Temporal } from "temporal-polyfill";
import { DEFAULT_SEGMENTS } from "./address.ts";
import { type Calendar, createCalendar, type Slot, type Zone } from "./calendar.ts";
import { createPolicy, type Policy } from "./policy.ts";
import type { Day } from "./types.ts";
import { createView, type View, type ViewOptions } from "./view.ts";

/**
 * Any time zone, for tests: by Temporal, which knows them all at once. A process knows one (src/cli/zone.ts).
 * @throws RangeError when the zone is unknown
 */
export function zoneOf(name: string): Zone {
  const offsetAt = (at: number) => zonedAt(at, name).offsetNanoseconds / 1e6;
  offsetAt(0);
  return { name, offsetAt };
}

/** What `settle` asks of the settings, in a time zone. @param ipMac the lines of IP_MAC.txt */
export function policyIn(zone: string, ipMac?: ReadonlyMap<string, string>): Policy {
  return createPolicy(createCalendar(zoneOf(zone)), ipMac);
}

/** The usual LANs, routers that are found, every address reported, nothing rewritten; name what matters. */
export function viewOf(some: Partial<ViewOptions> = {}): View {
  return createView({
    segments: DEFAULT_SEGMENTS,
    routers: { auto: true, macs: [] },
    ipFilter: /./,
    ipMac: new Map(),
    macMac: new Map(),
    ...some,
  });
}

/** Every instant from one to another (ms UTC) at which the clocks of a zone are set, and the offset (ms) from then on. */
export function shiftsOf(name: string, from: number, to: number): { at: number; offset: number }[] {
  const shifts: { at: number; offset: number }[] = [];
  for (let last = zonedAt(from, name); ; ) {
    const next = last.getTimeZoneTransition("next");
    if (next === null || next.epochMilliseconds >= to) return shifts;
    last = next;
    shifts.push({ at: last.epochMilliseconds, offset: last.offsetNanoseconds / 1e6 });
  }
}

/** What `createCalendar` must answer, worked out by Temporal's own rules for days and hours. Slow. */
export function referenceCalendar(name: string): Calendar {
  const startOf = (date: Temporal.PlainDate) => date.toZonedDateTime(name);

  function slotsOf(day: Day): Slot[] {
    const date = Temporal.PlainDate.from(day);
    const end = startOf(date.add({ days: 1 })).epochMilliseconds;
    const slots: Slot[] = [];
    for (let at = startOf(date); at.epochMilliseconds < end; ) {
      const next = nextClockHour(at);
      const to = Math.min(next.epochMilliseconds, end);
      slots.push({ day, hour: slots.length, from: at.epochMilliseconds, to });
      at = next;
    }
    return slots;
  }

  function dayOf(at: number): Day {
    const shown = zonedAt(at, name).toPlainDate();
    const next = shown.add({ days: 1 });
    return (startOf(next).epochMilliseconds <= at ? next : shown).toString();
  }

  const slotOf = (at: number) => slotsOf(dayOf(at)).find(({ from, to }) => from <= at && at < to) as Slot;
  return {
    zone: name,
    dayOf,
    slotOf,
    slotsOf,
    slotsBetween(from, to) {
      const slots: Slot[] = [];
      for (let day = dayOf(from); day <= dayOf(to); day = Temporal.PlainDate.from(day).add({ days: 1 }).toString()) {
        slots.push(...slotsOf(day).filter((slot) => slot.to > from && (slot.from < to || slot.from <= from)));
      }
      return slots;
    },
    offsetAt: (at) => zonedAt(at, name).offsetNanoseconds / 1e6,
    localText(at) {
      const local = zonedAt(at, name).toPlainDateTime();
      return `${local.toPlainDate()} ${local.toPlainTime().toString({ smallestUnit: "second" })}`;
    },
  };
}

function nextClockHour(at: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  const next = at.add({ minutes: 60 - at.minute });
  const shift = at.getTimeZoneTransition("next");
  return shift && shift.epochMilliseconds < next.epochMilliseconds ? shift : next;
}

function zonedAt(at: number, name: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(name);
}

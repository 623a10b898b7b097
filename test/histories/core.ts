import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Calendar } from "../../src/accounting/calendar.ts";
import { zoneOf } from "../../src/accounting/testing.ts";
import type { Core } from "./replay.ts";

/** The accounting core that lies in a folder: `src/accounting`, or a mutated copy of it. */
export async function loadCore(folder: string): Promise<Core> {
  const load = (file: string) => import(pathToFileURL(join(folder, file)).href);
  const [{ settle }, { createPolicy }, { createCalendar }, { DEFAULT_SEGMENTS }] = await Promise.all([
    load("settle.ts"),
    load("policy.ts"),
    load("calendar.ts"),
    load("address.ts"),
  ]);
  const calendars = new Map<string, Calendar>();
  return {
    settle,
    createCalendar(zone) {
      const calendar = calendars.get(zone) ?? createCalendar(zoneOf(zone));
      calendars.set(zone, calendar);
      return calendar;
    },
    policyFor: (calendar) =>
      createPolicy({
        calendar,
        segments: DEFAULT_SEGMENTS,
        routers: { auto: true, macs: [] },
        ipFilter: /^([\d]+\.){3,3}\d+/,
        ipMac: new Map(),
        macMac: new Map(),
      }),
  };
}

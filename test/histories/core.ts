import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as address from "../../src/accounting/address.ts";
import type * as calendars from "../../src/accounting/calendar.ts";
import type * as clocks from "../../src/accounting/clocks.ts";
import type * as policies from "../../src/accounting/policy.ts";
import type * as routers from "../../src/accounting/routers.ts";
import type * as settling from "../../src/accounting/settle.ts";
import { zoneOf } from "../../src/accounting/testing.ts";
import type * as views from "../../src/accounting/view.ts";

/** The accounting under test: the real one, or a mutant of it that must be caught. */
export interface Core {
  readonly settle: typeof settling.settle;
  readonly needsSeries: typeof settling.needsSeries;
  readonly clockDoubtMs: typeof clocks.clockDoubtMs;
  readonly createPolicy: typeof policies.createPolicy;
  readonly createView: typeof views.createView;
  readonly ownershipOf: typeof views.ownershipOf;
  readonly isRouter: typeof views.isRouter;
  readonly findRouters: typeof routers.findRouters;
  readonly defaultSegments: readonly address.Prefix[];
  readonly parsePrefix: typeof address.parsePrefix;
  calendarOf(zone: string): calendars.Calendar;
}

/** The accounting core that lies in a folder: `src/accounting`, or a mutated copy of it. */
export async function loadCore(folder: string): Promise<Core> {
  const load = (file: string) => import(pathToFileURL(join(folder, file)).href);
  const parts = ["settle", "clocks", "policy", "view", "routers", "address", "calendar"];
  const all = Object.assign({}, ...(await Promise.all(parts.map((part) => load(`${part}.ts`)))));
  const known = new Map<string, calendars.Calendar>();
  return {
    ...all,
    defaultSegments: all.DEFAULT_SEGMENTS,
    calendarOf(zone: string) {
      const calendar = known.get(zone) ?? all.createCalendar(zoneOf(zone));
      known.set(zone, calendar);
      return calendar;
    },
  };
}

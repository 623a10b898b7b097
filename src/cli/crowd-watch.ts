import type { Calendar } from "../accounting/calendar.ts";
import { floodDays, MANY_NEW } from "../accounting/crowd.ts";
import { ARCHIVE } from "../accounting/view.ts";
import type { Clock } from "../collector/clock.ts";
import type { Problems } from "../collector/problems.ts";
import type { Store } from "../store/store.ts";

/** Between two looks. Asking for the devices of a flood costs more than it is worth at each checkpoint. */
const LOOKS_MS = 300_000;

export interface CrowdWatch {
  /** Says so when today more devices came anew than there can be, and when that is over. To be called after checkpoints. @throws StoreError */
  look(): Promise<void>;
  /** Looks at the next occasion, whenever the last look was. */
  lookSoon(): void;
}

export function createCrowdWatch(deps: {
  readonly problems: Pick<Problems, "raise" | "clear">;
  readonly store: Pick<Store, "devices" | "range">;
  readonly calendar: Pick<Calendar, "dayOf">;
  readonly clock: Pick<Clock, "now" | "mono">;
}): CrowdWatch {
  const { problems, store, calendar, clock } = deps;
  let lookAt = Number.NEGATIVE_INFINITY;
  return {
    async look() {
      if (clock.mono() < lookAt) return;
      lookAt = clock.mono() + LOOKS_MS;
      const known = await store.range();
      if (known === null) return;
      const devices = (await store.devices()).filter(({ key }) => key !== ARCHIVE);
      const today = calendar.dayOf(clock.now());
      if (!floodDays(devices, known.first).includes(today)) {
        problems.clear("many-new-devices", "No more devices come anew than there can be.");
        return;
      }
      const count = devices.filter(({ firstDay }) => firstDay === today).length;
      problems.raise(
        "many-new-devices",
        `${count.toLocaleString("en")} devices are new today, more than ${MANY_NEW.toLocaleString("en")}: somebody on the network, or a faulty program, makes up addresses.`,
        "Find out at the switch or access point which port they come from; whitestat archive puts them together as one device, and archive --undo takes that back.",
      );
    },
    lookSoon() {
      lookAt = Number.NEGATIVE_INFINITY;
    },
  };
}

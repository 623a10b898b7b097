import type { Calendar } from "../../accounting/calendar.ts";
import type { ApiStatus } from "../../shared/api.ts";
import type { Status } from "../../shared/status.ts";
import { type Store, StoreError } from "../../store/store.ts";
import { noteText } from "../readable-text.ts";

export interface StatusDeps {
  readonly store: Pick<Store, "notes" | "range">;
  readonly calendar: Calendar;
  readonly now: () => number;
  readonly status: () => Status;
}

const SHOWN_NOTES = 20;

/** How things are: the answer to `api/v1/status`. Also while the store fails, for then it matters most. */
export async function statusOf({ store, calendar, now, status }: StatusDeps): Promise<ApiStatus> {
  const at = now();
  const [range, notes] = await Promise.all([orElse(store.range(), null), orElse(store.notes(SHOWN_NOTES), [])]);
  const { problems, meter, meters, ...rest } = status();
  const whose = (source: string) => (meters.some(({ name }) => name === source) ? `${source}: ` : "");
  return {
    ...rest,
    meter: { ...meter },
    meters: [...meters],
    problems: [...problems],
    now: at,
    today: calendar.dayOf(at),
    zone: calendar.zone,
    range,
    notes: notes.map((note) => ({
      at: note.at,
      code: note.code,
      text: whose(note.source) + noteText(note, calendar.localText),
    })),
  };
}

async function orElse<T>(answer: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof StoreError) return otherwise;
    throw error;
  }
}

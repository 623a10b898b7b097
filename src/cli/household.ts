import type { Calendar } from "../accounting/calendar.ts";
import { createHouseholdBook, type HouseholdBook, type Removal } from "../household/book.ts";
import { handsOf } from "../household/document.ts";
import { HouseholdError } from "../household/error.ts";
import { removableOf } from "../http/api/removal.ts";
import type { Names } from "../http/naming.ts";
import type { Device, HouseholdRow, Store } from "../store/store.ts";

export interface HouseholdDeps {
  readonly store: Pick<
    Store,
    "recall" | "remember" | "devices" | "historyOf" | "removeFigures" | "restoreFigures" | "keepHousehold"
  >;
  readonly names: Names;
  /** The lines of MAC_MAC.txt. */
  readonly fileMerges: () => ReadonlyMap<string, string>;
  readonly calendar: Pick<Calendar, "dayOf">;
  readonly now: () => number;
  /** Called when the document is another one. */
  readonly onChange: () => Promise<void>;
}

/** The household's book on a store and a file of names, with the figures that it can remove. */
export function createHousehold(deps: HouseholdDeps): HouseholdBook {
  const { store, names, calendar, now } = deps;

  async function remove(id: number, { device: key, from, to, bytes }: Removal): Promise<string> {
    const device = (await store.devices()).find(({ interfaces, key: own }) => own === key || interfaces.includes(key));
    if (device === undefined) throw new HouseholdError("unknown-device", `No device ${key} was ever seen.`);
    const removable = await removableOf(store, device, { from, to });
    if (removable.days === 0) {
      throw new HouseholdError(
        "bad-change",
        "There are no figures on these days.",
        "Name days on which it used something.",
      );
    }
    // What came since it was asked is today's, and today goes with it.
    const today = calendar.dayOf(now());
    const isConfirmed = bytes === removable.bytes || (to >= today && bytes < removable.bytes);
    if (!isConfirmed) {
      throw new HouseholdError(
        "not-confirmed",
        `${removable.bytes} bytes of ${removable.days} days would be removed, not ${bytes}.`,
        `Ask devices/${encodeURIComponent(device.key)}/removal for what would be removed, and confirm it by its bytes.`,
      );
    }
    const removed = await store.removeFigures({ id, at: now(), device: device.id, from, to });
    const name = names.nameOf(device.key) ?? device.hostname ?? device.key;
    return `Removed ${removed.days === 1 ? "a day" : `${removed.days} days`} of ${name}`;
  }

  return createHouseholdBook({
    memory: store,
    names,
    devices: () => store.devices(),
    fileMerges: deps.fileMerges,
    now,
    onChange: deps.onChange,
    remove,
    restore: (id) => store.restoreFigures(id),
  });
}

/** Writes what people say into the tables, for whoever queries the database. @throws StoreError */
export async function keepHouseholdRows(
  store: Pick<Store, "devices" | "keepHousehold">,
  household: Pick<HouseholdBook, "document">,
  names: Pick<Names, "nameOf">,
): Promise<void> {
  const document = household.document();
  const owners = Object.entries(document.owners).map(([id, owner]) => ({ id: Number(id), ...owner }));
  const rowOf = ({ key }: Device): [string, HouseholdRow] => {
    const { type = null, note = null, hidden = false, archived = false } = document.devices[key] ?? {};
    return [key, { name: names.nameOf(key), type, note, hidden, archived, owners: handsOf(document, key) }];
  };
  await store.keepHousehold({ owners, devices: new Map((await store.devices()).map(rowOf)) });
}

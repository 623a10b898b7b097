import type { Removable } from "../../shared/household-api.ts";
import type { DaySpan, Device, Store } from "../../store/store.ts";

/** What a removal of a device's figures would remove: nothing changes. @throws StoreError */
export async function removableOf(
  store: Pick<Store, "historyOf">,
  { id, key }: Pick<Device, "id" | "key">,
  { from, to }: DaySpan,
): Promise<Removable> {
  const days = (await store.historyOf(id)).filter(({ day }) => from <= day && day <= to);
  const download = days.reduce((sum, day) => sum + day.in + day.hiddenIn, 0);
  const upload = days.reduce((sum, day) => sum + day.out + day.hiddenOut, 0);
  return {
    device: key,
    from,
    to,
    days: days.length,
    firstDay: days[0]?.day ?? null,
    lastDay: days.at(-1)?.day ?? null,
    download,
    upload,
    bytes: download + upload,
  };
}

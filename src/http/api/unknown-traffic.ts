import type { Day } from "../../accounting/types.ts";
import type { Usage } from "../../shared/api.ts";
import type { DaySpan, Store } from "../../store/store.ts";
import type { PartQuery } from "./query-parameters.ts";
import { splitAt } from "./usage-groups.ts";

/**
 * What devices used in a span of which the meter couldn't tell with whom: what the figures of one kind of traffic lack.
 * @param cuts days on which devices change hands: what is asked for is decided from each on
 * @param isChosen whether a device is asked for, from a day on
 */
export async function unknownTraffic(
  store: Pick<Store, "of">,
  { source }: Pick<PartQuery, "source">,
  span: DaySpan,
  cuts: readonly Day[],
  isChosen: (device: number, day: Day) => boolean,
): Promise<NonNullable<Usage["unknownTraffic"]>> {
  const sum = { download: 0, upload: 0 };
  for (const part of splitAt(span, cuts)) {
    for (const one of await store.of(source, ["unknown"]).deviceSums([part])) {
      if (!one.reported || !isChosen(one.device, part.from)) continue;
      sum.download += one.in;
      sum.upload += one.out;
    }
  }
  return sum;
}
